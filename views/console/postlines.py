"""Lines for a person about posts: where, how good and how sure, against what stands today."""

from __future__ import annotations

from typing import Any

_KM = 1000.0
_KINDS = {
    "station": "收费站 station",
    "service_area": "服务区 service area",
    "weigh_station": "超限检测站 weigh station",
    "point": "自定点 own point",
}


def post_lines(body: dict[str, Any]) -> list[str]:
    """Return a placement in lines; none for another document."""
    if "chosen" not in body or "objective" not in body:
        return []
    lines = [
        f"模型 model {body['model']} · 候选点 candidates {body['candidates']} · 时限 limit {body['limit_s'] / 60:g} min"
    ]
    for site in body["chosen"]:
        name = site["name"] or "–"
        lines.append(
            f"  ＋ {name}（{_KINDS.get(site['kind'], site['kind'])}）{site['id']} · {site['units']} 个单元 units"
            f" · {site['lon']:.5f}, {site['lat']:.5f}"
        )
    if not body["chosen"]:
        lines.append("  无需增设 / nothing to add")
    proof = "已证明最优 proven" if body["proven"] else f"差距 gap {body['gap'] * 100:.2f} %"
    unit = body["unit"]
    lines.append(
        f"目标 objective {_amount(body['objective'], unit)} · 界 bound {_amount(body['bound'], unit)} · {proof}"
        f" · 贪心 greedy {_amount(body['greedy'], unit)}"
    )
    lines.append(
        f"时限内 within the limit {body['covered_m'] / _KM:.1f} km · 两个单元 by two {body['twice_m'] / _KM:.1f} km"
        f" · 全部 all {body['total_m'] / _KM:.1f} km"
        f" · 任何候选点都到不了 no site reaches {body['unreachable_m'] / _KM:.1f} km"
    )
    for key, first, second in (
        ("compared", "现状 today", "新方案 new"),
        ("compared_with", "新方案 new", "对照 other"),
    ):
        if key in body:
            lines += _sides(body[key], first, second)
    for loss in body.get("losing", ()):
        lines.append(
            f"缺 without {loss['unit']}：少到 lost {loss['lost_m'] / _KM:.1f} km"
            f" · 只剩一个单元 only one left {loss['single_m'] / _KM:.1f} km · 平均晚 later {loss['delay_s']:.0f} s"
        )
    return lines


def _sides(both: dict[str, Any], first: str, second: str) -> list[str]:
    """Return one line for each of two placements, and what changing from the first to the second wins and gives up."""
    lines = []
    for name, side in ((first, both["first"]), (second, both["second"])):
        mean = "–" if side["mean_s"] is None else f"{side['mean_s'] / 60:.2f} min"
        longest = "–" if side["longest_s"] is None else f"{side['longest_s'] / 60:.2f} min"
        lines.append(
            f"{name}: {side['units']} 个单元 units · {side['covered_m'] / _KM:.1f} km"
            f" · 两个单元 by two {side['twice_m'] / _KM:.1f} km · 平均 mean {mean} · 最久 longest {longest}"
        )
    lines.append(f"  多到 won {both['won_m'] / _KM:.1f} km · 少到 given up {both['given_up_m'] / _KM:.1f} km")
    return lines


def _amount(value: float, unit: str) -> str:
    """Return a value with its unit; metres as kilometres, seconds as minutes."""
    if unit == "m":
        return f"{value / _KM:.3f} km"
    if unit == "s":
        return f"{value / 60:.3f} min"
    return f"{value:g} {unit}"
