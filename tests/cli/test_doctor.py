"""``lineage-kit doctor`` tells what is configured, by what, and whether events get through."""

import os
import stat
from pathlib import Path

import pytest

from tests.support.log_events import daily, write
from tests.support.servers import HttpServer, refusing_port


def _configure(text: str) -> None:
    Path("openlineage.yml").write_text(text)


def _rows(text: str) -> list[list[str]]:
    """Lines as words, so that the width of columns does not matter."""
    return [line.split() for line in text.splitlines()]


def test_nothing_configured_is_explained(apart, tmp_path: Path) -> None:
    """Without any setting doctor says where it looked and that events stay here, in a process of its own."""
    result = apart("doctor", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"none; looked for {tmp_path / 'openlineage.yml'} and " in result.stdout
    assert ["local", str(Path(os.environ["LINEAGE_KIT_STATE"]) / "log")] in _rows(result.stdout)
    assert "disk: written before your code goes on" in result.stdout


def test_every_value_is_shown_with_its_source(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and line or variable stand beside each value that is not the default."""
    _configure("namespace: etl\ntags:\n  job: {team: '007'}\nfilters:\n  - {type: exact, match: b.c}\n")
    monkeypatch.setenv("OPENLINEAGE__TAGS__RUN__ENV", "prod")
    monkeypatch.setenv("OPENLINEAGE_URL", "http://lineage.example:5000")
    shown = _rows(here("doctor").stdout)
    for row in (
        ["namespace", "etl", "line", "1"],
        ["tags.job.team", "007", "line", "3"],
        ["tags.run.env", "prod", "OPENLINEAGE__TAGS__RUN__ENV"],
        ["filters[0].match", "b.c", "line", "5"],
        ["transport.url", "http://lineage.example:5000", "OPENLINEAGE_URL"],
        ["variables", "LINEAGE_KIT_STATE,", "OPENLINEAGE_URL,", "OPENLINEAGE__TAGS__RUN__ENV"],
    ):
        assert row in shown


def test_what_is_set_to_its_default_is_shown_as_set(here) -> None:
    """Whoever wrote a line sees that it was read, whatever it says; without any line there is no list."""
    assert "Settings" not in here("doctor").stdout
    _configure("namespace: default\nnotice: auto\n")
    shown = here("doctor").stdout
    assert "Settings that are set, and where\n" in shown
    assert ["notice", "auto", "line", "2"] in _rows(shown)


def test_a_state_directory_that_cannot_be_is_warned_of(here, tmp_path: Path, monkeypatch) -> None:
    """A file where the state directory should be keeps nothing, and doctor says so before any event is lost."""
    (tmp_path / "file").write_text("")
    state = tmp_path / "file"
    monkeypatch.setenv("LINEAGE_KIT_STATE", str(state))
    said = f"Warning: {state} is a file, not a directory: no event can be kept in {state / 'log'}"
    assert f"{said}. LINEAGE_KIT_STATE names another place." in here("doctor").stdout
    _configure("transport: {type: local, directory: file}\n")
    assert "no event can be kept in" in here("doctor").stdout
    assert "The key `directory` names another place." in here("doctor").stdout


def test_the_local_log_is_where_the_configuration_puts_it(here, tmp_path: Path) -> None:
    """What is counted is the log that events go to here."""
    _configure("transport: {type: local, directory: mine}\n")
    write(tmp_path / "mine" / "a.ndjson", daily())
    assert f"{tmp_path / 'mine'}: 1 file, " in here("doctor").stdout


def test_keys_with_dots_and_other_spellings_are_found(here) -> None:
    """Settings of librdkafka and keys in camelCase are shown as they were written."""
    _configure(
        "transport:\n  type: composite\n  transports:\n    a:\n      type: noop\n"
        "facets:\n  environmentVariables: [A, B]\ndelivery: {exitTimeout: 3}\n"
        "namespaces:\n  127.0.0.1:5432: db.example:5432\n"
    )
    shown = here("doctor").stdout
    assert 'facets.environmentVariables  ["A", "B"]' in shown
    assert ["namespaces.127.0.0.1:5432", "db.example:5432", "line", "10"] in _rows(shown)
    assert ["delivery.exitTimeout", "3.0", "line", "8"] in _rows(shown)


def test_secrets_are_never_printed(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, tokens, headers and credentials in addresses are masked, from file and variables alike."""
    _configure(
        "transport:\n  type: http\n  url: https://lineage.example/?sig=hush1\n  auth: {type: api_key, apiKey: hush2}\n"
        "  custom_headers: {X-Auth-Token: hush3}\nnamespaces:\n  w: postgres://me:hush4@db:5432\n"
    )
    printed = here("doctor").stdout
    monkeypatch.setenv("OPENLINEAGE_URL", "https://lineage.example")
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "hush5")
    printed += here("doctor").stdout
    assert "hush" not in printed
    assert ["transport.auth.apiKey", "***", "OPENLINEAGE_API_KEY"] in _rows(printed)


def test_variables_without_effect_are_named(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that something stronger replaces is told, since its owner believes that it counts."""
    monkeypatch.setenv("OPENLINEAGE_URL", "http://lineage.example")
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT__TYPE", "console")
    assert "OPENLINEAGE_URL: something stronger is set" in here("doctor").stdout


def test_a_key_without_its_url_is_told_what_is_missing(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stronger is set: the variable beside it is not."""
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "k")
    shown = here("doctor").stdout
    assert "OPENLINEAGE_API_KEY: OPENLINEAGE_URL is missing" in shown
    assert "something stronger" not in shown


@pytest.mark.parametrize(
    ("name", "value"), [("OPENLINEAGE_CONTEXT", '{"parent": {'), ("OPENLINEAGE_PARENT_ID", "etl/daily")]
)
def test_a_parent_that_cannot_be_read_is_a_warning(
    here, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Runs would silently have no parent."""
    assert "names no parent" not in here("doctor").stdout
    monkeypatch.setenv(name, value)
    assert f"Warning: {name} names no parent, since it cannot be read: " in here("doctor").stdout


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("transport: {type: http, url: 'http://localhost:5000'}", "memory: sent in the background"),
        ("transport: {type: console}", "none: shown as they come"),
        ("transport: {type: noop}", "none: dropped on purpose"),
        ("transport: {type: memory}", "memory: gone with the process"),
        ("transport: {type: file, log_file_path: a.ndjson}", "disk: written before your code goes on"),
        (
            "transport: {type: http, url: 'http://localhost:5000'}\ndelivery: {mode: direct}",
            "none: sent on the caller's thread",
        ),
    ],
)
def test_durability_is_told_for_each_destination(here, text: str, kept: str) -> None:
    """Who asks what a crash would cost gets an answer for each kind of wire."""
    _configure(text)
    assert kept in here("doctor").stdout


def test_a_broken_configuration_is_shown_as_the_error_teaches(here) -> None:
    """Every problem with its place and the nearest valid key; exit status 1."""
    _configure("transport:\n  type: http\n  urll: http://localhost:5000\n")
    result = here("doctor")
    assert result.exit_code == 1
    assert "openlineage.yml line 3, at $.transport" in result.stdout
    assert "'url'" in result.stdout


def test_a_missing_file_that_was_named_is_an_error(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENLINEAGE_CONFIG must point to a file."""
    monkeypatch.setenv("OPENLINEAGE_CONFIG", "nowhere.yml")
    result = here("doctor")
    assert result.exit_code == 1
    assert "nowhere.yml" in result.stdout


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_a_file_that_others_can_change_is_warned_of(here, tmp_path: Path) -> None:
    """A configuration in a directory open to others is a way in, and doctor says so."""
    _configure("namespace: a\n")
    tmp_path.chmod(0o700)
    assert "Warning" not in here("doctor").stdout
    tmp_path.chmod(tmp_path.stat().st_mode | stat.S_IWOTH)
    assert "Warning: others can write" in here("doctor").stdout


def test_switched_off_is_said(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENLINEAGE_DISABLED leaves nothing in force, and nothing is sent."""
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    result = here("doctor", "--send")
    assert result.exit_code == 0
    assert "OPENLINEAGE_DISABLED switches lineage off" in result.stdout
    assert "Nothing is sent" in result.stdout


def test_a_test_event_is_sent_and_its_answer_shown(apart, server: HttpServer, tmp_path: Path) -> None:
    """--send posts one valid event of lineage_kit.doctor and prints what the server said."""
    server.answer(201)
    result = apart(
        "doctor", "--send", cwd=tmp_path, env={"OPENLINEAGE_URL": server.url, "OPENLINEAGE_NAMESPACE": "etl"}
    )
    assert result.returncode == 0
    (received,) = server.requests()
    assert received.json()["job"]["name"] == "lineage_kit.doctor"
    assert received.json()["job"]["namespace"] == "etl"
    assert received.json()["eventType"] == "COMPLETE"
    assert "taken in" in result.stdout
    assert "201" in result.stdout


def test_each_destination_is_tried(here, server: HttpServer) -> None:
    """One that refuses does not hide one that takes; its answer and exit status 1 tell."""
    server.always(401, body="who are you?")
    _configure(
        f"transport:\n  type: composite\n  transports:\n    backend: {{type: http, url: '{server.url}'}}\n"
        "    copy: {type: file, log_file_path: copy.ndjson, append: true}\n"
    )
    result = here("doctor", "--send")
    assert result.exit_code == 1
    (refused,) = [line for line in result.stdout.splitlines() if "NOT TAKEN" in line]
    assert refused.split()[0] == "backend"
    assert "401" in refused
    assert "who are you?" in refused
    assert Path("copy.ndjson").read_text().count("lineage_kit.doctor") == 1


def test_a_backend_that_is_not_there_is_told(here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is named, and the exit status is 1."""
    with refusing_port() as port:
        monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{port}")
        result = here("doctor", "--send")
    assert result.exit_code == 1
    assert "NOT TAKEN, it cannot be reached" in result.stdout


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "NOT TAKEN, it answers that it cannot take events now"),
        (302, "NOT TAKEN, it takes no event as it is configured"),
        (422, "NOT TAKEN, it refuses the event"),
        (413, "NOT TAKEN, the event is too large for it"),
    ],
)
def test_what_a_backend_answers_is_told_in_words(
    here, server, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    """A backend that answers was reached, whatever it says."""
    monkeypatch.setenv("OPENLINEAGE_URL", server.url)
    server.always(status)
    assert said in here("doctor", "--send").stdout


def test_a_transport_of_ones_own_may_raise_anything(
    here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a foreign class raises is an answer too."""
    (tmp_path / "own_transport.py").write_text(
        "class Bad:\n    def __init__(self, config): pass\n    def send(self, envelope): raise RuntimeError('no')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    _configure("transport: {type: own_transport.Bad}\n")
    result = here("doctor", "--send")
    assert result.exit_code == 1
    assert "NOT TAKEN, the transport failed" in result.stdout


def test_filters_keep_the_test_event_back(here) -> None:
    """Where the configuration leaves the job out, doctor does too."""
    _configure("filters: [{type: regex, regex: '.*'}]\n")
    result = here("doctor", "--send")
    assert result.exit_code == 0
    assert "Nothing is sent: `filters`" in result.stdout
