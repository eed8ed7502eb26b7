"""For tests of pipelines: catch events, match them in words, freeze ids and times.

Only pytest is recognised by itself: there events stay in memory unless code names a transport, and the fixture
`lineage_events` records them. Under unittest and any other framework `record_events` does that, in ``setUp`` with
``self.events = self.enterContext(record_events())``; what runs outside of it goes where the configuration says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage_kit.testing.freezing import Frozen, frozen
    from lineage_kit.testing.matchers import Match
    from lineage_kit.testing.recording import Recording, record_events
    from lineage_kit.transport.memory import MemoryTransport

_HOMES = {
    "Frozen": "testing.freezing",
    "Match": "testing.matchers",
    "MemoryTransport": "transport.memory",
    "Recording": "testing.recording",
    "frozen": "testing.freezing",
    "record_events": "testing.recording",
}

__all__ = ["Frozen", "Match", "MemoryTransport", "Recording", "frozen", "record_events"]


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for: pytest imports the plugin beside this in every test run there is."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"lineage_kit.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
