"""Whole lines: real programs, a real server in a process of its own, the standard's schemas as judges."""

from collections.abc import Callable
from typing import Any

import pytest

from lineage_kit.event.check import problems
from tests.support.servers import Received
from tests.support.shared import SPEC


@pytest.fixture
def judged() -> Callable[[list[Received]], list[dict[str, Any]]]:
    """The events of requests, each found without fault by our own check and, where they are, by the schemas."""

    def judge(requests: list[Received]) -> list[dict[str, Any]]:
        for request in requests:
            assert_flawless(request.document)
        return [request.json() for request in requests]

    return judge


def assert_flawless(body: bytes) -> None:
    """No error, no warning, and nothing that the standard's own schemas object to."""
    import json

    assert problems(body) == []
    if SPEC.is_dir():
        from tests.support.judge import event_breaches

        assert event_breaches(json.loads(body)) == []
