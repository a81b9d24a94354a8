"""The reply on the card: one sentence in large type, why, whom to call, which roads, and the transfer paper."""

from __future__ import annotations

import csv
import io
import json

import streamlit as st

from geo.classes import CLASS_OF_HIGHWAY
from jurisdiction.ask.cases import safe_cell
from jurisdiction.ask.reply import Reply, Road
from jurisdiction.ask.transfer import CRS, TransferDraft
from views.i18n import choose, format_km, language, say, term
from views.papers.transfer import transfer_docx
from views.state import keep
from views.widgets.markup import element, show
from views.widgets.parts import facts, note, section, sentence, table, warn

_LONGEST_CONTACTS = 8


def show_reply(reply: Reply, band_m: float) -> None:
    """Show a reply; ``band_m`` is the band of the rule table in metres."""
    _show_sentence(reply)
    st.code(copy_text(reply), language=None, wrap_lines=True)
    for finding in reply.findings:
        text = choose(finding.message, finding.message_en)
        warn(text, kind="warning" if finding.severity != "note" else "note")
    if reply.answer.owner == "outside":
        note(say("坐标为 {CRS}，按 {datum} 读取。", CRS=CRS, datum=reply.datum))
        return
    _show_contacts(reply)
    _show_why(reply, band_m)
    _show_roads(reply)
    _show_transfer(reply)


def copy_text(reply: Reply) -> str:
    """Return the sentence to be copied into a message: place with its CRS, answer, category, contact."""
    spot = reply.spot
    where = f"{spot.lon:.6f},{spot.lat:.6f} (WGS-84) " if spot is not None else ""
    text = choose(reply.sentence.zh, reply.sentence.en)
    agreed = say("；协议 {agreement}", agreement=reply.agreement) if reply.agreement else ""
    return f"{where}{text}{agreed}"


def _show_sentence(reply: Reply) -> None:
    """Show the sentence in large type with the part that counts in bold; who else it may be follows in normal size."""
    whole = choose(reply.sentence.zh, reply.sentence.en)
    mark = "；" if language() == "zh" else "; "
    text, _, rest = whole.partition(mark)
    marks = ("：", "（", ": ", " (") if reply.answer.owner in {"ask", "outside"} else ("（", " (")
    cut = min((at for mark in marks if (at := text.find(mark)) > 0), default=len(text))
    show(element("p", element("b", text[:cut]), text[cut:], css="rs-answer"))
    if rest:
        sentence(element("b", rest))


def _show_contacts(reply: Reply) -> None:
    if not reply.contacts:
        return
    title = f"{say('联系')} · {reply.category}" if reply.category else say("联系")
    section(title)
    by_agency: dict[str, list[tuple[str, str, str]]] = {}
    offices = {line.agency.name: line.agency.office for line in reply.contacts}
    for line in reply.contacts:
        row = (line.contact.category, line.contact.post, line.contact.phone)
        by_agency.setdefault(line.agency.name, []).append(row)
    for name, rows in by_agency.items():
        office = offices[name]
        sentence(element("b", name), say("　驻地：") + office if office else "")
        head = (say("业务"), say("联系岗位"), say("电话"))
        table(head, rows[:_LONGEST_CONTACTS])


def _show_why(reply: Reply, band_m: float) -> None:
    section(say("为什么"))
    answer, spot = reply.answer, reply.spot
    lines: list[tuple[str, str]] = [
        (say("桩号"), reply.stake),
        (say("最近的路段"), answer.segment),
        (say("离道路"), format_km(answer.distance_m)),
    ]
    if answer.distance_to_seam_m < float("inf"):
        lines.append((say("距界点"), format_km(answer.distance_to_seam_m)))
    for reason in answer.reason:
        if "evidence_m" in reason:
            text = f"{term(str(reason['for']))} · {format_km(float(str(reason['evidence_m'])))}"
            lines.append((term(str(reason["vote"])), text))
        elif "points" in reason:
            lines.append((term(str(reason["vote"])), f"{reason['points']} → {term(str(reason['for']))}"))
        elif "main_line_m" in reason:
            lines.append((term(str(reason["vote"])), term(str(reason["for"]))))
        elif "why" in reason:
            lines.append((say("须核实"), term(str(reason["why"]))))
    lines += [
        (say("协议"), reply.agreement),
        (say("违法日期"), reply.day),
        (say("原坐标系"), str(reply.datum) if spot is not None else ""),
        (say("误差带"), format_km(answer.error_m)),
    ]
    facts(lines)
    note(say("坐标均为 {CRS}。离界点或另一方道路 {band_m:.0f} m 以内须核实。", CRS=CRS, band_m=band_m))


def _show_roads(reply: Reply) -> None:
    if len(reply.roads) < 2:  # noqa: PLR2004 - nothing beside the road itself
        return
    section(say("候选（含两幅与上下层）"))
    nearest: dict[tuple[str, str, str], float] = {}
    for road in reply.roads:
        name = f"{_name(road)} {road.carriageway}".strip() + _layer(road)
        key = (name, road.agency_name or term(road.candidate.owner), _part(road))
        nearest[key] = min(road.candidate.distance_m, nearest.get(key, float("inf")))
    rows = [(name, f"{agency}{part}", f"{far:.0f} m") for (name, agency, part), far in nearest.items()]
    table((say("道路"), say("单位"), say("距离")), rows)


def _part(road: Road) -> str:
    return say("（对向）") if road.role == "carriageway" else ""


def _layer(road: Road) -> str:
    layer = road.candidate.layer
    if layer in {"", "0"}:
        return ""
    return say("（层 {layer}）", layer=layer)


def _name(road: Road) -> str:
    candidate = road.candidate
    kind = CLASS_OF_HIGHWAY.get(candidate.highway)
    return candidate.road or (term(kind.name.lower()) if kind is not None else candidate.segment)


def _show_transfer(reply: Reply) -> None:
    with st.expander(say("案件移送函（草稿）")):
        draft = reply.transfer
        if not draft.is_ready:
            warn(
                say("管辖单位待核实，核实前不得发出。"),
                kind="warning",
            )
        st.code(draft.to_text(), language=None, wrap_lines=True)
        data = draft.to_json()
        st.download_button(
            say("下载移送函（Word）"),
            # Made before the button is shown: what is pressed while the page is drawn anew is never an older letter.
            data=keep(("transfer", json.dumps(data, sort_keys=True)), lambda: transfer_docx(data)),
            file_name="transfer.docx",
            mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            key="transfer_docx",
            on_click="ignore",
            type="primary",
            width="stretch",
        )
        left, right = st.columns(2)
        left.download_button(
            say("下载文本"),
            data=draft.to_text().encode("utf-8-sig"),
            file_name="transfer.txt",
            mime="text/plain",
            key="transfer_txt",
            on_click="ignore",
            width="stretch",
        )
        right.download_button(
            say("下载表格"),
            data=transfer_csv(draft),
            file_name="transfer.csv",
            mime="text/csv",
            key="transfer_csv",
            on_click="ignore",
            width="stretch",
        )


def transfer_csv(draft: TransferDraft) -> bytes:
    """Return the draft as a table of field and value; no cell can act as a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    for name, value in draft.to_json().items():
        text = "" if value is None or value == [] else value
        writer.writerow([name, safe_cell(text if isinstance(text, (str, int, float)) else str(text))])
    return buffer.getvalue().encode("utf-8-sig", "backslashreplace")
