"""Jobs on plans: options, comparison, merge, replay, signing and verification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo.errors import InputError
from plan.agreements import Terms, check_head, find_tampering, head, is_stale, sign_agreement, status_on
from plan.diff import diff_plans
from plan.merge import merge_decisions
from plan.model import Plan
from plan.planfile import is_plan, open_plan, save_plan
from plan.replay import replay
from plan.source import open_source
from views.console.jobs import Tell, open_for


@dataclass(frozen=True, slots=True)
class Tables:
    """Optional tables for pricing options."""

    units: Path | None = None
    cases: Path | None = None


def options(source: str, station: str, *, tables: Tables, tell: Tell) -> dict[str, Any]:
    """Price every place of the seam at one station."""
    from patrol.units import read_units
    from plan.options import OptionDesk, find_station, read_cases

    units = read_units(tables.units) if tables.units else ()
    cases = read_cases(tables.cases) if tables.cases else ()
    plan = open_for(source, tell=tell)
    if source == "demo" and not units:
        from plan.demo import demo_tables

        units = demo_tables().units
    chosen = find_station(plan, station)
    tell("计算各方案 … / pricing options")
    return OptionDesk(plan, units, cases).price(chosen).to_json()


def diff(first: str, second: str, *, tell: Tell) -> dict[str, Any]:
    """Compare two plans or maps."""
    return diff_plans(open_for(first, tell=tell), open_for(second, tell=tell)).to_json()


def merge(base: Path, mine: Path, theirs: Path, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Merge two descendants of a plan; conflicts are named and left as in the base."""
    plans = [_open(path, tell) for path in (base, mine, theirs)]
    result = merge_decisions(*(plan.decisions for plan in plans))
    if out is not None:
        save_plan(out, replace(plans[1], decisions=result.decisions))
        tell(f"已保存 {out.name} / saved")
    return {
        "merged": not result.conflicts,
        "decisions": len(result.decisions),
        "conflicts": [{"kind": c.subject[0], "key": c.subject[1]} for c in result.conflicts],
    }


def replay_on(plan: Path, source: str, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Carry a plan's decisions over to another map."""
    old = _open(plan, tell)
    result = replay(old, open_source(source).network)
    if out is not None:
        save_plan(out, result.plan)
        tell(f"已保存 {out.name} / saved")
    return result.to_json()


def sign(path: Path, terms: Terms, *, when: str, tell: Tell) -> dict[str, Any]:
    """Sign what was decided in a plan and save it."""
    plan = sign_agreement(_open(path, tell), terms, when=when)
    save_plan(path, plan)
    tell(f"已签入 {path.name} / signed")
    return {"number": terms.number, "hash": head(plan), "short": head(plan)[:12]}


def verify(path: Path, printed: str | None, day: str, *, tell: Tell) -> dict[str, Any]:
    """Check the chain of agreements, and the characters printed on a signed paper."""
    plan = _open(path, tell)
    problems = list(find_tampering(plan))
    if printed is not None and not check_head(plan, printed):
        problems.append(f"纸面校验码 {printed[:16]} 不属于本方案。 / the printed code does not belong to this plan.")
    numbers = list(plan.latest("sign"))
    return {
        "intact": not problems,
        "problems": problems,
        "head": head(plan),
        "agreements": [
            {"number": n, "status": str(status_on(plan, n, day)), "network_changed": is_stale(plan, n)} for n in numbers
        ],
    }


def history(path: Path, *, tell: Tell) -> dict[str, Any]:
    """List the decisions of a plan in order."""
    plan = _open(path, tell)
    return {
        "title": plan.title,
        "decisions": [
            {"step": k, "kind": d.kind, "key": d.key, "who": d.who, "when": d.when, "why": d.why}
            for k, d in enumerate(plan.decisions, start=1)
        ],
    }


def _open(path: Path, tell: Tell) -> Plan:
    tell(f"读取 {path.name} … / reading")
    if not path.is_file() or not is_plan(path):
        msg = f"{path.name}: 不是方案文件，请先用 load 或 split --out 生成。 / not a plan: make one with split --out."
        raise InputError(msg)
    return open_plan(path)
