"""Figures of a coverage: shares, response times, charts, parts by agency, class and town, overlap, by hour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from patrol.breakdown import OUT_OF_REACH_WORDS, break_down, class_labels, count_overlap, explain_unreached
from patrol.coverage import Coverage, Reached, Response
from views.i18n import choose, format_km, format_minutes, format_number, say, say_in, term
from views.map.palette import COVERAGE
from views.state import Desk, keep
from views.widgets.charts import Curve, show_columns, show_curves
from views.widgets.coverage_jobs import recall
from views.widgets.coverage_roads import LIMITS_MIN, agency_letter, conditions_key, response_of
from views.widgets.parts import facts, labelled, note, section, table
from views.widgets.safe_text import one_line

_COLOR = {style.key: style.color for style in COVERAGE}
_ORDER = (Reached.BOTH, Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY, Reached.NONE)
_STEPS_MIN = tuple(range(LIMITS_MIN[0], LIMITS_MIN[1] + 1, 5))
_MOST_ROWS = 12


def shares_by_limit(response: Response, minutes: Sequence[int]) -> dict[str, tuple[float, ...]]:
    """Return which share of the directed road is reached within each limit: by both sides together and by each.

    Parameters
    ----------
    response
        Arrival times everywhere.
    minutes
        The limits.

    Returns
    -------
    dict
        ``joint``, ``local`` and ``expressway`` to shares 0 to 1, one a limit.
    """
    pieces = response.pieces
    total = float((pieces.to_mm - pieces.from_mm).sum()) or 1.0
    found: dict[str, list[float]] = {"joint": [], "local": [], "expressway": []}
    for limit in minutes:
        reach = pieces.reach_mm(limit * 60_000.0) - pieces.from_mm
        for name, part in (("joint", reach.max(axis=0)), ("local", reach[0]), ("expressway", reach[1])):
            found[name].append(float(np.maximum(part, 0).sum()) / total)
    return {name: tuple(shares) for name, shares in found.items()}


def show_summary(coverage: Coverage) -> None:
    """Show who reaches how much, and how long the first car takes."""
    total = coverage.total_mm or 1
    rows = [
        (
            labelled(_COLOR[state.name.lower()], term("none_reached" if state is Reached.NONE else state.name.lower())),
            f"{coverage.length_mm[state] / total:.1%}",
            format_km(coverage.length_mm[state] / 1000),
        )
        for state in _ORDER
    ]
    table((say("按行车方向"), say("占比"), say("里程")), rows, numbers=2)
    times = coverage.response_s
    facts(
        [
            (say("时限内可达"), f"{1 - coverage.length_mm[Reached.NONE] / total:.1%}"),
            (say("一半路段"), f"{format_minutes(times['p50'])} · p50"),
            (say("九成路段"), f"{format_minutes(times['p90'])} · p90"),
            (say("最远处"), format_minutes(times["max"])),
        ]
    )


def show_charts(desk: Desk, minutes: int) -> None:
    """Show the share reached by limit, and how the first arrivals are spread."""
    shares = keep(("shares", *conditions_key(desk)), lambda: shares_by_limit(response_of(desk), _STEPS_MIN))
    section(say("可达占比随时限"))
    curves = [
        Curve(say("联合"), _COLOR["both"], shares["joint"]),
        Curve(say("普通"), _COLOR["local_only"], shares["local"]),
        Curve(say("高速"), _COLOR["expressway_only"], shares["expressway"]),
    ]
    show_curves(_STEPS_MIN, curves, here=minutes, unit=say_in("long", "分钟"))
    section(say("响应时间分布"))
    joint = shares["joint"]
    spread = np.diff(np.concatenate(([0.0], joint, [1.0])))
    names = [str(step) for step in _STEPS_MIN]
    show_columns(
        [*names, f">{_STEPS_MIN[-1]}"],
        spread.tolist(),
        colors=[_COLOR["both"] if step <= minutes else _COLOR["none"] for step in (*_STEPS_MIN, np.inf)],
        unit=say("首车到达（分钟）"),
    )
    note(say("里程按行车方向计，双向道路计两次；图上双向道路按较差的方向着色，时限用尽处断开。"))


def show_parts(desk: Desk, response: Response, minutes: int) -> None:
    """Show the share reached by agency, class or town; how often units overlap; what is out of reach and why."""
    kinds = {"agency": say("单位"), "class": say("等级"), "town": say("乡镇")}
    kind = st.segmented_control(
        say("按"),
        list(kinds),
        format_func=kinds.__getitem__,
        required=True,
        key=recall(desk, "parts_by", "agency"),
        width="stretch",
        label_visibility="collapsed",
    )
    derived = desk.plan.derived
    labels: Sequence[str]
    if kind == "class":
        labels = class_labels(response.graph.network)
    else:
        labels = derived.settlement.town if kind == "town" else derived.agency
    found = keep(
        ("parts", *conditions_key(desk), minutes, kind),
        lambda: break_down(response, labels, limit_s=minutes * 60.0),
    )
    rows = []
    longest = sorted(found.items(), key=lambda item: (-sum(item[1].length_mm.values()), item[0]))
    for label, part in longest[:_MOST_ROWS]:
        total = sum(part.length_mm.values())
        share = 1 - part.length_mm[Reached.NONE] / total if total else 0.0
        times = part.response_s
        name = one_line(agency_letter(desk, label) if kind == "agency" else term(label) if label else "—", limit=18)
        rows.append((name, f"{share:.0%}", *(bare_minutes(times[key]) for key in ("p50", "p90", "max"))))
    table((kinds[kind or "agency"], say("可达"), "p50", "p90", say("最长")), rows, numbers=4)
    note(say("时间以分钟计，按行车方向的里程加权。"))
    _show_overlap(desk, response, minutes)
    _show_unreached(desk, response)


def bare_minutes(seconds: float) -> str:
    """Return a time span in minutes without its unit; an unknown one as a dash."""
    return "–" if np.isnan(seconds) else format_number(seconds / 60, digits=1)


def _show_overlap(desk: Desk, response: Response, minutes: int) -> None:
    section(say("重叠"))
    overlap = keep(("overlap", *conditions_key(desk), minutes), lambda: count_overlap(response, limit_s=minutes * 60.0))
    facts(
        [
            (say("双方都可达"), format_km(overlap.both_m)),
            (say("两个以上单元可达"), format_km(overlap.twice_m)),
            (say("重复率"), f"{overlap.duplication:.1%}"),
        ]
    )
    total = sum(overlap.by_units_m.values()) or 1.0
    show_columns(
        [name.replace("5+", "≥5") for name in overlap.by_units_m],
        [metres / total for metres in overlap.by_units_m.values()],
        colors=[_COLOR["none"], *[_COLOR["both"]] * (len(overlap.by_units_m) - 1)],
        unit=say("时限内能到的单元数"),
    )


def _show_unreached(desk: Desk, response: Response) -> None:
    found = keep(("unreached", *conditions_key(desk)), lambda: explain_unreached(response))
    section(say("任何时候都到不了的路"))
    if not found:
        note(say("没有。"))
        return
    table(
        (say("原因"), say("里程")),
        [(choose(*OUT_OF_REACH_WORDS[reason]), format_km(mm / 1000)) for reason, mm in found.items()],
    )
