"""Standard facets that count and judge data: metrics, assertions, rows read and written.

``dataQualityMetrics`` exists twice: of a dataset as such, and of a dataset as the input of one run.
Source: OpenLineage, ``spec/facets/*``; each class names its version in ``schema``.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from lineage_kit.event.facet import (
    FACET_SCHEMAS,
    DatasetFacet,
    DateTime,
    InputDatasetFacet,
    Maybe,
    OutputDatasetFacet,
)


class Assertion(msgspec.Struct):
    """One check: its kind, whether it held, and of which column; ``severity`` is error or warn."""

    assertion: str
    success: bool
    column: Maybe[str] = UNSET
    severity: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    expected: Maybe[str] = UNSET
    actual: Maybe[str] = UNSET
    content: Maybe[str] = UNSET
    contentType: Maybe[str] = UNSET
    params: Maybe[dict[str, Any]] = UNSET


class DataQualityAssertionsDatasetFacet(
    InputDatasetFacet,
    key="dataQualityAssertions",
    schema=FACET_SCHEMAS
    + "1-1-0/DataQualityAssertionsDatasetFacet.json#/$defs/DataQualityAssertionsDatasetFacet",
):
    """Checks made on an input (``inputFacets``)."""

    assertions: list[Assertion]


class ColumnMetrics(msgspec.Struct):
    """Measures of one column; ``quantiles`` maps ``"0.25"`` to the value there."""

    nullCount: Maybe[int] = UNSET
    distinctCount: Maybe[int] = UNSET
    sum: Maybe[float] = UNSET
    count: Maybe[float] = UNSET
    min: Maybe[float] = UNSET
    max: Maybe[float] = UNSET
    quantiles: Maybe[dict[str, float]] = UNSET


class DataQualityMetricsDatasetFacet(
    DatasetFacet,
    key="dataQualityMetrics",
    schema=FACET_SCHEMAS + "1-0-0/DataQualityMetricsDatasetFacet.json#/$defs/DataQualityMetricsDatasetFacet",
):
    """Measures of a dataset (``facets``); ``bytes`` is its size. ``captureDate`` came after version 1-0-0."""

    columnMetrics: dict[str, ColumnMetrics]
    rowCount: Maybe[int] = UNSET
    bytes: Maybe[int] = UNSET
    fileCount: Maybe[int] = UNSET
    lastUpdated: Maybe[DateTime] = UNSET
    captureDate: Maybe[DateTime] = UNSET


class DataQualityMetricsInputDatasetFacet(
    InputDatasetFacet,
    key="dataQualityMetrics",
    schema=FACET_SCHEMAS
    + "1-0-3/DataQualityMetricsInputDatasetFacet.json#/$defs/DataQualityMetricsInputDatasetFacet",
):
    """Measures of what one run read (``inputFacets``); ``bytes`` is its size."""

    columnMetrics: dict[str, ColumnMetrics]
    rowCount: Maybe[int] = UNSET
    bytes: Maybe[int] = UNSET
    fileCount: Maybe[int] = UNSET
    lastUpdated: Maybe[DateTime] = UNSET


class InputStatisticsInputDatasetFacet(
    InputDatasetFacet,
    key="inputStatistics",
    schema=FACET_SCHEMAS
    + "1-0-0/InputStatisticsInputDatasetFacet.json#/$defs/InputStatisticsInputDatasetFacet",
):
    """Rows, bytes (``size``) and files one run read."""

    rowCount: Maybe[int] = UNSET
    size: Maybe[int] = UNSET
    fileCount: Maybe[int] = UNSET


class OutputStatisticsOutputDatasetFacet(
    OutputDatasetFacet,
    key="outputStatistics",
    schema=FACET_SCHEMAS
    + "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
):
    """Rows, bytes (``size``) and files one run wrote."""

    rowCount: Maybe[int] = UNSET
    size: Maybe[int] = UNSET
    fileCount: Maybe[int] = UNSET
