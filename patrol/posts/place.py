"""Posts: where to station more units, by the model of one's choice, with the greedy answer, a bound and the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import InputError
from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.posts.bacop import solve_bacop
from patrol.posts.covers import Cover
from patrol.posts.dsm import solve_dsm
from patrol.posts.lscp import solve_lscp
from patrol.posts.matrix import PIECE_M, Demand, Reach, reach_from
from patrol.posts.mclp import solve_mclp
from patrol.posts.medians import UNREACHED_S, time_table
from patrol.posts.mexclp import solve_mexclp
from patrol.posts.pcenter import solve_pcenter
from patrol.posts.places import POST, Site
from patrol.posts.pmedian import solve_pmedian
from patrol.posts.question import PROVEN, Answer, Effort, Stock
from patrol.units import Unit

MODELS = ("mclp", "lscp", "bacop", "mexclp", "dsm", "pmedian", "pcenter")

_METRES, _SECONDS, _POSTS = "m", "s", "posts"


@dataclass(frozen=True)
class Wish:
    """What is wanted of the posts.

    Attributes
    ----------
    add
        Units to add; the set covering model finds the number itself.
    limit_s
        Time limit, seconds.
    wide_s
        Longer limit of the double standard model, seconds; twice ``limit_s`` by default.
    share
        Part that must be reached: of all coverable road (lscp, default 1) or within the short limit (dsm, 0.8).
    busy
        Part of the time a unit is busy (mexclp).
    first
        Worth of being reached once against twice (bacop).
    capacity_m
        Metres of directed road one unit can look after (mclp); ``None`` for any length.
    fixed, forbidden
        Ids of candidate sites that must get a unit, and that may not.
    agency
        Count only roads where this agency may work; ``None`` counts all.
    piece_m
        Longest piece of road that counts as one, metres.
    """

    add: int = 1
    limit_s: float = 900.0
    wide_s: float | None = None
    share: float | None = None
    busy: float = 0.3
    first: float = 0.5
    capacity_m: float | None = None
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    agency: str | None = None
    piece_m: float = PIECE_M


@dataclass(frozen=True, slots=True)
class Chosen:
    """A site that gets units: the site and how many more units."""

    site: Site
    units: int

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        site = self.site
        return {
            "id": site.id,
            "kind": site.kind,
            "name": site.name,
            "lon": site.lon,
            "lat": site.lat,
            "units": self.units,
        }


@dataclass(frozen=True)
class Placement:
    """A placement of posts.

    Attributes
    ----------
    model
        One of ``MODELS``.
    unit
        What the objective counts: ``m`` of directed road, ``s`` seconds or ``posts``.
    chosen
        Sites with new units, by id.
    kept
        Where units stand already.
    objective, bound, gap
        Value of the placement, the value no placement beats, and their distance as a share of the objective.
    greedy
        Value of the greedy answer, which is there at once.
    covered_m, twice_m
        Directed metres reached within the limit, and by two units; of every model, also where it counts seconds.
    total_m, lost_m
        Directed metres that count, and those that no site reaches: within the limit (the longer one of ``dsm``), or in
        any time where the model counts seconds.
    nodes
        Subproblems looked at.
    """

    model: str
    unit: str
    chosen: tuple[Chosen, ...]
    kept: tuple[Site, ...]
    objective: float
    bound: float
    gap: float
    greedy: float
    covered_m: float
    twice_m: float
    total_m: float
    lost_m: float
    nodes: int

    @property
    def proven(self) -> bool:
        """Whether no placement is better."""
        return self.gap <= PROVEN

    @property
    def posts(self) -> tuple[Site, ...]:
        """All sites with units, each with as many as stand there."""
        new = tuple(replace(c.site, units=c.units, room=max(c.site.room, c.units)) for c in self.chosen)
        return (*self.kept, *new)

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values: metres, seconds."""
        return {
            "model": self.model,
            "unit": self.unit,
            "chosen": [chosen.to_json() for chosen in self.chosen],
            "kept": [site.id for site in self.kept],
            "objective": round(self.objective, 3),
            "bound": round(self.bound, 3),
            "gap": round(self.gap, 9),
            "proven": self.proven,
            "greedy": round(self.greedy, 3),
            "covered_m": round(self.covered_m, 3),
            "twice_m": round(self.twice_m, 3),
            "total_m": round(self.total_m, 3),
            "unreachable_m": round(self.lost_m, 3),
        }


