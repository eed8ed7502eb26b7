"""``lineage-kit log`` shows what ran, to people and to programs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.log_events import daily, event, write

README = (
    "daily         COMPLETE   0.07 s\n"
    "├─ etl.clean  COMPLETE   0.05 s  orders.csv → orders.parquet  748 rows × 2\n"
    "└─ etl.totals COMPLETE   0.02 s  orders.parquet → totals.csv\n"
)


def _history() -> list[dict]:
    """Three root runs: one that failed in a child, one that passed, and the README's."""
    return [
        event("START", -100, 10, "nightly"),
        event("START", -99, 11, "nightly.load", parent=(10, "nightly")),
        event("FAIL", -98, 11, "nightly.load", parent=(10, "nightly"), error={"message": "OSError: no disk"}),
        event("COMPLETE", -97, 12, "nightly.tidy", parent=(10, "nightly")),
        event("COMPLETE", -96, 10, "nightly"),
        event("START", -50, 20, "hourly"),
        event("COMPLETE", -49, 20, "hourly"),
        *daily(),
    ]


def test_the_last_root_run_is_shown_as_the_readme_says(apart, logged, tmp_path: Path) -> None:
    """In a process of its own, into a pipe: the tree of the first screen, nothing else, status 0."""
    logged([*_history()[:-6], *daily(str(tmp_path / "orders.csv"))])
    result = apart("log", cwd=tmp_path)
    assert (result.stdout, result.stderr, result.returncode) == (README, "", 0)


def test_all_runs_are_headed_by_when_they_began(apart, logged) -> None:
    """--all shows every root run, oldest first, each under its date and time."""
    logged(_history())
    lines = apart("log", "--all").stdout.splitlines()
    assert [line for line in lines if line.startswith("2026")] == [
        "2026-11-22 17:29:29",
        "2026-11-22 17:30:19",
        "2026-11-22 17:31:09",
    ]


def test_a_job_is_shown_with_its_last_run_or_all_of_them(here, logged) -> None:
    """--job gives the last run of a job, and with --all every one."""
    logged([*_history(), event("START", -500, 30, "hourly"), event("COMPLETE", -499, 30, "hourly")])
    assert here("log", "--job", "hourly").stdout == "hourly COMPLETE   1.00 s\n"
    assert here("log", "--job", "hourly", "--all").stdout.count("hourly COMPLETE") == 2
    assert here("log", "--job", "*.load").stdout.startswith(
        "nightly.load FAIL       1.00 s\n   OSError: no disk\n"
    )


def test_failures_are_shown_with_what_led_to_them(here, logged) -> None:
    """--failed gives the last root run in which something failed, without what went well."""
    logged(_history())
    assert here("log", "--failed").stdout == (
        "nightly         COMPLETE   4.00 s\n└─ nightly.load FAIL       1.00 s\n      OSError: no disk\n"
    )


def test_json_is_one_line_per_tree(apart, logged) -> None:
    """--json gives the same choice of trees, one JSON object a line, in ASCII."""
    logged([*_history(), event("START", 99, 40, "größe.日本")])
    result = apart("log", "--json", "--all")
    assert result.stdout.isascii()
    trees = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["job"] for one in trees] == ["nightly", "hourly", "daily", "größe.日本"]
    assert [child["state"] for child in trees[0]["children"]] == ["FAIL", "COMPLETE"]


def test_other_files_are_read_on_request(here, tmp_path: Path) -> None:
    """--file reads what a file transport wrote: one file, a directory, several."""
    write(tmp_path / "events" / "a.ndjson", _history()[:5])
    other = write(tmp_path / "b.ndjson", _history()[5:7])
    shown = here("log", "--all", "--file", tmp_path / "events", "--file", other).stdout
    assert [word for word in ("nightly", "hourly") if f"{word} " in shown] == ["nightly", "hourly"]


@pytest.mark.parametrize(
    "transport",
    [
        "{type: local, directory: mine}",
        "{type: composite, transports: [{type: noop}, {type: local, directory: mine}]}",
        "{type: composite, transports: [{type: composite, transports: {a: {type: local, directory: mine}}}]}",
    ],
)
def test_the_directory_that_the_configuration_names_is_read(
    here, logged, tmp_path: Path, transport: str
) -> None:
    """Where events of this place go to another directory, that one is shown, and named when it is empty."""
    logged(_history()[:5])
    Path("openlineage.yml").write_text(f"transport: {transport}\n")
    assert f"No runs yet in the local log, {tmp_path / 'mine'}." in here("log").stderr
    write(tmp_path / "mine" / "a.ndjson", daily())
    assert here("log").stdout.startswith("daily ")
    assert "nightly" not in here("log", "--all").stdout


