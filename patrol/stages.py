"""A search in several stages that reports one progress."""

from __future__ import annotations

from dataclasses import replace

from patrol.solver import Search


def stage(search: Search, number: int, total: int) -> Search:
    """Return the search of one stage of several equal ones; its progress counts over all of them.

    Parameters
    ----------
    search
        The search of one stage.
    number, total
        Which stage, from 0, of how many.
    """
    tell = search.progress
    if tell is None:
        return search

    def shift(done: int, in_all: int, best_s: float | None) -> None:
        tell(number * in_all + done, total * in_all, best_s)

    return replace(search, progress=shift)
