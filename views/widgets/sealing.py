"""Sealing 封控: one unit to every exit, the slowest as early as can be; with a fugitive, who can still close what."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from geo.errors import RoadseamError
from patrol.exits import Exit, read_exits
from patrol.exitsearch import BORDER, STATION, find_exits
from patrol.incident import find_place
from patrol.pursuit import ExitClock, Flight, race_to_exits
from patrol.sealing import Sealing, seal
from patrol.sealing_many import seal_with_many
from plan.demo import demo_tables
from views.i18n import format_minutes, pick_sentence, say, say_in
from views.map.tables import Table
from views.pictures.owners import describe
from views.pictures.sealing import Sealed, draw_race, draw_sealing
from views.state import DEMO, Desk, Target, current_desk, keep
from views.widgets.coverage_jobs import Result, keep_result, recall, recall_some, result_of
from views.widgets.coverage_roads import agency_letter, answering, conditions_key, index_of, roads_of
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, facts, heading, note, section, table, warn
from views.widgets.safe_text import one_line, plain
from views.widgets.stale import stale_bar

_RESULT, _RACE, _GIVEN = "sealing", "race", "exits_given"
GIVEN = "given"
_KINDS = (GIVEN, STATION, BORDER)


@dataclass(frozen=True)
class Race:
    """A fugitive and the exits: clocks, exits, and where it was seen, degrees."""

    clocks: tuple[ExitClock, ...]
    exits: tuple[Exit, ...]
    seen: tuple[float, float]


def given_exits(desk: Desk) -> tuple[Exit, ...]:
    """Return the exits of a table that was read in, else those of the demo district."""
    read: tuple[Exit, ...] | None = desk.extra.get(_GIVEN)
    if read is not None:
        return read
    return demo_tables().exits if desk.opened.origin == DEMO else ()


def exits_of(desk: Desk, kinds: Sequence[str] = ()) -> tuple[Exit, ...]:
    """Return what can be sealed: given exits where there are any, else stations and borders; or of some kinds.

    An exit found on the map is called by its name, two of one name by their ids too.
    """
    given = given_exits(desk)
    wanted = tuple(kinds) or ((GIVEN,) if given else (STATION, BORDER))
    found: list[Exit] = list(given) if GIVEN in wanted else []
    for kind in (STATION, BORDER):
        if kind in wanted:
            found += _found(desk, kind)
    return tuple({exit_.id: exit_ for exit_ in found}.values())


def _found(desk: Desk, kind: str) -> Sequence[Exit]:
    network = desk.plan.derived.network

    def search() -> tuple[Exit, ...]:
        try:
            return find_exits(network, kinds=(kind,))
        except RoadseamError:
            return ()

    return keep(("exits", desk.key, kind), search)


def exit_names(exits: Sequence[Exit]) -> dict[str, str]:
    """Return what each exit is called: its name, with its id where two share one."""
    names = [e.name for e in exits]
    return {e.id: (e.name if e.name and names.count(e.name) == 1 else f"{e.name} {e.id}".strip()) for e in exits}


def sealing_of(desk: Desk) -> Sealed | None:
    """Return the sealing last computed, None where plan or conditions have changed since."""
    result = result_of(desk, _RESULT)
    if result is None or result.key != conditions_key(desk):
        return None
    sealed: Sealed = result.value
    return sealed


def show_sealing(desk: Desk) -> None:
    """Show exits to choose from, and the answer."""
    heading(say("突发事件：一个出口一个单元，最慢者尽早到"), say("封控"))
    show_seal(desk)


def show_seal(desk: Desk) -> None:
    """Show exits to choose from, whether somebody flees, and the answer."""
    try:
        units = answering(desk)
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        units = ()
    kinds = [kind for kind in _KINDS if kind != GIVEN or given_exits(desk)]
    words = {GIVEN: say("给定出口"), STATION: say_in("many", "收费站"), BORDER: say("出区道路")}
    chosen = st.pills(
        say("出口"),
        kinds,
        selection_mode="multi",
        key=recall_some(desk, "seal_kinds", kinds, first=kinds[:1]),
        format_func=words.__getitem__,
    )
    exits = exits_of(desk, tuple(chosen or ("",)))
    names = exit_names(exits)
    wanted = st.multiselect(
        say("要封控的出口"),
        list(names),
        key=recall_some(desk, f"exits_{'_'.join(chosen or ())}", names, first=tuple(names)),
        format_func=lambda n: plain(names[n], limit=24),
        placeholder=say("选出口"),
    )
    _show_import(desk)
    if not exits or not units:
        empty(say("没有出口或单元"), say("在“单元”页签添加单元；出口取自地图上的收费站，或导入出口表。"))
        return
    picked = tuple(e for e in exits if e.id in set(wanted))
    is_flight = st.toggle(say("有逃逸车辆"), key=recall(desk, "seal_flight", first=False))
    if is_flight:
        _show_flight(desk, picked)
    else:
        _show_plain(desk, picked)


def _show_import(desk: Desk) -> None:
    with st.expander(say("导入出口表"), expanded=False):
        upload = st.file_uploader(say("出口表 CSV：id, lon, lat, need, name"), key="exits_file")
        if upload is None or not st.button(say("导入出口"), key="exits_import", width="stretch"):
            return
        with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
            file = Path(folder) / "exits.csv"
            file.write_bytes(upload.getvalue())
            try:
                desk.extra[_GIVEN] = read_exits(file)
            except RoadseamError as error:
                warn(pick_sentence(str(error)), kind="error")
                return
        st.rerun(scope="fragment")


def _show_plain(desk: Desk, picked: tuple[Exit, ...]) -> None:
    each = st.number_input(say("每个出口的车数"), 1, 10, key=recall(desk, "seal_each", 1))
    st.button(
        say("计算封控（{count} 个出口）", count=len(picked)),
        key="seal",
        type="primary",
        width="stretch",
        on_click=_compute,
        args=(picked, int(each)),
        disabled=not picked,
    )
    result = result_of(desk, _RESULT)
    if result is None:
        return
    if result.key != conditions_key(desk):
        stale_bar(_RESULT, _compute, (picked, int(each)))
    sealed: Sealed = result.value
    names = exit_names(sealed.exits)
    facts(
        [
            (say("最慢到位"), format_minutes(sealed.sealing.slowest_s)),
            (say("合计"), format_minutes(sealed.sealing.sum_s)),
        ]
    )
    rows = [
        (
            one_line(names.get(row.exit, row.exit), limit=14),
            one_line(row.unit, limit=12),
            agency_letter(desk, row.agency),
            format_minutes(row.time_s),
        )
        for row in sorted(sealed.sealing.assignment, key=lambda r: (-r.time_s, r.exit))
    ]
    table((say("出口"), say("单元"), say("单位"), say("到位")), rows)
    note(say("先使最慢者最早到位，再使合计最小。"))


def _compute(picked: tuple[Exit, ...], each: int) -> None:
    desk = current_desk()
    units, graph, index = answering(desk), roads_of(desk), index_of(desk)
    need = {e.id: max(e.need, each) for e in picked}

    def work() -> Sealing:
        if max(need.values(), default=1) > 1:
            return seal_with_many(graph, units, picked, need=need, index=index)
        return seal(graph, units, picked, index=index)

    sealing = _try(desk, work)
    if sealing is not None:
        keep_result(desk, _RESULT, Result(conditions_key(desk), Sealed(sealing, units, picked)))


def _try(desk: Desk, work: Callable[[], Any]) -> Any:
    """Do some work; where it cannot be done, the person gets the sentence."""
    try:
        return work()
    except RoadseamError as error:
        desk.message = str(error)
        return None


def _show_flight(desk: Desk, picked: tuple[Exit, ...]) -> None:
    spot: tuple[float, float] | None = desk.extra.get("spot")
    left, right = st.columns(2)
    ahead = left.number_input(say("已逃离（分钟）"), 0.0, 600.0, step=1.0, key=recall(desk, "flight_min", 5.0))
    faster = right.number_input(say("车速倍数"), 0.5, 3.0, step=0.1, key=recall(desk, "flight_faster", 1.0))
    if spot is None:
        note(say("请点选地图：最后看到车辆的地方。"))
    else:
        note(say("最后看到的地方：{lon}，{lat}", lon=f"{spot[0]:.5f}", lat=f"{spot[1]:.5f}"))
    args = (picked, spot, float(ahead), float(faster))
    st.button(
        say("还能封住哪些出口？"),
        key="race",
        type="primary",
        width="stretch",
        on_click=_run_race,
        args=args,
        disabled=spot is None or not picked,
    )
    result = result_of(desk, _RACE)
    if result is None:
        return
    if result.key != conditions_key(desk) and spot is not None:
        stale_bar(_RACE, _run_race, args)
    race: Race = result.value
    names = exit_names(race.exits)
    closed = sum(clock.closed for clock in race.clocks)
    facts([(say("封得住"), f"{closed} / {len(race.clocks)}")])
    section(say("各出口"))
    table(
        (say("出口"), say("嫌疑车"), say("单元"), say("到位")),
        [
            (
                one_line(names.get(c.exit, c.exit), limit=12),
                _flight_time(c.fugitive_s),
                one_line(c.unit, limit=10) or (say("另有任务") if c.closable else say("来不及")),
                format_minutes(c.unit_s) if c.unit_s < float("inf") else "–",
            )
            for c in sorted(race.clocks, key=lambda c: (c.closed, c.fugitive_s, c.exit))
        ],
        numbers=1,
    )
    note(say("嫌疑车按正常车速的倍数、最快路线估算；封不住的列在最前。"))


def _flight_time(seconds: float) -> str:
    if seconds == float("inf"):
        return say("到不了")
    return say("已驶出") if seconds < 0 else format_minutes(seconds)


def _run_race(picked: tuple[Exit, ...], spot: tuple[float, float] | None, ahead_min: float, faster: float) -> None:
    desk = current_desk()
    if spot is None:
        return
    graph, units, index = roads_of(desk), answering(desk), index_of(desk)

    def work() -> tuple[ExitClock, ...]:
        seen = find_place(graph.network, spot, index=index)
        return race_to_exits(graph, units, picked, seen=seen, flight=Flight(ahead_min * 60.0, faster), index=index)

    clocks = _try(desk, work)
    if clocks is not None:
        keep_result(desk, _RACE, Result(conditions_key(desk), Race(clocks, picked, spot)))
        desk.jump(Target(bounds=_around([(e.lon, e.lat) for e in picked] + [spot])))


def _around(places: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    margin = 0.01
    lon, lat = [place[0] for place in places], [place[1] for place in places]
    return min(lon) - margin, min(lat) - margin, max(lon) + margin, max(lat) + margin


def race_of(desk: Desk) -> Race | None:
    """Return the race last computed, None where plan or conditions have changed since."""
    result = result_of(desk, _RACE)
    if result is None or result.key != conditions_key(desk):
        return None
    race: Race = result.value
    return race


def sealed_picture(desk: Desk) -> Picture | None:
    """Return the picture of the sealing or the race, None where there is none."""
    meta, key = describe(desk.plan), conditions_key(desk)
    if st.session_state.get("seal_flight"):
        race = race_of(desk)
        if race is None:
            return None
        units = answering(desk)

        def draw() -> list[Table]:
            return draw_race(roads_of(desk), race.clocks, units, exits=race.exits)

        return Picture(("race", *key, repr(race)), draw, meta)
    sealed = sealing_of(desk)
    if sealed is None:
        return None
    return Picture(("sealing", *key, repr(sealed)), lambda: draw_sealing(roads_of(desk), sealed), meta)


def sealed_marks(desk: Desk) -> list[Mark]:
    """Return where the fugitive was seen last."""
    spot: tuple[float, float] | None = desk.extra.get("spot")
    if st.session_state.get("seal_flight") and spot is not None:
        return [Mark((spot,))]
    return []
