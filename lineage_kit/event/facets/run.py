"""Standard facets of a run: what is true of one execution, from its parent to the error that ended it.

Source: OpenLineage, ``spec/facets/*RunFacet.json``; each class names its version in ``schema``.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import UNSET

from lineage_kit.event.facet import FACET_SCHEMAS, DateTime, Maybe, RunFacet, Uuid
from lineage_kit.event.model import Job, Run, canonical_uuid

RootRun = Run
RootJob = Job


class EnvironmentVariable(msgspec.Struct):
    """One variable of the process environment."""

    name: str
    value: str


class EnvironmentVariablesRunFacet(
    RunFacet,
    key="environmentVariables",
    schema=FACET_SCHEMAS + "1-0-0/EnvironmentVariablesRunFacet.json#/$defs/EnvironmentVariablesRunFacet",
):
    """Variables of the process environment the run was started with."""

    environmentVariables: list[EnvironmentVariable]


class ErrorMessageRunFacet(
    RunFacet,
    key="errorMessage",
    schema=FACET_SCHEMAS + "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet",
):
    """The error that ended the run: message, language (``python``), stack trace as text."""

    message: str
    programmingLanguage: str
    stackTrace: Maybe[str] = UNSET


class ExecutionParameter(msgspec.Struct, forbid_unknown_fields=True):
    """One argument of the run; ``value`` is text."""

    key: str
    name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    value: Maybe[str] = UNSET


class ExecutionParametersRunFacet(
    RunFacet,
    key="executionParameters",
    schema=FACET_SCHEMAS + "1-0-0/ExecutionParametersRunFacet.json#/$defs/ExecutionParametersRunFacet",
):
    """The arguments the run was called with."""

    parameters: Maybe[list[ExecutionParameter]] = UNSET


class ExternalQueryRunFacet(
    RunFacet,
    key="externalQuery",
    schema=FACET_SCHEMAS + "1-0-2/ExternalQueryRunFacet.json#/$defs/ExternalQueryRunFacet",
):
    """The id a query has in the system that ran it (``source``)."""

    externalQueryId: str
    source: str


class Error(msgspec.Struct):
    """One error met while lineage was extracted."""

    errorMessage: str
    stackTrace: Maybe[str] = UNSET
    task: Maybe[str] = UNSET
    taskNumber: Maybe[int] = UNSET


class ExtractionErrorRunFacet(
    RunFacet,
    key="extractionError",
    schema=FACET_SCHEMAS + "1-1-2/ExtractionErrorRunFacet.json#/$defs/ExtractionErrorRunFacet",
):
    """What lineage could not be extracted: tasks in all, tasks that failed, their errors."""

    totalTasks: int
    failedTasks: int
    errors: list[Error]


class JobIdentifier(msgspec.Struct):
    """A job by namespace and name."""

    namespace: str
    name: str


class RunIdentifier(msgspec.Struct):
    """A run by its id."""

    runId: Uuid

    def __post_init__(self) -> None:
        self.runId = canonical_uuid(self.runId)


class JobDependency(msgspec.Struct):
    """A job this run waits for, or that waits for it."""

    job: JobIdentifier
    run: Maybe[RunIdentifier] = UNSET
    dependency_type: Maybe[str] = UNSET
    sequence_trigger_rule: Maybe[str] = UNSET
    status_trigger_rule: Maybe[str] = UNSET


class JobDependenciesRunFacet(
    RunFacet,
    key="jobDependencies",
    schema=FACET_SCHEMAS + "1-0-1/JobDependenciesRunFacet.json#/$defs/JobDependenciesRunFacet",
):
    """Control flow between jobs: what must end before this run, and what follows it."""

    upstream: Maybe[list[JobDependency]] = UNSET
    downstream: Maybe[list[JobDependency]] = UNSET
    trigger_rule: Maybe[str] = UNSET


class NominalTimeRunFacet(
    RunFacet,
    key="nominalTime",
    schema=FACET_SCHEMAS + "1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet",
):
    """The slice of data the run is for: RFC 3339 times; the end is exclusive."""

    nominalStartTime: DateTime
    nominalEndTime: Maybe[DateTime] = UNSET


class Root(msgspec.Struct):
    """The outermost run and its job."""

    run: Run
    job: Job


class ParentRunFacet(
    RunFacet,
    key="parent",
    schema=FACET_SCHEMAS + "1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet",
):
    """The run that started this one, its job, and the root of them all."""

    run: Run
    job: Job
    root: Maybe[Root] = UNSET


class ProcessingEngineRunFacet(
    RunFacet,
    key="processing_engine",
    schema=FACET_SCHEMAS + "1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet",
):
    """What executes the run: version and name of the engine, version of the lineage toolkit in it."""

    version: str
    name: Maybe[str] = UNSET
    openlineageAdapterVersion: Maybe[str] = UNSET


class TagsRunFacetFields(msgspec.Struct):
    """One tag: ``value`` is text; ``source`` says who set it."""

    key: str
    value: str
    source: Maybe[str] = UNSET


class TagsRunFacet(
    RunFacet,
    key="tags",
    schema=FACET_SCHEMAS + "1-0-0/TagsRunFacet.json#/$defs/TagsRunFacet",
):
    """Tags of a run."""

    tags: Maybe[list[TagsRunFacetFields]] = UNSET


class TestExecution(msgspec.Struct):
    """One test: ``status`` is pass, fail or skip; ``severity`` error or warn."""

    __test__: ClassVar[bool] = False  # pytest takes classes named Test… for tests

    name: str
    status: str
    severity: Maybe[str] = UNSET
    type: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    expected: Maybe[str] = UNSET
    actual: Maybe[str] = UNSET
    content: Maybe[str] = UNSET
    contentType: Maybe[str] = UNSET
    params: Maybe[dict[str, Any]] = UNSET


class TestRunFacet(
    RunFacet,
    key="test",
    schema=FACET_SCHEMAS + "1-0-1/TestRunFacet.json#/$defs/TestRunFacet",
):
    """Tests the run executed."""

    __test__: ClassVar[bool] = False

    tests: list[TestExecution]
