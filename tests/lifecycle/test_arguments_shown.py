"""What `executionParameters` shows of the arguments of a call."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from lineage_kit import configure, lineage_job
from lineage_kit.errors import UsageError
from lineage_kit.strangers import full_type_name
from lineage_kit.testing import record_events
from lineage_kit.transport.memory import MemoryTransport

ID = "6f1c3c9e-95c5-4b3e-bb0a-0d0a3a6d6a10"


class Colour(Enum):
    RED = "red"


class SecretStr(str):
    """Shows stars, as the secrets of settings libraries do."""

    __slots__ = ()

    def __repr__(self):
        return "**********"


class SecretBox:
    """Holds a secret, and gives it away in its text."""

    def __str__(self):
        return "hunter2"


def shown(value, name="value", **settings):
    """What is shown of one argument."""
    with record_events() as events:
        scope = {}
        exec(f"def job({name}): ...", scope)
        lineage_job("job", capture_args=True, **settings)(scope["job"])(value)
        (parameter,) = events.started("job").facet("executionParameters").parameters
        assert b"hunter2" not in b"".join(events.bodies)
        return parameter.value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("orders", "orders"),
        (3, "3"),
        (1.5, "1.5"),
        (True, "True"),
        (None, "None"),
        (Decimal("1.50"), "1.50"),
        (dt.date(2026, 11, 22), "2026-11-22"),
        (UUID(ID), ID),
        (Colour.RED, "Colour.RED"),
        (Path("/srv/a"), "/srv/a"),
        (np.float64(1.5), "1.5"),
        (["a", 1], "['a', 1]"),
        (("a",), "('a',)"),
        ({"a"}, "{'a'}"),
        (set(), "set()"),
        ({"a": None}, "{'a': None}"),
        (list(range(21)), "<list of 21>"),
        ([[1]], "<list of 1>"),
        (b"hunter2", "<bytes of 7>"),
        (1 << 4_000_000, "<int>"),
        (pd.DataFrame({"a": ["hunter2"]}), f"<{full_type_name(pd.DataFrame())}>"),
        (np.zeros(3), "<numpy.ndarray>"),
        (sqlite3.connect(":memory:"), "<sqlite3.Connection>"),
        (SecretStr("hunter2"), f"<{__name__}.SecretStr>"),
        ([SecretStr("hunter2")], "<list of 1>"),
        (SecretBox(), f"<{__name__}.SecretBox>"),
        ({"password": "hunter2"}, "{'password': '***'}"),
        ("postgres://ada:hunter2@db/shop", "postgres://***@db/shop"),
        ("connect with password=hunter2", "connect with password=***"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_and_types(value, text):
    """Plain values are shown as they are; of frames, connections and secrets the type, never what they hold."""
    assert shown(value) == text


@pytest.mark.parametrize("name", ["password", "db_passwd", "api_key", "githubToken", "secret"])
def test_parameters_named_after_secrets(name):
    """The name of a parameter alone masks its value, whatever the value is."""
    assert shown("plain", name) == "***"
    assert shown(["a", "b"], name) == "***"


@pytest.mark.parametrize("redact", [True, False])
def test_long_values_are_cut(redact):
    """An argument takes at most 1 KiB, also where nothing is redacted."""
    wire = MemoryTransport()
    configure(transport=wire, config={"redact": {"enabled": redact}})
    job = lineage_job("job", capture_args=True)(lambda value: None)
    for value in ("x" * 10_000_000, ["y" * 100_000] * 3, "ä" * 2000, Path("z" * 5000)):
        job(value)
        facets = json.loads(wire.envelopes[-1].body)["run"]["facets"]
        text = facets["executionParameters"]["parameters"][0]["value"]
        assert 500 < len(text.encode()) <= 1024
        assert "[cut, " in text


def test_which_arguments():
    """By default those of templates; names, True and False say otherwise; `self` is never shown."""

    class Job:
        def method(self, table, day, *rest, limit=3, **more):
            return None

    for capture, expected in (
        (None, {"table"}),
        (True, {"table", "day", "rest", "limit", "more"}),
        ("day", {"day"}),
        (["limit", "x"], {"limit", "x"}),
        ([], set()),
        (False, set()),
    ):
        decorated = lineage_job("job", inputs="s3://raw/{table}.csv", capture_args=capture)(Job.method)
        with record_events() as events:
            decorated(Job(), "orders", "2026-11-22", 5, x=1)
            facets = events.completed("job").event.run.facets
        found = facets["executionParameters"].parameters if "executionParameters" in facets else []
        assert {parameter.key for parameter in found} == expected


@pytest.mark.parametrize("capture", ["tabel", ["table", "dya"], ["table.name"], [3], 3, ["__class__"], "a b"])
def test_arguments_that_do_not_exist_are_an_error(capture):
    """A name that is no parameter is told where it is written."""
    with pytest.raises(UsageError, match=r"capture_args|no parameter|template"):

        @lineage_job("job", capture_args=capture)
        def job(table, day): ...
