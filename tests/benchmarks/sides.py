"""What is compared: each row runs the same work with lineage_kit and with the released client."""

import datetime as dt
import json
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

from tests.benchmarks import content, words
from tests.benchmarks.measure import Call

Pair = tuple[Call, Call]  # ours, theirs


def serialise() -> Iterator[tuple[str, Pair]]:
    """Build the two events of a run and write them as JSON."""
    from openlineage.client.serde import Serde

    from lineage_kit.event import encode

    ours, theirs = words.ours(), words.theirs()
    for label, pair in (("minimal", content.minimal_pair), ("full", content.full_pair)):
        _expect_same(encode(pair(ours)[1]), Serde.to_json(pair(theirs)[1]), label)
        yield (
            f"build and serialise a pair, {label}",
            (_both(pair, ours, encode), _both(pair, theirs, Serde.to_json)),
        )


def decorated() -> Iterator[tuple[str, Pair]]:
    """A call of a decorated empty function beside building and emitting by hand; the events go nowhere.

    Ours are always written as JSON. Theirs are so by every wire, but not by their noop transport.
    """
    from openlineage.client import OpenLineageClient
    from openlineage.client.serde import Serde
    from openlineage.client.transport import Transport
    from openlineage.client.transport.noop import NoopConfig, NoopTransport

    import lineage_kit

    class Written(Transport):
        def __init__(self) -> None:
            """Nothing to configure."""

        def emit(self, event: object) -> None:
            Serde.to_json(event)

    lineage_kit.configure(transport={"type": "noop"})
    plain, described = _decorated_functions()
    theirs = words.theirs()
    job, datasets = content.full_job(theirs), content.full_datasets(theirs)
    written, dropped = (
        OpenLineageClient(transport=transport).emit for transport in (Written(), NoopTransport(NoopConfig()))
    )

    def reuse(emit: Callable[[object], None]) -> None:
        for event in content.full_run(theirs, job, *datasets, content.stamps(theirs)):
            emit(event)

    yield "run of an empty function, minimal", (plain, _by_hand(content.minimal_pair, theirs, written))
    yield "… theirs not written as JSON", (plain, _by_hand(content.minimal_pair, theirs, dropped))
    with lineage_kit.attach(f"{content.NAMESPACE}/orders/{content.PARENT_ID}"):
        yield "run of an empty function, full", (described, _by_hand(content.full_pair, theirs, written))
        yield "… theirs with job and datasets built once", (described, lambda: reuse(written))
        yield "… and not written as JSON", (described, lambda: reuse(dropped))


def shapes() -> Iterator[tuple[str, Pair]]:
    """What a call costs beside the bare function: templates over its arguments, a generator's thousand items."""
    import lineage_kit

    lineage_kit.configure(transport={"type": "noop"})
    day = dt.date(2026, 11, 22)

    def land(table: str, day: dt.date) -> None:
        pass

    def stream() -> Iterator[int]:
        yield from range(1000)

    landed = lineage_kit.lineage_job(inputs="s3://raw/{table}/{day}.csv", outputs="s3://lake/{table}")(land)
    streamed = lineage_kit.lineage_job(stream)
    yield (
        "call with two templates, beside the bare function",
        (lambda: landed("orders", day), lambda: land("orders", day)),
    )
    yield (
        "generator of 1,000 items, beside the bare one",
        (lambda: deque(streamed(), 0), lambda: deque(stream(), 0)),
    )


def to_file(folder: Path) -> Iterator[tuple[str, Pair]]:
    """Append one event that is built already to a file."""
    from openlineage.client import OpenLineageClient as TheirClient
    from openlineage.client.transport.file import FileConfig, FileTransport

    from lineage_kit import OpenLineageClient as OurClient

    path = str(folder / "ours.ndjson")
    ours = OurClient(config={"transport": {"type": "file", "log_file_path": path, "append": True}})
    theirs = TheirClient(
        transport=FileTransport(FileConfig(log_file_path=str(folder / "theirs.ndjson"), append=True))
    )
    for label, pair in (("minimal", content.minimal_pair), ("full", content.full_pair)):
        our_event, their_event = pair(words.ours())[0], pair(words.theirs())[0]
        yield (
            f"emit one event to a file, {label}",
            (lambda event=our_event: ours.emit(event), lambda event=their_event: theirs.emit(event)),
        )


def disabled() -> Iterator[tuple[str, Pair]]:
    """A call of a decorated function while lineage is disabled, beside the function itself."""
    import lineage_kit

    lineage_kit.configure(enabled=False)
    decorated, _ = _decorated_functions()
    yield "call while disabled, beside the bare function", (decorated, decorated.__wrapped__)


def _decorated_functions() -> tuple[Callable[[], None], Callable[[], None]]:
    import lineage_kit

    ours = words.ours()
    inputs, outputs = content.full_datasets(ours)
    said = {**content.job_facets(ours), "nominalTime": content.run_facets(ours)["nominalTime"]}

    @lineage_kit.lineage_job(content.NAME)
    def plain() -> None:
        pass

    @lineage_kit.lineage_job(content.NAME, inputs=inputs, outputs=outputs, facets=list(said.values()))
    def described() -> None:
        pass

    return plain, described


def _both(
    pair: Callable[[SimpleNamespace], tuple[object, object]], side: SimpleNamespace, last: Callable
) -> Call:
    def run() -> None:
        start, complete = pair(side)
        last(start)
        last(complete)

    return run


def _by_hand(pair: Callable, side: SimpleNamespace, emit: Callable) -> Call:
    def run() -> None:
        start, complete = pair(side, content.stamps(side))
        emit(start)
        emit(complete)

    return run


def _expect_same(ours: bytes, theirs: str, label: str) -> None:
    """Stop when the two sides do not say the same: then their times could not be compared."""
    left, right = _bare(json.loads(ours)), _bare(json.loads(theirs))
    if left != right:
        raise AssertionError(f"{label}: the events differ\nours   {left}\ntheirs {right}")


def _bare(tree: object) -> object:
    """The tree without ids, times, schema addresses and empty parts."""
    if isinstance(tree, dict):
        kept = {key: _bare(value) for key, value in tree.items() if key not in _OWN}
        return {key: value for key, value in kept.items() if value not in ({}, [], None)}
    return [_bare(item) for item in tree] if isinstance(tree, list) else tree


_OWN = {"runId", "eventTime", "_schemaURL", "schemaURL"}
