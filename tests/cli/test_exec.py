"""``lineage-kit exec`` makes a run of any program, and changes nothing for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from lineage_kit.cli.exec.title import title_of
from tests.support.log_events import run_id
from tests.support.servers import HttpServer, black_hole_port, refusing_port

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs and signals of POSIX systems")

PYTHON = sys.executable
NESTED = """
from lineage_kit import lineage_job

@lineage_job("inner")
def inner():
    pass

inner()
"""


def facets(event: dict) -> dict:
    """The run facets of an event."""
    return event["run"]["facets"]


@pytest.mark.parametrize(("status", "state"), [(0, "COMPLETE"), (1, "FAIL"), (77, "FAIL"), (255, "FAIL")])
def test_the_status_is_the_commands(folder, status: int, state: str) -> None:
    """The command's exit status comes through, and decides between COMPLETE and FAIL."""
    done = folder.tool("exec", "--name", "a", "--", "sh", "-c", f"exit {status}")
    assert done.returncode == status
    assert folder.states() == ["START a", f"{state} a"]
    if status:
        message = facets(folder.events()[-1])["errorMessage"]
        assert (message["message"], message["programmingLanguage"]) == (
            f"sh ended with status {status}",
            "shell",
        )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT])
def test_a_signal_that_ends_the_command_ends_us(folder, number: signal.Signals) -> None:
    """A command ended by a signal is an ABORT, told before this process ends by the same signal."""
    done = folder.tool("exec", "--name", "a", "--", "sh", "-c", f"kill -{int(number)} $$")
    assert done.returncode == -number
    assert folder.states() == ["START a", "ABORT a"]
    assert facets(folder.events()[-1])["errorMessage"]["message"] == f"sh was ended by {number.name}"
    assert not list(folder.path.glob("core*"))


def test_a_shell_that_tells_of_a_signal_is_understood(folder) -> None:
    """Status 128 and more is a FAIL like every status, with the signal's name beside it."""
    assert folder.tool("exec", "sh", "-c", "exit 137").returncode == 137
    assert "SIGKILL" in facets(folder.events()[-1])["errorMessage"]["message"]


def test_streams_are_the_commands_own(folder) -> None:
    """Standard input, output and error pass byte by byte, other descriptors too."""
    source = bytes(range(256)) * 400
    read_end, write_end = os.pipe()
    script = (
        f"import os; os.write({write_end}, b'beside'); os.execvp('sh', ['sh', '-c', 'cat; echo error >&2'])"
    )
    done = subprocess.run(
        [PYTHON, "-m", "lineage_kit", "exec", "--", PYTHON, "-c", script],
        input=source,
        capture_output=True,
        cwd=folder.path,
        env=folder.environ(OPENLINEAGE__TRANSPORT='{"type": "local"}'),
        pass_fds=[write_end],
        timeout=60,
    )
    os.close(write_end)
    assert (done.returncode, done.stdout, done.stderr) == (0, source, b"error\n")
    assert os.read(read_end, 100) == b"beside"
    os.close(read_end)


@pytest.mark.parametrize(("notice", "lines"), [(None, 0), ("always", 1)])
def test_where_nothing_is_configured_cron_gets_no_mail(folder, notice: str | None, lines: int) -> None:
    """Without a terminal nobody is told that events stay on this machine, unless that is asked for."""
    if notice:
        (folder.path / "openlineage.yml").write_text(f"notice: {notice}\n")
    done = folder.tool("exec", "true")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (0, "", lines)
    assert len(folder.events()) == 2


def test_a_console_shows_events_beside_the_output(folder) -> None:
    """Where events go to the console they stand on standard error: what a pipe gets is the command's."""
    done = folder.tool("exec", "echo", "a", OPENLINEAGE__TRANSPORT__TYPE="console")
    assert done.stdout == "a\n"
    assert "COMPLETE" in done.stderr


def test_what_the_command_opens_is_its_child(folder) -> None:
    """A Python program with jobs of its own runs under the run of exec, whose root is the outer one's."""
    (folder.path / "etl.py").write_text(NESTED)
    context = {"run": {"runId": run_id(2)}, "job": {"namespace": "airflow", "name": "dag.task"}}
    root = {"run": {"runId": run_id(1)}, "job": {"namespace": "airflow", "name": "dag"}}
    outer = json.dumps({"parent": {**context, "root": root}})
    assert folder.tool("exec", "--", PYTHON, "etl.py", OPENLINEAGE_CONTEXT=outer).returncode == 0
    by_name = {event["job"]["name"]: event for event in folder.events()}
    own, inner = facets(by_name["etl"])["parent"], facets(by_name["inner"])["parent"]
    assert (own["job"]["name"], own["root"]["job"]["name"]) == ("dag.task", "dag")
    assert inner["run"]["runId"] == by_name["etl"]["run"]["runId"]
    assert inner["root"]["run"]["runId"] == run_id(1)


