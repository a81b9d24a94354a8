"""Which brigade owns each metre: stretches first, then the brigade that is nearest by road."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from geo.cutting import CutNetwork
from geo.network import Network
from jurisdiction.agencies import DEFAULT_AGENCIES, EXPRESSWAY, LOCAL, NOBODY, Agency, Stretch
from jurisdiction.concurrency import ConcurrencyRule
from jurisdiction.routeaxis import split_routes
from jurisdiction.spreading import spread_labels
from jurisdiction.stretches import Claims, resolve_stretches

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Why(IntEnum):
    """Why an agency has a piece of road."""

    ORDINARY = 0
    ONLY = 1
    STRETCH = 2
    CONCURRENCY = 3
    RULING = 4
    OVERLAP = 5
    NEAREST = 6
    GAP = 7
    BEYOND = 8
    TOWN = 9
    OUTSIDE = 10

    @property
    def label(self) -> str:
        """Name as written in results."""
        return self.name.lower()


@dataclass(frozen=True)
class Assignment:
    """The agency of each piece of a cut network, and why.

    Attributes
    ----------
    agency
        object (pieces,): agency id, ``none`` where the tables leave a gap or the road lies outside the district.
    why
        uint8 (pieces,): ``Why``.
    stretch
        int64 (pieces,): number of the stretch that decided, -1 where none did.
    pair_piece, pair_span
        int64 (pairs,): every stretch that claims a piece, by piece, then by rank.
    claims, rule
        What it was made from.
    """

    agency: npt.NDArray[np.object_]
    why: npt.NDArray[np.uint8]
    stretch: Ints
    pair_piece: Ints
    pair_span: Ints
    claims: Claims
    rule: ConcurrencyRule

    def reason(self, piece: int) -> dict[str, object]:
        """Return why a piece has its agency, as plain values for a card or JSON."""
        why = Why(int(self.why[piece]))
        told: dict[str, object] = {"vote": "agency", "why": why.label, "agency": str(self.agency[piece])}
        number = int(self.stretch[piece])
        if number >= 0:
            told["stretch"] = self.claims.spans[number].stretch.name
        if why is Why.CONCURRENCY:
            told["rule"] = self.rule.rule
        if why is Why.RULING:
            ruling = self.rule.ruling(self._routes_claimed(piece))
            told["reason"] = ruling.why if ruling else ""
        return told

    def _routes_claimed(self, piece: int) -> set[str]:
        mine = self.pair_span[self.pair_piece == piece].tolist()
        return {self.claims.spans[k].stretch.route for k in mine}


def assign_agencies(
    network: Network,
    expressway: Mask,
    agencies: Sequence[Agency] = DEFAULT_AGENCIES,
    *,
    stretches: Sequence[Stretch] = (),
) -> tuple[str, ...]:
    """Return the agency id of each segment of a network that needs no cut.

    Parameters
    ----------
    network
        The network; a stretch that ends inside a segment claims it by its middle.
    expressway
        bool (segments,): the labelling.
    agencies, stretches
        The brigades and their stretches.
    """
    claims = resolve_stretches(network, stretches)
    rows = np.arange(len(network.segments), dtype=np.int32)
    whole = CutNetwork(network, rows, np.zeros(len(rows), dtype=np.int64), ())
    found = assign_brigades(whole, expressway, agencies, claims=claims)
    return tuple(str(a) for a in found.agency)


def assign_brigades(
    cut: CutNetwork,
    expressway: Mask,
    agencies: Sequence[Agency] = DEFAULT_AGENCIES,
    *,
    claims: Claims,
    rule: ConcurrencyRule | None = None,
) -> Assignment:
    """Give every piece of a network an agency.

    Ordinary roads go to the local agency. An expressway piece goes to the stretch that claims it; where several do,
    a decision, then the concurrency rule, then the order of the table decides. A main line that no stretch of its
    tabled route claims is a gap and has no agency, one beyond a border of the district neither. Ramps, service areas
    and roads without a tabled route go to the brigade whose road is nearest by road inside the expressway network.

    Parameters
    ----------
    cut
        The network of pieces.
    expressway
        bool (pieces,): the labelling.
    agencies
        The brigades.
    claims
        Resolved stretches, over the network that was cut.
    rule
        How concurrencies are settled.
    """
    rule = rule or ConcurrencyRule()
    network = cut.network
    local = next((a.id for a in agencies if a.kind == LOCAL), LOCAL)
    others = [a.id for a in agencies if a.kind == EXPRESSWAY] or [EXPRESSWAY]
    size = len(network.segments)
    agency = np.where(expressway, others[0], local).astype(object)
    why = np.where(expressway, Why.ONLY, Why.ORDINARY).astype(np.uint8)
    stretch = np.full(size, -1, dtype=np.int64)
    empty = np.zeros(0, dtype=np.int64)
    if len(others) == 1 and all(span.stretch.is_whole for span in claims.spans):
        return Assignment(agency, why, stretch, empty, empty, claims, rule)
    if not claims.spans:
        return Assignment(agency, why, stretch, empty, empty, claims, rule)
    piece, span = _match(cut, expressway, claims)
    known = np.zeros(size, dtype=bool)
    if len(piece):
        piece, span = _rank(network, (piece, span), claims, rule)
        first = np.append(True, np.diff(piece) != 0)
        winner = piece[first]
        known[winner] = True
        stretch[winner] = span[first]
        names = np.array([s.stretch.agency for s in claims.spans], dtype=object)
        agency[winner] = names[span[first]]
        why[winner] = Why.STRETCH
        _tell_several(piece, span, claims, rule, why=why, agency=agency)
    agency_of = {k: s.stretch.agency for k, s in enumerate(claims.spans)}
    gap, beyond = find_gaps(cut, expressway, claims, known=known)
    for mask, code in ((gap, Why.GAP), (beyond, Why.BEYOND)):
        agency[mask] = NOBODY
        why[mask] = code
    rest = expressway & ~known & ~gap & ~beyond
    near = spread_labels(network, expressway & ~gap & ~beyond, np.where(known, stretch, -1))
    reached = rest & (near >= 0)
    agency[reached] = np.array([agency_of.get(int(k), "") for k in near[reached]], dtype=object)
    agency[rest & (near < 0)] = others[0]
    why[rest] = Why.NEAREST
    return Assignment(agency, why, stretch, piece, span, claims, rule)


def _match(cut: CutNetwork, expressway: Mask, claims: Claims) -> tuple[Ints, Ints]:
    """Return every pair of an expressway piece and a stretch that claims its middle."""
    low = np.searchsorted(cut.base, claims.row, side="left")
    count = np.searchsorted(cut.base, claims.row, side="right") - low
    claim = np.repeat(np.arange(len(claims.row)), count)
    piece = np.repeat(low, count) + np.arange(len(claim)) - np.repeat(np.cumsum(count) - count, count)
    middle = cut.from_mm[piece] + cut.network.segments.length_mm[piece] / 2
    inside = (middle >= claims.from_mm[claim]) & (middle <= claims.to_mm[claim]) & expressway[piece]
    return piece[inside].astype(np.int64), claims.span[claim[inside]]


def _rank(network: Network, pairs: tuple[Ints, Ints], claims: Claims, rule: ConcurrencyRule) -> tuple[Ints, Ints]:
    """Sort pairs by piece, then by decision, concurrency rule and order of the table."""
    piece, span = pairs
    ranks = sorted({rule.rank(s.stretch.route) for s in claims.spans})
    by_rule = np.array([ranks.index(rule.rank(s.stretch.route)) for s in claims.spans])[span]
    preferred = np.ones(len(piece), dtype=np.int64)
    refs = network.ways.text["ref"].take(network.segments.way[piece]).tolist() if rule.rulings else []
    for routes, ruling in rule.rulings.items():
        chosen = np.array([ruling.route in {"", s.stretch.route} for s in claims.spans])[span]
        same = {text for text in set(refs) if tuple(sorted(split_routes(text))) == routes}
        here = np.array([text in same for text in refs], dtype=bool)
        preferred[here & chosen] = 0
    order = np.lexsort((span, by_rule, preferred, piece))
    return piece[order], span[order]


def _tell_several(
    piece: Ints,
    span: Ints,
    claims: Claims,
    rule: ConcurrencyRule,
    *,
    why: npt.NDArray[np.uint8],
    agency: npt.NDArray[np.object_],
) -> None:
    """Mark pieces that several brigades claim, and obey what was decided about concurrencies."""
    starts = np.flatnonzero(np.append(True, np.diff(piece) != 0))
    ends = np.append(starts[1:], len(piece))
    for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
        mine = [claims.spans[int(k)].stretch for k in span[start:end]]
        routes, row = {s.route for s in mine}, int(piece[start])
        ruling = rule.ruling(routes) if len(routes) > 1 else None
        if ruling is not None:
            why[row] = Why.RULING
            agency[row] = ruling.agency or agency[row]
        elif len({s.agency for s in mine}) > 1:
            why[row] = Why.CONCURRENCY if len(routes) > 1 else Why.OVERLAP


def find_gaps(cut: CutNetwork, expressway: Mask, claims: Claims, *, known: Mask) -> tuple[Mask, Mask]:
    """Return main lines of tabled routes that no stretch claims: gaps, and roads beyond a border of the district.

    Parameters
    ----------
    cut, expressway
        The pieces and their labels.
    claims
        The stretches.
    known
        bool (pieces,): some stretch claims the piece.
    """
    size = len(cut.base)
    gap, beyond = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    open_pieces = np.flatnonzero(expressway & ~known)
    for route, axis in claims.axes.items():
        at = np.searchsorted(axis.rows, cut.base[open_pieces])
        ok = at < len(axis.rows)
        ok[ok] = axis.rows[at[ok]] == cut.base[open_pieces][ok]
        low, high = border_limits(claims, route)
        for piece, k in zip(open_pieces[ok].tolist(), at[ok].tolist(), strict=True):
            middle = (float(cut.from_mm[piece]) + float(cut.network.segments.length_mm[piece]) / 2) / 1000
            position = axis.position_at(k, middle)
            outside = position < low or position > high
            (beyond if outside else gap)[piece] = True
    beyond &= ~gap
    return gap, beyond


def border_limits(claims: Claims, route: str) -> tuple[float, float]:
    """Return the positions of a route beyond which the tables say the district ends; infinite where they do not."""
    spans = [s for s in claims.spans if s.stretch.route == route and s.low is not None and s.high is not None]
    lows = [s.low.middle_m for s in spans if s.low is not None]
    highs = [s.high.middle_m for s in spans if s.high is not None]
    low = min((s.low.middle_m for s in spans if s.low is not None and s.low.kind == "border"), default=-np.inf)
    high = max((s.high.middle_m for s in spans if s.high is not None and s.high.kind == "border"), default=np.inf)
    return (low if not lows or low <= min(lows) else -np.inf), (high if not highs or high >= max(highs) else np.inf)
