"""Delivering what dead processes have left, until nothing is, nothing moves any more, or somebody says stop."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import click
from msgspec import structs

from lineage_kit.cli.journal.place import Place, Refused
from lineage_kit.cli.journal.words import events
from lineage_kit.cli.output import note
from lineage_kit.client.assemble import adopter, destinations
from lineage_kit.client.notice import is_terminal
from lineage_kit.delivery.recovery.survey import Survey, survey
from lineage_kit.history.terminal import printable

if TYPE_CHECKING:
    from lineage_kit.config.model import Settings
    from lineage_kit.delivery.journaled import JournaledDelivery

LOOK = 3.0  # seconds between two looks for the dead, while watching
TICK = 0.05
LONGEST_PAUSE = 2.0  # seconds between two tries, where somebody waits for us
TO_CLOSE = 1.0  # seconds that a try which is under way gets to end

Show = Callable[[int], Any]


class Counts(NamedTuple):
    """Events that got their verdict so far."""

    delivered: int = 0
    quarantined: int = 0


class Stop:
    """Whether somebody has asked us to end, by Ctrl-C or SIGTERM; who asks twice does not wait for us."""

    def __init__(self) -> None:
        self.told = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._tell)
        return self

    def __exit__(self, *_: object) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    def wait(self, seconds: float) -> bool:
        """Wait for so long at most; whether we are to end."""
        end = time.monotonic() + seconds
        while not self.told and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, TICK))
        return self.told

    def _tell(self, *_: object) -> None:
        self.told = True
        self.__exit__()


def drain_once(place: Place, timeout: float) -> bool:
    """Deliver what there is, and say how it went; whether nothing is left. Raises `Refused`.

    timeout: seconds without any event getting through after which it is given up.
    """
    settings = _settings(place)
    total = _waiting(place, survey(place.root))
    shortened = min(LONGEST_PAUSE, settings.delivery.retry_longest)
    delivery = _delivery(
        structs.replace(settings, delivery=structs.replace(settings.delivery, retry_longest=shortened))
    )
    with Stop() as stop, _bar(total) as show:
        _deliver(delivery, stop, timeout, show)
        delivery.close(TO_CLOSE)
    counts, after = _counts(delivery), survey(place.root)
    owed = _waiting(place, after)
    for status in delivery.status():
        if owed and status.last_error and not status.last_success:
            note(f"{printable(status.destination)}: {printable(status.last_error)}")
    if any((*counts, owed)):
        print(_summary(counts, owed))
    else:
        print(
            "Nothing to deliver: no process that has ended owes anything to a destination of this configuration."
        )
    _tell_of_others(place, after)
    return not owed and not counts.quarantined


def watch(place: Place) -> None:
    """Deliver whatever processes leave when they die, until we are told to end. Raises `Refused`."""
    delivery = _delivery(_settings(place))
    said = Counts()
    with Stop() as stop:
        print(f"Watching {place.root}; Ctrl-C ends it.", flush=True)
        while not stop.told:
            is_busy = bool(delivery.recover())
            counts = _counts(delivery)
            if counts != said and not is_busy:
                print(
                    _summary(Counts(*(now - before for now, before in zip(counts, said, strict=True))), None),
                    flush=True,
                )
                said = counts
            stop.wait(TICK if is_busy else LOOK)
        delivery.close(TO_CLOSE)
    print(_summary(_counts(delivery), _waiting(place, survey(place.root))))


def _deliver(delivery: JournaledDelivery, stop: Stop, timeout: float, show: Show) -> None:
    counts, moved = Counts(), time.monotonic()
    while delivery.recover() and not stop.told:
        now = _counts(delivery)
        if now != counts:
            show(sum(now) - sum(counts))
            counts, moved = now, time.monotonic()
        elif time.monotonic() - moved >= timeout or _is_hopeless(delivery):
            break
        time.sleep(TICK)
    show(sum(_counts(delivery)) - sum(counts))


def _is_hopeless(delivery: JournaledDelivery) -> bool:
    """Whether everything that waits, waits for destinations that take no event as they are configured."""
    waiting = [status.broken for status in delivery.status() if status.adopted]
    return bool(waiting) and all(waiting)


def _settings(place: Place) -> Settings:
    settings = place.settings
    if settings is None:
        raise Refused("Nothing is delivered while the configuration is broken. See lineage-kit doctor.")
    if settings.disabled:
        why = settings.sources.get("$.disabled", "the configuration")
        raise Refused(f"Nothing is delivered: lineage is switched off here by {why}.")
    if not place.goals:
        raise Refused(
            "Nothing is delivered: no destination configured here takes events from a journal. See lineage-kit doctor."
        )
    return settings


def _delivery(settings: Settings) -> JournaledDelivery:
    delivery = adopter(settings.delivery, destinations(settings))
    if delivery is None:
        raise Refused("Nothing is delivered: no destination configured here takes events from a journal.")
    return delivery


def _counts(delivery: JournaledDelivery) -> Counts:
    found = delivery.status()
    return Counts(sum(one.recovered for one in found), sum(one.quarantined for one in found))


def _waiting(place: Place, found: Survey) -> int:
    """Events of dead processes for destinations of this configuration."""
    return sum(found.owed(one, "dead") for one in place.goals)


def _summary(counts: Counts, owed: int | None) -> str:
    left = [] if owed is None else [f"{owed:,} still owed"]
    return ", ".join([f"{counts.delivered:,} delivered", *left, f"{counts.quarantined:,} quarantined"])


def _tell_of_others(place: Place, found: Survey) -> None:
    """What is left for others to deliver."""
    living = sum(found.owed(one, "alive") for one in place.goals)
    if living:
        note(f"({events(living)} of living processes: they deliver them themselves)")
    strangers = {
        one: count for one in found.destinations() if one not in place.goals and (count := found.owed(one))
    }
    for one, count in strangers.items():
        where = printable(found.where.get(one, one))
        note(f"({events(count)} for {where}, which is not configured here)")


@contextmanager
def _bar(total: int) -> Iterator[Show]:
    """How to show that so many events more have their verdict: as a bar, where somebody looks at one."""
    bar: AbstractContextManager[Any] = (
        click.progressbar(length=total, label="Delivering", file=sys.stderr, show_pos=True)
        if total and is_terminal()
        else nullcontext()
    )
    with bar as shown:
        yield shown.update if shown is not None else lambda count: None
