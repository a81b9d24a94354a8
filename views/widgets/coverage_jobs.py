"""Results of long work, each with the key of what it was asked for, so that a stale one is marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from views.i18n import pick_sentence
from views.state import Desk
from views.widgets.parts import warn
from views.widgets.progress import Job, drop_job, job_of


def recall(desk: Desk, key: str, first: Any) -> str:
    """Give a control back what was chosen in it before it left the screen, and return its key.

    Streamlit forgets a control that is not drawn; the desk does not.
    """
    kept = f"kept:{key}"
    if key in st.session_state:
        desk.extra[kept] = st.session_state[key]
    else:
        st.session_state[key] = desk.extra.get(kept, first)
    return key


def recall_some(desk: Desk, key: str, options: Collection[Any], *, first: Sequence[Any] = ()) -> str:
    """Do what `recall` does for a control of several choices; those that are no options any more are dropped."""
    recall(desk, key, list(first))
    chosen = st.session_state[key] or ()
    known = [value for value in chosen if value in options]
    if len(known) != len(chosen):
        st.session_state[key] = desk.extra[f"kept:{key}"] = known
    return key


@dataclass(frozen=True)
class Result:
    """What some work made, and the key of plan, conditions and question it was made for."""

    key: tuple[object, ...]
    value: Any


def running(desk: Desk, name: str) -> Job | None:
    """Return the work of a name while it runs; once it has ended its result is kept, or its sentence shown."""
    job = job_of(desk, name)
    if job is None or not job.is_finished:
        return job
    drop_job(desk, name)
    if job.error:
        warn(pick_sentence(job.error), kind="error")
    elif isinstance(job.result, Result):
        keep_result(desk, name, job.result)
    return None


def result_of(desk: Desk, name: str) -> Result | None:
    """Return the last result of a name."""
    result: Result | None = desk.extra.get(f"result:{name}")
    return result


def keep_result(desk: Desk, name: str, result: Result) -> None:
    """Keep a result, in place of the one before."""
    desk.extra[f"result:{name}"] = result