def test_programs_that_know_the_older_variables_are_served(folder) -> None:
    """OPENLINEAGE_PARENT_ID names this run and no longer the one around it."""
    show = "echo $OPENLINEAGE_PARENT_ID $OPENLINEAGE_ROOT_PARENT_ID"
    outer = f"airflow/dag/{run_id(1)}"
    done = folder.tool("exec", "--name", "a", "sh", "-c", show, OPENLINEAGE_PARENT_ID=outer)
    own = folder.events()[0]["run"]["runId"]
    assert done.stdout.split() == [f"default/a/{own}", outer]


def test_inputs_and_outputs_stand_on_every_event(folder) -> None:
    """What the options name is in START and in the end, as URLs and paths are named everywhere."""
    arguments = (
        "-i",
        "s3://raw/orders/2026-11-22.csv",
        "--input",
        "a{b}.csv",
        "-o",
        "postgres://db/shop.public.t",
    )
    folder.tool("exec", *arguments, "-n", "ns", "--", "true")
    for event in folder.events():
        assert event["job"]["namespace"] == "ns"
        assert [one["name"] for one in event["inputs"]] == ["orders", str(folder.path / "a{b}.csv")]
        assert [one["namespace"] for one in event["outputs"]] == ["postgres://db:5432"]


def test_events_are_valid(folder) -> None:
    """What exec sends passes validate --strict."""
    folder.tool("exec", "-i", "a.csv", "--", "false")
    done = folder.tool("validate", "--strict", str(next(folder.state.rglob("*.ndjson"))))
    assert done.stdout == "2 events: all valid\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-i", "orders"], "'orders' names no dataset"),
        (["-o", ""], "'' names no dataset"),
        (["--name", ""], "cannot be empty; the run is called true"),
        (["--name", "a\nb"], "newline"),
        (["--namespace", " "], "--namespace is empty"),
    ],
)
def test_a_value_that_cannot_be_used_costs_that_value(folder, options: list[str], said: str) -> None:
    """The job comes first: what an option holds never keeps the command from running."""
    done = folder.tool("exec", *options, "--", "true")
    assert done.returncode == 0
    assert said in done.stderr
    assert folder.states() == ["START true", "COMPLETE true"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "stands after --"),
        (["--"], "stands after --"),
        (["--inptu", "a.csv", "--", "touch", "started"], "Did you mean '--input'?"),
        (["--name"], "requires an argument"),
    ],
)
def test_a_command_line_that_cannot_be_read_starts_nothing(folder, arguments: list[str], said: str) -> None:
    """Where it is not clear what is to run, nothing is: status 2."""
    done = folder.tool("exec", *arguments)
    assert (done.returncode, folder.events()) == (2, [])
    assert said in done.stderr
    assert not (folder.path / "started").exists()


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["echo", "-n", "--help", "-i", "x"], "--help -i x"),
        (["--", "echo", "--", "a", "--"], "-- a --\n"),
        (["--name", "a", "echo", "--name", "b"], "--name b\n"),
        (["--", "printf", "%s|", "a b", "", "ü"], "a b||ü|"),
    ],
)
def test_the_commands_arguments_are_its_own(folder, arguments: list[str], printed: str) -> None:
    """From the first word of the command on nothing is read as an option of ours, with or without ``--``."""
    assert folder.tool("exec", *arguments).stdout == printed


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("no-such-program", 127, "no directory of PATH"),
        ("./missing/load.sh", 127, "no such file in ./missing"),
        ("here.sh", 127, "started with ./here.sh"),
        ("echo a b", 127, "in quotes the whole line is one name"),
        ("", 127, "a variable that is not set?"),
        ("./lost.sh", 127, "interpreter"),
        ("./here.sh", 126, "chmod +x"),
        ("./", 126, "is a directory"),
    ],
)
def test_a_command_that_cannot_start_is_a_fail(folder, command: str, status: int, said: str) -> None:
    """Not found is 127, not executable 126, as shells have it, with a FAIL that says why."""
    (folder.path / "here.sh").write_text("echo here\n")
    (folder.path / "lost.sh").write_text("#!/no/such/interpreter\n")
    (folder.path / "lost.sh").chmod(0o755)
    done = folder.tool("exec", "--name", "a", "--", command)
    assert done.returncode == status
    assert said in done.stderr
    assert said in facets(folder.events()[-1])["errorMessage"]["message"]
    assert folder.states() == ["START a", "FAIL a"]


@pytest.mark.parametrize("disabled", ["0", "1"])
def test_a_script_without_a_first_line_is_run_by_the_shell(folder, disabled: str) -> None:
    """As shells do, with a run and without one."""
    (folder.path / "plain.sh").write_text("echo plain $1\n")
    (folder.path / "plain.sh").chmod(0o755)
    done = folder.tool("exec", "./plain.sh", "x", OPENLINEAGE_DISABLED=disabled)
    assert (done.returncode, done.stdout) == (0, "plain x\n")


