"""Jobs on plans: options, comparison, merge, replay, signing and verification."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from plan.agreements import (
    SHORT,
    Terms,
    agreement_numbers,
    check_head,
    draft_agreement,
    find_tampering,
    head,
    is_stale,
    sign_agreement,
    status_on,
)
from plan.diff import diff_plans
from plan.history import Branch
from plan.importing import conflict_json
from plan.merge import Conflict, merge_decisions
from plan.model import Plan
from plan.planfile import is_plan, open_plan, save_plan
from plan.replay import replay
from plan.source import open_source
from views.console.jobs import Tell, open_for, parse_place
from views.console.planfiles import open_on_disk

if TYPE_CHECKING:
    from plan.options import OptionDesk


@dataclass(frozen=True, slots=True)
class Tables:
    """Optional tables for pricing options."""

    units: Path | None = None
    cases: Path | None = None


def options(source: str, station: str, *, tables: Tables, tell: Tell) -> dict[str, Any]:
    """Price every place of the seam at one station."""
    from plan.options import find_station

    plan = open_for(source, tell=tell)
    chosen = find_station(plan, station)
    tell("计算各方案 … / pricing options")
    return make_desk(plan, tables, is_demo=source == "demo").price(chosen).to_json()


def make_desk(plan: Plan, tables: Tables, *, is_demo: bool) -> OptionDesk:
    """Return the desk that prices options with the tables given; the demo district has its own."""
    from patrol.units import read_units
    from plan.options import OptionDesk, read_cases

    units = read_units(tables.units) if tables.units else ()
    cases = read_cases(tables.cases) if tables.cases else ()
    if is_demo:
        from data.demo import table_path
        from plan.demo import demo_tables

        units = units or demo_tables().units
        cases = cases or read_cases(table_path("cases.csv"))
    return OptionDesk(plan, units, cases, with_zones=True)


@dataclass(frozen=True, slots=True)
class SeamWish:
    """A seam, and the place it shall have: a coordinate, or a segment and metres on it; none lists the places."""

    seam: str
    at: str = ""
    segment: str = ""
    offset_m: float = 0.0
    reach_m: float = 800.0
    step_m: float = 10.0


def seam(source: str, wish: SeamWish, *, tables: Tables, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Say where a seam may lie, or what follows when it is moved; save the decision when asked."""
    from plan.incremental import SeamMover

    plan = open_for(source, tell=tell)
    mover = SeamMover(plan, wish.seam)
    if not (wish.at or wish.segment):
        return mover.tracks(reach_m=wish.reach_m, step_m=wish.step_m).to_json()
    segment, offset_m = wish.segment, wish.offset_m
    if wish.at:
        tracks = mover.tracks(reach_m=wish.reach_m, step_m=wish.step_m)
        place = tracks.nearest(*parse_place(wish.at))
        segment, offset_m = place.segment, place.offset_m
    move = mover.move(segment, offset_m)
    option = make_desk(plan, tables, is_demo=source == "demo").price_move(move)
    if out is not None:
        save_plan(out, plan.decide(move.decision))
        tell(f"已保存 {out.name} / saved")
    return move.to_json() | {"option": option.to_json()}


def diff(first: str, second: str, *, tell: Tell) -> dict[str, Any]:
    """Compare two plans or maps."""
    return diff_plans(open_for(first, tell=tell), open_for(second, tell=tell)).to_json()


def merge(base: Path, mine: Path, theirs: Path, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Merge two descendants of a plan; conflicts are named and left as in the base, locks of mine hold."""
    own = open_on_disk(mine, tell)
    before, other = (_open(path, tell) for path in (base, theirs))
    result = merge_decisions(before.decisions, own.plan.decisions, other.decisions)
    old, new = ({d.subject: d for d in some} for some in (own.plan.decisions, result.decisions))
    locked = {s for s in own.history.locks if old.get(s) != new.get(s)}
    decisions = tuple(d for d in result.decisions if d.subject not in locked)
    decisions += tuple(d for s, d in old.items() if s in locked)
    if out is not None:
        own.save(own.history.with_branch(Branch(decisions)), out=out, tell=tell)
    conflicts = {c.subject: c for c in result.conflicts}
    rows = [conflict_json(c, is_locked=c.subject in locked) for c in result.conflicts]
    theirs_now = {d.subject: d for d in other.decisions}
    rows += [
        conflict_json(Conflict(s, None, old.get(s), theirs_now.get(s)), is_locked=True)
        for s in sorted(locked - conflicts.keys())
    ]
    return {"merged": not rows, "decisions": len(decisions), "conflicts": rows}


def replay_on(plan: Path, source: str, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Carry a plan's decisions over to another map."""
    old = _open(plan, tell)
    result = replay(old, open_source(source).network)
    if out is not None:
        save_plan(out, result.plan)
        tell(f"已保存 {out.name} / saved")
    return result.to_json()


@dataclass(frozen=True, slots=True)
class SignWish:
    """Day of signing, ``KIND:KEY`` texts of what is signed (all by default), whether it is a draft, where to write."""

    when: str
    covers: tuple[str, ...] = ()
    is_draft: bool = False
    out: Path | None = None


def sign(path: Path, terms: Terms, wish: SignWish, *, tell: Tell) -> dict[str, Any]:
    """Sign what was decided in a plan, or draft it, and save the plan."""
    book = open_on_disk(path, tell)
    covers = [(kind, key) for kind, _, key in (text.partition(":") for text in wish.covers)] or None
    job = draft_agreement if wish.is_draft else sign_agreement
    plan = job(book.plan, terms, when=wish.when, covers=covers)
    book.save(book.decide_as(plan), out=wish.out, tell=tell)
    if wish.is_draft:
        return {"number": terms.number, "status": "draft"}
    return {"number": terms.number, "status": "signed", "hash": head(plan), "short": head(plan)[:12]}


def verify(path: Path, printed: str | None, day: str, *, tell: Tell) -> dict[str, Any]:
    """Check the chain of agreements, and the characters printed on a signed paper."""
    plan = _open(path, tell)
    problems = list(find_tampering(plan))
    if printed is not None and not check_head(plan, printed):
        problems.append(f"纸面校验码 {printed[:16]} 不属于本方案。 / the printed code does not belong to this plan.")
    numbers, signed = agreement_numbers(plan), plan.latest("sign")
    return {
        "intact": not problems,
        "problems": problems,
        "head": head(plan),
        "agreements": [
            {
                "number": n,
                "status": str(status_on(plan, n, day)),
                "network_changed": n in signed and is_stale(plan, n),
                "short": str(signed[n].value.get("hash", ""))[:SHORT] if n in signed else "",
            }
            for n in numbers
        ],
    }


def _open(path: Path, tell: Tell) -> Plan:
    tell(f"读取 {path.name} … / reading")
    if not path.is_file() or not is_plan(path):
        msg = f"{path.name}: 不是方案文件，请先用 load 或 split --out 生成。 / not a plan: make one with split --out."
        raise InputError(msg)
    return open_plan(path)
