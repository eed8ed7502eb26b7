"""Carriers of a parent: what they may hold, what they must not break, and when they stop counting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from lineage_kit import attach, lineage_job, propagate, run
from lineage_kit.lifecycle.parent import MAX_NAME, Parent, RunRef, read_carrier
from lineage_kit.testing import record_events

ID = "01a2045d-80b1-7272-951b-472436b08284"
OTHER = "01a2045d-80b1-7272-951b-472436b08285"
NAMES = [
    "etl/daily/load",
    "two\nlines\tand a tab",
    'quotes " \\ and {braces} %s',
    "żółć 数据 🦆",
    "a=b;c&d",
    "nul\0inside",
    "x" * 900,
]


@pytest.fixture(autouse=True)
def events() -> Iterator[Any]:
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


@lineage_job("child")
def child() -> None:
    """A job to be a child."""


def parent_name(events) -> str | None:
    """The name of the parent in the last event."""
    facet = events[-1].run.facets.get("parent")
    return facet.job.name if facet is not None else None


def context(name: str = "dag", **more: Any) -> str:
    """OPENLINEAGE_CONTEXT of a run called `name`."""
    parent = {"run": {"runId": ID}, "job": {"namespace": "ns", "name": name}, **more}
    return json.dumps({"parent": parent})


class Hostile(Mapping[str, Any]):
    """A mapping that raises whatever is asked of it."""

    def __getitem__(self, key: str) -> Any:
        raise SystemExit(3)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError

    def __len__(self) -> int:
        return 1


class NoTruth:
    """An object like a frame, whose truth value is an error."""

    def __bool__(self) -> bool:
        raise ValueError


@pytest.mark.parametrize("name", NAMES)
def test_every_name_round_trips(name: str) -> None:
    """Whatever a job is called, its carrier names it exactly, as parent and as root."""
    ref, root = RunRef(ID, "ns/with slash", name), RunRef(OTHER, "ns", name[::-1])
    assert read_carrier(Parent(ref, root).carrier()) == Parent(ref, root)


def test_a_name_no_encoding_has_becomes_readable() -> None:
    """Half a character in a name does not keep a carrier from being made."""
    ref = RunRef(ID, "ns", "half\ud800")
    assert read_carrier(Parent(ref, ref).carrier()).run.name == "half?"


@pytest.mark.parametrize(
    "carrier",
    [
        Hostile(),
        NoTruth(),
        b"\xff\xfe",
        "[" * 200_000,
        '{"parent":' + "[" * 100_000,
        "x" * 200_000,
        {"OPENLINEAGE_CONTEXT": 3},
        {"OPENLINEAGE_CONTEXT": {"parent": 1}},
        {"x": 1},
        context("n" * (MAX_NAME + 1)),
        context(" "),
        context(job={"namespace": "ns"}),
        context(run={"runId": 5}),
        f" /dag/{ID}",
        object(),
        [("OPENLINEAGE_CONTEXT", context())],
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_read_costs_one_warning(events, caplog, carrier) -> None:
    """A malformed carrier of any kind changes nothing, raises nothing and is said once, in a line of bounded length."""
    with attach(carrier), attach(carrier):
        child()
    assert parent_name(events) is None
    assert len(caplog.records) == 1
    assert len(caplog.text) < 600


@pytest.mark.parametrize("carrier", [None, "", b"", {}])
def test_nothing_is_attached_in_silence(events, caplog, carrier) -> None:
    """What `env()` gives when lineage is off changes nothing, and nothing is said."""
    with attach(carrier):
        child()
    assert parent_name(events) is None
    assert not caplog.records


def test_unknown_keys_are_passed_over(events) -> None:
    """Keys that later versions or other producers add, deep ones too, do not matter."""
    more: Any = 1
    for _ in range(50):
        more = {"more": [more]}
    with attach(context(facets=more, x=[1, None, {}])):
        child()
    assert parent_name(events) == "dag"


@pytest.mark.parametrize("root", [5, {"run": {"runId": "x"}, "job": {}}, [], "ns/a/b"])
def test_a_root_that_cannot_be_read_costs_the_root_only(events, root) -> None:
    """The parent stays; it is taken for the root."""
    with attach(context(root=root)):
        child()
    facet = events[-1].run.facets["parent"]
    assert (facet.job.name, facet.root.job.name) == ("dag", "dag")


@pytest.mark.parametrize(
    ("carrier", "expected"),
    [
        ({"OPENLINEAGE_CONTEXT": context("new"), "OPENLINEAGE_PARENT_ID": f"ns/old/{ID}"}, "new"),
        ({"OPENLINEAGE_CONTEXT": "{", "OPENLINEAGE_PARENT_ID": f"ns/old/{ID}"}, "old"),
        ({"OPENLINEAGE_CONTEXT": "", "OPENLINEAGE_PARENT_ID": f"ns/old/{ID}".encode()}, "old"),
        ({"OPENLINEAGE_CONTEXT": context("bytes").encode()}, "bytes"),
        ({"parent": json.loads(context("plain"))["parent"]}, "plain"),
    ],
)
def test_in_a_mapping_the_variables_rank_as_in_the_environment(events, carrier, expected) -> None:
    """OPENLINEAGE_CONTEXT is taken before the older variable, in message headers too."""
    with attach(carrier):
        child()
    assert parent_name(events) == expected


def test_every_source_of_a_parent_has_its_rank(events, monkeypatch) -> None:
    """Explicit before current before attached before OPENLINEAGE_CONTEXT before the older variable."""
    seen = []

    def look() -> None:
        child()
        seen.append(parent_name(events))

    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", f"ns/legacy/{ID}")
    look()
    monkeypatch.setenv("OPENLINEAGE_CONTEXT", context("variable"))
    look()
    with attach(context("attached")):
        look()
        with run("current"):
            look()
            with run("x", parent=context("explicit")):
                seen.append(parent_name(events))
    assert seen == ["legacy", "variable", "attached", "current", "explicit"]


def test_slashes_cannot_travel_in_the_older_form(events, caplog) -> None:
    """A fourth part is refused with the name of the variable that can hold it."""
    with attach(f"ns/a/b/{ID}"):
        child()
    assert parent_name(events) is None
    assert "OPENLINEAGE_CONTEXT" in caplog.text


def test_left_out_of_turn_nothing_stays_attached(events) -> None:
    """Two carriers whose blocks end in the wrong order leave no parent behind."""
    first, second = attach(context("first")), attach(context("second"))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    child()
    assert parent_name(events) == "second"
    second.__exit__(None, None, None)
    child()
    assert parent_name(events) is None


def test_a_run_outlives_what_was_attached_around_it(events) -> None:
    """A carrier left while a run inside is open neither ends that run's turn nor comes back after it."""
    outer = attach(context("outer"))
    outer.__enter__()
    with run("inside"):
        outer.__exit__(None, None, None)
        child()
        assert parent_name(events) == "inside"
    child()
    assert parent_name(events) is None


