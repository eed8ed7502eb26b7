"""What a run read and wrote, in as many columns as there are: ``a → b`` for both, ``← a`` or ``→ b`` for one alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lineage_kit.history.records import DatasetRecord, RunRecord
from lineage_kit.history.terminal import cut_middle, width
from lineage_kit.history.wording import are_long, is_local, names, path_end, shape

MOST_NAMES = 3
MOST_TOLD_APART = 200  # datasets of each side that names are made different from


class _Item(NamedTuple):
    """One dataset: its name, the shortest end of the name that no other one has, its shape where that stands here.

    before: what stands where the first folders were left out; nothing for local files.
    """

    name: str
    end: str
    before: str
    shape: str

    def within(self, columns: int) -> str:
        """As much of the name as fits, its end first."""
        if width(self.name) <= columns:
            return self.name
        if width(self.end) > columns:
            return cut_middle(self.end, columns)
        longer = path_end(self.name, columns, self.before)
        return longer if width(self.end) < width(longer) <= columns else self.end


class _Flow(NamedTuple):
    """The datasets that are named, and how many more there are."""

    read: Sequence[_Item]
    written: Sequence[_Item]
    more_read: int
    more_written: int

    @property
    def named(self) -> list[_Item]:
        """Those of both sides."""
        return [*self.read, *self.written]

    def text(self, columns: Sequence[int]) -> str:
        """The line, with so many columns for each name."""
        texts = [item.within(most) + item.shape for item, most in zip(self.named, columns, strict=True)]
        read = _listed(texts[: len(self.read)], self.more_read)
        written = _listed(texts[len(self.read) :], self.more_written)
        if read and written:
            return f"{read} → {written}"
        return f"→ {written}" if written else f"← {read}" if read else ""


def whole(record: RunRecord, directory: str) -> str:
    """The first few datasets of each side, with nothing cut but very long addresses; empty where there is none."""
    flow = _flow(record, directory, False, MOST_NAMES)
    if are_long(item.name for item in flow.named):
        flow = _flow(record, directory, True, MOST_NAMES)
    return flow.text([width(item.name) for item in flow.named])


def fitted(record: RunRecord, directory: str, room: int, cutting: bool = False) -> str | None:
    """The same in `room` columns: addresses go first, then folders, then all but the first dataset of each side.

    The names that are left share the columns, so that the end of each stays whole: None where there are too few, or,
    with `cutting`, ends cut in the middle.
    """
    text = whole(record, directory)
    if width(text) <= room:
        return text
    for limit in range(MOST_NAMES, 0, -1):
        flow = _flow(record, directory, True, limit)
        names_alone = [width(item.name) for item in flow.named]
        free = room - (width(flow.text(names_alone)) - sum(names_alone))
        columns = _columns(flow.named, free, cutting and limit == 1)
        if columns is not None:
            return flow.text(columns)
    return None


def _flow(record: RunRecord, directory: str, short: bool, limit: int) -> _Flow:
    read, written = record.inputs[:MOST_TOLD_APART], record.outputs[:MOST_TOLD_APART]
    called = names([*read, *written], directory, short=short)
    sides = (called[: len(read)], called[len(read) :])
    # shapes stand beside the names where there are several, of what was written if anything was
    of_read = not record.outputs and len(record.inputs) > 1
    return _Flow(
        _items(read[:limit], sides[0], called, of_read),
        _items(written[:limit], sides[1], called, len(record.outputs) > 1),
        max(0, len(record.inputs) - limit),
        max(0, len(record.outputs) - limit),
    )


def _items(
    datasets: Sequence[DatasetRecord], own: Sequence[str], every: Sequence[str], with_shapes: bool
) -> list[_Item]:
    """The datasets under their own names; `every` is what the ends of those are told apart from."""
    items = [
        _item(dataset, name, [other for other in every if other != name])
        for dataset, name in zip(datasets, own, strict=False)
    ]
    return items if with_shapes else [item._replace(shape="") for item in items]


def _item(dataset: DatasetRecord, name: str, others: Sequence[str]) -> _Item:
    before = "" if is_local(dataset) else "…/"
    end = telling_end(name, others)
    text = shape(dataset)
    return _Item(name, name if end == name else before + end, before, f" ({text})" if text else "")


def telling_end(name: str, others: Sequence[str]) -> str:
    """The fewest last parts of a name that no other one ends in; the whole name where there are none."""
    parts = name.split("/")
    ends = ("/".join(parts[-count:]) for count in range(1, len(parts)))
    return next((end for end in ends if end and not _is_end_of_one(end, others)), name)


def _is_end_of_one(end: str, names: Sequence[str]) -> bool:
    return any(name == end or name.endswith(f"/{end}") for name in names)


def _columns(items: Sequence[_Item], room: int, cutting: bool) -> list[int] | None:
    """How many of `room` columns each name gets: its end, and of the rest what the others leave it.

    None where not even the ends fit; with `cutting` they share what there is.
    """
    ends = [width(item.end) for item in items]
    if sum(ends) <= room:
        wanted = [max(0, width(item.name) - end) for item, end in zip(items, ends, strict=True)]
        return [end + more for end, more in zip(ends, _shared(wanted, room - sum(ends)), strict=True)]
    return _shared(ends, max(0, room)) if cutting else None


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """`room` dealt out evenly: who wants less gets that, and leaves the rest to the others."""
    given = [0] * len(wanted)
    for served, place in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        given[place] = min(wanted[place], room // (len(wanted) - served))
        room -= given[place]
    return given


def _listed(texts: Sequence[str], more: int) -> str:
    text = ", ".join(texts)
    return f"{text} +{more}" if more else text
