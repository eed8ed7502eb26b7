"""What decorators and blocks emit."""

from collections.abc import Iterator

import pytest

from lineage_kit.testing import Recording, record_events


@pytest.fixture
def events() -> Iterator[Recording]:
    """Everything emitted, with internal trouble raised."""
    with record_events(strict=True) as recording:
        yield recording
