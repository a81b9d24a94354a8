"""One module a screen; `all_pages` lists them in the order of the rail."""

from __future__ import annotations

from views.pages.page import Page


def all_pages() -> tuple[Page, ...]:
    """Return the screens in the order of the rail; a new screen is a new line here."""
    from views.pages.boundary import BOUNDARY
    from views.pages.coverage import COVERAGE_PAGE
    from views.pages.meeting import MEETING
    from views.pages.network import NETWORK
    from views.pages.papers import PAPERS
    from views.pages.patrol import PATROL
    from views.pages.whose import WHOSE

    return (NETWORK, BOUNDARY, COVERAGE_PAGE, PATROL, MEETING, WHOSE, PAPERS)


__all__ = ["Page", "all_pages"]
