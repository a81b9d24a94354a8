from __future__ import annotations

import numpy as np
import pytest

from geo.stationgroups import GroupLimits, group_booths, is_one_name, plain_name, reach_m

M = 1 / 96_486
LIMITS = GroupLimits()


def group(*booths):
    """Group booths given as (metres east, name)."""
    lon = np.array([114.0 + x * M for x, _ in booths])
    return group_booths(lon, np.full(len(booths), 30.0), names=[name for _, name in booths]).tolist()


def test_lanes_of_one_plaza():
    """Nameless booths within 150 m are one station, beyond it two."""
    assert group((0, ""), (60, ""), (190, ""), (400, "")) == [0, 0, 0, 1]


def test_names_reach_farther():
    """Booths of one name, or of a name within the other, belong together up to 700 m."""
    assert group((0, "荷坳收费站"), (640, "惠盐荷坳收费站"), (1_500, "荷坳收费站")) == [0, 0, 1]


def test_contradicting_names_stay_apart():
    """Two stations 20 m apart stay two, and a nameless booth between them joins the nearer one only."""
    assert group((0, "Val-de-Loing Barrière"), (12, ""), (20, "Souppes"), (30, "Souppes")) == [0, 1, 1, 1]
    assert group((0, "荷坳东收费站"), (40, "荷坳西收费站")) == [0, 1]


def test_order_does_not_matter():
    """Shuffled booths fall into the same groups."""
    rng = np.random.default_rng(2)
    lon, lat = 114 + rng.uniform(0, 0.05, 80), 30 + rng.uniform(0, 0.05, 80)
    names = rng.choice(["", "甲", "乙东", "乙西", "甲乙"], 80).tolist()
    label = group_booths(lon, lat, names=names)
    order = rng.permutation(80)
    other = group_booths(lon[order], lat[order], names=[names[k] for k in order])
    assert [(label[a] == label[b]) for a in order for b in order] == [(x == y) for x in other for y in other]
    assert len(group_booths([], [], names=[])) == 0


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("惠盐荷坳收费站", "荷坳收费站", True),
        ("荷坳收费站入口", "荷坳收费站", True),
        ("荷坳东收费站", "荷坳收费站", False),
        ("Auxerre Sud", "Auxerre-Sud", True),
        ("Saint-Martin-du-Fresne", "Saint-Martin-du-Frêne", True),
        ("Toulouse Nord Ouest", "Toulouse Nord Est", False),
        ("Péage de la Boisse", "La Boisse", True),
        ("Moirans", "Moirans Nord", False),
        ("Saint-Michel-Barrière", "Saint-Michel-Echangeur", False),
        ("Sortie 12", "Sortie 13", False),
        ("龙岗收费站", "横岗收费站", False),
    ],
)
def test_what_counts_as_one_name(a, b, same):
    """Spellings and parts of a name are one name; directions, numbers and kinds of plaza tell stations apart."""
    one, two = plain_name(a).removeprefix("la "), plain_name(b).removeprefix("la ")
    assert is_one_name(one, two) is same
    assert is_one_name(two, one) is same
    assert reach_m(one, two, limits=LIMITS) == (700.0 if same else 0.0)


def test_generic_words_alone_are_no_name():
    """A booth called just 收费站 counts as nameless."""
    assert plain_name("收费站") == ""
    assert reach_m("", plain_name("龙岗收费站"), limits=LIMITS) == 150.0
