"""Facets leave without secrets, within their size, and with their columns as they are."""

import re
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

import msgspec
import pytest

from lineage_kit import report
from lineage_kit.client.redact import MASK, redact_facets
from lineage_kit.config.model import RedactSettings
from lineage_kit.event.encoding import encode_reporting
from lineage_kit.event.facet import RunFacet
from lineage_kit.event.facets.dataset import (
    CatalogDatasetFacet,
    ColumnLineageDatasetFacet,
    DatasourceDatasetFacet,
    Fields,
    InputField,
    SchemaDatasetFacet,
    SchemaDatasetFacetFields,
    TagsDatasetFacet,
    TagsDatasetFacetFields,
)
from lineage_kit.event.facets.job import SourceCodeJobFacet, SQLJobFacet, TagsJobFacet, TagsJobFacetFields
from lineage_kit.event.facets.run import (
    EnvironmentVariable,
    EnvironmentVariablesRunFacet,
    Error,
    ErrorMessageRunFacet,
    ExecutionParameter,
    ExecutionParametersRunFacet,
    ExtractionErrorRunFacet,
    ProcessingEngineRunFacet,
    TagsRunFacet,
    TagsRunFacetFields,
)

ON = RedactSettings()
URL = "postgres://etl:hunter2@db:5432/shop"


class LoadRunFacet(RunFacet, key="load"):
    """A facet of a user's own."""

    address: str
    password: str = "hunter2"
    retries: int = 3


def _sent(facets: dict[str, Any], options: RedactSettings = ON) -> bytes:
    return encode_reporting(redact_facets(facets, options))[0]


DYNAMIC = {
    "errorMessage": ErrorMessageRunFacet(f"cannot reach {URL}", "python", f'File "x"\n  connect("{URL}")'),
    "extractionError": ExtractionErrorRunFacet(1, 1, [Error(f"no {URL}", f"at {URL}")]),
    "executionParameters": ExecutionParametersRunFacet(
        [ExecutionParameter("password", value="hunter2"), ExecutionParameter("a", value=URL)]
    ),
    "environmentVariables": EnvironmentVariablesRunFacet(
        [EnvironmentVariable("DB_PASSWORD", "hunter2"), EnvironmentVariable("DB", URL)]
    ),
    "sql": SQLJobFacet(f"ALTER USER x PASSWORD 'hunter2'; ATTACH '{URL}'"),
    "sourceCode": SourceCodeJobFacet("python", 'connect(password="hunter2")'),
    "dataSource": DatasourceDatasetFacet("shop", URL),
    "catalog": CatalogDatasetFacet(
        "iceberg", "rest", "c", warehouseUri=URL, catalogProperties={"token": "hunter2"}
    ),
    "load": LoadRunFacet(URL),
    "raw": {
        "a": [{"password": "hunter2", "deep": {"x": URL}}],
        "pair": {"name": "api_key", "value": "hunter2"},
    },
    "errorMessageRaw": {"message": URL, "stack": (URL, [URL])},
}


@pytest.mark.parametrize("key", DYNAMIC)
def test_no_facet_carries_a_secret(key: str) -> None:
    """By the name of a key or by its look, the secret is gone; the caller's facet still has it."""
    facets = {key: DYNAMIC[key]}
    before = encode_reporting(facets)[0]
    assert b"hunter2" in before
    assert b"hunter2" not in _sent(facets)
    assert MASK.encode() in _sent(facets)
    assert encode_reporting(facets)[0] == before


class Key(Enum):
    """A key that is no text."""

    password = "password"


