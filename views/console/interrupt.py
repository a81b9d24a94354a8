"""Ctrl-C: the first one asks a long search to stop and keep its best plan, the second one leaves at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

Tell = Callable[[str], None]


@contextmanager
def listen_for_stop(tell: Tell) -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether Ctrl-C was pressed; the handler of before is put back at the end."""
    stopped = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        tell("正在停止，保留目前最好的方案；再按一次立即退出。 / stopping with the best plan so far; again to quit.")

    try:
        before = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not the main thread: whoever runs us listens for the key
        yield stopped.is_set
        return
    try:
        yield stopped.is_set
    finally:
        signal.signal(signal.SIGINT, before)
