from patrol.day import plan_measured
from patrol.reasons import Reason
from patrol.targets import read_targets
from patrol.units import Unit, read_units
from tests.patrol.town import LOCAL, MIXED, QUICK, measure, on_street

DRONE = Unit("D", "local", 116.06, 40.0, 1, ("无人机",))


def test_only_a_crew_with_the_skill_comes():
    """A target that needs a skill is served by the crew that has it, however far, the others by the nearest."""
    day = measure([LOCAL, DRONE], [on_street("a", 0, 0.5, skill="无人机"), on_street("b", 0, 0.6)])
    assert day.allowed.tolist() == [[True, True], [False, True]]
    plan = plan_measured(day, QUICK)
    assert {s.target for r in plan.routes if r.unit == "D" for s in r.stops} >= {"a"}


def test_reason_skill():
    """Without such a crew the target is left out because of the skill; without authority because of that."""
    plan = plan_measured(measure([LOCAL, MIXED], [on_street("a", 0, 0.5, skill="称重")]), QUICK)
    assert [(i.reason, "称重" in i.message) for i in plan.left_out] == [(Reason.SKILL, True)]
    plan = plan_measured(measure([LOCAL], [on_street("a", 2, 0.5, skill="称重")]), QUICK)
    assert [i.reason for i in plan.left_out] == [Reason.NO_AUTHORITY]


def test_skills_in_the_tables(tmp_path):
    """Skills are read from an extra column of both tables, parted by the usual marks; the column may be missing."""
    units = tmp_path / "u.csv"
    units.write_text(
        "id,agency,lon,lat,available,skills\nA,local,116,40,1,称重；无人机、称重\nB,local,116,40,1,\n", "utf-8"
    )
    assert [u.skills for u in read_units(units)] == [("无人机", "称重"), ()]
    targets = tmp_path / "t.csv"
    head = "id,lon,lat,service_min,kind,window,visits_per_week,agency,name,skill\n"
    targets.write_text(head + "T,116,40,5,land,,1,,,称重\n", "utf-8")
    assert read_targets(targets)[0].skill == "称重"