def posts_of_units(units: Sequence[Unit]) -> tuple[Site, ...]:
    """Return the posts where ready units stand, one for each unit, with a place for each car."""
    return tuple(
        Site(unit.id, POST, "", unit.lon, unit.lat, unit.available, unit.available)
        for unit in sorted(units, key=lambda unit: unit.id)
        if unit.available > 0
    )


def place_posts(
    graph: TravelGraph,
    units: Sequence[Unit],
    sites: Sequence[Site],
    *,
    wish: Wish,
    model: str = "mclp",
    owners: Sequence[str] | None = None,
    effort: Effort | None = None,
    index: SnapIndex | None = None,
) -> Placement:
    """Choose sites for more units.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units that stay where they are; those without a car do not count.
    sites
        Candidate sites.
    wish
        What is wanted.
    model
        One of ``MODELS``.
    owners
        Owner label of each segment; needed where ``wish.agency`` is set.
    effort
        How hard to try; 0 nodes returns the greedy answer with the bound of the relaxation.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where a value of the wish is impossible, a site is unknown, far from every road or named twice.
    InfeasibleError
        Where no placement meets the conditions of the model.
    """
    if model not in MODELS:
        raise InputError(
            f"模型 {model} 不认识，请用 {'、'.join(MODELS)}。 / unknown model {model}: {', '.join(MODELS)}"
        )
    if wish.add < 0:
        raise InputError(f"增设数量不能为负。 / {wish.add} posts cannot be added; give 0 or more")
    everything = (*posts_of_units(units), *_apply(sites, wish))
    reach = reach_from(graph, everything, index=index)
    effort = effort or Effort()
    if model in {"pmedian", "pcenter"}:
        demand = reach.demand(piece_m=np.inf, owners=owners, agency=wish.agency)
        placed, answer = _place_by_time(reach, demand, _stock(reach, wish), model=model, effort=effort)
        pieces = reach.demand(piece_m=wish.piece_m, owners=owners, agency=wish.agency)
        cover = reach.cover(pieces, wish.limit_s)
        once, twice = (cover.at_least(answer.units, times) / 1000.0 for times in (1, 2))
        return replace(placed, covered_m=once, twice_m=twice)
    demand = reach.demand(piece_m=wish.piece_m, owners=owners, agency=wish.agency)
    wide = (wish.wide_s or 2 * wish.limit_s) if model == "dsm" else None
    cover = reach.cover(demand, wish.limit_s, wide_s=wide)
    answer, unit = _solve_cover(model, cover, reach, wish, effort=effort)
    return _placement(model, unit, reach, answer, cover=cover)


def _apply(sites: Sequence[Site], wish: Wish) -> tuple[Site, ...]:
    """Drop forbidden sites and mark those that must get a unit."""
    known = {site.id for site in sites}
    for name in (*wish.fixed, *wish.forbidden):
        if name not in known:
            raise InputError(f"候选点 {name} 不存在，请核对编号。 / there is no candidate site {name}; check its id")
    if both := sorted(set(wish.fixed) & set(wish.forbidden)):
        raise InputError(f"候选点 {both[0]} 既必设又禁设。 / site {both[0]} is both fixed and forbidden; drop one")
    ordered = sorted(sites, key=lambda site: (site.kind, site.id))
    return tuple(
        replace(site, units=max(site.units, 1)) if site.id in wish.fixed else site
        for site in ordered
        if site.id not in wish.forbidden
    )


