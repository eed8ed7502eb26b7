"""Standard facets of a job: what stays true from run to run.

Source: OpenLineage, ``spec/facets/*JobFacet.json``; each class names its version in ``schema``.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET

from lineage_kit.event.facet import FACET_SCHEMAS, JobFacet, Maybe, Uri


class DocumentationJobFacet(
    JobFacet,
    key="documentation",
    schema=FACET_SCHEMAS + "1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet",
):
    """What the job is for; ``contentType`` is a MIME type (``text/markdown``)."""

    description: str
    contentType: Maybe[str] = UNSET


class EmissionPattern(msgspec.Struct):
    """When a long-running job reports and what its events hold; ``windowDuration`` in seconds, at least 1."""

    eventTrigger: str
    eventContentMode: str
    windowDuration: Maybe[Annotated[int, msgspec.Meta(ge=1)]] = UNSET


class JobTypeJobFacet(
    JobFacet,
    key="jobType",
    schema=FACET_SCHEMAS + "2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
):
    """What kind of job: ``processingType`` BATCH, STREAMING or SERVICE; ``integration`` SPARK, DBT and so on."""

    processingType: str
    integration: str
    jobType: Maybe[str] = UNSET
    emissionPattern: Maybe[EmissionPattern] = UNSET


class Owner(msgspec.Struct):
    """One owner: ``name`` such as ``team:data``, ``type`` such as ``MAINTAINER``."""

    name: str
    type: Maybe[str] = UNSET


class OwnershipJobFacet(
    JobFacet,
    key="ownership",
    schema=FACET_SCHEMAS + "1-0-1/OwnershipJobFacet.json#/$defs/OwnershipJobFacet",
):
    """Who owns the job."""

    owners: Maybe[list[Owner]] = UNSET


class SourceCodeJobFacet(
    JobFacet,
    key="sourceCode",
    schema=FACET_SCHEMAS + "1-0-1/SourceCodeJobFacet.json#/$defs/SourceCodeJobFacet",
):
    """The source code of the job, as text."""

    language: str
    sourceCode: str


class SourceCodeLocationJobFacet(
    JobFacet,
    key="sourceCodeLocation",
    schema=FACET_SCHEMAS + "1-1-0/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet",
):
    """Where the source code of the job lies; ``type`` is ``git`` or ``svn``, ``url`` the file in its repository."""

    type: str
    url: Uri
    repoUrl: Maybe[str] = UNSET
    path: Maybe[str] = UNSET
    version: Maybe[str] = UNSET
    tag: Maybe[str] = UNSET
    branch: Maybe[str] = UNSET
    pullRequestNumber: Maybe[str] = UNSET


class SQLJobFacet(
    JobFacet,
    key="sql",
    schema=FACET_SCHEMAS + "1-1-0/SQLJobFacet.json#/$defs/SQLJobFacet",
):
    """The SQL text the job runs."""

    query: str
    dialect: Maybe[str] = UNSET


class TagsJobFacetFields(msgspec.Struct):
    """One tag: ``value`` is text; ``source`` says who set it."""

    key: str
    value: str
    source: Maybe[str] = UNSET


class TagsJobFacet(
    JobFacet,
    key="tags",
    schema=FACET_SCHEMAS + "1-0-0/TagsJobFacet.json#/$defs/TagsJobFacet",
):
    """Tags of a job."""

    tags: Maybe[list[TagsJobFacetFields]] = UNSET
