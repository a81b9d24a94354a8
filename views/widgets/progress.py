"""Long work in the background: a thread that reports, a bar that shows it, and a button that stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from geo.errors import RoadseamError
from views.catalogue import Words
from views.i18n import say, words_of
from views.state import Desk, current_desk

_LOOK_EVERY_S = 0.4
_NO_STAGE = Words("")


@dataclass
class Job:
    """One piece of long work.

    Attributes
    ----------
    name
        Its name on the desk; a second one of the same name takes its place.
    done, total
        How far it is; total 0 where nobody knows.
    stage
        What it does now, in both languages.
    result
        What it made, once it is finished.
    error
        The sentence it failed with.
    is_finished
        Whether it has ended, well or not.
    stop
        Set to end it early.
    thread
        The thread it runs in.
    """

    name: str
    done: int = 0
    total: int = 0
    stage: Words = _NO_STAGE
    result: Any = None
    error: str = ""
    is_finished: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def report(self, done: int, total: int, stage: Words) -> None:
        """Say how far the work is."""
        self.done, self.total, self.stage = done, total, stage

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


def start_job(desk: Desk, name: str, work: Callable[[Job], Any]) -> Job:
    """Begin work in a thread; the work reads plans and files, it touches neither the session nor the page."""
    old = job_of(desk, name)
    if old is not None:
        old.stop.set()
    job = Job(name)
    desk.extra[f"job:{name}"] = job
    job.thread = threading.Thread(target=_run, args=(job, work), name=f"roadseam-{name}", daemon=True)
    job.thread.start()
    return job


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    try:
        job.result = work(job)
    except RoadseamError as error:
        job.error = str(error)
    except MemoryError:
        job.error = "内存不足，请换用裁剪到本区的数据。 / not enough memory: cut the data to your district."
    except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the person gets a sentence
        job.error = (
            f"出现意外错误（{type(error).__name__}），请保留输入文件并报告。 / unexpected error: please report it."
        )
    finally:
        job.is_finished = True


def job_of(desk: Desk, name: str) -> Job | None:
    """Return the work of a name, running or finished."""
    job: Job | None = desk.extra.get(f"job:{name}")
    return job


def drop_job(desk: Desk, name: str) -> None:
    """Forget the work of a name."""
    desk.extra.pop(f"job:{name}", None)


@st.fragment(run_every=_LOOK_EVERY_S)
def watch_job(name: str) -> None:
    """Show a bar and a stop button until the work is finished; then the page is drawn again."""
    job = job_of(current_desk(), name)
    if job is None or job.is_finished:
        st.rerun()
    text = words_of(job.stage) or say("正在准备 …")
    if job.total:
        text = f"{text} {job.done:,} / {job.total:,}"
    elif job.done:
        text = f"{text} {job.done:,}"
    st.progress(job.share, text=text)
    st.button(say("停止"), key=f"stop_{name}", on_click=job.stop.set, width="stretch")
