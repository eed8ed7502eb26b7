"""Names are shortened by the built-in rule and by the user's own trimmers, none of which can do harm."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from lineage_kit import report
from lineage_kit.client.trimmers import trim
from lineage_kit.config.model import DatasetSettings

BUILT_IN = "openlineage.client.dataset.trimmers."


@pytest.fixture
def own(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """A module of trimmers, importable under a name that no other test uses."""
    name = "trimmers_of_" + request.node.name.replace("[", "_").replace("]", "_")
    module = sys.modules[name] = ModuleType(name)
    yield module
    del sys.modules[name]


class Upper:
    """A trimmer as the existing client wants it: a class with a method trim."""

    def trim(self, name: str) -> str:
        """The part before the last underscore."""
        return name.rpartition("_")[0] or name


def test_functions_classes_and_objects_are_trimmers(own: ModuleType) -> None:
    """Each is found by its dotted path and applied until nothing changes."""
    own.Cut = Upper  # type: ignore[attr-defined]
    own.cut = Upper()  # type: ignore[attr-defined]
    own.strip = lambda name: name.removesuffix("_x")  # type: ignore[attr-defined]
    for kind, expected in (("Cut", "a"), ("cut", "a"), ("strip", "a_b")):
        settings = DatasetSettings(extra_trimmers=(f"{own.__name__}.{kind}",))
        assert trim("postgres://h:1", "a_b_x_x", settings) == expected
    assert report.counts() == {}


@pytest.mark.parametrize(
    "function",
    [
        lambda name: 1 / 0,
        lambda name: None,
        lambda name: "",
        lambda name: name + "x",
        lambda name: {"a/b": "b/a", "b/a": "a/b"}.get(name, name),
    ],
    ids=["raises", "none", "empty", "longer", "circle"],
)
def test_a_bad_trimmer_leaves_the_name(own: ModuleType, function: object) -> None:
    """What fails, gives no name, lengthens or goes round in circles changes nothing."""
    own.bad = function  # type: ignore[attr-defined]
    assert trim("s3://b", "a/b", DatasetSettings(extra_trimmers=(f"{own.__name__}.bad",))) == "a/b"


def test_a_trimmer_that_is_not_there_is_said(own: ModuleType) -> None:
    """A path that leads nowhere, and what is no trimmer, are passed over with one word each."""
    own.number = 5  # type: ignore[attr-defined]
    names = ("no_such_module.Trim", f"{own.__name__}.number")
    for _ in range(3):
        assert trim("s3://b", "a/2026-11-22", DatasetSettings(extra_trimmers=names)) == "a"
    assert report.counts() == {f"trimmers.extra:{name}": 1 for name in names}


@pytest.mark.parametrize(
    ("off", "name", "expected"),
    [
        (("KeyValueTrimmer",), "a/day=2026-11-22", "a/day=2026-11-22"),
        (("KeyValueTrimmer",), "a/2026-11-22", "a"),
        (("DateTrimmer",), "a/2026-11-22", "a/2026-11-22"),
        (("DateTrimmer",), "a/day=2026-11-22", "a"),
        (("YearMonthTrimmer",), "a/2026-11/x=1/part-0.parquet", "a/2026-11"),
        (
            ("KeyValueTrimmer", "DateTrimmer", "MultiDirDateTrimmer", "YearMonthTrimmer"),
            "a/2026-11-22/x=1",
            "a/2026-11-22/x=1",
        ),
        (("Unknown",), "a/2026-11-22", "a"),
    ],
)
def test_built_in_trimmers_can_be_switched_off(off: tuple[str, ...], name: str, expected: str) -> None:
    """Named as in the existing client, the rule for partitions and those for dates go separately."""
    assert (
        trim("s3://b", name, DatasetSettings(disabled_trimmers=tuple(BUILT_IN + one for one in off)))
        == expected
    )
