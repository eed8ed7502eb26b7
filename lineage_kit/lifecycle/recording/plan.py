"""What is constant for one job under one client, prepared and encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit.event.facets.job import (
    DocumentationJobFacet,
    JobTypeJobFacet,
    Owner,
    OwnershipJobFacet,
    TagsJobFacet,
    TagsJobFacetFields,
)
from lineage_kit.event.model import Dataset, InputDataset, Job, OutputDataset
from lineage_kit.lifecycle.arguments.family import NameFamily
from lineage_kit.lifecycle.pace.rate import rate_of
from lineage_kit.lifecycle.spec import JobSpec
from lineage_kit.notes.notes import Noted, Side, change

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.client.prepare import PreparedJob

MAX_KNOWN = 500


class Plan:
    """One spec under one client: its jobs by name, its declared datasets encoded, what is left to resolve per call."""

    __slots__ = (
        "client", "family", "has_run_facets", "inputs", "jobs", "known", "late", "name", "namespace", "needs_values",
        "outputs", "rate", "spec", "variable_inputs", "variable_outputs",
    )  # fmt: skip

    def __init__(self, spec: JobSpec, client: OpenLineageClient) -> None:
        self.spec = spec
        self.client = client
        self.namespace = spec.namespace or client.settings.namespace
        template = None if isinstance(spec.name, str) else spec.name
        self.name = spec.base_name if template else str(spec.name)
        self.family = NameFamily(template, spec.base_name) if template else None
        self.rate = rate_of(self.namespace, self.name)
        self.jobs: dict[str, PreparedJob] = {}
        self.known: dict[tuple[type, str], Noted] = {}
        self.inputs = encoded(client, InputDataset, spec.inputs.constant)
        self.outputs = encoded(client, OutputDataset, spec.outputs.constant)
        self.variable_inputs = spec.inputs.variable(at_end=False)
        self.variable_outputs = spec.outputs.variable(at_end=False)
        self.late = spec.outputs.variable(at_end=True)
        self.needs_values = spec.needs_values
        self.has_run_facets = bool(spec.run_facets or spec.captured or spec.nominal_time is not None)

    def job(self, values: Mapping[str, Any] | None) -> PreparedJob:
        """The job of one call, by its name."""
        name = self.name if self.family is None else self.family.name(values or {})
        prepared = self.jobs.get(name)
        if prepared is None:
            prepared = self.jobs[name] = self._prepare(name)
        return prepared

    def noted(self, kind: type[InputDataset | OutputDataset], where: Dataset | str) -> Noted:
        """What `where` names, under its final name and encoded; kept for the next call when it is an absolute text."""
        if isinstance(where, Dataset):
            return Noted(self.client.prepare.dataset(where, kind))
        known = self.known.get((kind, where))
        if known is None:
            known = Noted(self.client.prepare.dataset(Dataset(where), kind))
            if len(self.known) < MAX_KNOWN and ("://" in where or where.startswith("/")):
                self.known[kind, where] = known
        return known

    def _prepare(self, name: str) -> PreparedJob:
        job = Job(self.namespace, name, {**job_facets(self.spec), **self.spec.job_facets})
        return self.client.prepare.job(job, self.spec.source)


def plan_for(spec: JobSpec, client: OpenLineageClient) -> Plan:
    """The plan of `spec` under `client`, made at the first call and kept until the client changes."""
    plan: Plan | None = spec.__dict__.get("plan")
    if plan is None or plan.client is not client:
        plan = spec.__dict__["plan"] = Plan(spec, client)
    return plan


def encoded(
    client: OpenLineageClient, kind: type[InputDataset | OutputDataset], datasets: Iterable[Dataset]
) -> Side:
    """Datasets settled under their final names, merged where those are equal, and encoded."""
    side: Side = {}
    for dataset in datasets:
        change(side, client.prepare.dataset(dataset, kind))
    for noted in side.values():
        noted.raw = client.prepare.encode_dataset(noted.dataset)
    return side


def job_facets(spec: JobSpec) -> dict[str, Any]:
    """The job facets that a spec tells, besides those it was given."""
    facets: dict[str, Any] = {"jobType": JobTypeJobFacet("BATCH", "PYTHON", "JOB")}
    if spec.description:
        facets["documentation"] = DocumentationJobFacet(spec.description)
    if spec.owners:
        facets["ownership"] = OwnershipJobFacet([Owner(owner) for owner in spec.owners])
    if spec.tags:
        facets["tags"] = TagsJobFacet(
            [TagsJobFacetFields(key, value, "USER") for key, value in spec.tags.items()]
        )
    return facets
