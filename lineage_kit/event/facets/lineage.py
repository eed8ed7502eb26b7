"""The experimental ``lineage`` facets: edges between datasets, columns and jobs, told by a job or by a dataset.

Source: OpenLineage, ``spec/facets/LineageFacet.json`` 1-0-0.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec
from msgspec import UNSET

from lineage_kit.event.facet import (
    FACET_SCHEMAS,
    DatasetFacet,
    JobFacet,
    Maybe,
    Uuid,
    require_one_of,
    require_together,
)
from lineage_kit.event.model import canonical_uuid

LINEAGE_SCHEMA = FACET_SCHEMAS + "1-0-0/LineageFacet.json#/$defs/"


class LineageTransformation(msgspec.Struct):
    """How a value got from input to output: ``type`` DIRECT or INDIRECT; ``masking`` where it is hidden."""

    type: str
    subtype: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    masking: Maybe[bool] = UNSET


class _DatasetEnd(msgspec.Struct):
    """A dataset at one end of an edge."""

    namespace: str
    name: str
    type: Literal["DATASET"] = "DATASET"

    def __post_init__(self) -> None:
        require_one_of(self, "type", ("DATASET",))


class _JobEnd(msgspec.Struct):
    """A job at one end of an edge; namespace and name come together or not at all."""

    together: ClassVar[tuple[str, str]] = ("namespace", "name")

    type: Literal["JOB"] = "JOB"
    namespace: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    runId: Maybe[Uuid] = UNSET

    def __post_init__(self) -> None:
        require_one_of(self, "type", ("JOB",))
        require_together(self, *self.together)
        if self.runId is not UNSET and self.runId is not None:
            self.runId = canonical_uuid(self.runId)


class LineageDatasetInput(_DatasetEnd):
    """A dataset, or its column ``field``, that something was made of."""

    field: Maybe[str] = UNSET
    transformations: Maybe[list[LineageTransformation]] = UNSET


class LineageJobInput(_JobEnd):
    """A job that something was made by."""

    transformations: Maybe[list[LineageTransformation]] = UNSET


class LineageFieldEntry(msgspec.Struct):
    """What one column was made of."""

    inputs: list[LineageDatasetInput | LineageJobInput]


class LineageDatasetEntry(_DatasetEnd):
    """A dataset the job wrote and what it was made of; an empty ``inputs`` says: of nothing."""

    inputs: Maybe[list[LineageDatasetInput | LineageJobInput]] = UNSET
    fields: Maybe[dict[str, LineageFieldEntry]] = UNSET


class LineageJobEntry(_JobEnd):
    """What a job consumed without writing a dataset."""

    inputs: Maybe[list[LineageDatasetInput | LineageJobInput]] = UNSET


class LineageJobFacet(JobFacet, key="lineage", schema=LINEAGE_SCHEMA + "LineageJobFacet"):
    """The edges of a job: each thing it wrote with what that came from."""

    entries: list[LineageDatasetEntry | LineageJobEntry]


class LineageDatasetFacet(DatasetFacet, key="lineage", schema=LINEAGE_SCHEMA + "LineageDatasetFacet"):
    """What a dataset and its columns were made of."""

    inputs: Maybe[list[LineageDatasetInput | LineageJobInput]] = UNSET
    fields: Maybe[dict[str, LineageFieldEntry]] = UNSET
