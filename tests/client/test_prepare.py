"""From an emitted event to the one that leaves: filters, tags, names, places in the source, constant parts."""

import json
from typing import Any

import msgspec
import pytest

from lineage_kit import (
    Dataset,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OpenLineageClient,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    lineage_job,
    report,
    run,
    session,
)
from lineage_kit.client.prepare import Prepare, routing_key
from lineage_kit.config.load import load
from lineage_kit.facets import (
    ColumnLineageDatasetFacet,
    Fields,
    InputField,
    JobTypeJobFacet,
    ParentRunFacet,
    Root,
    SourceCodeLocationJobFacet,
)
from lineage_kit.transport import MemoryTransport
from tests.client.conftest import Repository

ID = "0196ed52-e0d9-7e7c-9065-bcc8c7309516"
OTHER = "0196ed52-e0d9-7e7c-9065-bcc8c7309517"
TIME = "2026-11-22T10:00:00Z"


def _event(name: str = "load", run_facets: Any = None, **parts: Any) -> RunEvent:
    job = Job("shop", name, parts.pop("job_facets", {}))
    return RunEvent(RunState.START, TIME, Run(ID, run_facets or {}), job, "https://x.example", **parts)


def _all_sent(config: dict[str, Any], *events: Any) -> list[dict[str, Any]]:
    transport = MemoryTransport()
    with OpenLineageClient(transport=transport, config=config) as client:
        for event in events:
            client.emit(event)
    return [json.loads(envelope.body) for envelope in transport.envelopes]


def _sent(config: dict[str, Any], event: Any) -> dict[str, Any]:
    [document] = _all_sent(config, event)
    return document


FILTERS = [{"type": "exact", "match": "skip"}, {"type": "regex", "regex": "tmp[.]"}]


@pytest.mark.parametrize(
    ("name", "kept"), [("skip", False), ("tmp.x", False), ("skip.more", True), ("a.tmp.x", True)]
)
def test_filters_leave_out_run_events(name: str, kept: bool) -> None:
    """An exact filter takes the whole name, an expression its beginning."""
    assert len(_all_sent({"filters": FILTERS}, _event(name))) == kept


def test_filters_are_for_run_events() -> None:
    """Job and dataset events pass, as in the existing client."""
    events = (JobEvent(TIME, Job("a", "skip")), DatasetEvent(TIME, Dataset("a", "skip")))
    assert len(_all_sent({"filters": FILTERS}, *events)) == 2


def test_filtered_decorated_function_is_just_called() -> None:
    """A filter switches lineage off for a function and leaves the runs inside it as they were."""
    transport = MemoryTransport()
    session.swap(OpenLineageClient(transport=transport, config={"filters": FILTERS}))

    @lineage_job("skip")
    def skipped() -> str:
        with run("inner"):
            return "value"

    with run("outer"):
        assert skipped() == "value"
    jobs = [event.job.name for event in transport.events]
    assert jobs == ["outer", "inner", "inner", "outer"]
    assert transport.events[1].run.facets["parent"].job.name == "outer"


def test_configured_tags_join_those_of_the_event() -> None:
    """Tags of jobs and runs come from the configuration; values stay text."""
    config = {"tags": {"job": {"build": "1e5"}, "run": {"attempt": "01"}}}
    document = _sent(config, _event())
    [tag] = document["job"]["facets"]["tags"]["tags"]
    assert (tag["key"], tag["value"], tag["source"]) == ("build", "1e5", "USER")
    [tag] = document["run"]["facets"]["tags"]["tags"]
    assert (tag["key"], tag["value"]) == ("attempt", "01")


def test_environment_variables_leave_by_list_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the variables that are listed are sent; those whose name tells a secret are masked."""
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    monkeypatch.setenv("OTHER", "unlisted")
    config = {"facets": {"environment_variables": ["STAGE", "DB_PASSWORD", "UNSET_ONE"]}}
    document = _sent(config, _event())
    found = document["run"]["facets"]["environmentVariables"]["environmentVariables"]
    assert {one["name"]: one["value"] for one in found} == {"STAGE": "test", "DB_PASSWORD": "***"}
    assert report.counts() == {"enrich.environment:UNSET_ONE": 1}


def test_source_code_location_of_a_checkout(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a git checkout jobs tell repository, commit and branch; a password in the remote stays here."""
    repository.git("remote", "set-url", "origin", "https://bot:hunter2@github.com/team/etl.git")
    monkeypatch.chdir(repository.root)
    document = _sent({}, _event())
    facet = document["job"]["facets"]["sourceCodeLocation"]
    assert (facet["version"], facet["branch"]) == (repository.commit, "main")
    assert facet["repoUrl"] == "https://github.com/team/etl.git"
    assert "hunter2" not in json.dumps(document)
    assert "sourceCodeLocation" not in str(_sent({}, JobEvent(TIME, Job("a", "b"))))


