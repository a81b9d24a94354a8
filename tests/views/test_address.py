"""Permalinks: ids and numbers alone, believed in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.address import Address, read_address, write_address


def test_an_address_says_plan_version_selection_and_view():
    """An address that was written is read as what it was."""
    address = Address("0123456789ab", 37, "station", "t12", (14.25, 31.3, 118.7))
    assert read_address(write_address(address)) == address


@pytest.mark.parametrize(
    "query",
    [
        {"plan": "../../etc/passwd", "v": "-1", "sel": "<img src=x>", "view": "NaN/1/1"},
        {"plan": "0123456789AB", "v": "1e3", "sel": "station:", "view": "14/91/0"},
        {"plan": "0" * 400, "v": "9" * 40, "sel": "none:x", "view": "14/1"},
        {"plan": "", "v": "٣", "sel": "station:东岗", "view": "٣/1/1"},
        {"sel": "station:a\nb", "view": "20/1/1", "v": "1\n"},
    ],
)
def test_another_form_counts_for_nothing(query):
    """Fault 51: what is no id and no number selects nothing, moves nothing and opens nothing."""
    assert read_address(query) == Address()


@given(st.dictionaries(st.sampled_from(["plan", "v", "sel", "view"]), st.text(max_size=40)))
def test_any_text_is_read_and_written_again_the_same(query):
    """Whatever stands in an address, what was understood survives being written."""
    address = read_address(query)
    assert read_address(write_address(address)) == address
