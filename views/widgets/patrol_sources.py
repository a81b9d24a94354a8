"""Where targets come from: the zones along the roads, a table, a click on the map; and where checkpoints may stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import streamlit as st

from geo.travel import TravelGraph
from patrol.checkpoints import check_checkpoints
from patrol.posts.places import find_sites
from patrol.reasons import LeftOut
from patrol.rejects import read_targets_or_say_why
from patrol.tables import read_rows
from patrol.targets import Target
from patrol.tasks import CHECKPOINT
from patrol.tasktable import read_tasks
from patrol.units import JOINT
from patrol.zones import make_zones
from patrol.zones.rules import NATIONAL, provinces
from patrol.zones.targets import TARGET_KINDS, make_targets
from plan.model import Plan
from views.catalogue import both
from views.console.tasklookup import make_lookup
from views.crews import TABLE
from views.i18n import choose, pick_sentence, say, say_in
from views.state import Desk, current_desk, graph_of
from views.widgets.parts import note, table, warn
from views.widgets.patrol_rows import kind_label
from views.widgets.patrol_state import store_of
from views.widgets.patrol_tables import TaskTable, origins_from, stretch_rows, table_of
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

JOB = "targets"
_FOUND = "targets_found"
_ALL, _JOINT_ONLY = 2, 1
"""Priorities of targets up to which they are made."""
_MOST_BAD = 8
_WAYS = ("zones", "upload", "click")


@dataclass(frozen=True)
class Found:
    """Targets that were made or read, not yet taken: the tasks, and rows that could not be used."""

    tasks: TaskTable
    bad: tuple[LeftOut, ...] = ()


def show_sources(desk: Desk) -> None:
    """Show the three ways to more targets; an older version and a read-only plan only show what there is."""
    if desk.is_read_only:
        note(say("方案只读：目标不能修改，可以排班。"))
        return
    job = job_of(desk, JOB)
    if job is not None and not job.is_finished:
        watch_job(JOB)
        return
    if job is not None:
        drop_job(desk, JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif isinstance(job.result, Found):
            desk.extra[_FOUND] = job.result
    names = {"zones": say("由区域生成"), "upload": say("上传表"), "click": say("图上点选")}
    with st.expander(say("添加目标"), expanded=not table_of(desk.plan).targets or _FOUND in desk.extra):
        way = st.segmented_control(
            say("添加目标"),
            _WAYS,
            format_func=names.__getitem__,
            default=store_of(desk).get("way", "zones"),
            required=True,
            key="targets_way",
            label_visibility="collapsed",
            width="stretch",
        )
        store_of(desk)["way"] = way
        {"zones": _show_zones, "upload": _show_upload, "click": _show_click}[way](desk)
        _show_found(desk)
    with st.expander(say("卡点可设在哪里"), expanded=False):
        _show_sites(desk)


# ---- from zones ------------------------------------------------------------------------------------------------


def _show_zones(desk: Desk) -> None:
    store = store_of(desk)
    kinds = st.multiselect(
        say("区域类型"),
        TARGET_KINDS,
        default=store.get("zone_kinds", []),
        key="zone_kinds",
        placeholder=say("全部"),
        format_func=kind_label,
    )
    left, right = st.columns(2)
    keys = [NATIONAL, *provinces()]
    province = left.selectbox(
        say("规则"),
        keys,
        index=keys.index(store.get("province", NATIONAL)),
        key="province",
        format_func=lambda key: say("国家标准") if key == NATIONAL else provinces().get(str(key), ""),
    )
    urgent = right.selectbox(
        say("范围"),
        (_ALL, _JOINT_ONLY),
        key="urgent",
        format_func=lambda n: say("全部") if n == _ALL else say("只要联合检查"),
    )
    store["zone_kinds"], store["province"] = list(kinds), province
    st.button(
        say("由区域生成目标"),
        key="make_targets",
        width="stretch",
        on_click=_start_zones,
        args=(kinds, province, urgent),
    )
    note(say("区域为参考线，宽度按规则推定；目标落在车辆能到的道路上。"))


def _start_zones(kinds: list[str], province: str, most_urgent: int) -> None:
    desk = current_desk()
    plan = desk.plan

    def work(job: Job) -> Found:
        job.report(0, 3, both("正在划定区域（参考线）"))
        return zone_targets(plan, tuple(kinds) or TARGET_KINDS, province=province, most_urgent=most_urgent, job=job)

    start_job(desk, JOB, work)


def zone_targets(plan: Plan, kinds: tuple[str, ...], *, province: str, most_urgent: int, job: Job) -> Found:
    """Return the targets of a plan's zones, with the zone and rule each comes from."""
    derived = plan.derived
    zones = make_zones(
        derived.network,
        derived.ownership.evidence,
        agency=derived.agency,
        owner=derived.owner,
        province=province,
        kinds=kinds,
    )
    job.report(1, 3, both("正在列出目标"))
    made = make_targets(zones, agency=derived.agency, kinds=kinds, most_urgent=most_urgent)
    job.report(2, 3, both("正在核对出处"))
    return Found(TaskTable(tuple(m.target for m in made), origins_from(zones, made)))