def test_source_code_location_can_be_given_or_switched_off(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A facet of the event's own wins; ``disabled`` leaves it out; outside of a checkout there is none."""
    own = {"sourceCodeLocation": SourceCodeLocationJobFacet("git", "https://example.com/mine")}
    monkeypatch.chdir(repository.root)
    document = _sent({}, _event(job_facets=own))
    assert document["job"]["facets"]["sourceCodeLocation"]["url"] == "https://example.com/mine"
    off = {"facets": {"source_code_location": {"disabled": True}}}
    assert "facets" not in _sent(off, _event())["job"]
    monkeypatch.chdir(repository.root.parent)
    assert "facets" not in _sent({}, _event())["job"]


def test_decorated_function_tells_its_own_file(repository: Repository) -> None:
    """The location of a decorated function is its file, wherever the program was started."""
    transport = MemoryTransport()
    session.swap(OpenLineageClient(transport=transport))
    repository.source.write_text("from lineage_kit import lineage_job\n@lineage_job\ndef load(): pass\n")
    scope: dict[str, Any] = {"__name__": "etl"}
    exec(compile(repository.source.read_text(), str(repository.source), "exec"), scope)
    scope["load"]()
    facet = transport.events[0].job.facets["sourceCodeLocation"]
    assert facet.path == "jobs/etl.py"
    assert facet.url == f"https://github.com/team/etl/blob/{repository.commit}/jobs/etl.py"


ALIASES = {"warehouse": "postgres://prod:5432", "127.0.0.1:5433": "prod-db:5432", "replica": "prod-db"}


@pytest.mark.parametrize(
    ("given", "final"),
    [
        ("warehouse", "postgres://prod:5432"),
        ("postgres://127.0.0.1:5433", "postgres://prod-db:5432"),
        ("postgres://user:hunter2@127.0.0.1:5433", "postgres://prod-db:5432"),
        ("mysql://replica:3306", "mysql://prod-db:3306"),
        ("elsewhere", "elsewhere"),
    ],
)
def test_aliases_of_namespaces(given: str, final: str) -> None:
    """Short names and host aliases are resolved in inputs, outputs and dataset events."""
    config = {"namespaces": ALIASES}
    document = _sent(config, _event(inputs=[Dataset(given, "t")], outputs=[Dataset(given, "t")]))
    assert [document[side][0]["namespace"] for side in ("inputs", "outputs")] == [final, final]
    assert _sent(config, DatasetEvent(TIME, Dataset(given, "t")))["dataset"]["namespace"] == final


def test_dates_fold_and_equal_datasets_merge() -> None:
    """Files that differ by date become one dataset with the later facets; what was read stands in ``subset``."""
    days = [
        InputDataset("s3://raw", f"orders/2026-11-{day}.csv", {f"f{day}": {"a": day}}) for day in (21, 22)
    ]
    document = _sent({}, _event(inputs=[*days, InputDataset("s3://raw", "other.csv")]))
    first, second = document["inputs"]
    assert (first["name"], second["name"]) == ("orders", "other.csv")
    assert set(first["facets"]) == {"f21", "f22"}
    places = first["inputFacets"]["subset"]["inputCondition"]["locations"]
    assert places == ["s3://raw/orders/2026-11-21.csv", "s3://raw/orders/2026-11-22.csv"]
    assert "inputFacets" not in second


def test_folding_can_be_switched_off() -> None:
    """``dataset.reducing_enabled: false`` keeps every name as it is."""
    days = [Dataset("s3://raw", f"orders/2026-11-{day}.csv") for day in (21, 22)]
    document = _sent({"dataset": {"reducing_enabled": False}}, _event(inputs=days))
    assert [dataset["name"] for dataset in document["inputs"]] == [dataset.name for dataset in days]


def test_column_lineage_meets_folded_names() -> None:
    """References to datasets inside facets get the same final names as the datasets themselves."""
    source = InputField("s3://raw", "orders/2026-11-22.csv", "amount")
    lineage = ColumnLineageDatasetFacet({"total": Fields([source])})
    document = _sent({}, _event(outputs=[OutputDataset("warehouse", "t", {"columnLineage": lineage})]))
    [field] = document["outputs"][0]["facets"]["columnLineage"]["fields"]["total"]["inputFields"]
    assert (field["namespace"], field["name"], field["field"]) == ("s3://raw", "orders", "amount")
    assert source.name == "orders/2026-11-22.csv"


def test_redaction_can_be_extended_and_switched_off() -> None:
    """Further keys and patterns are masked as configured; ``redact: false`` masks nothing."""
    facets = {"mine": {"customer": "Ann", "password": "hunter2", "text": "card 1234"}}
    config = {"redact": {"keys": ["customer"], "patterns": [r"card \d+"]}}
    mine = _sent(config, _event(run_facets=facets))["run"]["facets"]["mine"]
    assert (mine["customer"], mine["password"], mine["text"]) == ("***", "***", "***")
    mine = _sent({"redact": False}, _event(run_facets=facets))["run"]["facets"]["mine"]
    assert mine["password"] == "hunter2"


def test_configured_producer_replaces_ours_only() -> None:
    """``producer`` stands where the event names none of its own."""
    config = {"producer": "https://example.com/us"}
    event = RunEvent(RunState.START, TIME, Run(ID), Job("a", "b", {"jobType": JobTypeJobFacet("BATCH", "X")}))
    document = _sent(config, event)
    assert document["producer"] == config["producer"]
    assert document["job"]["facets"]["jobType"]["_producer"] == config["producer"]
    assert _sent(config, _event())["producer"] == "https://x.example"


PARENT = ParentRunFacet(Run(OTHER), Job("p", "parent"))
ROOTED = ParentRunFacet(Run(OTHER), Job("p", "parent"), Root(Run(OTHER), Job("r", "root")))
ROUTES: list[tuple[Any, str]] = [
    (_event(), "run:shop/load"),
    (_event(run_facets={"parent": PARENT}), "run:p/parent"),
    (_event(run_facets={"parent": ROOTED}), "run:r/root"),
    (_event(run_facets={"parent": {"job": {"namespace": "p", "name": "plain"}}}), "run:p/plain"),
    (_event(run_facets={"parent": {"root": {"job": {"namespace": "r", "name": "plain"}}}}), "run:r/plain"),
    (_event(run_facets={"parent": {"root": "odd", "job": {"namespace": 3, "name": None}}}), "run:shop/load"),
    (_event(run_facets={"parent": "odd"}), "run:shop/load"),
    (JobEvent(TIME, Job("a", "b")), "job:a/b"),
    (DatasetEvent(TIME, Dataset("a", "b")), "dataset:a/b"),
]


@pytest.mark.parametrize(("event", "key"), ROUTES)
def test_routing_key(event: Any, key: str) -> None:
    """Events of one tree of runs share a key: the root's job, else the parent's, else their own."""
    assert routing_key(event) == key
    transport = MemoryTransport()
    OpenLineageClient(transport=transport).emit(event)
    [envelope] = transport.envelopes
    assert envelope.key == key
    assert (envelope.run_id, envelope.state) == (
        (ID, "START") if isinstance(event, RunEvent) else (None, None)
    )


def test_nested_runs_share_the_key_of_their_root() -> None:
    """Blocks and decorated functions are routed by the outermost run."""
    transport = MemoryTransport()
    session.swap(OpenLineageClient(transport=transport))
    with run("top"), run("middle"), run("bottom"):
        pass
    assert {envelope.key for envelope in transport.envelopes} == {"run:default/top"}
    assert [envelope.state for envelope in transport.envelopes] == ["START"] * 3 + ["COMPLETE"] * 3


def test_constant_parts_are_encoded_once() -> None:
    """A prepared job holds its own JSON, enriched and redacted, ready to be put into every event."""
    prepare = Prepare(load(config={"tags": {"job": {"stage": "test"}}}))
    prepared = prepare.job(Job("shop", "load", {"mine": {"token": "hunter2"}}), None)
    document = msgspec.json.decode(prepared.raw)
    assert document["facets"]["mine"]["token"] == "***"
    assert document["facets"]["tags"]["tags"][0]["key"] == "stage"
    assert (prepared.namespace, prepared.name, prepared.kept, prepared.key) == (
        "shop",
        "load",
        True,
        "run:shop/load",
    )


def test_job_facets_added_later_lie_over_the_prepared_ones() -> None:
    """A job with more facets keeps those that were prepared before."""
    prepare = Prepare(load(config={}))
    base = prepare.job(Job("a", "b", {"one": {"x": 1}, "two": {"x": 1}}), None)
    later = prepare.job(Job("a", "b", {"two": {"x": 2}}), None, base)
    facets = msgspec.json.decode(later.raw)["facets"]
    assert (facets["one"]["x"], facets["two"]["x"]) == (1, 2)


def test_base_facets_are_shared_but_not_changed() -> None:
    """What every run carries is encoded once; each run gets a dict of its own."""
    prepare = Prepare(load(config={"tags": {"run": {"stage": "test"}}}))
    first, second = prepare.base_run_facets(), prepare.base_run_facets()
    assert first["processing_engine"] is second["processing_engine"]
    assert set(first) == {"processing_engine", "tags"}
    first["mine"] = msgspec.Raw(b"{}")
    assert "mine" not in prepare.base_run_facets()


def test_environment_of_runs_is_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that are listed are read at every run, since programs change them."""
    prepare = Prepare(load(config={"facets": {"environment_variables": ["SLICE"]}}))
    for value in ("one", "two"):
        monkeypatch.setenv("SLICE", value)
        assert value.encode() in bytes(prepare.base_run_facets()["environmentVariables"])


def test_tags_of_a_run_and_of_the_configuration_together() -> None:
    """What `run_tag` adds does not push out configured tags."""
    transport = MemoryTransport()
    session.swap(OpenLineageClient(transport=transport, config={"tags": {"run": {"stage": "test"}}}))
    with run("a") as active:
        active.run_tag("own", "x")
    found = {tag.key: tag.value for tag in transport.events[-1].run.facets["tags"].tags}
    assert found == {"stage": "test", "own": "x"}
