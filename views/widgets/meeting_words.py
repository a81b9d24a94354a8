"""Words of a meeting: what an option is called, what a line of the minutes says, marks of the agenda."""

from __future__ import annotations

from plan.disputes import DisputeState
from plan.model import Plan
from views.catalogue import both
from views.i18n import say, say_in, term, words_of
from views.widgets.meeting_case import Hearing
from views.widgets.meeting_work import Choice, Closing
from views.words import word

MARKS = {
    DisputeState.OPEN: "",
    DisputeState.OPTIONS: "",
    DisputeState.AGREED: "✓",
    DisputeState.RESERVED: "–",
    DisputeState.REFERRED: "⚑",
}
_SIDE = {"local": both("普通方"), "expressway": both("高速方")}
_KM = 1000.0
_UNNAMED = "高速（管段待定）"
"""Expressway metres that no brigade's stretch covers."""


def state_word(state: DisputeState) -> str:
    """Return what a chip of the agenda says."""
    return {
        DisputeState.OPEN: say("待主张"),
        DisputeState.OPTIONS: say("待议"),
        DisputeState.AGREED: say_in("done", "同意"),
        DisputeState.RESERVED: say_in("done", "保留"),
        DisputeState.REFERRED: say_in("done", "报请"),
    }[state]


def side_word(side: str) -> str:
    """Return what a side is called."""
    return words_of(_SIDE[side])


def choice_word(name: str) -> str:
    """Return what an option is called on its card."""
    kind, _, detail = name.partition(":")
    if kind == "place":
        return {
            "local": say("商定界点（普通方）"),
            "expressway": say("商定界点（高速方）"),
            "map": say("商定界点（图上）"),
        }[detail]
    if kind == "give":
        return say("全部归") + side_word(detail)
    return term(name)


def minute_of(hearing: Hearing, closing: Closing, choice: Choice | None) -> str:
    """Return the line of the minutes; minutes are Chinese papers, whatever language the screen is in."""
    dispute = hearing.dispute
    km = f"{dispute.length_mm / 1_000_000:.2f} km"
    start = f"{closing.when}，{'、'.join(closing.offices)}就“{dispute.title}”（争议路段 {km}）"
    number = f"文号：{closing.document}。" if closing.document else ""
    if closing.outcome is DisputeState.AGREED and choice is not None:
        return f"{start}议定：{_option_phrase(hearing, choice)}，{_moves(hearing.plan, choice)}。{number}"
    if closing.outcome is DisputeState.REFERRED:
        asked = f"报请{closing.authority}依《行政处罚法》第二十五条指定管辖"
        return f"{start}未达成一致，{asked}。理由：{closing.reason}。{number}"
    later = f"，待{closing.authority}协调" if closing.authority else ""
    return f"{start}未达成一致，予以保留{later}；争议路段暂按争议状态管理。理由：{closing.reason}。{number}"


def _option_phrase(hearing: Hearing, choice: Choice) -> str:
    kind, _, detail = choice.name.partition(":")
    if kind == "give":
        return f"争议路段全部归{_SIDE[detail].zh}"
    if kind == "place":
        network, value = hearing.plan.network, choice.decisions[0].value
        row = network.row_of_segment[str(value["segment"])]
        road = network.text("name", row) or network.text("ref", row) or str(value["segment"])
        lon, lat, *_ = (value.get("anchors") or [[0.0, 0.0]])[0]
        return f"界点商定于{road}（{lon:.6f}，{lat:.6f}）"
    where = hearing.station.name or hearing.station.id if hearing.station else ""
    return f"{where}以“{word(choice.name)}”为界"


def _moves(plan: Plan, choice: Choice) -> str:
    names = {a.id: a.letter for a in plan.agencies}
    option = choice.option
    if not option.moved_mm:
        return "维持现行划分，争议解除"
    parts = [
        f"{names.get(agency, _UNNAMED)} {'+' if mm > 0 else '−'}{abs(mm) / 1000 / _KM:.2f} km"
        for agency, mm in sorted(option.moved_mm.items(), key=lambda pair: (pair[1] > 0, pair[0]))
    ]
    return f"{'、'.join(parts)}，随之移交上年案件 {option.cases} 起、桥梁 {option.bridges} 座"
