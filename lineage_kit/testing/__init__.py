"""For tests of pipelines: catch events, match them in words, freeze ids and times."""

from lineage_kit.testing.frozen import frozen
from lineage_kit.testing.matchers import Match
from lineage_kit.testing.recording import Recording, record_events
from lineage_kit.transport.memory import MemoryTransport

__all__ = ["Match", "MemoryTransport", "Recording", "frozen", "record_events"]
