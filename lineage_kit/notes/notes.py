"""What one run has noted so far, and how what is noted twice merges."""

from __future__ import annotations

from threading import RLock
from typing import Any

import msgspec

from lineage_kit.event.model import Dataset, Facets, InputDataset, OutputDataset, altered
from lineage_kit.notes.uniting import merge_facets, unite_entries

Key = tuple[str, str]  # (namespace, name)
Side = dict[Key, "Noted"]  # in the order first seen


class Noted(msgspec.Struct):
    """One dataset of a run: `rows` and `bytes` add up over the run, `dataset` carries everything else.

    raw: its JSON, while nothing has changed since it was encoded. Entries declared on a function are shared by all its
    runs and copied by `change` before the first change.
    """

    dataset: InputDataset | OutputDataset
    rows: int | None = None
    bytes: int | None = None
    raw: msgspec.Raw | None = None


class Notes:
    """The datasets, facets and tags that a run has gathered. Written from inside the run, by any of its threads.

    edges: for a dataset, the lineage entry that says what it was made of. lock: is held for as long as two notes
    become one, and never while code of the user's runs.
    """

    __slots__ = ("edges", "inputs", "job_facets", "lock", "outputs", "run_facets", "tags")

    def __init__(self, inputs: Side, outputs: Side) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.run_facets: Facets = {}
        self.job_facets: Facets = {}
        self.edges: dict[Key, Any] = {}
        self.tags: dict[str, str] = {}
        self.lock = RLock()  # re-entrant: a signal handler may note something too

    def note(
        self, dataset: InputDataset | OutputDataset, rows: int | None = None, size: int | None = None
    ) -> Key:
        """Note `dataset` on its side, by `change`; gives its name."""
        with self.lock:
            change(self.outputs if isinstance(dataset, OutputDataset) else self.inputs, dataset, rows, size)
        return dataset.namespace, dataset.name

    def take(self, noted: Noted) -> None:
        """Note an entry as it is, which others may share, or what it says in the entry of the same name."""
        dataset = noted.dataset
        side = self.outputs if isinstance(dataset, OutputDataset) else self.inputs
        with self.lock:
            if side.setdefault((dataset.namespace, dataset.name), noted) is not noted:
                change(side, dataset, noted.rows, noted.bytes)

    def note_made_of(self, target: Key, entry: Any) -> bool:
        """Note the lineage entry of `target`, united with the one it has; False when that says the same."""
        with self.lock:
            known = self.edges.get(target)
            if known == entry:
                return False
            self.edges[target] = entry if known is None else unite_entries(known, entry)
        return True

    def copy(self) -> Notes:
        """What is noted now, while others go on adding."""
        copied = Notes(self.inputs.copy(), self.outputs.copy())
        for name in ("edges", "job_facets", "run_facets", "tags"):
            setattr(copied, name, getattr(self, name).copy())
        return copied


def change(
    side: Side, dataset: InputDataset | OutputDataset, rows: int | None = None, size: int | None = None
) -> None:
    """Note `dataset` in `side`: a new entry, or merged into the one of the same name.

    Facets merge by `merge_facets`; `rows` and `size` (bytes) add up.
    """
    key = (dataset.namespace, dataset.name)
    known = side.get(key)
    if known is None:
        side[key] = Noted(dataset, rows, size)
        return
    side[key] = Noted(merge(known.dataset, dataset), _sum(known.rows, rows), _sum(known.bytes, size))


def merge(first: Any, second: Dataset) -> Any:
    """The dataset `first` with the facets of `second` laid over its own; neither is changed.

    What `decode` could not place in a field of either stays beside the fields.
    """
    changes: dict[str, Any] = {}
    for name in ("facets", "inputFacets", "outputFacets"):
        later = getattr(second, name, None)
        if later and name in first.__struct_fields__:
            changes[name] = merge_facets(getattr(first, name), later)
    kept = second.__dict__.get("kept")
    if not kept:
        return altered(first, **changes)
    both = msgspec.structs.replace(first, **changes)
    both.__dict__.update(first.__dict__)
    both.__dict__["kept"] = {**first.__dict__.get("kept", {}), **kept}
    return both


def _sum(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return first + second
