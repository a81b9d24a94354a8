import json

import pytest

from data.demo import table_path
from geo.errors import InputError
from views.console.workjobs import AidQuestion, IncidentQuestion, PostQuestion, aid, crews_of, incident, post


def quiet(_text):
    """Tell nobody."""


def test_post_on_the_demo(tmp_path):
    """``post`` gives chosen, objective, bound and gap, the comparison with today and what a lost unit costs."""
    points = tmp_path / "points.csv"
    points.write_text("id,lon,lat\nq1,118.62,31.38\n", encoding="utf-8")
    question = PostQuestion(add=1, minutes=10, points=points, lose=True)
    found = json.loads(json.dumps(post("demo", None, question, tell=quiet), allow_nan=False))
    assert {"chosen", "objective", "bound", "gap", "compared", "losing"} <= set(found)
    assert found["proven"]
    assert found["compared"]["second"]["covered_m"] > found["compared"]["first"]["covered_m"]
    assert found["candidates"] > 1
    assert len(found["losing"]) == len(found["kept"])


def test_aid_on_the_demo():
    """``aid`` ranks permissions by metres, for both sides, and says how many there are."""
    found = aid("demo", None, AidQuestion(minutes=8, top=5), tell=quiet)
    gained = [row["gained_m"] for row in found["permissions"]]
    assert gained == sorted(gained, reverse=True)
    assert len(gained) == 5 < found["found"]
    assert found["permissions"][0]["holder"] == "local"
    json.dumps(found, allow_nan=False)


def test_incident_on_the_demo():
    """``incident`` gives the card of a place on G98 and the race to the exits of the district."""
    question = IncidentQuestion(at="118.672,31.279", exits=table_path("exits.csv"), head_start_min=2)
    found = incident("demo", None, question, tell=quiet)
    assert found["first"]["agency"] == found["owner"] == "exp1"
    assert found["close"][0]["divert_at"]
    assert found["detours"]
    assert len(found["pursuit"]["exits"]) == 10
    assert found["pursuit"]["closed"] == sum(row["closed"] for row in found["pursuit"]["exits"])
    json.dumps(found, allow_nan=False)


def test_units_must_be_given(tmp_path):
    """A source other than the demo needs a table of units; a place must be longitude and latitude."""
    with pytest.raises(InputError, match="LON,LAT"):
        incident("demo", None, IncidentQuestion(at="here"), tell=quiet)
    with pytest.raises(InputError, match="--units"):
        crews_of(str(tmp_path / "x.pbf"), None)
