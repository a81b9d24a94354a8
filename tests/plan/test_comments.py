"""Comments anchored on road and metre."""

import pytest

from geo.errors import InputError
from plan.comments import LONGEST_TEXT, Comment, add_comment, list_comments, thread_comments
from plan.decisions import Decision
from plan.disputes import Claim, open_dispute
from plan.model import Plan
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    network = expressway_with_ramp().load(tmp_path_factory.mktemp("comments"))
    return open_dispute(Plan(network), "D1", Claim("连接线", network.segment_ids[:1]), when="2026-11-01")


def test_an_answer_stands_under_what_it_answers(plan):
    """Threads keep the order of words, and an answer has the place and dispute of what it answers."""
    segment = plan.network.segment_ids[1]
    talked = add_comment(plan, Comment("", "桥下堆物", segment, 12.5, "D1", who="普", when="2026-11-02"))
    talked = add_comment(talked, Comment("", "已清理", "", 0.0, reply_to="c1", who="高", when="2026-11-03"))
    talked = add_comment(talked, Comment("", "另一处", segment, 0.0))
    talked = add_comment(talked, Comment("", "复核", "", 0.0, reply_to="c2"))
    threads = thread_comments(talked)
    assert [t.comment.id for t in threads] == ["c1", "c3"]
    assert threads[0].to_json()["answers"][0]["answers"][0]["text"] == "复核"
    answer = threads[0].answers[0].comment
    assert (answer.segment, answer.offset_m, answer.dispute) == (segment, 12.5, "D1")
    assert [c.id for c in list_comments(talked, dispute="D1")] == ["c1", "c2", "c4"]


def test_an_answer_without_its_comment_is_not_lost(plan):
    """Where the first words are gone, or two comments answer each other, each still appears once."""
    segment = plan.network.segment_ids[0]
    loose = plan
    for key, above in (("a", "b"), ("b", "a"), ("x", "gone"), ("y", "y")):
        loose = loose.decide(Decision("comment", key, {"text": key, "segment": segment, "reply_to": above}))

    def count(threads):
        return sum(1 + count(t.answers) for t in threads)

    assert count(thread_comments(loose)) == 4


def test_a_very_long_talk_is_no_trouble(plan):
    """Three thousand answers, each to the last, make one thread."""
    segment = plan.network.segment_ids[0]
    rows = [
        Decision("comment", f"c{k}", {"text": "…", "segment": segment, "reply_to": f"c{k - 1}" if k else ""})
        for k in range(3000)
    ]
    threads = thread_comments(Plan(plan.network, tuple(rows)))
    assert len(threads) == 1


def test_the_number_is_the_next_free_one(plan):
    """A number somebody chose is stepped over."""
    segment = plan.network.segment_ids[0]
    talked = add_comment(plan, Comment("c2", "a", segment, 0.0))
    talked = add_comment(talked, Comment("", "b", segment, 0.0))
    assert [c.id for c in list_comments(talked)] == ["c2", "c3"]


def test_an_old_comment_without_a_metre_is_read(plan):
    """A comment that an older version wrote, or a broken one, is read at metre 0."""
    old = plan.decide(Decision("comment", "c1", {"text": "旧", "offset_m": None}))
    assert list_comments(old)[0] == Comment("c1", "旧", "", 0.0)


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        (Comment("", " ", "S", 0.0), "empty"),
        (Comment("", "x" * (LONGEST_TEXT + 1), "S", 0.0), "too long"),
        (Comment("c1", "again", "S", 0.0), "taken"),
        (Comment("", "a", "S", 0.0, reply_to="c9"), "no such comment"),
        (Comment("", "a", "S", 0.0, dispute="D9"), "no dispute"),
        (Comment("", "a", "w1/2-3", 0.0), "not on the map"),
        (Comment("", "a", "S", 1e9), "outside"),
        (Comment("", "a", "S", -1.0), "outside"),
        (Comment("", "a", "S", float("nan")), "outside"),
        (Comment("", "a", "S", 0.0, when="昨天"), "not a date"),
    ],
)
def test_what_cannot_be_said_is_refused(plan, comment, words):
    """Empty words, a taken number, a place or thing that is not there: one sentence each."""
    from dataclasses import replace

    segment = plan.network.segment_ids[0]
    talked = add_comment(plan, Comment("c1", "first", segment, 0.0))
    with pytest.raises(InputError, match=words):
        add_comment(talked, replace(comment, segment=segment) if comment.segment == "S" else comment)
