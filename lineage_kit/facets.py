"""The one public place of every standard facet, of their parts, and of the bases for facets of one's own.

Loaded on first use of a name: an import costs only the facets of the same home.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineage_kit.event.facet import (
        BaseFacet,
        DatasetFacet,
        InputDatasetFacet,
        JobFacet,
        OutputDatasetFacet,
        RunFacet,
    )
    from lineage_kit.event.facets.dataset import (
        CatalogDatasetFacet,
        ColumnLineageDatasetFacet,
        DatasetTypeDatasetFacet,
        DatasetVersionDatasetFacet,
        DatasourceDatasetFacet,
        DocumentationDatasetFacet,
        Fields,
        HierarchyDatasetFacet,
        HierarchyDatasetFacetLevel,
        Identifier,
        InputField,
        LifecycleStateChange,
        LifecycleStateChangeDatasetFacet,
        OwnershipDatasetFacet,
        PreviousIdentifier,
        SchemaDatasetFacet,
        SchemaDatasetFacetFields,
        StorageDatasetFacet,
        SymlinksDatasetFacet,
        TagsDatasetFacet,
        TagsDatasetFacetFields,
        Transformation,
    )
    from lineage_kit.event.facets.job import (
        DocumentationJobFacet,
        EmissionPattern,
        JobTypeJobFacet,
        Owner,
        OwnershipJobFacet,
        SourceCodeJobFacet,
        SourceCodeLocationJobFacet,
        SQLJobFacet,
        TagsJobFacet,
        TagsJobFacetFields,
    )
    from lineage_kit.event.facets.lineage import (
        LineageDatasetEntry,
        LineageDatasetFacet,
        LineageDatasetInput,
        LineageFieldEntry,
        LineageJobEntry,
        LineageJobFacet,
        LineageJobInput,
        LineageTransformation,
    )
    from lineage_kit.event.facets.quality import (
        Assertion,
        ColumnMetrics,
        DataQualityAssertionsDatasetFacet,
        DataQualityMetricsDatasetFacet,
        DataQualityMetricsInputDatasetFacet,
        InputStatisticsInputDatasetFacet,
        OutputStatisticsOutputDatasetFacet,
    )
    from lineage_kit.event.facets.run import (
        EnvironmentVariable,
        EnvironmentVariablesRunFacet,
        Error,
        ErrorMessageRunFacet,
        ExecutionParameter,
        ExecutionParametersRunFacet,
        ExternalQueryRunFacet,
        ExtractionErrorRunFacet,
        JobDependenciesRunFacet,
        JobDependency,
        JobIdentifier,
        NominalTimeRunFacet,
        ParentRunFacet,
        ProcessingEngineRunFacet,
        Root,
        RootJob,
        RootRun,
        RunIdentifier,
        TagsRunFacet,
        TagsRunFacetFields,
        TestExecution,
        TestRunFacet,
    )
    from lineage_kit.event.facets.subset import (
        BinarySubsetCondition,
        CompareSubsetCondition,
        FieldBaseCompareExpression,
        InputSubsetInputDatasetFacet,
        LiteralCompareExpression,
        LocationSubsetCondition,
        OutputSubsetOutputDatasetFacet,
        Partition,
        PartitionSubsetCondition,
        SubsetCondition,
    )
    from lineage_kit.event.model import Job, Run

__all__ = [
    "Assertion",
    "BaseFacet",
    "BinarySubsetCondition",
    "CatalogDatasetFacet",
    "ColumnLineageDatasetFacet",
    "ColumnMetrics",
    "CompareSubsetCondition",
    "DataQualityAssertionsDatasetFacet",
    "DataQualityMetricsDatasetFacet",
    "DataQualityMetricsInputDatasetFacet",
    "DatasetFacet",
    "DatasetTypeDatasetFacet",
    "DatasetVersionDatasetFacet",
    "DatasourceDatasetFacet",
    "DocumentationDatasetFacet",
    "DocumentationJobFacet",
    "EmissionPattern",
    "EnvironmentVariable",
    "EnvironmentVariablesRunFacet",
    "Error",
    "ErrorMessageRunFacet",
    "ExecutionParameter",
    "ExecutionParametersRunFacet",
    "ExternalQueryRunFacet",
    "ExtractionErrorRunFacet",
    "FieldBaseCompareExpression",
    "Fields",
    "HierarchyDatasetFacet",
    "HierarchyDatasetFacetLevel",
    "Identifier",
    "InputDatasetFacet",
    "InputField",
    "InputStatisticsInputDatasetFacet",
    "InputSubsetInputDatasetFacet",
    "Job",
    "JobDependenciesRunFacet",
    "JobDependency",
    "JobFacet",
    "JobIdentifier",
    "JobTypeJobFacet",
    "LifecycleStateChange",
    "LifecycleStateChangeDatasetFacet",
    "LineageDatasetEntry",
    "LineageDatasetFacet",
    "LineageDatasetInput",
    "LineageFieldEntry",
    "LineageJobEntry",
    "LineageJobFacet",
    "LineageJobInput",
    "LineageTransformation",
    "LiteralCompareExpression",
    "LocationSubsetCondition",
    "NominalTimeRunFacet",
    "OutputDatasetFacet",
    "OutputStatisticsOutputDatasetFacet",
    "OutputSubsetOutputDatasetFacet",
    "Owner",
    "OwnershipDatasetFacet",
    "OwnershipJobFacet",
    "ParentRunFacet",
    "Partition",
    "PartitionSubsetCondition",
    "PreviousIdentifier",
    "ProcessingEngineRunFacet",
    "Root",
    "RootJob",
    "RootRun",
    "Run",
    "RunFacet",
    "RunIdentifier",
    "SQLJobFacet",
    "SchemaDatasetFacet",
    "SchemaDatasetFacetFields",
    "SourceCodeJobFacet",
    "SourceCodeLocationJobFacet",
    "StorageDatasetFacet",
    "SubsetCondition",
    "SymlinksDatasetFacet",
    "TagsDatasetFacet",
    "TagsDatasetFacetFields",
    "TagsJobFacet",
    "TagsJobFacetFields",
    "TagsRunFacet",
    "TagsRunFacetFields",
    "TestExecution",
    "TestRunFacet",
    "Transformation",
]

_MODULES = (
    "facet",
    "model",
    "facets.run",
    "facets.job",
    "facets.dataset",
    "facets.quality",
    "facets.lineage",
    "facets.subset",
)


def __getattr__(name: str) -> object:
    if name in __all__:
        for module in _MODULES:
            found = getattr(import_module(f"lineage_kit.event.{module}"), name, None)
            if found is not None:
                globals()[name] = found
                return found
    raise AttributeError(_unknown(name))


def __dir__() -> list[str]:
    return __all__


def _unknown(name: str) -> str:
    import difflib

    known = {key.lower(): key for key in __all__}
    near = difflib.get_close_matches(name.lower(), known, 1)
    return f"lineage_kit.facets has no {name!r}" + (f"; did you mean {known[near[0]]!r}?" if near else "")
