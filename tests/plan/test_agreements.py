from dataclasses import replace

import pytest

from geo.errors import InputError
from plan.agreements import (
    COMPETENCE_SENTENCE,
    Status,
    Terms,
    agreement_numbers,
    as_of,
    check_head,
    draft_agreement,
    find_tampering,
    fingerprint,
    head,
    is_stale,
    sign_agreement,
    sign_draft,
    status_on,
)
from plan.decisions import Decision
from plan.model import EVERY_STATION, Plan
from tests.sketches import expressway_with_ramp

OFFICES = ("区大队", "高速一大队")


def terms(number="1号", start="2026-12-01", end=""):
    return Terms(number, OFFICES, start, end)


def choose(convention, when="2026-11-20"):
    return Decision("choose_convention", EVERY_STATION, {"convention": convention}, when=when)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return Plan(expressway_with_ramp().load(tmp_path_factory.mktemp("agreements")))


@pytest.fixture(scope="module")
def signed(plan):
    return sign_agreement(plan.decide(choose("ramp_end")), terms(), when="2026-11-25")


def forge(plan, agreement, **changes):
    """Change an agreement's value in place."""
    made = tuple(
        replace(d, value={**d.value, **changes}) if d.kind == "sign" and d.key == agreement else d
        for d in plan.decisions
    )
    return replace(plan, decisions=made)


def test_a_signed_agreement_holds_its_seams_and_the_sentence(signed):
    """An agreement states seams, owners, term and that minutes cannot create competence."""
    value = signed.latest("sign")["1号"].value
    assert value["sentence"] == COMPETENCE_SENTENCE
    assert value["seams"] == sorted(s.id for s in signed.derived.ownership.seams)
    assert sum(value["length_mm"].values()) == signed.network.length_mm
    assert find_tampering(signed) == ()


def test_the_printed_twelve_characters_find_the_agreement(signed):
    """Twelve characters typed from the paper are enough, eleven are not, wrong ones are not."""
    code = head(signed)[:12]
    assert check_head(signed, f" {code[:6]} {code[6:].upper()} ")
    assert not check_head(signed, code[:11])
    assert not check_head(signed, "0123456789ab")


@pytest.mark.parametrize("changes", [{"valid_to": "2030-01-01"}, {"seams": []}, {"hash": "0" * 64}, {"number": "9号"}])
def test_a_changed_agreement_is_found(signed, changes):
    """Fault 65: editing any field of a signed agreement breaks its hash."""
    assert find_tampering(forge(signed, "1号", **changes))


def test_inserted_dropped_and_reordered_agreements_are_found(signed):
    """Fault 65: the chain notices an agreement put in, taken out of the middle, or moved."""
    two = sign_agreement(signed, terms("2号"), when="2026-11-26")
    three = sign_agreement(two, terms("3号"), when="2026-11-27")
    signs = [d for d in three.decisions if d.kind == "sign"]
    rest = tuple(d for d in three.decisions if d.kind != "sign")
    assert find_tampering(three) == ()
    for order in ([signs[0], signs[2]], [signs[1], signs[0], signs[2]], [signs[0], signs[0], *signs[1:]]):
        assert find_tampering(replace(three, decisions=(*rest, *order)))


def test_a_cut_tail_is_found_only_by_the_paper(signed):
    """Fault 65: dropping the last agreement leaves a good chain, but the printed head no longer belongs to it."""
    two = sign_agreement(signed, terms("2号"), when="2026-11-26")
    cut = replace(two, decisions=two.decisions[:-1])
    assert find_tampering(cut) == ()
    assert not check_head(cut, head(two)[:12])


def test_an_edit_after_signing_leaves_the_agreement_as_it_was(signed):
    """Fault 64: a new decision makes a new version; the signed one still verifies."""
    later = signed.decide(choose("toll_island", "2026-12-05"))
    assert find_tampering(later) == ()
    assert head(later) == head(signed)


def test_a_changed_network_marks_the_agreement_stale(signed, tmp_path):
    """Fault 66: on another road network the agreement says that it stands on the old one."""
    other = replace(signed, network=expressway_with_ramp(lanes=3).load(tmp_path))
    assert not is_stale(signed, "1号")
    assert is_stale(other, "1号")
    assert fingerprint(other.network) != fingerprint(signed.network)


