"""What these tests record."""

from collections.abc import Iterator

import pytest

from lineage_kit.testing import Recording, record_events


@pytest.fixture
def events() -> Iterator[Recording]:
    """Every event of the test."""
    with record_events() as recording:
        yield recording