def test_switched_off_the_command_takes_our_place(folder) -> None:
    """Without lineage the process becomes the command: same process id, nothing said, no context."""
    process = subprocess.Popen(
        [PYTHON, "-m", "lineage_kit", "exec", "-i", "bad", "--", "sh", "-c", "echo $$ $OPENLINEAGE_CONTEXT"],
        cwd=folder.path,
        env=folder.environ(OPENLINEAGE_DISABLED="true"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.communicate(timeout=60) == (f"{process.pid}\n", "")
    assert folder.tool("exec", "no-such-program", OPENLINEAGE_DISABLED="true").returncode == 127
    assert folder.events() == []


def test_a_broken_configuration_does_not_keep_the_command_from_running(folder) -> None:
    """One loud warning, and the run is kept on this machine."""
    (folder.path / "openlineage.yml").write_text("transprot: {}\n")
    done = folder.tool("exec", "--", "sh", "-c", "exit 3")
    assert done.returncode == 3
    assert done.stderr.count("transprot") == 1
    assert folder.states() == ["START sh", "FAIL sh"]


def test_a_backend_that_does_not_answer_delays_no_start(folder) -> None:
    """The command works while START is still on its way; its end waits for exit_timeout and no longer."""
    with HttpServer() as server:
        server.always(fault="hold")
        variables = {"OPENLINEAGE_URL": server.url, "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "0.2"}
        done = folder.tool("exec", "--", "sh", "-c", "echo works; exit 4", **variables)
    assert (done.returncode, done.stdout) == (4, "works\n")
    assert "kept in the journal" in done.stderr


@pytest.mark.parametrize("broken_port", [refusing_port, black_hole_port])
def test_a_backend_that_is_not_there_changes_nothing(folder, broken_port) -> None:
    """Refused or swallowed, the status is the command's."""
    with broken_port() as port:
        variables = {
            "OPENLINEAGE_URL": f"http://127.0.0.1:{port}",
            "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "0.2",
        }
        assert folder.tool("exec", "sh", "-c", "exit 9", **variables).returncode == 9


def test_both_events_arrive_at_a_backend(folder) -> None:
    """Over HTTP the end is delivered before we end, by a signal too."""
    with HttpServer() as server:
        done = folder.tool("exec", "sh", "-c", "kill -9 $$", OPENLINEAGE_URL=server.url)
        states = [one.json()["eventType"] for one in server.requests()]
    assert (done.returncode, states) == (-signal.SIGKILL, ["START", "ABORT"])


def test_a_job_that_a_filter_leaves_out_runs_without_a_run(folder) -> None:
    """Filters keep their meaning, and the command runs."""
    (folder.path / "openlineage.yml").write_text("filters: [{type: exact, match: echo}]\n")
    assert folder.tool("exec", "echo", "a").stdout == "a\n"
    assert folder.events() == []


def test_what_goes_on_in_the_background_is_not_waited_for(folder) -> None:
    """A command that leaves a daemon behind is complete when it ends itself."""
    script = "setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $!"
    done = folder.tool("exec", "--name", "a", "sh", "-c", script)
    os.kill(int(done.stdout), signal.SIGKILL)  # fails where it does not live any more
    assert folder.states() == ["START a", "COMPLETE a"]


def test_an_environment_that_leaves_no_room_is_handed_on_as_it_is(folder) -> None:
    """Where the context does not fit beside what is there, the command starts without it."""
    environment = folder.environ(OPENLINEAGE__TRANSPORT='{"type": "local"}')
    limit = os.sysconf("SC_ARG_MAX")
    size = sum(len(name) + len(value) + 10 for name, value in environment.items()) + 1000
    for index in range((limit - size) // 100_100):
        environment[f"FILL_{index:06}"] = "x" * 100_000
    command = [PYTHON, "-m", "lineage_kit", "exec", "--name", "n" * 900, "--", "true"]
    for more in range(100_000, 0, -97):
        environment["FILL"] = "x" * more
        try:
            done = subprocess.run(command, env=environment, cwd=folder.path, timeout=60, capture_output=True)
        except OSError:
            continue
        break
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("rsync -a x y", "rsync"),
        ("/usr/bin/rsync x", "rsync"),
        ("./load.sh", "load"),
        ("python etl/load.py --day 1", "load"),
        ("python3.11 -u -W ignore load.py", "load"),
        ("/opt/venv/bin/python -m etl.load x", "etl.load"),
        ("python -m etl.__main__", "etl"),
        ("python -c print(1.e)", "python"),
        ("python3.11", "python3.11"),
        ("python -m", "python"),
        ("bash -eu scripts/nightly.sh x.csv", "nightly"),
        ("bash -c load.sh", "bash"),
        ("Rscript model.R", "model"),
        ("spark-submit --master local[2] job.py", "job"),
        ("dbt run", "dbt"),
        ("tar.exe", "tar"),
        ("a/", "a"),
    ],
)
def test_a_run_is_named_after_what_runs(command: str, name: str) -> None:
    """The program's stem, or that of the script or module which an interpreter runs."""
    assert title_of(command.split()).name == name


@pytest.mark.parametrize("program", ["", "\n", "/", "x\ty"])
def test_no_program_is_too_odd_for_a_name(program: str) -> None:
    """Where the program gives no name there is one all the same."""
    assert title_of([program]).name == "command"