# ---- from a table ----------------------------------------------------------------------------------------------


def _show_upload(desk: Desk) -> None:
    file = st.file_uploader(say("目标表或任务表（CSV）"), type=["csv"], key="targets_file")
    note(
        say("列：id,lon,lat,service_min,kind,window,visits_per_week,agency（name,skill 可选）；含 type 列的为任务表。")
    )
    if file is None:
        return
    if st.button(say("读取目标表"), key="read_targets", width="stretch"):
        body, plan, graph = file.getvalue(), desk.plan, graph_of(desk)
        start_job(desk, JOB, lambda job: _read(job, body, plan, graph=graph))
        st.rerun(scope="fragment")


def _read(job: Job, body: bytes, plan: Plan, *, graph: TravelGraph) -> Found:
    job.report(0, 1, both("正在读取目标表"))
    return read_upload(body, plan, graph)


def read_upload(body: bytes, plan: Plan, graph: TravelGraph) -> Found:
    """Return the targets of an uploaded table of targets or of tasks; rows that cannot be used are named.

    Raises
    ------
    InputError
        The table cannot be read, or none of its rows can be used.
    """
    with TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / say("目标表.csv")
        path.write_bytes(body)
        if _is_task_table(path):
            tasks = read_tasks(path, graph, make_lookup(plan, tell=lambda _text: None))
            return Found(
                TaskTable(tasks.targets, {}, stretch_rows(graph.network, tasks.stretches)), tuple(tasks.left_out)
            )
        targets, bad = read_targets_or_say_why(path)
        return Found(TaskTable(targets, {}), bad)


def _is_task_table(path: Path) -> bool:
    first = next(iter(read_rows(path, required=("id",), repeated=[])), None)
    return first is not None and "type" in first.cells


# ---- from a click ----------------------------------------------------------------------------------------------


