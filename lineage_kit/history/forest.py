"""Records of runs → trees of parents and children, in the order in which the runs began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lineage_kit.history.records import RunKey, RunRecord


class Node(msgspec.Struct):
    """One run and the runs it started."""

    record: RunRecord
    children: list[Node] = []

    def walk(self) -> Iterator[Node]:
        """This node and all below it, each before its children."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def tree(records: Mapping[RunKey, RunRecord]) -> list[Node]:
    """The runs without a parent, each with the runs below it, all in start order.

    A parent that has no events here (a scheduler reports elsewhere, its log was rolled away) becomes a node of its
    own without state, so that its children stay together. Parents that run in a circle are cut where the walk meets
    itself.
    """
    known = dict(records)
    parents = _parents(known)
    _cut_circles(parents)
    nodes = {key: Node(record) for key, record in known.items()}
    for key, parent in parents.items():
        if parent is not None:
            nodes[parent].children.append(nodes[key])
    roots = [nodes[key] for key, parent in parents.items() if parent is None]
    begins = _begins(roots)
    for node in nodes.values():
        node.children.sort(key=lambda child: begins[id(child)])
    return sorted(roots, key=lambda root: begins[id(root)])


def began(node: Node) -> float:
    """When a run began, in seconds since 1970: its own earliest event, else the earliest of its children."""
    return _begins([node])[id(node)]


def failures(roots: Iterable[Node]) -> list[Node]:
    """The same trees with only the runs that failed or were aborted, and those that lead to them."""
    kept: list[Node] = []
    for root in roots:
        pruned: dict[int, Node] = {}
        for node in reversed(list(root.walk())):
            children = [pruned[id(child)] for child in node.children if id(child) in pruned]
            if children or node.record.failed:
                pruned[id(node)] = Node(node.record, children)
        if id(root) in pruned:
            kept.append(pruned[id(root)])
    return kept


def _parents(known: dict[RunKey, RunRecord]) -> dict[RunKey, RunKey | None]:
    """Run → its parent among `known`, to which parents without events are added."""
    by_id: dict[str, RunKey] = {}
    for key in known:
        by_id.setdefault(key.run_id, key)
    parents: dict[RunKey, RunKey | None] = {}
    for key, record in list(known.items()):
        parents[key] = parent = _find(record.parent, key, known, by_id)
        if parent is not None and parent not in known:
            _add_unseen(parent, record.root, known, by_id, parents)
    return parents


def _find(
    wanted: RunKey | None, own: RunKey, known: Mapping[RunKey, RunRecord], by_id: dict[str, RunKey]
) -> RunKey | None:
    """The key under which a parent is known: exactly, else by its run id alone (job names in parent facets differ)."""
    if wanted is None or wanted == own:
        return None
    if wanted in known or wanted.run_id == own.run_id:
        return wanted
    return by_id.get(wanted.run_id, wanted)


def _add_unseen(
    key: RunKey,
    root: RunKey | None,
    known: dict[RunKey, RunRecord],
    by_id: dict[str, RunKey],
    parents: dict[RunKey, RunKey | None],
) -> None:
    known[key] = RunRecord(run_id=key.run_id, namespace=key.namespace, job=key.job)
    by_id.setdefault(key.run_id, key)
    above = _find(root, key, known, by_id)
    parents[key] = above if above in known else None


def _cut_circles(parents: dict[RunKey, RunKey | None]) -> None:
    settled: set[RunKey] = set()
    for start in parents:
        path: set[RunKey] = set()
        key: RunKey | None = start
        while key is not None and key not in settled:
            path.add(key)
            above = parents[key]
            if above in path:
                parents[key] = None
                break
            key = above
        settled |= path


def _begins(roots: Iterable[Node]) -> dict[int, float]:
    """id(node) → when it began, for every node below `roots`; nodes without any time come first."""
    nodes = [node for root in roots for node in root.walk()]
    begins: dict[int, float] = {}
    for node in reversed(nodes):
        begin = node.record.seen
        if begin is None:
            begin = min((begins[id(child)] for child in node.children), default=0.0)
        begins[id(node)] = begin
    return begins
