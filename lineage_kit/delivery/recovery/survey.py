"""The journal seen from outside: who has left what, and whether they live. Nothing is kept, written or removed.

Whether a process lives is found out by trying its lock, which is given back at once: whoever wants to adopt in just
that moment does so when it looks next.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from stat import S_ISREG
from typing import Literal, NamedTuple

import msgspec

from lineage_kit.delivery.aside import quarantine
from lineage_kit.delivery.journal import places
from lineage_kit.delivery.journal.home import take
from lineage_kit.delivery.journal.record import Record
from lineage_kit.delivery.journal.segment import Line, Segment, SegmentReader
from lineage_kit.delivery.journal.verdicts import Ranges, Verdicts, acknowledgement

Life = Literal["alive", "dead", "unknown"]


class Incarnation(NamedTuple):
    """One folder of the journal. meta: None when that is of another version, or cannot be read."""

    home: str
    meta: places.Meta | None
    life: Life

    @property
    def name(self) -> str:
        """What its folder is called."""
        return os.path.basename(self.home)


class Owed(NamedTuple):
    """One event without a verdict of the destinations `to`, and where it stands."""

    incarnation: Incarnation
    segment: int
    line: int
    record: Record
    to: tuple[str, ...]

    @property
    def event_id(self) -> str:
        """The id of the event, as in quarantine."""
        return self.record.envelope().event_id


class Trouble(msgspec.Struct):
    """What could not be looked at. damaged: lines that are no records; unreadable: files and folders."""

    damaged: int = 0
    unreadable: list[str] = []


class Account(msgspec.Struct):
    """What one incarnation owes: destination → how many events, and when the oldest of them was accepted."""

    incarnation: Incarnation
    owed: dict[str, int]
    oldest: dict[str, float]
    events: int = 0


class Survey(msgspec.Struct):
    """All of it. size: in bytes. quarantined: destination → events set aside. where: destination → where it goes."""

    root: str
    size: int
    accounts: list[Account]
    quarantined: dict[str, int]
    where: dict[str, str]
    trouble: Trouble

    def destinations(self) -> list[str]:
        """Those that something is owed to, or set aside for."""
        return sorted({*self.quarantined, *(one for account in self.accounts for one in account.owed)})

    def owed(self, destination: str, *lives: Life) -> int:
        """Events that it is owed, of processes that are `lives`; of all when none is named."""
        return sum(
            account.owed.get(destination, 0)
            for account in self.accounts
            if not lives or account.incarnation.life in lives
        )

    def oldest(self, destination: str) -> float | None:
        """When the event was accepted that waits longest for it."""
        return min((a.oldest[destination] for a in self.accounts if destination in a.oldest), default=None)


def life(home: str) -> Life:
    """Whether the process of a folder lives; unknown where its lock cannot be tried."""
    try:
        held = take(home)
    except OSError:
        return "unknown"
    if held is None:
        return "alive"
    held.close()
    return "dead"


def incarnations(root: str) -> list[Incarnation]:
    """All there are, oldest first; none when there is no journal. Raises OSError when it cannot be looked into."""
    try:
        names = sorted(os.listdir(root))
    except FileNotFoundError:
        return []
    homes = [os.path.join(root, name) for name in names if name != places.QUARANTINE]
    return [_incarnation(home) for home in homes if _is_home(home)]


def owed_by(one: Incarnation, trouble: Trouble) -> Iterator[Owed]:
    """What one incarnation owes, in the order in which it was accepted."""
    if one.meta is None:
        return
    try:
        destinations = places.destinations_in(one.home)
        numbers = sorted(set(places.segment_numbers(one.home)))
    except OSError:
        trouble.unreadable.append(one.home)
        return
    noted = {to: _noted(one.home, to) for to in destinations}
    for number in numbers:
        ruled = {to: found.get(number) for to, found in noted.items()}
        yield from _owed_in(one, Segment(one.home, number), ruled, trouble)


def _owed_in(
    one: Incarnation, segment: Segment, ruled: Mapping[str, Ranges | None], trouble: Trouble
) -> Iterator[Owed]:
    for line in _lines(segment, trouble):
        to = tuple(name for name, lines in ruled.items() if lines is None or line.number not in lines)
        if line.record is None:
            trouble.damaged += bool(to)
        elif to and not line.record.header.carried:
            yield Owed(one, segment.number, line.number, line.record, to)


def owed(found: Sequence[Incarnation], trouble: Trouble) -> Iterator[Owed]:
    """What all of them owe, oldest first."""
    return merge(*(owed_by(one, trouble) for one in found), key=lambda event: event.record.header.at)


def set_aside(root: str, destination: str | None = None) -> Iterator[quarantine.Kept]:
    """Every event in quarantine, those of one destination together, oldest first; links are followed nowhere."""
    for one in _quarantines(root):
        if destination in (None, one):
            for event in quarantine.kept(root, one):
                if event.path.endswith(".json") and is_file(event.path):
                    yield event


def survey(root: str) -> Survey:
    """Look at all of it. Raises OSError when the journal cannot be looked into."""
    trouble = Trouble()
    found = incarnations(root)
    accounts = [_account(one, trouble) for one in found]
    where: dict[str, str] = {}
    for one in found:
        where |= one.meta.destinations if one.meta is not None else {}
    counts = {to: quarantine.count(root, to) for to in _quarantines(root)}
    size = places.size_of(root)
    return Survey(root, size, accounts, {to: count for to, count in counts.items() if count}, where, trouble)


def is_file(path: str) -> bool:
    """Whether this is a regular file, and no link to one."""
    try:
        return S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def _account(one: Incarnation, trouble: Trouble) -> Account:
    account = Account(one, {}, {})
    for event in owed_by(one, trouble):
        account.events += 1
        at = event.record.header.at
        for to in event.to:
            account.owed[to] = account.owed.get(to, 0) + 1
            account.oldest[to] = min(account.oldest.get(to, at), at)
    return account


def _incarnation(home: str) -> Incarnation:
    is_readable = is_file(os.path.join(home, places.META))
    return Incarnation(home, places.read_meta(home) if is_readable else None, life(home))


def _is_home(home: str) -> bool:
    """Whether a folder belongs to an incarnation, as far as can be seen."""
    if os.path.islink(home) or not os.path.isdir(home):
        return False
    try:
        os.stat(os.path.join(home, places.LOCK))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # nobody but its owner can tell
    return True


def _noted(home: str, destination: str) -> dict[int, Ranges]:
    path = acknowledgement(home, destination)
    try:
        return Verdicts(path).read() if is_file(path) else {}
    except ValueError:  # a number of thousands of digits
        return {}


def _lines(segment: Segment, trouble: Trouble) -> Iterator[Line]:
    """The lines of a segment. Its file is open only while it is read: there may be very many of them."""
    if not is_file(segment.path):
        if os.path.lexists(segment.path):
            trouble.unreadable.append(segment.path)
        return
    reader = SegmentReader(segment)
    try:
        while lines := reader.read():
            reader.close()
            yield from lines
    except FileNotFoundError:
        pass  # all in it was settled meanwhile
    except OSError:
        trouble.unreadable.append(segment.path)
    finally:
        reader.close()


def _quarantines(root: str) -> list[str]:
    """The destinations that have a folder in quarantine."""
    folder = os.path.join(root, places.QUARANTINE)
    try:
        with os.scandir(folder) as found:
            return sorted(entry.name for entry in found if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
