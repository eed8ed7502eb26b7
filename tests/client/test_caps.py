"""Texts are cut to a number of bytes, on whole characters, with a mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_kit.client.redact import cap_stack, cap_text


@given(st.text(max_size=300), st.integers(60, 400))
def test_a_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    """What fits is the same object; what does not is valid UTF-8 within the limit."""
    for cap in (cap_text, cap_stack):
        cut = cap(text, limit)
        if len(text.encode("utf-8", "surrogatepass")) <= limit:
            assert cut is text
        else:
            assert len(cut.encode()) <= limit


def test_the_beginning_is_kept() -> None:
    """A message keeps its first words and says how long it was."""
    assert cap_text("abc" * 1000, 60).startswith("abcabc")
    assert cap_text("abc" * 1000, 60).endswith("… [cut, 3000 characters in all]")


def test_a_stack_keeps_both_ends_in_whole_lines() -> None:
    """The first lines and the last ones stay: there stand the entry and the error."""
    stack = "".join(f"line {number}\n" for number in range(10_000)) + "ValueError: x"
    lines = cap_stack(stack, 1000).splitlines()
    assert lines[0] == "line 0"
    assert lines[-2:] == ["line 9999", "ValueError: x"]
    assert sum("cut" in line for line in lines) == 1
    assert all(line in stack for line in lines if "cut" not in line)


def test_a_stack_of_one_line_is_cut_like_a_text() -> None:
    """Without lines to keep whole, the beginning stays."""
    assert cap_stack("x" * 5000, 1000) == cap_text("x" * 5000, 1000)


@pytest.mark.parametrize("text", ["ä" * 50, "😀" * 50, "\ud800" * 50, "a\x00" * 50])
def test_characters_are_not_torn(text: str) -> None:
    """A cut falls between characters, whatever their size."""
    for limit in range(60, 90):
        assert "\ufffd" not in cap_text(text, limit)
