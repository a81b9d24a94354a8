import numpy as np
import pytest

from geo.errors import InputError
from patrol.aid import rank_permissions
from patrol.aidmap import find_gained
from patrol.aidtable import Permission
from patrol.units import Unit
from tests.patrol.test_aid import OWNERS, ROW, row_graph

UNITS = [Unit("L", "local", *ROW[2]), Unit("E", "exp1", *ROW[6]), Unit("M", "local", *ROW[0])]


@pytest.mark.parametrize("needs_pass", [(), ("S", "T")])
@pytest.mark.parametrize("by_unit", [False, True])
@pytest.mark.parametrize("limit_s", [130.0, 250.0])
def test_the_road_on_the_map_is_the_road_in_the_list(needs_pass, by_unit, limit_s):
    """The pieces that a permission wins add up to the metres of the ranking, lie within their segments, once each."""
    asked = {"owners": OWNERS, "limit_s": limit_s, "needs_pass": needs_pass, "by_unit": by_unit}
    graph = row_graph()
    gains = rank_permissions(graph, UNITS, **asked).gains
    assert gains
    for gain in gains:
        won = find_gained(graph, UNITS, gain.permission, **asked)
        assert won.length_m == pytest.approx(gain.gained_m, abs=0.01)
        assert np.all(won.from_mm < won.to_mm)
        assert np.all((won.from_mm >= 0) & (won.to_mm <= graph.network.segments.length_mm[won.segment]))
        assert set(won.direction.tolist()) <= {1, -1}


def test_the_piece_that_is_won_by_hand():
    """The local unit at the seam may act on the expressway: with 130 s it wins 1,300 m on, and 300 m back."""
    units = [Unit("L", "local", *ROW[2]), Unit("E", "exp1", *ROW[6])]
    gain = rank_permissions(row_graph(), units, owners=OWNERS, limit_s=130).gains[0]
    won = find_gained(row_graph(), units, gain.permission, owners=OWNERS, limit_s=130)
    found = sorted(
        zip(won.segment.tolist(), won.direction.tolist(), won.from_mm.tolist(), won.to_mm.tolist(), strict=True)
    )
    assert found == [(2, -1, 700_000, 1_000_000), (2, 1, 0, 1_000_000), (3, 1, 0, 300_000)]


def test_a_permission_of_another_question_is_refused():
    """A permission that these units and owners do not raise is one sentence, no empty map."""
    stranger = Permission("act", "exp9", "G98", "G98", "exp1")
    with pytest.raises(InputError, match="compute the ranking anew"):
        find_gained(row_graph(), UNITS, stranger, owners=OWNERS, limit_s=100)


def test_the_ranking_tells_how_far_it_is_and_can_be_stopped():
    """Each permission is announced before it is priced; stopped in the middle, those priced so far are ranked."""
    seen = []
    whole = rank_permissions(row_graph(), UNITS, owners=OWNERS, limit_s=100, watch=lambda *n: bool(seen.append(n)))
    assert seen == [(k, len(seen)) for k in range(len(seen))]
    part = rank_permissions(row_graph(), UNITS, owners=OWNERS, limit_s=100, watch=lambda done, _: done >= 1)
    assert len(part.gains) <= 1 < len(whole.gains)
    assert {g.permission for g in part.gains} <= {g.permission for g in whole.gains}