Login = namedtuple("Login", "user password")  # noqa: PYI024 - as users write it
SHAPES = {
    "pairs": {"headers": [("X-Api-Key", "hunter2")]},
    "arguments": {"argv": ["load", "--password", "hunter2"]},
    "a named tuple": {"login": Login("etl", "hunter2")},
    "a key of an enum": {Key.password: "hunter2"},
    "a key of bytes": {b"password": "hunter2"},
    "a parameter": {"a": {"param": "password", "default": "hunter2"}},
    "a mapping": OrderedDict(password="hunter2"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_key_is_known_in_whatever_shape_a_users_facet_has(shape: str) -> None:
    """Pairs, arguments, named tuples and odd keys name secrets as well as a plain mapping does."""
    assert b"hunter2" not in _sent({"mine": SHAPES[shape]})


def test_a_list_of_names_is_left() -> None:
    """Names side by side are no pair of key and value."""
    facets = {"mine": {"columns": ["password", "email"], "name": "token", "type": "text"}}
    assert redact_facets(facets, ON) is facets


@pytest.mark.parametrize(
    "facet",
    [
        TagsJobFacet([TagsJobFacetFields("password", "hunter2", "USER")]),
        TagsRunFacet([TagsRunFacetFields("API-Key", "hunter2", "USER")]),
        TagsDatasetFacet([TagsDatasetFacetFields("token", "hunter2", "USER")]),
        {"tags": [{"key": "db_password", "value": "hunter2", "source": "USER"}]},
    ],
)
def test_a_tag_of_a_secret_name_keeps_its_value_back(facet: object) -> None:
    """Tags of jobs, runs and datasets are masked by their key; the key itself, and other tags, stay."""
    body = _sent({"tags": facet})
    assert b"hunter2" not in body
    assert MASK.encode() in body


def test_facets_without_secrets_are_the_same_object() -> None:
    """Nothing is copied where nothing changes."""
    facets = {
        "processing_engine": ProcessingEngineRunFacet("3.11", "Python"),
        "tags": TagsJobFacet([TagsJobFacetFields("secret", "true", "USER")]),
        "raw": {"a": [1, None, True, 2.5, "plain"], "token_count": 5},
    }
    assert redact_facets(facets, ON) is facets


def test_columns_are_never_masked() -> None:
    """Schema, column lineage and data quality keep their names, typed or as dicts."""
    facets = {
        "schema": SchemaDatasetFacet([SchemaDatasetFacetFields("password", "varchar")]),
        "columnLineage": ColumnLineageDatasetFacet({"token": Fields([InputField("n", "d", "secret")])}),
        "dataQualityMetrics": {"columnMetrics": {"password": {"nullCount": 1}}},
        "dataQualityAssertions": {
            "assertions": [{"assertion": "not_null", "column": "api_key", "success": True}]
        },
    }
    assert redact_facets(facets, ON) is facets
    assert redact_facets(raw := {"schema": {"fields": [{"name": "password"}]}}, ON) is raw


def test_switched_off_nothing_is_touched() -> None:
    """``redact: false`` sends facets as they are."""
    assert redact_facets(DYNAMIC, RedactSettings(enabled=False)) is DYNAMIC


def test_users_keys_and_patterns_are_masked_too() -> None:
    """Further names and expressions come from the configuration."""
    options = RedactSettings(keys=("customer-id",), patterns=(re.compile(r"\bIBAN\w+"),))
    body = _sent(
        {"raw": {"customerId": "4711", "note": "to IBAN123 now", "text": "customer_id=4711"}}, options
    )
    assert b"4711" not in body
    assert b"to *** now" in body


def test_flags_and_absent_values_stay() -> None:
    """Whether there is a password is no secret; null and an empty text hide nothing."""
    facets = {"raw": {"password": True, "token": None, "secret": "", "passwd": False}}
    assert redact_facets(facets, ON) is facets


def test_whole_trees_under_a_secret_name_are_masked() -> None:
    """Numbers, lists and objects under a secret name go too."""
    body = _sent(
        {"raw": {"credentials": {"user": "a", "x": "hunter2"}, "token": 4711, "secrets": ["hunter2"]}}
    )
    assert b"hunter2" not in body
    assert b"4711" not in body


def test_a_facet_that_is_itself_a_secret_is_left_out() -> None:
    """A bare value under a secret key is no facet and is not sent."""
    assert redact_facets({"password": "hunter2", "a": {}}, ON) == {"a": {}}


class Bad(dict):  # type: ignore[type-arg]
    """A dict that cannot be walked."""

    def items(self) -> Any:
        raise RuntimeError("no")


def _cycle() -> dict[str, Any]:
    facet: dict[str, Any] = {}
    facet["again"] = [facet]
    return facet


def _deep() -> dict[str, Any]:
    facet: dict[str, Any] = {"password": "hunter2"}
    for _ in range(500):
        facet = {"a": facet}
    return facet


def test_what_cannot_be_redacted_is_left_out() -> None:
    """A facet that fails on the way costs itself alone, and is said."""
    other = {"b": 1}
    assert redact_facets({"a": Bad(a=1), "other": other}, ON) == {"other": other}
    assert report.counts() == {"redact.dropped": 1}


def test_a_value_inside_itself_is_a_marker_in_a_facet_that_stays() -> None:
    """However often it is there, and beside secrets that are masked; the user's own object stays as it is."""
    facet = _cycle()
    facet["again"] *= 3
    facet |= {"rows": 5, "password": "hunter2", "same": [(shared := {"x": 1}), shared]}
    [sent] = redact_facets({"a": facet}, ON).values()
    marker = "<unserialisable: an object inside itself>"
    assert sent == {"again": [marker] * 3, "rows": 5, "password": MASK, "same": [{"x": 1}, {"x": 1}]}
    assert facet["again"][0] is facet
    assert report.counts() == {"redact.replaced": 1}


def test_a_value_that_is_too_deep_is_a_marker_in_a_facet_that_stays() -> None:
    """What is above it is kept, and what is below it is not sent."""
    sent = redact_facets({"a": _deep() | {"rows": 5}}, ON)["a"]
    assert sent["rows"] == 5
    assert "<unserialisable: an object nested too deep>" in str(sent)
    assert "hunter2" not in str(sent)


@pytest.mark.parametrize(
    "facet", [None, [], "text", 5, [None, "x"], object(), {1: 2, None: [3]}, {"key": 5, "value": 6}]
)
def test_facets_of_any_shape_pass(facet: Any) -> None:
    """What holds no secret is left as it is, whatever it is."""
    for key in ("errorMessage", "executionParameters", "tags", "schema", "raw", "parent"):
        facets = {key: facet}
        assert redact_facets(facets, ON) is facets


@dataclass
class Connection:
    """An object that the encoder writes out."""

    host: str
    password: str


class Mode(StrEnum):
    """A text of a type of its own."""

    FAST = "fast"


def test_objects_the_encoder_opens_are_searched() -> None:
    """Dataclasses, sets and other mappings hide nothing; an enumeration stays what it is."""
    facets = {
        "a": {"c": Connection("h", "hunter2"), "s": {URL}},
        "b": {"m": Mode.FAST, "c": Connection("h", "")},
    }
    body = _sent(facets)
    assert b"hunter2" not in body
    assert b'"host":"h"' in body
    assert b'"m":"fast"' in body


def test_long_texts_are_cut() -> None:
    """Message, stack and argument keep to their sizes, counted in bytes, and say so."""
    facets = {
        "errorMessage": ErrorMessageRunFacet("ä" * 100_000, "python", "  line ä\n" * 100_000),
        "executionParameters": ExecutionParametersRunFacet([ExecutionParameter("a", value="x" * 5000)]),
    }
    redacted = redact_facets(facets, ON)
    message, stack = redacted["errorMessage"].message, redacted["errorMessage"].stackTrace
    value = redacted["executionParameters"].parameters[0].value
    for text, limit in ((message, 4096), (stack, 32 * 1024), (value, 1024)):
        assert limit - 100 < len(text.encode()) <= limit
        assert "characters in all]" in text


def test_a_cut_does_not_let_a_secret_out() -> None:
    """A secret on the edge of a cut is masked as it would be elsewhere."""
    for shift in range(4000, 4300, 7):
        for limit in (1, 4):
            message = "x" * (shift * limit) + f" {URL} " + "y" * 100_000
            assert b"hunter" not in _sent({"errorMessage": ErrorMessageRunFacet(message, "python", message)})


def test_a_producer_is_left_alone() -> None:
    """The two fields that every facet has are not searched."""
    facet = {"_producer": "https://u:p@x.example", "_schemaURL": "https://u:p@x.example"}
    assert redact_facets(facets := {"a": facet}, ON) is facets
    assert isinstance(msgspec.json.encode(facets), bytes)
