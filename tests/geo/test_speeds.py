import numpy as np
import pytest

from geo.classes import RoadClass
from geo.errors import InputError
from geo.speeds import CLASS_SPEED_KMH, parse_maxspeed, read_speeds
from tests.builders import make_network


def roads(*maxspeeds, highway="primary"):
    """Return one straight way per value of ``maxspeed``."""
    nodes = {k: (116 + k * 0.01, 40) for k in range(len(maxspeeds) + 1)}
    ways = [(k, [k, k + 1], {"highway": highway, "maxspeed": text}) for k, text in enumerate(maxspeeds)]
    return make_network(nodes, ways)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [("60", 60), ("60 km/h", 60), ("60km/h", 60), ("60 kph", 60), ("80 mph", 128.74752), ("62.5", 62.5), (" 40 ", 40)],
)
def test_speed_is_read(text, kmh):
    """A number, with or without a unit, is read as km/h."""
    assert parse_maxspeed(text) == pytest.approx(kmh)


@pytest.mark.parametrize("text", ["", "none", "signals", "variable", "CN:urban", "NONE"])
def test_speed_without_a_figure_is_no_fault(text):
    """A value that says that there is no figure is no speed and no fault."""
    assert parse_maxspeed(text) is None


@pytest.mark.parametrize("text", ["fast", "60;80", "-60", "0", "1e3", "999", "nan", "inf", "６０ｘ", "60 m/s", "2"])
def test_odd_speed_is_refused(text):
    """Fault 34: a value that is no possible speed is refused, not guessed."""
    with pytest.raises(InputError, match="maxspeed"):
        parse_maxspeed(text)


def test_odd_speed_falls_back_to_the_class_and_is_reported():
    """Fault 34: an odd maxspeed takes the speed of its class, and one finding tells count, place and metres."""
    network = roads("60", "fast", "none", "fast")
    table = read_speeds(network)
    assert table.kmh.tolist() == [60, 60, 60, 60]
    assert table.posted.tolist() == [True, False, False, False]
    (finding,) = table.findings
    assert (finding.code, finding.count, finding.things) == ("odd_maxspeed", 2, ("w1/1-2", "w3/3-4"))
    assert finding.length_m == pytest.approx(float(network.segments.length_m[[1, 3]].sum()))
    assert finding.places[0] == (116.01, 40.0)


def test_clean_speeds_make_no_finding():
    """A network whose speeds are readable has no finding."""
    assert read_speeds(roads("60", "none", "")).findings == ()


@pytest.mark.parametrize("road_class", list(RoadClass))
def test_every_class_has_a_speed(road_class):
    """Each road class has a positive speed, so that no segment is left without a time."""
    assert CLASS_SPEED_KMH[road_class] > 0


def test_override_wins():
    """A speed given for one segment wins over the tag, and the others keep theirs."""
    network = roads("60", "80")
    table = read_speeds(network, override_kmh={"w0/0-1": 25})
    assert table.kmh.tolist() == [25, 80]


def test_class_table_may_be_replaced():
    """A speed given for a class applies where nothing is posted."""
    table = read_speeds(roads("", "80"), table={RoadClass.PRIMARY: 33})
    assert table.kmh.tolist() == [33, 80]


@pytest.mark.parametrize("override", [{"w9/0-1": 50.0}, {"w0/0-1": 0.0}, {"w0/0-1": float("nan")}])
def test_bad_override_is_refused(override):
    """An override of an unknown segment, or one that is no speed, is refused."""
    with pytest.raises(InputError):
        read_speeds(roads("60"), override_kmh=override)


def test_bad_class_table_is_refused():
    """A class speed of zero is refused: it would make a road that takes forever."""
    with pytest.raises(InputError):
        read_speeds(roads("60"), table={RoadClass.PRIMARY: 0.0})


def test_input_is_not_changed():
    """Reading speeds leaves the network as it was."""
    network = roads("60")
    before = network.segments.length_mm.copy()
    read_speeds(network).kmh[0] = 1
    assert np.array_equal(network.segments.length_mm, before)
    assert read_speeds(network).kmh[0] == 60