def _show_click(desk: Desk) -> None:
    spot = desk.extra.get("spot")
    if spot is None:
        note(say("在图上点要检查的地方，坐标会出现在这里。"))
        return
    agencies = ["", *(a.id for a in desk.plan.agencies), JOINT]
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies} | {"": say("随路权"), JOINT: say("联合检查")}
    note(f"{spot[0]:.6f}, {spot[1]:.6f}")
    kinds = [CHECKPOINT, *TARGET_KINDS]
    kind = st.selectbox(say("类型"), kinds, key="click_kind", format_func=kind_label)
    name = st.text_input(say("名称"), key="click_name", max_chars=40)
    left, right = st.columns(2)
    minutes = left.number_input(say("现场（分钟）"), 0, 600, 20, 5, key="click_minutes")
    visits = right.number_input(say("每周次数"), 0.0, 21.0, 1.0, 0.5, key="click_visits")
    agency = left.selectbox(
        say("单位"), agencies, key="click_agency", format_func=lambda a: one_line(names.get(str(a), ""), limit=20)
    )
    skill = right.text_input(say("技能"), key="click_skill", max_chars=20)
    taken = {t.id for t in table_of(desk.plan).targets}
    ident = next(f"A{k:02d}" for k in range(1, len(taken) + 2) if f"A{k:02d}" not in taken)
    made = Target(
        ident,
        spot[0],
        spot[1],
        60.0 * minutes,
        str(kind),
        None,
        float(visits),
        str(agency),
        name.strip(),
        skill.strip(),
    )
    refused = check_checkpoints(desk.plan.derived.network, [made])[0].refused if kind == CHECKPOINT else None
    if refused is not None:
        warn(choose(refused.message, refused.message_en), kind="error")
    st.button(
        say("添加此目标"), key="add_target", width="stretch", disabled=refused is not None, on_click=_add, args=(made,)
    )


def _add(target: Target) -> None:
    desk = current_desk()
    made = table_of(desk.plan).with_targets([target])
    desk.decide("set_targets", TABLE, made.value(), why=say("在勤务页图上添加"))
    desk.select("target", target.id, (target.lon, target.lat))


# ---- what was found --------------------------------------------------------------------------------------------


def _show_found(desk: Desk) -> None:
    found: Found | None = desk.extra.get(_FOUND)
    if found is None:
        return
    tasks = found.tasks
    counts = Counter(t.kind for t in tasks.targets)
    rows: list[tuple[str, str]] = [(kind_label(k) or say("未分类"), f"{n}") for k, n in sorted(counts.items())]
    if tasks.stretches:
        rows.append((say("管段巡查"), f"{len(tasks.stretches)}"))
    table((say("找到的目标"), say_in("long", "个数")), rows)
    for item in found.bad[:_MOST_BAD]:
        warn(choose(item.message, item.message_en))
    if len(found.bad) > _MOST_BAD:
        note(say("另有 {count} 行未采用。", count=len(found.bad) - _MOST_BAD))
    left, right = st.columns(2)
    left.button(say("替换现有目标"), key="found_replace", type="primary", width="stretch", on_click=_take, args=(True,))
    right.button(say("加到现有目标"), key="found_add", width="stretch", on_click=_take, args=(False,))


def _take(replaced: bool) -> None:  # noqa: FBT001 - a callback's one argument
    desk = current_desk()
    found: Found = desk.extra.pop(_FOUND)
    made = found.tasks
    if not replaced:
        old = table_of(desk.plan)
        stretches = {row["id"]: row for row in (*old.stretches, *made.stretches)}
        made = TaskTable(old.targets, old.origins, tuple(stretches.values())).with_targets(made.targets, made.origins)
        twice = {t.id for t in made.targets} & set(stretches)
        if twice:
            one = min(twice)[:40]
            desk.message = (
                f"编号 {one} 既是目标又是管段，请改正。 / the id {one} is a target and a stretch: change one."
            )
            return
    store_of(desk)["off"] = frozenset()
    desk.decide("set_targets", TABLE, made.value(), why=say("在勤务页采用目标"))


def _show_sites(desk: Desk) -> None:
    """Show where checkpoints may stand on expressways."""
    sites: list[Any] = list(find_sites(desk.plan.derived.network, kinds=("station", "service_area")))
    note(say("高速公路上只能在收费站、服务区或停车区设卡；普通公路上离路口 30 m 以上。"))
    words = {"station": say("收费站"), "service_area": say("服务区")}
    table(
        (say("地点"), say("类型")),
        [(one_line(s.name or s.id, limit=24), words[s.kind]) for s in sites],
        numbers=0,
    )
