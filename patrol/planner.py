"""One working day with everything that is asked of it at once.

Places, stretches and checkpoints; joint visits as appointments; a rest for every crew; a shortest longest day; an order
drawn by lot. The steps are built on one another: the timing of a crew's day (``patrol.timing``), appointments on top of
it (``patrol.joint``), bisection on the length of a day over both (``patrol.fairness``), the lot last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from geo.errors import InfeasibleError
from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.breaks import Pause, Rest
from patrol.day import DAY_START_S, DayPlan
from patrol.fairness import Point, plan_fairly
from patrol.joint import JointPlan, Meeting, plan_meetings, read_meetings
from patrol.matrices import Day
from patrol.modes import measure_tasks
from patrol.pairs import pairs_of
from patrol.random_order import shuffle_plan
from patrol.reasons import LeftOut, explain_rest
from patrol.solver import Search
from patrol.stranded import IdleUnit, find_stranded, leave_home
from patrol.targets import Target
from patrol.tasks import Stretch, find_bad_checkpoints
from patrol.timing import Timing
from patrol.units import Unit


@dataclass(frozen=True, slots=True)
class Wish:
    """What a day should be besides short.

    Attributes
    ----------
    rest
        The rest of every crew that is out when it should rest, ``None`` for none.
    fair
        Share by which driving may grow for the shortest longest day, 0.05 is 5 %; ``None`` for no fair shares.
    lot
        Seed by which the order of visits is drawn by lot, ``None`` for the shortest order.
    """

    rest: Rest | None = None
    fair: float | None = None
    lot: int | None = None


@dataclass(frozen=True)
class WorkPlan:
    """A day of work.

    Attributes
    ----------
    plan
        Routes, reasons, bound; rests are in its times.
    meetings, rule, exact
        The appointments; see ``patrol.joint.JointPlan``.
    pauses
        The rests.
    curve
        Limits on the time out against driving; empty where fair shares were not asked for.
    idle
        Units that can do nothing, with the reason.
    wish
        What was asked.
    """

    plan: DayPlan
    meetings: tuple[Meeting, ...]
    rule: str
    exact: bool
    pauses: tuple[Pause, ...]
    curve: tuple[Point, ...]
    idle: tuple[IdleUnit, ...]
    wish: Wish

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        met = JointPlan(self.plan, self.meetings, self.rule, exact=self.exact).to_json()
        return met | {
            "breaks": [{name: getattr(pause, name) for name in Pause.__slots__} for pause in self.pauses],
            "curve": [point.to_json() for point in self.curve],
            "lot": self.wish.lot,
            "idle_units": [unit.to_json() for unit in self.idle],
        }


def plan_work(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    stretches: Sequence[Stretch] = (),
    shift_h: float,
    owner_of_segment: Sequence[str],
    start_s: float = DAY_START_S,
    wish: Wish | None = None,
    search: Search | None = None,
    index: SnapIndex | None = None,
) -> WorkPlan:
    """Plan one day of places, stretches and checkpoints, with joint visits, rests, fair shares and lot.

    Parameters
    ----------
    graph, targets, shift_h, owner_of_segment, start_s, search, index
        As for ``patrol.day.plan_day``.
    units
        Units; one far from every road stays at home and is named among ``idle``.
    stretches
        Stretches to be patrolled; driving along them is work.
    wish
        Rests, fair shares, lot.

    Raises
    ------
    InputError
        Where the inputs do not make a day.
    InfeasibleError
        Where not a single task can be done; the sentence names each with its reason.
    """
    wish, search = wish or Wish(), search or Search()
    kept, lost = leave_home(graph.network, units, index=index)
    day = measure_tasks(
        graph,
        kept,
        targets,
        stretches=stretches,
        shift_h=shift_h,
        owner_of_segment=owner_of_segment,
        start_s=start_s,
        index=index,
    )
    m = len(day.units)
    known = find_bad_checkpoints(graph.network, day.targets, day.places.take(list(range(m, m + len(day.targets)))))
    made = plan_wishes(day, wish, search, known=known)
    made = replace(made, idle=(*lost, *find_stranded(day)))
    if not made.plan.routes:
        raise _nothing_feasible(made)
    return made


def plan_tasks(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    stretches: Sequence[Stretch] = (),
    shift_h: float,
    owner_of_segment: Sequence[str],
    start_s: float = DAY_START_S,
    search: Search | None = None,
    index: SnapIndex | None = None,
) -> DayPlan:
    """Plan one day of places and stretches without further wishes, also where nothing can be done.

    Parameters
    ----------
    graph, units, targets, stretches, shift_h, owner_of_segment, start_s, search, index
        As for ``plan_work``.
    """
    day = measure_tasks(
        graph,
        units,
        targets,
        stretches=stretches,
        shift_h=shift_h,
        owner_of_segment=owner_of_segment,
        start_s=start_s,
        index=index,
    )
    m = len(day.units)
    known = find_bad_checkpoints(graph.network, day.targets, day.places.take(list(range(m, m + len(day.targets)))))
    return plan_wishes(day, Wish(), search or Search(), known=known).plan


def plan_wishes(
    day: Day, wish: Wish, search: Search, *, known: Mapping[int, LeftOut] | None = None, keep: bool = True
) -> WorkPlan:
    """Plan a measured day; see ``plan_work``.

    Parameters
    ----------
    day
        The numbers of the day.
    wish, search
        As for ``plan_work``.
    known
        Tasks that must be left out, by row, with the reason.
    keep
        Whether a search stopped before it had a plan gives the greedy one.
    """
    timing, pairs = Timing(wish.rest, keep=keep), pairs_of(day)

    def solve(tight: Day, one: Search) -> JointPlan:
        return plan_meetings(tight, pairs, one, timing=timing, known=known)

    curve: tuple[Point, ...] = ()
    if wish.fair is None:
        made = solve(day, search)
    else:
        fair = plan_fairly(day, search, rise=wish.fair, solve=solve)
        made, curve = fair.solved, fair.curve
    if wish.lot is not None:
        made = _draw(made, timing, wish.lot)
    plan = made.plan
    if wish.rest is not None:
        left = tuple(explain_rest(item, day, timing.fits) for item in plan.left_out)
        plan = replace(plan, left_out=left)
    return WorkPlan(plan, made.meetings, made.rule, made.exact, made.pauses, curve, (), wish)


def _draw(made: JointPlan, timing: Timing, lot: int) -> JointPlan:
    """Return the plan in an order drawn by lot; appointments keep their time."""
    met = {meeting.task for meeting in made.meetings}
    plan, pauses = timing.write(shuffle_plan(made.plan, seed=lot, timing=timing))
    pairs = [(a, b) for a, b in pairs_of(plan.day) if plan.day.targets[a].id in met]
    return JointPlan(plan, read_meetings(plan, pairs), made.rule, exact=False, pauses=pauses)


def _nothing_feasible(made: WorkPlan) -> InfeasibleError:
    items = [*made.plan.left_out]
    zh = "；".join(
        [f"{i.target}：{i.message.rstrip('。；')}" for i in items] + [u.message.rstrip("。") for u in made.idle]
    )
    en = "; ".join([f"{i.target} ({i.reason})" for i in items] + [f"unit {u.unit} ({u.reason})" for u in made.idle])
    return InfeasibleError(f"没有一项任务可行：{zh}。 / no task is feasible: {en}")