def test_a_file_where_the_log_should_be_is_told(here, tmp_path: Path) -> None:
    """Who finds nothing learns what is in the way."""
    (tmp_path / "mine").write_text("")
    Path("openlineage.yml").write_text("transport: {type: local, directory: mine}\n")
    assert "It is a file, not a directory" in here("log").stderr


def test_a_directory_below_the_log_is_passed_over(here, logged, tmp_path: Path) -> None:
    """A directory that is called like a log is none."""
    path = logged(daily())
    (path.parent / "old.ndjson").mkdir()
    for arguments in (["log"], ["log", "--all"], ["log", "--file", path.parent]):
        assert here(*arguments).stdout.splitlines()[-1].startswith("└─ etl.totals")


def test_a_directory_without_logs_says_what_is_looked_for(here, tmp_path: Path) -> None:
    """Whoever names the directory above the right one learns that those below are not read."""
    write(tmp_path / "events" / "today" / "a.ndjson", daily())
    result = here("log", "--file", tmp_path / "events")
    assert result.stdout == ""
    assert "events holds no file that ends in .ndjson, .jsonl or .json (directories below" in result.stderr


def test_a_working_directory_that_is_gone_is_no_obstacle(apart, logged, tmp_path: Path) -> None:
    """The log is shown from a directory that was removed."""
    logged(daily())
    gone = "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); "
    shows = "sys.argv = ['lineage-kit', 'log']; from lineage_kit.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", gone + shows],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("daily ")


def test_an_empty_log_says_what_to_do(apart) -> None:
    """Where nothing ran yet the reader learns where events stay; standard output is empty."""
    result = apart("log")
    assert (result.stdout, result.returncode) == ("", 0)
    assert "No runs yet in the local log" in result.stderr
    assert "@lineage_job" in result.stderr


def test_an_empty_log_tells_where_events_go_instead(here, tmp_path: Path) -> None:
    """Who configured a backend learns that events are there, not here."""
    Path("openlineage.yml").write_text(
        "transport:\n  type: http\n  url: http://user:secret@lineage.example:5000\n"
    )
    said = here("log").stderr
    assert "http://lineage.example:5000" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("transport", "said"),
    [
        ("{type: http, url: 'http://user:secret@lineage.example:5000'}", "http://lineage.example:5000"),
        ("{type: file, log_file_path: mine.ndjson, append: true}", "mine.ndjson"),
        (
            "{type: composite, transports: [{type: console}, {type: http, url: 'http://b.example'}]}",
            "http://b.example",
        ),
    ],
)
def test_who_sends_elsewhere_is_told_beside_the_runs_of_this_machine(
    here, logged, transport: str, said: str
) -> None:
    """Whoever looks for the run just sent learns on standard error, in one line, that it is not in this log."""
    logged(daily())
    Path("openlineage.yml").write_text(f"transport: {transport}\n")
    for arguments in ([], ["--all"], ["--json"], ["--job", "daily"]):
        result = here("log", *arguments)
        [line] = result.stderr.splitlines()
        assert line.startswith("(these runs are in the log of this machine; here events go to ")
        assert said in line
        assert "secret" not in line
        assert "daily" in result.stdout


@pytest.mark.parametrize(
    "settings",
    [
        "namespace: shop",
        "transport: {type: local}",
        "transport: {type: composite, transports: [{type: local}, {type: http, url: 'http://b.example'}]}",
        "- broken",
        "transport: {type: htpp}",
    ],
)
def test_who_keeps_events_here_is_told_nothing(here, logged, settings: str) -> None:
    """Where the log gets the events too, or a broken configuration keeps them here, the tree stands alone."""
    logged(daily())
    Path("openlineage.yml").write_text(f"{settings}\n")
    assert here("log").stderr == ""


def test_files_that_were_named_are_shown_without_a_word(here, tmp_path: Path) -> None:
    """Who names a file knows where it is from."""
    Path("openlineage.yml").write_text("transport: {type: http, url: 'http://b.example'}\n")
    write(tmp_path / "a.ndjson", daily())
    assert here("log", "--file", tmp_path / "a.ndjson").stderr == ""


