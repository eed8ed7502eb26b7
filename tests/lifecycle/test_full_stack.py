"""Jobs near the recursion limit: what the user's function gives or raises is its own."""

from __future__ import annotations

import pytest

FRAMES = 5  # that a call of ours may take more than the function alone

DEPTHS = """
    import sys
    from lineage_kit import configure, lineage_job

    configure(transport={"type": "noop"})

    def function():
        if "raise" in sys.argv:
            raise ValueError
        return 1

    job = lineage_job(function)

    def outcome(levels, called):
        def down(level):
            return down(level - 1) if level else called()
        try:
            return down(levels)
        except Exception as error:
            return type(error).__name__

    outcome(1, job)
    sys.setrecursionlimit(400)
    alone = [outcome(levels, function) for levels in range(400)]
    decorated = [outcome(levels, job) for levels in range(400)]
    deepest = alone.index("RecursionError")
    print(deepest - next(level for level in range(400) if alone[level] != decorated[level]))
"""


@pytest.mark.parametrize("how", ["return", "raise"])
def test_the_outcome_is_the_function_s_own_at_every_depth(folder, how) -> None:
    """Up to a few frames before the limit the decorated function does what it does alone."""
    done = folder.run(DEPTHS, "etl.py", how)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= FRAMES
