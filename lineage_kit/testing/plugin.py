"""The pytest plugin: a fixture `lineage_events`. It loads nothing of the package until a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def lineage_events() -> Iterator[Any]:
    """Every event emitted during the test, in a `lineage_kit.testing.Recording`; nothing is sent anywhere.

    It is `lineage_kit.testing.record_events` around the test.
    """
    from lineage_kit.testing import record_events

    with record_events() as events:
        yield events
