"""Layers to one tree: stronger over weaker, then variables put in for ``${NAME}``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lineage_kit.config.problems import Problems, fold, shown_key
from lineage_kit.config.tree import Items, Scalar, Section, is_null, origin_of

# below these, keys are the user's own words: two spellings are two keys
_OWN_WORDS = re.compile(
    r"^\$\.(tags\.(job|run)|namespaces)$|\.(config|transports|custom_?headers)$", re.IGNORECASE
)
_TYPED = re.compile(r"^\$\.transport(\.|\[|$)")
_VARIABLE = re.compile(r"\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\$\{)")


def merge(weaker: Any, stronger: Any, path: str = "$") -> Any:
    """`stronger` over `weaker`, key by key; lists and single values replace. Neither is changed.

    A section of `transport` that says its ``type`` replaces the weaker one whole: options of one type mean nothing to
    another. Spellings of a key count as one key, so that a variable can replace what a file has in camelCase.
    """
    if not isinstance(weaker, Mapping) or not isinstance(stronger, Mapping):
        return stronger
    own_words = _OWN_WORDS.search(path) is not None
    if _TYPED.match(path) and not own_words and not is_null(stronger.get("type")):
        return stronger
    return _merged(weaker, stronger, str if own_words else fold, path)


def _merged(
    weaker: Mapping[str, Any], stronger: Mapping[str, Any], same: Callable[[str], str], path: str
) -> Section:
    """Both mappings in one; keys that are the `same` are one key, in the weaker's place and the stronger's spelling."""
    below = {same(key): value for key, value in weaker.items()}
    over: dict[str, dict[str, Any]] = {}
    for key, value in stronger.items():
        merged = merge(below[same(key)], value, f"{path}.{key}") if same(key) in below else value
        over.setdefault(same(key), {})[key] = merged
    result = Section((), origin_of(weaker, origin_of(stronger)))
    for key, value in weaker.items():
        result.update(over.pop(same(key), {key: value}))
    for added in over.values():
        result.update(added)
    return result


def expand(tree: Any, lookup: Callable[[str], str | None], problems: Problems, path: str = "$") -> Any:
    """The tree with ``${NAME}`` and ``${NAME:-default}`` replaced in the texts of files; ``$${`` stands for ``${``."""
    if isinstance(tree, Section):
        items = (
            (key, expand(value, lookup, problems, f"{path}.{shown_key(key, path)}"))
            for key, value in tree.items()
        )
        return Section(items, tree.origin)
    if isinstance(tree, Items):
        values = (expand(value, lookup, problems, f"{path}[{index}]") for index, value in enumerate(tree))
        return Items(values, tree.origin)
    if not (isinstance(tree, Scalar) and tree.expands and "${" in tree):
        return tree
    return Scalar(_expanded(tree, lookup, problems, path), origin=tree.origin)


def _expanded(text: Scalar, lookup: Callable[[str], str | None], problems: Problems, path: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        escaped, name, default, broken = match.groups()
        if escaped:
            return "${"
        if broken:
            problems.add_cause(
                "${ begins a variable: write ${NAME} or ${NAME:-default}, or $${ for itself",
                path,
                text.origin,
            )
            return ""
        value = lookup(name)
        if default is not None:
            return value or default
        if value is None:
            problems.add_cause(
                f"the variable {name} is not set; ${{{name}:-default}} gives a default", path, text.origin
            )
        return value or ""

    return _VARIABLE.sub(replaced, text)


def sources(tree: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """Path and origin of everything in a tree, sections before what is in them."""
    parts: Iterator[tuple[str, Any]] = iter(())
    if isinstance(tree, Section):
        parts = ((f"{path}.{shown_key(key, path)}", value) for key, value in tree.items())
    elif isinstance(tree, Items):
        parts = ((f"{path}[{index}]", value) for index, value in enumerate(tree))
    for place, value in parts:
        yield place, origin_of(value, origin_of(tree))
        yield from sources(value, place)
