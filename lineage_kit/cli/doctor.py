"""``lineage-kit doctor``: what is configured, by what, where events go, and whether they get through."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from lineage_kit.cli.output import say, section
from lineage_kit.cli.probe import kept, probe
from lineage_kit.cli.settings_table import rows, unused
from lineage_kit.client.assemble import (
    Destination,
    check,
    destinations,
    is_journaled,
    journal_directory,
)
from lineage_kit.config import env
from lineage_kit.config.files.discover import writable_by_others
from lineage_kit.config.load import load
from lineage_kit.config.model import Settings
from lineage_kit.delivery.recovery.survey import survey
from lineage_kit.errors import ConfigError
from lineage_kit.event.facet import VERSION
from lineage_kit.history import log_directory
from lineage_kit.history.reading import files_in
from lineage_kit.history.wording import size
from lineage_kit.lifecycle.parent import unreadable_variables

HELP = """\
Show what is configured and where each value comes from, where events go, and what becomes of them when something
fails.

With --send a test event, one COMPLETE of the job lineage_kit.doctor, goes to every destination, and what each answers
is shown. Secrets are never printed.

\b
Exit status:
  0  the configuration is good, and with --send every destination took the event
  1  the configuration is broken, or a destination did not take the event
"""

SETTINGS = (env.URL, env.ENDPOINT, env.API_KEY, env.NAMESPACE, env.CLIENT_LOGGING)
"""Variables that are settings under another name."""
_BESIDE_URL = (env.ENDPOINT.name, env.API_KEY.name)
OTHERS = (env.DISABLED, env.CONFIG, env.CONTEXT, env.PARENT_ID, env.ROOT_PARENT_ID, env.STATE)


@click.command(help=HELP, short_help="Show what is configured, by what, and where events go.")
@click.option(
    "--send", is_flag=True, help="Send a test event to every destination and show what each answers."
)
@click.pass_context
def doctor(ctx: click.Context, send: bool) -> None:
    """Print what is in force; end with 1 where something is broken."""
    say(f"lineage_kit {VERSION}, Python {sys.version.split()[0]} at {sys.executable}")
    try:
        settings = load(check_transport=check)
        where = [] if settings.disabled else destinations(settings)
    except ConfigError as error:
        say("", "The configuration is broken:", "", *(f"  {line}" for line in str(error).splitlines()))
        say(
            "",
            "Decorated functions run all the same; their events stay on this machine until this is mended.",
        )
        ctx.exit(1)
    section("Configuration", _origins(settings))
    section("Settings that are set, and where", rows(settings))
    section("Destinations", _goals(settings, where))
    section("On this machine", [*_state(log_directory(settings)), *_journal(settings)])
    for warning in _warnings(settings, where):
        say("", f"Warning: {warning}")
    if send and not _send(settings, where):
        ctx.exit(1)


def _origins(settings: Settings) -> Iterator[tuple[str, ...]]:
    """The file that was read and the variables that are set."""
    if settings.file:
        yield "file", settings.file
    elif settings.searched:
        yield "file", f"none; looked for {' and '.join(settings.searched)}"
    chosen = [*(name for name, _, _ in env.settings_variables()), *_names_set(SETTINGS)]
    yield "variables", ", ".join(sorted([*chosen, *_names_set(OTHERS)])) or "none of ours is set"
    if settings.disabled:
        yield (
            "in force",
            f"nothing: {settings.sources.get('$.disabled', 'the configuration')} switches lineage off",
        )
    else:
        yield from _without_effect(unused(chosen, settings))


def _without_effect(idle: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Which variables that are set count for nothing, and why."""
    lonely = [] if env.value_of(env.URL) else [name for name in idle if name in _BESIDE_URL]
    if lonely:
        yield "no effect", f"{', '.join(lonely)}: {env.URL.name} is missing, which they belong to"
    if weaker := [name for name in idle if name not in lonely]:
        yield "no effect", f"{', '.join(weaker)}: something stronger is set"


