"""The schema of data with more columns than an event carries: the first of them, marked, and said once."""

from __future__ import annotations

from lineage_kit import report
from lineage_kit.event.facets.dataset import SchemaDatasetFacet, SchemaDatasetFacetFields
from lineage_kit.naming import Frame


class WideSchemaDatasetFacet(SchemaDatasetFacet, key="schema"):
    """A schema facet that lacks columns; the standard allows further properties, backends read the rest as ever."""

    lineageKit_columnsLeftOut: int = 0  # noqa: N815 - a property of our own in a facet of the standard


def wide_schema(frame: Frame, fields: list[SchemaDatasetFacetFields], name: str) -> SchemaDatasetFacet:
    """The facet for the dataset called `name`; backends take many seconds over schemas that are any wider."""
    report.problem(
        f"schema.wide:{name}",
        f"{name} has {len(fields) + frame.left_out:,} columns; its schema names the first {len(fields):,}",
    )
    return WideSchemaDatasetFacet(fields, lineageKit_columnsLeftOut=frame.left_out)
