"""A few lines for a person at a terminal, made from a result document."""

from __future__ import annotations

from typing import Any

from views.console.postlines import post_lines
from views.console.worklines import work_lines
from views.words import word


def summarise(document: dict[str, Any]) -> str:
    """Return a document as short lines, Chinese first."""
    lines: list[str] = []
    body = document.get("summary", document)
    network = body.get("network")
    if network:
        lines.append(f"路网 network: {network['length_m'] / 1000:.1f} km · {network['segments']} 路段 segments")
    for title, key in (
        ("归属 owners", "length_m"),
        ("单位 agencies", "agency_length_m"),
        ("覆盖 coverage", "coverage_m"),
    ):
        if isinstance(body.get(key), dict) and "overlap" not in body:
            names = {"none": word("none_reached")} if key == "coverage_m" else {}
            parts = " · ".join(f"{names.get(n) or word(n)} {value / 1000:.1f} km" for n, value in body[key].items())
            lines.append(f"{title}: {parts}")
    if body.get("response_s"):
        times = body["response_s"]
        shown = {k: "–" if v is None else f"{v / 60:.1f} min" for k, v in times.items()}
        lines.append("到达 response: " + " · ".join(f"{k} {v}" for k, v in shown.items()))
    lines += _counts(body)
    lines += _answers(body)
    lines += _stakes(body)
    lines += _options(body)
    lines += _stretches(body)
    lines += _ledger(body)
    lines += post_lines(body)
    lines += work_lines(body)
    lines += _findings(body)
    lines = lines or [f"{key}: {value}" for key, value in body.items()]
    return "\n".join(_printable(line) for line in lines)


def _printable(line: str) -> str:
    """Keep control characters of a map out of the terminal."""
    return "".join(c if c.isprintable() else " " for c in line)


def _counts(body: dict[str, Any]) -> list[str]:
    lines = []
    names = (
        ("stations", "收费站 stations"),
        ("seams", "界点 seams"),
        ("leaks", "泄漏 leaks"),
        ("routes", "线路 routes"),
        ("stops", "停靠 stops"),
        ("left_out", "未安排 left out"),
    )
    found = [
        f"{label} {len(value) if isinstance(value, list) else value}"
        for key, label in names
        if (value := body.get(key)) is not None
    ]
    if found:
        lines.append(" · ".join(found))
    if "slowest_s" in body:
        slowest = "–" if body["slowest_s"] is None else f"{body['slowest_s'] / 60:.4f} min"
        lines.append(f"封控 sealing: 最慢 slowest {slowest} · 合计 sum {body['sum_s'] / 60:.3f} min")
        lines += [f"  {a['exit']} ← {a['unit']}  {a['time_s'] / 60:.2f} min" for a in body["assignment"]]
    lines += [
        f"已写入 written: {row['file']} ({row['bytes']} B)" for row in body.get("written", ()) if isinstance(row, dict)
    ]
    return lines


def _stakes(body: dict[str, Any]) -> list[str]:
    """Return one line a carriageway: from and to, source, error bound."""
    lines = []
    for route in body.get("routes", ()) if isinstance(body.get("routes"), list) else ():
        for way in route.get("carriageways", ()) if isinstance(route, dict) else ():
            error = f"误差 error {way['error_m']['p50']:g}–{way['error_m']['max']:g} m"
            span = f"{way['from_stake']}—{way['to_stake']}"
            lines.append(f"{route['route']} {way['direction']} {span} · {word(way['source'])} · {error}")
    return lines


def _options(body: dict[str, Any]) -> list[str]:
    """Return one line an option: metres, response, bridges and cases for both sides."""
    lines = []
    for option in body.get("options", ()):
        moved = " ".join(f"{a} {m / 1000:+.2f} km" for a, m in option["moved_m"].items()) or "±0"
        p90 = " ".join(f"{side} {t['p90'] / 60:.1f}'" for side, t in option["response_s"].items())
        mark = "●" if option["present"] else "○"
        rest = f"桥 bridges {option['bridges']} · 案件 cases {option['cases']}"
        lines.append(f"{mark} {word(option['convention'])}: {moved} · p90 {p90 or '–'} · {rest}")
    return lines


def _stretches(body: dict[str, Any]) -> list[str]:
    """Return one line a stretch, a gap, an overlap and a move."""
    lines = []
    for row in body.get("stretches", ()):
        ends = f"{row['from_stake'] or row['from']['name'] or '…'} — {row['to_stake'] or row['to']['name'] or '…'}"
        lines.append(f"{row['id']} {row['agency']} {row['route']} {ends} · {row['length_m'] / 1000:.2f} km")
    for key, title in (("gaps", "空档 gap"), ("overlaps", "重叠 overlap")):
        for row in body.get(key, ()):
            who = "/".join(row["agencies"])
            span = f"{row['from_stake']}—{row['to_stake']}"
            lines.append(f"{title}: {row['route']} {span} {row['length_m']:.1f} m {who}")
    balance = body.get("balance")
    if isinstance(balance, dict):
        loads = " · ".join(f"{name} {load:,.0f}" for name, load in balance["load"].items())
        lines.append(f"均衡 balance: {loads} · 超出平均 over the mean {balance['over_mean'] * 100:.2f} %")
        lines += [
            f"  {row['route']} {row['from_stake']}—{row['to_stake']} {row['from'] or '–'} → {row['to']} "
            f"{row['length_m'] / 1000:.2f} km"
            for row in balance["moved"]
        ]
    return lines


def _ledger(body: dict[str, Any]) -> list[str]:
    """Return one line a row of the ledger, longest first."""
    if not isinstance(body.get("by"), dict) or not all(isinstance(rows, list) for rows in body["by"].values()):
        return []
    lines = [f"合计 total: {body['total_m'] / 1000:.3f} km"]
    for group, rows in body["by"].items():
        lines.append(f"{word(group)}:")
        lines += [f"  {word(row['key']) or '–'}  {row['length_m'] / 1000:.3f} km" for row in rows[:40]]
    return lines


def _answers(body: dict[str, Any]) -> list[str]:
    answers = body.get("answers", [body] if "distance_to_seam_m" in body else [])
    lines = []
    for answer in answers:
        if "sentence" in answer:
            lines.append(f"{answer.get('id', '')} {answer['sentence']['zh']} / {answer['sentence']['en']}".strip())
            lines += [f"  {c['name']} {c['category']} {c['post']} {c['phone']}" for c in answer.get("contacts", ())]
            continue
        far = answer["distance_to_seam_m"]
        seam = "无界点可达 no seam in reach" if far is None else f"距界点 to the seam {far:.0f} m"
        lines.append(
            f"{answer.get('id', '')} {word(answer['owner'])} · {answer['agency']} · {answer['segment']} · {seam}"
        )
    return lines


def _findings(body: dict[str, Any]) -> list[str]:
    found = body.get("findings")
    if not isinstance(found, list):
        return []
    return [f"[{word(f['severity'])}] {f['message']} / {f['message_en']}" for f in found]
