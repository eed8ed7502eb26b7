"""The command line as a whole: names, help, mistakes, documentation, and what is loaded for it."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lineage_kit.cli.group import COMMANDS
from lineage_kit.cli.group import lineage_kit as group

PAGE = Path(__file__).parents[2] / "docs" / "command_line.md"


def _command(name: str) -> click.Command:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    return command


def _parts(command: click.Command) -> list[click.Command]:
    """The command, and those of which it is the group."""
    if not isinstance(command, click.Group):
        return [command]
    context = click.Context(command)
    return [command, *(command.get_command(context, name) for name in command.list_commands(context))]


def _options() -> list[tuple[str, click.Option]]:
    return [
        (name, parameter)
        for name in COMMANDS
        for part in _parts(_command(name))
        for parameter in part.params
        if isinstance(parameter, click.Option)
    ]


def _paragraphs() -> dict[str, str]:
    """The sections of the page, by their heading."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_a_paragraph_and_no_paragraph_is_left_over() -> None:
    """The page has one section for each command of the table, in its order."""
    assert list(_paragraphs()) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_teaches(name: str) -> None:
    """A command says in a line what it is for, and in more lines how it is used."""
    command = _command(name)
    assert command.name == name
    for part in _parts(command):
        assert part.short_help
        assert len(part.help or "") > 100


def test_every_command_of_a_group_has_a_paragraph() -> None:
    """The section of a group has a heading for each of its commands, in the order of its help."""
    for name in COMMANDS:
        group, *parts = _parts(_command(name))
        shown = re.findall(rf"^### {group.name} (\S+)$", _paragraphs()[name], flags=re.MULTILINE)
        assert shown == [part.name for part in parts]


@pytest.mark.parametrize(("name", "option"), _options(), ids=lambda value: getattr(value, "name", value))
def test_every_option_has_help_and_a_word_on_the_page(name: str, option: click.Option) -> None:
    """An option is explained by --help and by the documentation, with all its spellings."""
    assert option.help
    for spelling in option.opts:
        assert f"`{spelling}" in _paragraphs()[name]


def test_every_option_of_the_page_exists() -> None:
    """The documentation promises no option that is not there."""
    for name, text in _paragraphs().items():
        known = {spelling for command, option in _options() if command == name for spelling in option.opts}
        assert set(re.findall(r"`(--?[a-z][a-z-]*)", text)) <= known


def test_help_names_every_command(apart) -> None:
    """--help lists the commands with what they are for, and the exit statuses."""
    shown = apart("--help").stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} +[A-Z].*\.$", shown, re.MULTILINE)
    assert "Exit status:" in shown


def test_the_version_is_told(apart) -> None:
    """--version prints the version of the package."""
    from lineage_kit.event.facet import VERSION

    assert apart("--version").stdout == f"lineage-kit, version {VERSION}\n"


@pytest.mark.parametrize(
    ("typed", "meant"), [("lgo", "log"), ("validte", "validate"), ("LOG", "log"), ("docter", "doctor")]
)
def test_an_unknown_command_is_met_with_the_nearest(here, typed: str, meant: str) -> None:
    """A misspelt command gets the one that was meant, and status 2."""
    result = here(typed)
    assert result.exit_code == 2
    assert f"No such command {typed!r}. Did you mean {meant!r}?" in result.stderr


def test_a_command_nobody_knows_is_met_with_all_there_are(here) -> None:
    """Where nothing is near, the commands are listed."""
    assert "There are log, validate, doctor, init, emit, exec, jobs, journal." in here("xyzzy").stderr


def test_an_unknown_option_is_met_with_the_nearest(here) -> None:
    """A misspelt option gets those that were meant, and status 2."""
    result = here("validate", "--strickt", "x")
    assert result.exit_code == 2
    assert "--strict" in result.stderr


def test_little_is_loaded() -> None:
    """Looking at the log loads no library for the network, for data or for configurations."""
    heavy = (
        "requests",
        "yaml",
        "confluent_kafka",
        "wrapt",
        "pandas",
        "polars",
        "pyarrow",
        "asyncio",
        "IPython",
    )
    code = (
        "import sys; sys.argv = ['lineage-kit', 'log', '--file', sys.argv[1]]; from lineage_kit.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    event = Path("event.json")
    event.write_text('{"run": {"runId": "a"}, "job": {"namespace": "n", "name": "j"}}')
    result = subprocess.run(
        [sys.executable, "-c", code, str(event)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "utf-8"},
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_importing_the_command_line_loads_no_click() -> None:
    """The entry point itself is free until it is called."""
    code = "import sys, lineage_kit.cli; print('click' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert result.stdout == "False\n"


def test_a_full_disk_is_no_traceback(logged) -> None:
    """Where standard output cannot be written the command ends without a stack trace."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    from tests.support.log_events import daily

    logged(daily())
    with full.open("w") as sink:
        result = subprocess.run(
            [sys.executable, "-m", "lineage_kit", "log"],
            stdout=sink,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            cwd=Path(__file__).parents[2],
        )
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    assert "No space left" in result.stderr
