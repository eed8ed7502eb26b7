"""The ``subset`` facets: which part of a dataset was read or written, by location, partition or comparison.

Source: OpenLineage, ``spec/facets/BaseSubsetDatasetFacet.json`` 1-0-0.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET

from lineage_kit.event.facet import FACET_SCHEMAS, InputDatasetFacet, Maybe, OutputDatasetFacet

SUBSET_SCHEMA = FACET_SCHEMAS + "1-0-0/BaseSubsetDatasetFacet.json#/$defs/"


class LocationSubsetCondition(msgspec.Struct):
    """The files or folders that were touched."""

    locations: list[str]
    type: Literal["location"] = "location"


class Partition(msgspec.Struct):
    """One partition: ``{"day": "2026-11-22"}`` and, where it has one, its identifier."""

    dimensions: dict[str, Any]
    identifier: Maybe[str] = UNSET


class PartitionSubsetCondition(msgspec.Struct):
    """The partitions that were touched."""

    partitions: list[Partition]
    type: Literal["partition"] = "partition"


class FieldBaseCompareExpression(msgspec.Struct):
    """A column in a comparison."""

    field: str
    type: Literal["field"] = "field"


class LiteralCompareExpression(msgspec.Struct):
    """A literal in a comparison, as text."""

    value: str
    type: Literal["literal"] = "literal"


class CompareSubsetCondition(msgspec.Struct):
    """Two expressions compared: ``comparison`` is EQUAL, LESS_THAN and so on."""

    left: FieldBaseCompareExpression | LiteralCompareExpression
    right: FieldBaseCompareExpression | LiteralCompareExpression
    comparison: str
    type: Literal["compare"] = "compare"


class BinarySubsetCondition(msgspec.Struct):
    """Two conditions joined: ``operator`` is AND or OR."""

    left: SubsetCondition
    right: SubsetCondition
    operator: str
    type: Literal["binary"] = "binary"


SubsetCondition = (
    LocationSubsetCondition | PartitionSubsetCondition | BinarySubsetCondition | CompareSubsetCondition
)


class InputSubsetInputDatasetFacet(
    InputDatasetFacet, key="subset", schema=SUBSET_SCHEMA + "InputSubsetInputDatasetFacet"
):
    """The part of an input that one run read."""

    inputCondition: SubsetCondition


class OutputSubsetOutputDatasetFacet(
    OutputDatasetFacet, key="subset", schema=SUBSET_SCHEMA + "OutputSubsetOutputDatasetFacet"
):
    """The part of an output that one run wrote."""

    outputCondition: SubsetCondition
