"""Standard facets of a dataset: its columns, its place, its owners, and how columns come from columns.

Source: OpenLineage, ``spec/facets/*DatasetFacet.json``; each class names its version in ``schema``.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import UNSET

from lineage_kit.event.facet import FACET_SCHEMAS, DatasetFacet, Maybe, Uri, require_one_of
from lineage_kit.event.facets.job import Owner


class CatalogDatasetFacet(
    DatasetFacet,
    key="catalog",
    schema=FACET_SCHEMAS + "1-1-0/CatalogDatasetFacet.json#/$defs/CatalogDatasetFacet",
):
    """The catalog that lists the dataset: framework (``iceberg``), type (``hive``), name and addresses."""

    framework: str
    type: str
    name: str
    metadataUri: Maybe[str] = UNSET
    warehouseUri: Maybe[str] = UNSET
    source: Maybe[str] = UNSET
    catalogProperties: Maybe[dict[str, str]] = UNSET


class Transformation(msgspec.Struct):
    """How a value got from one column to another: ``type`` DIRECT or INDIRECT; ``masking`` where it is hidden."""

    type: str
    subtype: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    masking: Maybe[bool] = UNSET


class InputField(msgspec.Struct):
    """A column of a dataset that another column, or a whole dataset, depends on."""

    namespace: str
    name: str
    field: str
    transformations: Maybe[list[Transformation]] = UNSET


class Fields(msgspec.Struct):
    """What one column was made of. The two ``transformation…`` texts are deprecated by the standard."""

    inputFields: list[InputField]
    transformationDescription: Maybe[str] = UNSET
    transformationType: Maybe[str] = UNSET


class ColumnLineageDatasetFacet(
    DatasetFacet,
    key="columnLineage",
    schema=FACET_SCHEMAS + "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
):
    """Which columns each column was made of; ``dataset`` lists those all rows depend on (filters, joins)."""

    fields: dict[str, Fields]
    dataset: Maybe[list[InputField]] = UNSET


class DatasetTypeDatasetFacet(
    DatasetFacet,
    key="datasetType",
    schema=FACET_SCHEMAS + "1-0-1/DatasetTypeDatasetFacet.json#/$defs/DatasetTypeDatasetFacet",
):
    """What kind of dataset: TABLE, VIEW, FILE, TOPIC, …; ``subType`` such as MATERIALIZED."""

    datasetType: str
    subType: Maybe[str] = UNSET


class DatasetVersionDatasetFacet(
    DatasetFacet,
    key="version",
    schema=FACET_SCHEMAS + "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
):
    """The version of the dataset that was read or written."""

    datasetVersion: str


class DatasourceDatasetFacet(
    DatasetFacet,
    key="dataSource",
    schema=FACET_SCHEMAS + "1-0-1/DatasourceDatasetFacet.json#/$defs/DatasourceDatasetFacet",
):
    """The system that holds the dataset: its name and URI."""

    name: Maybe[str] = UNSET
    uri: Maybe[Uri] = UNSET


class DocumentationDatasetFacet(
    DatasetFacet,
    key="documentation",
    schema=FACET_SCHEMAS + "1-1-0/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet",
):
    """What the dataset holds; ``contentType`` is a MIME type (``text/markdown``)."""

    description: str
    contentType: Maybe[str] = UNSET


class HierarchyDatasetFacetLevel(msgspec.Struct):
    """One level: ``type`` such as DATABASE or SCHEMA, and its name."""

    type: str
    name: str


class HierarchyDatasetFacet(
    DatasetFacet,
    key="hierarchy",
    schema=FACET_SCHEMAS + "1-0-0/HierarchyDatasetFacet.json#/$defs/HierarchyDatasetFacet",
):
    """The levels the dataset lies under, outermost first."""

    hierarchy: list[HierarchyDatasetFacetLevel]


class LifecycleStateChange(StrEnum):
    """What was done to a dataset as a whole."""

    ALTER = "ALTER"
    CREATE = "CREATE"
    DROP = "DROP"
    OVERWRITE = "OVERWRITE"
    RENAME = "RENAME"
    TRUNCATE = "TRUNCATE"


class PreviousIdentifier(msgspec.Struct):
    """What a renamed dataset was called before."""

    name: str
    namespace: str


class LifecycleStateChangeDatasetFacet(
    DatasetFacet,
    key="lifecycleStateChange",
    schema=FACET_SCHEMAS
    + "1-0-1/LifecycleStateChangeDatasetFacet.json#/$defs/LifecycleStateChangeDatasetFacet",
):
    """The dataset was created, altered, dropped, overwritten, renamed or truncated; raises `EventError` for others."""

    lifecycleStateChange: LifecycleStateChange
    previousIdentifier: Maybe[PreviousIdentifier] = UNSET

    def __post_init__(self) -> None:
        require_one_of(self, "lifecycleStateChange", tuple(LifecycleStateChange))
        self.lifecycleStateChange = LifecycleStateChange(self.lifecycleStateChange)


class OwnershipDatasetFacet(
    DatasetFacet,
    key="ownership",
    schema=FACET_SCHEMAS + "1-0-1/OwnershipDatasetFacet.json#/$defs/OwnershipDatasetFacet",
):
    """Who owns the dataset."""

    owners: Maybe[list[Owner]] = UNSET


class SchemaDatasetFacetFields(msgspec.Struct):
    """One column: name, type as its system writes it, position from 1; ``fields`` where it is a struct."""

    name: str
    type: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    ordinal_position: Maybe[int] = UNSET
    fields: Maybe[list[SchemaDatasetFacetFields]] = UNSET


class SchemaDatasetFacet(
    DatasetFacet,
    key="schema",
    schema=FACET_SCHEMAS + "1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
):
    """The columns of the dataset, in order."""

    fields: Maybe[list[SchemaDatasetFacetFields]] = UNSET


class StorageDatasetFacet(
    DatasetFacet,
    key="storage",
    schema=FACET_SCHEMAS + "1-0-1/StorageDatasetFacet.json#/$defs/StorageDatasetFacet",
):
    """How the dataset is stored: ``storageLayer`` such as ``iceberg``, ``fileFormat`` such as ``parquet``."""

    storageLayer: str
    fileFormat: Maybe[str] = UNSET


class Identifier(msgspec.Struct):
    """Another name of a dataset; ``type`` such as TABLE or LOCATION."""

    namespace: str
    name: str
    type: str


class SymlinksDatasetFacet(
    DatasetFacet,
    key="symlinks",
    schema=FACET_SCHEMAS + "1-0-1/SymlinksDatasetFacet.json#/$defs/SymlinksDatasetFacet",
):
    """Other names of the dataset."""

    identifiers: Maybe[list[Identifier]] = UNSET


class TagsDatasetFacetFields(msgspec.Struct):
    """One tag of a dataset, or of its column ``field``; ``value`` is text."""

    key: str
    value: str
    source: Maybe[str] = UNSET
    field: Maybe[str] = UNSET


class TagsDatasetFacet(
    DatasetFacet,
    key="tags",
    schema=FACET_SCHEMAS + "1-0-0/TagsDatasetFacet.json#/$defs/TagsDatasetFacet",
):
    """Tags of a dataset and of its columns."""

    tags: Maybe[list[TagsDatasetFacetFields]] = UNSET
