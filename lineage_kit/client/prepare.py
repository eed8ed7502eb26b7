"""Everything that is done to an event between `emit` and its bytes, part by part.

Filter → datasets → enrich → mend → redact: each is a plain function of its own file. They work on parts (job, run
facets, dataset), so that what is constant for a function is prepared and encoded once and only what changes is done
per call.
"""

from __future__ import annotations

import sys
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from lineage_kit import report
from lineage_kit.client.datasets import merge, settle, settle_references
from lineage_kit.client.enrich import environment_facets, tag_job, tag_run
from lineage_kit.client.filters import keeps
from lineage_kit.client.mend import mend_event, mend_facets
from lineage_kit.client.redact import redact_facets
from lineage_kit.client.source_code import source_code_location
from lineage_kit.config.model import Settings
from lineage_kit.event.encoding import encode_reporting
from lineage_kit.event.facet import CORE_SCHEMA, PRODUCER, VERSION
from lineage_kit.event.facets.run import ParentRunFacet, ProcessingEngineRunFacet
from lineage_kit.event.model import (
    Dataset,
    DatasetEvent,
    Event,
    Facets,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    RunEvent,
)
from lineage_kit.notes.uniting import merge_facets

Kind = type[InputDataset] | type[OutputDataset]
D = TypeVar("D", bound=Dataset)
E = TypeVar("E", bound=Event)
R = TypeVar("R", bound=RunEvent | JobEvent)
P = TypeVar("P", bound=msgspec.Struct)

MAX_JOBS = 1000


class PreparedJob(msgspec.Struct, frozen=True):
    """A job with its facets enriched, redacted and encoded. kept: False when a filter leaves its events out."""

    job: Job
    raw: msgspec.Raw
    kept: bool
    key: str

    @property
    def namespace(self) -> str:
        """The job's namespace."""
        return self.job.namespace

    @property
    def name(self) -> str:
        """The job's name."""
        return self.job.name