def _stock(reach: Reach, wish: Wish) -> Stock:
    """Return the stock; sites that must get a unit use up units to be added, posts of today do not."""
    least = np.array([site.units for site in reach.sites], dtype=np.int64)
    most = np.array([site.room for site in reach.sites], dtype=np.int64)
    today = sum(site.units for site in reach.sites if site.kind == POST)
    wanted = int(least.sum()) - today
    if wanted > wish.add:
        raise InputError(
            f"必设驻点 {wanted} 个，多于增设数量 {wish.add}。"
            f" / {wanted} units are fixed at sites but only {wish.add} may be added; add more or fix fewer"
        )
    return Stock(least, most, today + wish.add)


def _solve_cover(model: str, cover: Cover, reach: Reach, wish: Wish, *, effort: Effort) -> tuple[Answer, str]:
    if model == "lscp":
        least = np.array([site.units for site in reach.sites], dtype=np.int64)
        most = np.array([site.room for site in reach.sites], dtype=np.int64)
        share = 1.0 if wish.share is None else wish.share
        return solve_lscp(cover, least, most, share=share, effort=effort), _POSTS
    stock = _stock(reach, wish)
    if model == "mclp":
        capacity = None if wish.capacity_m is None else wish.capacity_m * 1000.0
        return solve_mclp(cover, stock, effort=effort, capacity=capacity), _METRES
    if model == "bacop":
        return solve_bacop(cover, stock, first=wish.first, effort=effort), _METRES
    if model == "mexclp":
        return solve_mexclp(cover, stock, busy=wish.busy, effort=effort), _METRES
    share = 0.8 if wish.share is None else wish.share
    return solve_dsm(cover, stock, share=share, effort=effort), _METRES


def _place_by_time(
    reach: Reach, demand: Demand, stock: Stock, *, model: str, effort: Effort
) -> tuple[Placement, Answer]:
    table = time_table(reach, demand, longest=model == "pcenter")
    total = float(demand.weight.sum())
    if len(table.weight) == 0 or stock.total == 0:
        raise InputError("没有可到达的道路或没有单元。 / no road can be reached, or there is no unit to place")
    if model == "pcenter":
        cost = table.quickest_ms[:, None] + table.extra_ms
        answer = solve_pcenter(cost, stock, effort=effort)
        factor = 1.0 / 1000.0
        constant = 0.0
    else:
        finite = table.extra_ms[np.isfinite(table.extra_ms)]
        late = max(UNREACHED_S * 1000.0, float(finite.max(initial=0.0)))
        cost = np.where(np.isfinite(table.extra_ms), table.extra_ms, late) * table.weight[:, None]
        answer = solve_pmedian(cost, stock, effort=effort)
        factor = 1.0 / (1000.0 * float(table.weight.sum()))
        constant = float(table.quickest_ms @ table.weight)
    shifted = replace(
        answer,
        value=(answer.value + constant) * factor,
        bound=(answer.bound + constant) * factor,
        greedy=(answer.greedy + constant) * factor,
    )
    return _placement(model, _SECONDS, reach, shifted, lengths=(total, table.lost_m)), answer


def _placement(
    model: str,
    unit: str,
    reach: Reach,
    answer: Answer,
    *,
    cover: Cover | None = None,
    lengths: tuple[float, float] = (0.0, 0.0),
) -> Placement:
    today = np.array([site.units if site.kind == POST else 0 for site in reach.sites], dtype=np.int64)
    new = answer.units - today
    chosen = [Chosen(reach.sites[k], int(new[k])) for k in np.flatnonzero(new > 0).tolist()]
    factor = 0.001 if unit == _METRES else 1.0
    covered = twice = 0.0
    if cover is not None:
        covered, twice = cover.at_least(answer.units, 1) / 1000.0, cover.at_least(answer.units, 2) / 1000.0
        lengths = (cover.total / 1000.0, cover.lost / 1000.0)
    return Placement(
        model,
        unit,
        tuple(sorted(chosen, key=lambda item: item.site.id)),
        tuple(site for site in reach.sites if site.kind == POST),
        answer.value * factor,
        answer.bound * factor,
        answer.gap,
        answer.greedy * factor,
        covered,
        twice,
        *lengths,
        answer.nodes,
    )