def test_a_generator_closed_elsewhere_changes_nothing_there(events) -> None:
    """A generator that attaches, stepped here and closed in another thread, leaves that thread's own parent alone."""

    def steps() -> Iterator[None]:
        with attach(context("mine")):
            yield

    def close_and_look() -> None:
        with attach(context("theirs")):
            generator.close()
            child()

    generator = steps()
    copy_context().run(next, generator)  # a generator shares the context of whoever steps it
    with ThreadPoolExecutor(1) as pool:
        pool.submit(close_and_look).result()
    assert parent_name(events) == "theirs"


def test_a_decorated_generator_keeps_its_carrier_to_itself(events) -> None:
    """What a job attaches between two yields is not the parent of its consumer's runs, and still its own after."""

    @lineage_job("steps")
    def steps() -> Iterator[None]:
        with attach(context("mine")):
            yield
            child()
            yield

    generator = steps()
    next(generator)
    child()
    assert parent_name(events) is None
    next(generator)
    assert parent_name(events) == "steps"
    generator.close()


def test_tasks_and_threads_of_asyncio(events) -> None:
    """Tasks and `asyncio.to_thread` take the attached parent along; `run_in_executor` needs `propagate`."""
    seen = []

    async def look() -> None:
        child()
        seen.append(parent_name(events))

    async def main() -> None:
        with attach(context("attached")):
            await asyncio.to_thread(child)
            seen.append(parent_name(events))
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, propagate(child))
            seen.append(parent_name(events))
            await loop.run_in_executor(None, child)
            seen.append(parent_name(events))
            task = asyncio.create_task(look())
        await task  # it begins here, where nothing is attached any more

    asyncio.run(main())
    assert seen == ["attached", "attached", None, "attached"]


def test_a_propagated_function_is_what_it_was(events) -> None:
    """Value, exception, name and the thread's own parent are untouched."""

    def divide(a: float, b: float) -> float:
        child()
        return a / b

    with run("top"):
        carried = propagate(divide)
    assert carried.__name__ == "divide"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(carried, 6, b=3).result() == 2
        assert parent_name(events) == "top"
        with pytest.raises(ZeroDivisionError):
            pool.submit(carried, 1, 0).result()
        pool.submit(child).result()
    assert parent_name(events) is None


def test_older_variables_go_along_where_they_can() -> None:
    """For programs that know nothing else the slash form is told too, unless a name holds a slash."""
    ref, root = RunRef(ID, "ns", "a"), RunRef(OTHER, "ns", "b")
    assert Parent(ref, root).variables().keys() == {
        "OPENLINEAGE_CONTEXT",
        "OPENLINEAGE_PARENT_ID",
        "OPENLINEAGE_ROOT_PARENT_ID",
    }
    assert Parent(ref, root).variables()["OPENLINEAGE_ROOT_PARENT_ID"] == f"ns/b/{OTHER}"
    slashed = RunRef(ID, "ns", "a/b")
    assert Parent(slashed, root).variables().keys() == {"OPENLINEAGE_CONTEXT"}
