"""What may swallow any exception is a named door, and there are few."""

import ast
from collections import Counter

from tests.house.source import PACKAGE, Source, assert_none, sources

DOORS = {
    # Entries: whatever goes wrong inside, the user's job comes first.
    "cli/exec/running.py::_tell": "the status of a command is worth more than the end of its run",
    "client/client.py::OpenLineageClient.emit": "emit never raises",
    "client/client.py::OpenLineageClient._prepared": "an object in an event that raises when it is looked at",
    "lifecycle/faces.py::run": "a block that cannot be loaded still runs",
    "lifecycle/gate.py::enter": "a function whose run cannot be loaded is still called",
    "lifecycle/gate.py::enter_block": "a block whose run cannot be loaded still runs",
    "lifecycle/gate.py::_not_entered": "where nothing can be loaded, nothing may be sayable either",
    "lifecycle/wrappers/plain.py::wrap.call": "a lazy value is handed back even where it cannot be followed",
    "lifecycle/parent.py::read_carrier": "a carrier may be any object of the user's",
    "lifecycle/recording/guard.py::guarded": "a note that cannot be taken costs that note",
    "lifecycle/recording/opening.py::open_block": "a block whose run cannot be opened still runs",
    "lifecycle/recording/opening.py::open_call": "a function whose run cannot be opened is still called",
    "lifecycle/recording/quiet.py::Quiet.speaks": "a cell whose run cannot be opened still runs",
    "lifecycle/recording/recorder.py::Recorder.leave": "an end that cannot be told changes neither value nor exception",
    "lifecycle/recording/recorder.py::end_owed": "one end that cannot be told keeps no other back",
    "lifecycle/recording/recorder.py::abort_open_runs": "nothing is raised at exit",
    "report.py::_say": "handlers and filters of logging are the user's",
    "session.py::_first_client": "whatever is wrong with the configuration, the job runs",
    # The wires: what an attempt raises is a verdict.
    "delivery/direct.py::DirectDelivery._try": "a wire on the user's thread may raise anything",
    "delivery/door.py::attempt": "a wire on the worker's thread may raise anything",
    # The user's classes and functions.
    "client/trimmers.py::_once": "calling a trimmer of the user's",
    "cli/jobs/modules.py::Imported._import": "importing a module of the user's to look at it",
    "config/dotted.py::_import": "importing a module of the user's",
    "config/dotted.py::construct": "building a class of the user's",
    "transport/http/auth.py::_ask": "get_bearer and refresh of the user's token provider",
    # The user's values: attributes, formats and texts of strangers' objects.
    "client/redact/facets.py::_redacted": "a facet that cannot be redacted is left out",
    "event/encoding.py::encode_reporting": "a property, enum or time zone that raises while it is encoded",
    "event/shapes/structs.py::build_facet": "a facet class of the user's, built from what was decoded",
    "naming/engines.py::_address": "attributes of a connection",
    "naming/frames.py::frame": "attributes of a frame",
    "strangers.py::ask_always": "the one door for questions to the user's objects and callables",
    "strangers.py::is_kind_of": "the metaclass of the user's object",
    # What was thrown into a generator is handed on to its body.
    "lifecycle/wrappers/async_generator.py::wrap.call": "athrow",
    "lifecycle/wrappers/generator.py::wrap.call": "throw",
}
"""``file::function`` → why everything ends there; one broad handler each."""

BROAD = {"Exception", "BaseException"}


def test_broad_excepts_stand_in_named_doors_only() -> None:
    """Exception and BaseException end only where the table says, and as often as it says."""
    found = Counter(door for source in sources(PACKAGE) for door in _broad_handlers(source))
    allowed = Counter(f"lineage_kit/{door}" for door in DOORS)
    assert_none(
        f"{door}: {found[door]} broad excepts, the table allows {allowed[door]}"
        for door in sorted(found | allowed)
        if found[door] != allowed[door]
    )


def _broad_handlers(source: Source) -> list[str]:
    return [f"{source.name}::{scope}" for scope, node in source.qualified() if _is_broad(node)]


def _is_broad(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return (node.type is None or bool(_names(node.type) & BROAD)) and not _passes_on(node)
    if isinstance(node, ast.Call) and "suppress" in _names(node.func):
        return any(_names(argument) & BROAD for argument in node.args)
    return False


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """True for a handler that looks on and lets the same exception go its way."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _names(node: ast.AST) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {getattr(part, "id", getattr(part, "attr", "")) for part in parts}
