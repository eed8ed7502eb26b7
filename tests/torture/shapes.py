"""Where the cases 1 to 52 of the torture list are proved: call shapes, generators, async."""

CASES: dict[int, str | tuple[str, ...]] = {
    1: "tests/lifecycle/test_decorator.py::test_three_spellings_emit_the_same_two_events",
}