class Prepare:
    """The steps, with the settings they need."""

    def __init__(self, settings: Settings) -> None:
        self.producer = settings.producer or PRODUCER
        self._settings = settings
        self._base: dict[str, msgspec.Raw] | None = None

    # -- parts

    def job(self, job: Job, source: str | None, base: PreparedJob | None = None) -> PreparedJob:
        """A job ready to be sent; `source` is the file it is written in.

        With `base`, facets laid over that one's; datasets they name are taken to be settled (`references`).
        """
        if base is None:
            facets = dict(self.references(job.facets))
            self._locate(facets, source)
        else:
            facets = merge_facets(base.job.facets, job.facets)
        job = Job(job.namespace, job.name, self._clean(tag_job(facets, self._settings.tags.job), "job"))
        kept = base.kept if base is not None else keeps(self._settings.filters, job.name)
        return PreparedJob(job, self._encode(job), kept, f"run:{job.namespace}/{job.name}")

    def dataset(self, dataset: Dataset, kind: Kind) -> Any:
        """A dataset of `kind` under its final name: aliases, credentials, dates and partitions settled."""
        if not isinstance(dataset, kind):
            kept = dataset.__dict__.get("kept")
            dataset = kind(dataset.namespace, dataset.name, dataset.facets)
            if kept:
                dataset.__dict__["kept"] = kept
        return settle(dataset, self._settings)

    def references(self, facets: Facets) -> Facets:
        """Facets with the datasets that they name under their final names; the same dict when nothing changed."""
        return settle_references(facets, self._settings)

    def encode_dataset(self, dataset: Dataset) -> msgspec.Raw:
        """The JSON of a dataset that `dataset` settled."""
        return self._encode(self._clean_dataset(dataset))

    def base_run_facets(self) -> dict[str, Any]:
        """What every run carries, encoded: processing engine, configured tags, environment variables."""
        names = self._settings.facets.environment_variables
        if self._base is None or names:
            facets: Facets = {"processing_engine": self._engine()}
            self._base = self.run_facets(environment_facets(facets, names), tagged=True)
        return self._base.copy()

    def run_facets(self, facets: Facets, *, tagged: bool = False) -> dict[str, msgspec.Raw]:
        """Run facets by key, enriched, redacted and encoded one by one."""
        if tagged or "tags" in facets:
            facets = tag_run(facets, self._settings.tags.run)
        return {key: self._encode(facet) for key, facet in self._clean(facets, "run").items()}

    def parent_facet(self, facet: ParentRunFacet) -> msgspec.Raw:
        """The ``parent`` facet, encoded."""
        return self._encode(self._own(facet))

    # -- whole events

    def event(self, event: Event) -> Event | None:
        """A copy of `event` as it will be sent; None when a filter leaves it out."""
        event = mend_event(event, self._settings.producer)
        if isinstance(event, RunEvent):
            if not keeps(self._settings.filters, event.job.name):
                return None
            run = self._changed(event.run, facets=self._run_facets_of_event(event.run.facets))
            return self._with_parts(event, run=run)
        if isinstance(event, JobEvent):
            return self._with_parts(event)
        dataset = self._clean_dataset(settle(event.dataset, self._settings))
        return self._whole(event, dataset=dataset)

    def _with_parts(self, event: R, **changes: Any) -> R:
        facets = dict(self.references(event.job.facets))
        if isinstance(event, RunEvent):
            self._locate(facets, None)
        facets = self._clean(tag_job(facets, self._settings.tags.job), "job")
        changes["job"] = self._changed(event.job, facets=facets)
        for side, kind in (("inputs", InputDataset), ("outputs", OutputDataset)):
            datasets = getattr(event, side)
            if datasets:
                settled = merge([self.dataset(dataset, kind) for dataset in datasets])
                changes[side] = [self._clean_dataset(dataset) for dataset in settled]
        return self._whole(event, **changes)

    def _run_facets_of_event(self, facets: Facets) -> Facets:
        facets = environment_facets(dict(facets), self._settings.facets.environment_variables)
        return self._clean(tag_run(facets, self._settings.tags.run), "run")

    # -- shared

    def _whole(self, event: E, **changes: Any) -> E:
        """A changed copy of an event, with a schema, and marked where anything in it stands beside the fields."""
        if not event.schemaURL:
            kind = next(kind for kind in (RunEvent, JobEvent, DatasetEvent) if isinstance(event, kind))
            changes["schemaURL"] = CORE_SCHEMA + kind.__name__
        whole = self._changed(event, **changes)
        parts = [changes.get(name) for name in ("run", "job", "dataset")]
        parts += [*changes.get("inputs", ()), *changes.get("outputs", ())]
        if any(getattr(part, "__dict__", {}).get("kept") for part in parts):
            whole.__dict__.setdefault("kept", {})  # tells the encoder to look for it
        return whole

    def _changed(self, part: P, **changes: Any) -> P:
        """A changed copy that still has the keys which `decode` did not know, without secrets.

        What stood under a known key and could not be read is left out, and said.
        """
        kept = part.__dict__.get("kept") if hasattr(part, "__dict__") else None
        if not kept:
            return msgspec.structs.replace(part, **changes) if changes else part
        copy = msgspec.structs.replace(part, **changes)
        safe = redact_facets(_unknown(part, kept), self._settings.redact)
        copy.__dict__["kept"] = {key: (UNSET, found) for key, found in safe.items()}
        return copy

    def _locate(self, facets: Facets, source: str | None) -> None:
        """Add the source code location, unless the caller gave one or there is none."""
        if "sourceCodeLocation" not in facets:
            location = source_code_location(source, self._settings.facets.source_code_location)
            if location is not None:
                facets["sourceCodeLocation"] = location

    def _clean_dataset(self, dataset: D) -> D:
        changes = {}
        for place, home in (("facets", "dataset"), ("inputFacets", "input"), ("outputFacets", "output")):
            facets = getattr(dataset, place, None)
            if facets:
                changes[place] = self._clean(facets, home)
        return self._changed(dataset, **changes)

    def _clean(self, facets: Facets, home: str) -> Facets:
        return redact_facets(mend_facets(facets, home, self._settings.producer), self._settings.redact)

    def _engine(self) -> ProcessingEngineRunFacet:
        return ProcessingEngineRunFacet(".".join(map(str, sys.version_info[:3])), "Python", VERSION)

    def _own(self, facet: Any) -> Any:
        """A facet of ours under the configured producer."""
        return facet if self.producer == PRODUCER else msgspec.structs.replace(facet, producer=self.producer)

    def _encode(self, part: Any) -> msgspec.Raw:
        body, problems = encode_reporting(part)
        if problems:
            name = type(part).__name__
            report.problem(f"encode:{name}", f"in a {name}: {'; '.join(problems)}")
        return msgspec.Raw(body)


def _unknown(part: Any, kept: dict[str, Any]) -> dict[str, Any]:
    """Of what `decode` kept, the keys that are no fields of `part`; a field that could not be read is said."""
    fields = set(part.__struct_encode_fields__)
    name = type(part).__name__
    for key, (_, found) in kept.items():
        if key in fields and found is not UNSET and found:
            what = f"{key} of a {name} cannot be read and is left out"
            report.problem(f"client.unreadable:{name}.{key}", what)
    return {key: found for key, (_, found) in kept.items() if key not in fields}


def routing_key(event: Event) -> str:
    """``run:{namespace}/{name}`` of the root, parent or own job; ``job:…``, ``dataset:…`` for the other events."""
    if isinstance(event, DatasetEvent):
        return f"dataset:{event.dataset.namespace}/{event.dataset.name}"
    if isinstance(event, JobEvent):
        return f"job:{event.job.namespace}/{event.job.name}"
    job: Any = event.job
    parent = event.run.facets.get("parent")
    for path in (("root", "job"), ("job",)):
        found = _at(parent, path)
        if isinstance(_at(found, ("namespace",)), str) and isinstance(_at(found, ("name",)), str):
            job = found
            break
    return f"run:{_at(job, ('namespace',))}/{_at(job, ('name',))}"


def parent_run(facets: Facets) -> str | None:
    """The id of the run that these facets name as the parent."""
    found = _at(facets.get("parent"), ("run", "runId"))
    return found if isinstance(found, str) else None


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    """The part of a facet, struct or dict, at a path; None where it is not there."""
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else getattr(tree, name, None)
    return tree