def _names_set(variables: Iterable[env.Variable]) -> list[str]:
    return [variable.name for variable in variables if env.value_of(variable)]


def _goals(settings: Settings, where: Sequence[Destination]) -> Iterator[tuple[str, ...]]:
    """Each destination, and what is kept of its events."""
    if not where:
        yield "none", "nothing is recorded and nothing is sent"
    for destination in where:
        yield destination.name, destination.transport.describe()
        yield "", kept(settings.delivery, destination)


def _state(directory: Path) -> Iterator[tuple[str, ...]]:
    """The state directory, and what lies in the local log."""
    yield "state", str(env.state_directory())
    files = files_in(directory) if directory.is_dir() else []
    if not files:
        yield "local log", f"{directory}: empty so far"
        return
    total = size(sum(path.stat().st_size for path in files))
    count = f"{len(files):,} file{'' if len(files) == 1 else 's'}"
    yield "local log", f"{directory}: {count}, {total}; lineage-kit log shows it"


def _journal(settings: Settings) -> Iterator[tuple[str, ...]]:
    """What waits in the journal, where there is one."""
    root = journal_directory(settings.delivery)
    if not os.path.isdir(root):
        return
    try:
        found = survey(root)
    except OSError as error:
        yield "journal", f"{root}: cannot be looked into ({error.strerror})"
        return
    owed = sum(account.events for account in found.accounts)
    aside = sum(found.quarantined.values())
    how = "; lineage-kit journal status shows it" if owed or aside else ""
    yield "journal", f"{root}: {owed:,} owed, {aside:,} quarantined, {size(found.size)}{how}"


def _warnings(settings: Settings, where: Sequence[Destination]) -> Iterator[str]:
    if settings.file and writable_by_others(Path(settings.file)):
        yield (
            f"others can write {settings.file} or the directory it lies in, and so decide where lineage goes and which "
            "classes are imported. Mend it with: chmod go-w FILE DIRECTORY"
        )
    for name, why in unreadable_variables():
        yield f"{name} names no parent, since it cannot be read: {why}"
    yield from _unwritable(log_directory(settings))
    if any(is_journaled(settings.delivery, one) for one in where):
        yield from _journal_unwritable(Path(journal_directory(settings.delivery)))


def _unwritable(directory: Path) -> Iterator[str]:
    """Why no event can be kept in the local log, where that is so."""
    if (fault := _fault(directory)) is not None:
        how = "LINEAGE_KIT_STATE" if directory == env.state_directory() / "log" else "The key `directory`"
        yield f"{fault}: no event can be kept in {directory}. {how} names another place."


def _journal_unwritable(directory: Path) -> Iterator[str]:
    """What is lost where the journal cannot be written."""
    if (fault := _fault(directory)) is not None:
        default = directory == env.state_directory() / "journal"
        how = "LINEAGE_KIT_STATE" if default else "The key `delivery.journal.directory`"
        yield (
            f"{fault}: there can be no journal in {directory}, so that events wait in memory and what is owed when a "
            f"program ends is lost. {how} names another place."
        )


def _fault(directory: Path) -> str | None:
    """What keeps a directory from being made or written to."""
    nearest = next((path for path in (directory, *directory.parents) if path.exists()), None)
    if nearest is None or (nearest.is_dir() and os.access(nearest, os.W_OK)):
        return None
    return f"{nearest} {'cannot be written' if nearest.is_dir() else 'is a file, not a directory'}"


def _send(settings: Settings, where: Sequence[Destination]) -> bool:
    """Send the test event everywhere; True when every destination took it."""
    if not where:
        say("", "Nothing is sent: lineage is switched off.")
        return True
    results = probe(settings, where)
    if results is None:
        say("", "Nothing is sent: `filters` leave out the job lineage_kit.doctor.")
        return True
    section("Test event", [(one.name, one.answer) for one in results])
    return all(one.taken for one in results)
