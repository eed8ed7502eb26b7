"""``lineage-kit emit`` lets shell scripts tell their lineage."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.log_events import run_id
from tests.support.servers import HttpServer, refusing_port

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Sends events to a file; gives what was written there so far."""
    path = tmp_path / "sent.ndjson"
    monkeypatch.setenv(
        "OPENLINEAGE__TRANSPORT", json.dumps({"type": "file", "log_file_path": str(path), "append": True})
    )

    def read() -> list[dict]:
        return [json.loads(line) for line in path.read_text().splitlines()]

    return read


def test_a_shell_script_tells_a_run_from_start_to_end(here, tmp_path: Path) -> None:
    """The id that START printed ties the events of a script together, and log shows the run."""
    kit = f"{shlex.quote(sys.executable)} -m lineage_kit"
    script = f"""
        set -e
        run=$({kit} emit START --job nightly.copy --input s3://raw/orders)
        {kit} emit COMPLETE --job nightly.copy --run-id "$run" --output ./orders.csv
    """
    subprocess.run(
        ["sh", "-c", script],
        check=True,
        cwd=tmp_path,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    shown = here("log").stdout
    assert shown.startswith("nightly.copy COMPLETE ")
    assert shown.endswith(" s  s3://raw/orders → orders.csv\n")


def test_only_the_run_id_goes_to_standard_output(apart, sent, tmp_path: Path) -> None:
    """What a script catches is the id and nothing else."""
    result = apart("emit", "start", "--job", "a", cwd=tmp_path)
    assert result.returncode == 0
    assert UUID.fullmatch(result.stdout)
    (event,) = sent()
    assert (event["eventType"], event["run"]["runId"]) == ("START", result.stdout.strip())


def test_what_a_console_shows_is_not_taken_for_the_run_id(apart, tmp_path: Path) -> None:
    """Events for the console go to standard error here; standard output is what a script catches."""
    result = apart(
        "emit", "START", "--job", "a", cwd=tmp_path, env={"OPENLINEAGE__TRANSPORT__TYPE": "console"}
    )
    assert result.returncode == 0
    assert UUID.fullmatch(result.stdout)
    assert json.loads(result.stderr)["run"]["runId"] == result.stdout.strip()


def test_an_event_says_all_that_the_options_say(here, sent) -> None:
    """Job, namespace, run, datasets and message are where the standard wants them."""
    result = here(
        *(
            "emit",
            "FAIL",
            "--job",
            "a.b",
            "--namespace",
            "ns",
            "--run-id",
            run_id(1),
            "--message",
            "copy ended with 3",
        ),
        *(
            "--input",
            "postgres://db/shop.public.orders",
            "--input",
            "s3://raw/{x}.csv",
            "--output",
            "./out/2026-11-22.csv",
        ),
    )
    assert (result.exit_code, result.stdout) == (0, run_id(1) + "\n")
    (event,) = sent()
    assert event["job"]["name"] == "a.b"
    assert event["job"]["namespace"] == "ns"
    assert [(one["namespace"], one["name"]) for one in event["inputs"]] == [
        ("postgres://db:5432", "shop.public.orders"),
        ("s3://raw", "{x}.csv"),
    ]
    assert event["outputs"][0]["name"] == str(Path.cwd() / "out")
    assert event["run"]["facets"]["errorMessage"]["message"] == "copy ended with 3"


def test_the_namespace_is_the_configured_one(here, sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --namespace the configuration decides."""
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "etl.prod")
    here("emit", "START", "--job", "a")
    assert sent()[0]["job"]["namespace"] == "etl.prod"


def test_the_parent_comes_from_the_environment(here, sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script started by a run is its child."""
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", f"airflow/dag.task/{run_id(7)}")
    here("emit", "START", "--job", "a")
    parent = sent()[0]["run"]["facets"]["parent"]
    assert parent["run"]["runId"] == run_id(7)
    assert parent["job"] == {"namespace": "airflow", "name": "dag.task"}


@pytest.mark.parametrize("state", ["START", "RUNNING", "COMPLETE", "FAIL", "ABORT", "OTHER"])
def test_every_event_is_valid(here, sent, tmp_path: Path, state: str) -> None:
    """What emit sends passes validate --strict, whatever the state."""
    more = ["--message", "why"] if state in ("FAIL", "ABORT") else []
    assert here("emit", state, "--job", "a", "--run-id", run_id(1), "--input", "a.csv", *more).exit_code == 0
    assert here("validate", "--strict", tmp_path / "sent.ndjson").stdout == "1 event: valid\n"


def test_it_waits_until_a_backend_has_the_event(apart, server: HttpServer, tmp_path: Path) -> None:
    """When the command ends with 0, the event is there."""
    result = apart("emit", "START", "--job", "a", cwd=tmp_path, env={"OPENLINEAGE_URL": server.url})
    assert (result.returncode, result.stderr) == (0, "")
    (received,) = server.requests()
    assert received.json()["run"]["runId"] == result.stdout.strip()


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_is_told_by_the_exit_status(apart, server: HttpServer, tmp_path: Path, status: int) -> None:
    """A backend that does not take the event gives status 1; the id is printed all the same."""
    server.always(status)
    variables = {"OPENLINEAGE_URL": server.url}
    result = apart("emit", "START", "--job", "a", "--timeout", "10", cwd=tmp_path, env=variables)
    assert result.returncode == 1
    assert UUID.fullmatch(result.stdout)
    assert "did not take the event" in result.stderr
    assert str(status) in result.stderr


def test_a_backend_that_is_not_there_costs_no_more_than_the_timeout(apart, tmp_path: Path) -> None:
    """A refused connection is tried until the time is over, and then told."""
    with refusing_port() as port:
        variables = {"OPENLINEAGE_URL": f"http://127.0.0.1:{port}"}
        result = apart("emit", "START", "--job", "a", "--timeout", "0.3", cwd=tmp_path, env=variables)
    assert result.returncode == 1
    assert f"http://127.0.0.1:{port}/api/v1/lineage did not take the event: " in result.stderr


def test_a_broken_configuration_is_told(here) -> None:
    """Nothing is sent where the configuration is broken; the error says what to mend."""
    Path("openlineage.yml").write_text("transprot: {}\n")
    result = here("emit", "START", "--job", "a")
    assert result.exit_code == 1
    assert "transport" in result.stderr
    assert result.stdout == ""


def test_switched_off_is_quiet(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script runs unchanged where lineage is disabled: it still gets an id to hand on."""
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "1")
    result = here("emit", "START", "--job", "a")
    assert (result.exit_code, result.stderr) == (0, "")
    assert UUID.fullmatch(result.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["COMPLETE", "--job", "a"], "COMPLETE needs --run-id"),
        (["START"], "Missing option '-j' / '--job'"),
        (["START", "--job", " "], "--job is empty"),
        (["START", "--job", "a", "-n", ""], "--namespace is empty: leave it out for the configured one"),
        (["START", "--job", "a", "-r", ""], "--run-id is empty: did the lineage-kit emit START fail"),
        (["COMPLETE", "--job", "a", "-r", ""], "--run-id is empty: did the lineage-kit emit START fail"),
        (["START", "--job", "a", "--timeout", "nan"], "found 'nan', expected seconds from 0 to 86,400"),
        (["START", "--job", "a", "--timeout", "inf"], "found 'inf', expected seconds"),
        (["START", "--job", "a", "--timeout", "-1"], "found '-1', expected seconds"),
        (["START", "--job", "a", "--timeout", "10s"], "found '10s', expected seconds"),
        (
            ["START", "--job", "a", "--run-id", "nope"],
            "--run-id 'nope' is not a UUID: it is what lineage-kit emit START printed",
        ),
        (["START", "--job", "a", "--input", "orders"], "'orders' names no dataset. A table is written"),
        (["START", "--job", "a", "--message", "x"], "it goes with FAIL and ABORT"),
        (
            ["BEGIN", "--job", "a"],
            "'BEGIN' is no state of a run: START, RUNNING, COMPLETE, FAIL, ABORT or OTHER.",
        ),
        (["complet", "--job", "a"], "Did you mean COMPLETE?"),
        (["--job", "a"], "It is the first word: START, RUNNING, COMPLETE, FAIL, ABORT or OTHER."),
        (["", "--job", "a"], "'' is no state of a run"),
        (["START", "--job", "a", "--inptu", "b.csv"], "--input"),
    ],
)
def test_mistakes_are_met_with_what_is_right(here, arguments: list[str], said: str) -> None:
    """A command that is written wrongly sends nothing, prints no id, and ends with 2."""
    result = here("emit", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize(("notice", "lines"), [("auto", 0), ("never", 0), ("always", 1)])
def test_where_nothing_is_configured_cron_gets_no_mail(
    apart, tmp_path: Path, notice: str, lines: int
) -> None:
    """Without a terminal no event says that it stays on this machine, unless that is asked for; never twice a run."""
    (tmp_path / "openlineage.yml").write_text(f"notice: {notice}\n")
    start = apart("emit", "START", "--job", "a", cwd=tmp_path)
    end = apart("emit", "COMPLETE", "--job", "a", "--run-id", start.stdout.strip(), cwd=tmp_path)
    assert (len(start.stderr.splitlines()), end.stderr) == (lines, "")


def test_where_nothing_is_configured_a_terminal_is_told_once_per_run(tmp_path: Path) -> None:
    """START tells that the event stays on this machine; the events that follow do not repeat it."""
    first, id_ = _at_terminal(tmp_path, "START")
    assert "1 lineage event in " in first
    assert "lineage-kit log" in first
    assert _at_terminal(tmp_path, "COMPLETE", "--run-id", id_.strip())[0] == ""


def _at_terminal(folder: Path, *arguments: str) -> tuple[str, str]:
    """What ``lineage-kit emit`` says on a terminal, and its standard output."""
    import pty

    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "lineage_kit", "emit", *arguments, "--job", "a"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=60,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    os.write(theirs, b"END\n")
    text = b""
    while b"END" not in text:
        text += os.read(ours, 4096)
    os.close(theirs)
    os.close(ours)
    return text.decode().replace("\r\n", "\n").removesuffix("END\n"), done.stdout.decode()


def test_a_shell_script_under_test_sends_as_configured(apart, server: HttpServer, tmp_path: Path) -> None:
    """Whoever runs the command asks for the event to be sent: that pytest is somewhere above changes nothing."""
    variables = {"OPENLINEAGE_URL": server.url, "PYTEST_CURRENT_TEST": "test_script.py::test_it (call)"}
    result = apart("emit", "START", "--job", "a", cwd=tmp_path, env=variables)
    assert (result.returncode, result.stderr) == (0, "")
    assert len(server.requests()) == 1