def test_where_lineage_is_switched_off_the_runs_are_shown_as_old(
    here, logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last run of this log need not be the last one."""
    logged(daily())
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    assert "lineage is switched off here by OPENLINEAGE_DISABLED" in here("log").stderr


def test_a_test_event_of_doctor_is_not_the_last_run(apart, logged, tmp_path: Path) -> None:
    """It is shown to who asks for its job or for all runs."""
    logged(daily())
    sent = apart("doctor", "--send", cwd=tmp_path)
    assert sent.returncode == 0, sent.stdout
    for arguments in ([], ["--failed"], ["--json"]):
        assert "lineage_kit.doctor" not in apart("log", *arguments, cwd=tmp_path).stdout
    assert apart("log", cwd=tmp_path).stdout.startswith("daily ")
    assert apart("log", "--job", "lineage_kit.*", cwd=tmp_path).stdout.startswith(
        "lineage_kit.doctor COMPLETE"
    )
    assert "lineage_kit.doctor" in apart("log", "--all", cwd=tmp_path).stdout


def test_an_empty_log_survives_a_broken_configuration(here) -> None:
    """A configuration that cannot be read does not keep anybody from asking for the log."""
    Path("openlineage.yml").write_text("- a\n- b\n")
    result = here("log")
    assert result.exit_code == 0
    assert "lineage-kit doctor" in result.stderr


def test_a_job_nobody_knows_gets_the_nearest(here, logged) -> None:
    """A misspelt job is answered with the ones there are."""
    logged(daily())
    assert here("log", "--job", "etl.claen").stderr.startswith(
        "No run of a job 'etl.claen' was found. Did you mean 'etl.clean'"
    )
    assert "lineage-kit log --all" in here("log", "--job", "zzzzzz").stderr


def test_good_news_is_said(here, logged) -> None:
    """Where nothing failed, --failed says so."""
    logged(daily())
    assert here("log", "--failed").stderr == "No run failed.\n"
    assert here("log", "--failed", "--job", "daily").stderr == "No run of 'daily' failed.\n"


def test_broken_lines_are_mentioned(here, logged) -> None:
    """Lines that cannot be read are counted on standard error and cost nothing else."""
    path = logged(daily())
    path.write_text(path.read_text() + "broken\n" + "also broken\n")
    result = here("log")
    assert result.stderr == "(2 lines could not be read and were left out)\n"
    assert result.stdout.startswith("daily ")


def test_a_file_that_is_not_there_is_an_error(here) -> None:
    """--file needs a path that exists; the exit status is 2."""
    result = here("log", "--file", "missing.ndjson")
    assert result.exit_code == 2
    assert "'missing.ndjson' does not exist" in result.stderr


def test_a_reader_that_goes_away_is_no_error(logged) -> None:
    """``lineage-kit log --all | head -1`` prints a line and nothing about pipes."""
    logged(
        [
            one
            for n in range(3000)
            for one in (event("START", n, n, f"job{n}"), event("COMPLETE", n, n, f"job{n}"))
        ]
    )
    command = f'"{sys.executable}" -m lineage_kit log --all | head -1'
    result = subprocess.run(
        command, shell=True, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60
    )
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_is_no_obstacle(apart, logged, encoding: str) -> None:
    """Lines are drawn in ASCII, and characters that cannot be shown as escapes."""
    logged([*daily(), event("COMPLETE", 0.06, 9, "日本", parent=(1, "daily"))])
    result = apart("log", env={"PYTHONIOENCODING": encoding})
    assert result.returncode == 0
    assert "|- etl.clean" in result.stdout
    assert "\\u65e5\\u672c" in result.stdout


def test_no_colours_go_into_a_pipe(apart, logged) -> None:
    """What is not a terminal gets plain text."""
    logged(daily())
    assert "\x1b" not in apart("log", env={"TERM": "xterm-256color"}).stdout


def _on_terminal(columns: int, **variables: str) -> str:
    """What ``lineage-kit log`` prints on a pseudo-terminal of that width."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "lineage_kit", "log"],
        stdout=theirs,
        stdin=theirs,
        env=environment | {"TERM": "xterm"} | variables,
        cwd=Path(__file__).parents[2],
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    process.wait(30)
    os.close(ours)
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of POSIX")
def test_a_terminal_gets_colours_and_lines_that_fit(logged) -> None:
    """On a terminal states are coloured, unless NO_COLOR is set, and lines are cut to its width."""
    logged(daily("/data/a_rather_long_name_for_a_file_of_orders_or_whatever_orders.csv"))
    assert "\x1b[32mCOMPLETE\x1b[0m" in _on_terminal(60)
    plain = _on_terminal(60, NO_COLOR="1")
    assert "\x1b" not in plain
    assert max(len(line) for line in plain.splitlines()) <= 60
