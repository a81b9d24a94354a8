"""Papers from a terminal: a pack as one zip, or one paper as Word, PDF or Excel, by the suffix of the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from plan.model import Plan
from views.console.jobs import Tell, open_for

if TYPE_CHECKING:
    from patrol.day import DayPlan
    from views.catalogue import Words
    from views.papers.order import Files, Item, Order

_ALIASES = {"atlas": "sheets", "strip": "strips", "transfer": "transfer"}
"""Kinds that name one paper where the file is no pack."""
_MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class PaperQuestion:
    """What is asked for.

    Attributes
    ----------
    kind
        A pack or a paper.
    out
        File to write.
    number, disputes, since
        Document number, disputes of the minutes, day or version since which changes are listed.
    day, place, offices
        Of the meeting.
    scale, paper, route
        Of map sheets.
    data
        JSON file of a transfer letter.
    only
        Papers of a pack to make.
    shift_h, iterations, seed
        Of the day that crew sheets are made of.
    """

    kind: str
    out: Path
    number: str = ""
    disputes: tuple[str, ...] = ()
    since: str = ""
    day: str = ""
    place: str = ""
    offices: tuple[str, ...] = ()
    scale: float | None = None
    paper: str = "A3"
    route: str = ""
    data: Path | None = None
    only: tuple[str, ...] = ()
    shift_h: float = 8.0
    iterations: int = 1_000
    seed: int = 1


def papers(source: str, question: PaperQuestion, *, tell: Tell) -> dict[str, Any]:
    """Make papers and write them to a file.

    Raises
    ------
    InputError
        The kind, the suffix or an input is none.
    """
    from views.map.store import write_bytes_atomic
    from views.papers.order import Order

    _check(question)
    plan = _with_tables(open_for(source, tell=tell), source)
    order = Order(
        plan,
        number=question.number,
        disputes=question.disputes,
        since=question.since,
        meeting=_meeting(question),
        scale=question.scale,
        paper=question.paper,
        route=question.route,
        transfer=_read_data(question.data),
    )
    if question.kind == "crew":
        order = _with_day(order, question, tell=tell)
    items = _items(question)
    body, names = _make(items, order, question, tell=tell)
    write_bytes_atomic(question.out, body)
    tell(f"已写入 {question.out.name} / written")
    missing = [
        {"paper": item.key, "message": lack.zh, "message_en": lack.en} for item in items for lack in item.missing(order)
    ]
    return {
        "kind": question.kind,
        "written": [{"file": question.out.name, "bytes": len(body)}],
        "contents": names,
        "missing": missing,
    }


def _check(question: PaperQuestion) -> None:
    from views.papers.atlas import check_paper
    from views.papers.pack import PACKS, SINGLE

    kinds = [*PACKS, *(k for k in (*SINGLE, *_ALIASES) if k not in PACKS)]
    if question.kind not in kinds:
        msg = f"没有“{question.kind[:20]}”这种文书，可选：{'、'.join(kinds)}。 / kinds: {', '.join(kinds)}."
        raise InputError(msg)
    check_paper(question.paper, question.scale)
    suffix = question.out.suffix.lower()
    if suffix not in {".zip", ".docx", ".pdf", ".xlsx"}:
        msg = (
            f"{question.out.name}: 文书应为 .zip .docx .pdf .xlsx，请换后缀。 / a paper is .zip, .docx, .pdf or .xlsx."
        )
        raise InputError(msg)
    if question.kind == "transfer" and question.data is None:
        msg = "移送函须用 --data 给出 JSON 数据（place、from、to、reason 等）。 / give the letter's data with --data."
        raise InputError(msg)
    known = {item.key for item in _items(question)}
    unknown = [key for key in question.only if key not in known]
    if unknown:
        listed = "、".join(sorted(known))
        msg = f"“{unknown[0][:20]}”不在这套文书里，可选：{listed}。 / it is not in this pack: {listed}."
        raise InputError(msg)


def _items(question: PaperQuestion) -> tuple[Item, ...]:
    """Return the papers of a pack for a zip, the single paper of that name for any other file."""
    from views.papers.pack import PACKS, SINGLE, choose_items

    is_zip = question.out.suffix.lower() == ".zip"
    if is_zip and question.kind in PACKS:
        pack = PACKS[question.kind]
        known = {item.key for item in pack.items}
        return (
            choose_items(pack, question.only if question.only and set(question.only) <= known else None) or pack.items
        )
    key = _ALIASES.get(question.kind, question.kind)
    key = "agenda" if key == "monthly" else key
    return (SINGLE[key],)


def _make(items: tuple[Item, ...], order: Order, question: PaperQuestion, *, tell: Tell) -> tuple[bytes, list[str]]:
    from views.papers.fixedzip import write_zip
    from views.papers.pack import PACKS, make_files, make_pack

    told = [""]

    def count(done: int, total: int, stage: Words) -> None:
        text = f"{stage.zh} {100 * done // max(total, 1)} % / {stage.en}"
        if text != told[0]:
            told[0] = text
            tell(text)

    suffix = question.out.suffix.lower()
    if suffix == ".zip" and question.kind in PACKS:
        body = make_pack(PACKS[question.kind], order, ticked=[item.key for item in items], tell=count)
        return body, _names(body)
    item = items[0]
    if suffix == ".pdf" and item.view is not None and not item.is_blocked(order):
        return item.view(order, count), [question.out.name]
    files: Files = make_files(items, order, tell=count)
    if suffix == ".zip":
        body = write_zip(files)
        return body, _names(body)
    fitting = [(name, body) for name, body in files if name.lower().endswith(suffix)]
    if not fitting:
        made = "、".join(sorted({Path(name).suffix for name, _ in files}))
        msg = f"{question.out.name}: 这种文书只能写成 {made} 或 .zip。 / this paper is written as {made} or .zip."
        raise InputError(msg)
    return fitting[0][1], [question.out.name]


def _names(body: bytes) -> list[str]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.namelist()


def _meeting(question: PaperQuestion) -> Any:
    from plan.agreements import read_day
    from views.papers.minutes import Meeting

    day = read_day(question.day).isoformat() if question.day else ""
    number = "" if question.kind == "agreement" else question.number
    return Meeting(number=number, day=day, place=question.place, offices=question.offices)


def _read_data(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8-sig") as file:
            data = json.loads(file.read(_MOST_BYTES))  # a longer file is cut here, and no JSON any more
    except (OSError, ValueError) as error:
        msg = f"{path.name}: 不是可读的 JSON 文件，请检查。 / not a JSON file that can be read."
        raise InputError(msg) from error
    data = data.get("transfer", data) if isinstance(data, dict) else data
    if not isinstance(data, dict):
        msg = f"{path.name}: 应为一个 JSON 对象（place、from、to、reason …）。 / a JSON object is wanted."
        raise InputError(msg)
    return data


def _with_tables(plan: Plan, source: str) -> Plan:
    """Return the plan with units and targets; the demo district brings its own."""
    if source != "demo":
        return plan
    from plan.demo import demo_tables
    from views.crews import set_tables

    tables = demo_tables()
    return set_tables(plan, tables.units, tables.targets)


def _with_day(order: Order, question: PaperQuestion, *, tell: Tell) -> Order:
    """Plan a day from the units and targets of the plan."""
    from dataclasses import replace

    from views.crews import targets_of, units_of

    if not units_of(order.plan) or not targets_of(order.plan):
        return order
    tell("排班 … / planning the day")
    return replace(order, day=_plan_day(order.plan, question))


def _plan_day(plan: Plan, question: PaperQuestion) -> DayPlan:
    from geo.travel import build_travel_graph
    from patrol.day import plan_day
    from patrol.solver import Search
    from views.crews import owners_of, targets_of, units_of

    return plan_day(
        build_travel_graph(plan.derived.network),
        units_of(plan),
        targets_of(plan),
        shift_h=question.shift_h,
        owner_of_segment=owners_of(plan),
        search=Search(iterations=question.iterations, seed=question.seed),
    )
