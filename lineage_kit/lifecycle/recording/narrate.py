"""Notes and state → the event that tells them. Pure: what was prepared goes in as it is, what changed is built here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from lineage_kit.event.facets.run import TagsRunFacet, TagsRunFacetFields
from lineage_kit.event.ids import timestamp
from lineage_kit.event.model import Facets, OutputDataset, RunState, altered
from lineage_kit.event.parts import RunEventParts, RunParts
from lineage_kit.notes.uniting import merge_facets

if TYPE_CHECKING:
    from lineage_kit.client.prepare import Prepare
    from lineage_kit.naming import Frame
    from lineage_kit.notes.notes import Noted, Notes, Side


def narrate(
    state: RunState,
    nanoseconds: int,
    run: RunParts,
    job: msgspec.Raw,
    inputs: Side,
    outputs: Side,
    prepare: Prepare,
) -> RunEventParts:
    """The event of one run at one time; datasets are encoded where they changed, as they are when it is told."""
    return RunEventParts(
        state,
        timestamp(nanoseconds),
        run,
        job,
        prepare.producer,
        [noted.raw or encode_noted(noted, prepare) for noted in list(inputs.values())] if inputs else [],
        [noted.raw or encode_noted(noted, prepare) for noted in list(outputs.values())] if outputs else [],
    )


def encode_noted(noted: Noted, prepare: Prepare) -> msgspec.Raw:
    """The JSON of a dataset with its row and byte counts, kept until it changes."""
    noted.raw = prepare.encode_dataset(with_statistics(noted))
    return noted.raw


def with_statistics(noted: Noted) -> Any:
    """The dataset with ``inputStatistics`` or ``outputStatistics`` where rows or bytes are known."""
    if noted.rows is None and noted.bytes is None:
        return noted.dataset
    from lineage_kit.event.facets.quality import (
        InputStatisticsInputDatasetFacet,
        OutputStatisticsOutputDatasetFacet,
    )

    rows = UNSET if noted.rows is None else noted.rows
    size = UNSET if noted.bytes is None else noted.bytes
    dataset = noted.dataset
    if isinstance(dataset, OutputDataset):
        written = {**dataset.outputFacets, "outputStatistics": OutputStatisticsOutputDatasetFacet(rows, size)}
        return altered(dataset, outputFacets=written)
    read = {**dataset.inputFacets, "inputStatistics": InputStatisticsInputDatasetFacet(rows, size)}
    return altered(dataset, inputFacets=read)


def noted_job_facets(notes: Notes) -> Facets:
    """The job facets that a run has noted, with the edges of its datasets in the ``lineage`` facet."""
    if not notes.edges:
        return notes.job_facets
    from lineage_kit.event.facets.lineage import LineageJobFacet

    return merge_facets(notes.job_facets, {"lineage": LineageJobFacet([*notes.edges.values()])})


def noted_run_facets(notes: Notes) -> Facets:
    """The run facets that a run has noted, with its tags."""
    if not notes.tags:
        return notes.run_facets
    tags = TagsRunFacet([TagsRunFacetFields(key, value, "USER") for key, value in notes.tags.items()])
    return {**notes.run_facets, "tags": tags}


def schema_facet(frame: Frame, name: str) -> Any:
    """The schema of data, of the dataset called `name`, by its columns; None when it has none."""
    if not frame.columns:
        return None
    from lineage_kit.event.facets.dataset import SchemaDatasetFacet, SchemaDatasetFacetFields

    fields = [SchemaDatasetFacetFields(column, kind) for column, kind in frame.columns]
    if frame.left_out:
        from lineage_kit.lifecycle.recording.wide import wide_schema

        return wide_schema(frame, fields, name)
    return SchemaDatasetFacet(fields)
