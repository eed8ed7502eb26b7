"""The classes of both sides under the same names, so that one text can build the events of either."""

import datetime as dt
from types import SimpleNamespace


def ours() -> SimpleNamespace:
    """The classes of lineage_kit."""
    from lineage_kit import facets
    from lineage_kit.event import ids, model

    return SimpleNamespace(
        **{
            name: getattr(model, name)
            for name in ("RunState", "RunEvent", "Run", "Job", "InputDataset", "OutputDataset")
        },
        **{name: getattr(facets, name) for name in _SAME_NAMES},
        new_id=ids.new_id,
        now=lambda: ids.timestamp(ids.now_ns()),
        ParentRun=model.Run,
        ParentJob=model.Job,
        RootRun=model.Run,
        RootJob=model.Job,
        Root=facets.Root,
        Owner=facets.Owner,
        JobTag=facets.TagsJobFacetFields,
        SchemaField=facets.SchemaDatasetFacetFields,
        OutputStatistics=facets.OutputStatisticsOutputDatasetFacet,
        Fields=facets.Fields,
        InputField=facets.InputField,
    )


def theirs() -> SimpleNamespace:
    """The classes of the released OpenLineage client, as its documentation uses them."""
    from openlineage.client import event_v2, facet_v2
    from openlineage.client.uuid import generate_new_uuid

    homes = [value for name, value in vars(facet_v2).items() if name.islower() and name != "annotations"]
    found = {name: getattr(home, name) for name in _SAME_NAMES for home in homes if hasattr(home, name)}
    return SimpleNamespace(
        **{
            name: getattr(event_v2, name)
            for name in ("RunState", "RunEvent", "Run", "Job", "InputDataset", "OutputDataset")
        },
        **found,
        new_id=lambda: str(generate_new_uuid()),
        now=lambda: dt.datetime.now(dt.UTC).isoformat(),
        ParentRun=facet_v2.parent_run.Run,
        ParentJob=facet_v2.parent_run.Job,
        RootRun=facet_v2.parent_run.RootRun,
        RootJob=facet_v2.parent_run.RootJob,
        Root=facet_v2.parent_run.Root,
        Owner=facet_v2.ownership_job.Owner,
        JobTag=facet_v2.tags_job.TagsJobFacetFields,
        SchemaField=facet_v2.schema_dataset.SchemaDatasetFacetFields,
        OutputStatistics=facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
        Fields=facet_v2.column_lineage_dataset.Fields,
        InputField=facet_v2.column_lineage_dataset.InputField,
    )


_SAME_NAMES = (
    "ColumnLineageDatasetFacet",
    "DatasourceDatasetFacet",
    "DocumentationJobFacet",
    "JobTypeJobFacet",
    "NominalTimeRunFacet",
    "OwnershipJobFacet",
    "ParentRunFacet",
    "ProcessingEngineRunFacet",
    "SQLJobFacet",
    "SchemaDatasetFacet",
    "SourceCodeLocationJobFacet",
    "TagsJobFacet",
)