def test_status_follows_the_calendar(plan):
    """Signed before its term, in force within it, expired after it."""
    made = sign_agreement(plan.decide(choose("ramp_end")), terms(end="2027-11-30"), when="2026-11-25")
    days = {"2026-11-30": Status.SIGNED, "2026-12-01": Status.IN_FORCE, "2027-11-30": Status.IN_FORCE}
    assert {day: status_on(made, "1号", day) for day in days} == days
    assert status_on(made, "1号", "2027-12-01") is Status.EXPIRED


def test_a_later_agreement_on_the_same_things_supersedes(signed):
    """From its first day the later agreement takes the place of the earlier one, not before."""
    two = sign_agreement(signed, terms("2号", "2027-01-01"), when="2026-12-20")
    assert status_on(two, "1号", "2026-12-31") is Status.IN_FORCE
    assert status_on(two, "1号", "2027-01-01") is Status.SUPERSEDED


def test_owner_as_of_a_date_follows_the_terms(plan):
    """Before and after the term of an agreement the decision before it counts, within it the agreed one."""
    made = plan.decide(choose("toll_island", "2026-01-01")).decide(choose("ramp_end"))
    made = sign_agreement(made, terms(end="2026-12-31"), when="2026-11-25")
    on = {day: as_of(made, day).convention for day in ("2026-06-01", "2026-11-30", "2026-12-01", "2027-01-01")}
    assert on == {
        "2026-06-01": "toll_island",
        "2026-11-30": "toll_island",
        "2026-12-01": "ramp_end",
        "2027-01-01": "toll_island",
    }


def test_later_decisions_do_not_reach_back(plan):
    """A decision made after the offence does not change whose road it was."""
    assert as_of(plan.decide(choose("ramp_end", "2026-11-20")), "2026-11-19").convention == "toll_island"


def test_a_number_is_used_once(signed):
    """A change needs a number of its own."""
    with pytest.raises(InputError, match="number"):
        sign_agreement(signed, terms(), when="2026-11-26")


def test_nothing_decided_cannot_be_signed(plan):
    """An agreement on something that was never decided is refused."""
    with pytest.raises(InputError, match="nothing was decided"):
        sign_agreement(plan, terms(), when="2026-11-25", covers=[("choose_convention", "n1")])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((" ", OFFICES, "2026-12-01", ""), "number"),
        (("1号", ("区大队", "区大队"), "2026-12-01", ""), "two offices"),
        (("1号", OFFICES, "2026-12-01", "2026-11-01"), "before the first"),
        (("1号", OFFICES, "下个月", ""), "not a date"),
    ],
)
def test_terms_must_make_sense(fields, said):
    """An agreement without number, second side or sensible dates is refused in one sentence."""
    with pytest.raises(InputError, match=said):
        Terms(*fields)


def test_an_unknown_number_has_no_status(signed):
    """Asking for an agreement that does not exist is an input error."""
    with pytest.raises(InputError, match="no agreement"):
        status_on(signed, "7号", "2026-12-01")


def test_a_draft_settles_nothing_until_it_is_signed(plan):
    """Draft, signed, in force, expired: a draft is in no chain; signing it takes what is decided on that day."""
    terms = Terms("岚联〔2026〕9号", ("甲", "乙"), "2026-12-01", "2026-12-31")
    plan = plan.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}))
    drafted = draft_agreement(plan, terms, when="2026-11-01")
    assert status_on(drafted, terms.number, "2027-06-01") == "draft"
    assert agreement_numbers(drafted) == (terms.number,)
    assert head(drafted) == head(plan)
    assert find_tampering(drafted) == ()
    changed = drafted.decide(Decision("choose_convention", "*", {"convention": "toll_island"}))
    final = sign_draft(changed, terms.number, when="2026-11-20")
    days = ("2026-11-25", "2026-12-05", "2027-01-01")
    assert [status_on(final, terms.number, day) for day in days] == ["signed", "in_force", "expired"]
    assert any('"toll_island"' in body for body in final.decisions[-1].value["decisions"])
    assert find_tampering(final) == ()
    with pytest.raises(InputError, match="taken"):
        draft_agreement(final, terms, when="2026-11-21")
    with pytest.raises(InputError, match="no draft"):
        sign_draft(final, "x", when="2026-11-21")
