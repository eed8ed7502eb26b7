"""YAML text to a tree, safely: no tags, no bombs, no duplicate keys, and every scalar keeps its text and line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lineage_kit.config.files.mend import has_tabs, has_typography, is_capitalised, mend
from lineage_kit.config.problems import Problems, clip
from lineage_kit.config.tree import Items, Scalar, Section, as_type

MAX_NODES = 20_000
MAX_DEPTH = 50

_REFUSED: Any = object()
_TAG = "tag:yaml.org,2002:"
_SECTIONS_EXPECTED = "expected sections such as `transport:`, each with its settings indented below it"

# what the parser says → what the user reads; the parser's own words may quote a secret
_MISTAKES = (
    (
        "found undefined alias",
        "a value that begins with * refers to something else in YAML; put it in quotes",
    ),
    ("but found '*'", "a value that begins with * refers to something else in YAML; put it in quotes"),
    ("found duplicate anchor", "the same &anchor is defined twice"),
    (
        "expected alphabetic or numeric",
        "a value that begins with & or * is a reference in YAML; put it in quotes",
    ),
    ("found character '%'", "a value cannot begin with %; put it in quotes"),
    ("found character '@'", "a value cannot begin with @; put it in quotes"),
    ("found character '`'", "a value cannot begin with `; put it in quotes"),
    ("found character '\\t'", "there is a tab; YAML allows only spaces there"),
    (
        "mapping values are not allowed",
        "a second colon in one line, or a wrong indentation; put text with `: ` in quotes",
    ),
    ("single document", "a second document begins here (---); a configuration is one document"),
    ("found unexpected end of stream", "a quote is opened here and never closed"),
    ("could not find expected ':'", "a line without a colon: every setting is written `key: value`"),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("found unknown escape character", "a backslash in double quotes begins an escape; use single quotes"),
    ("expected ',' or ']'", "a list opened with [ is not closed, or lacks a comma"),
    ("expected ',' or '}'", "a mapping opened with { is not closed, or lacks a comma"),
    ("tag", "a value that begins with ! is a tag in YAML; put it in quotes"),
)


def parse(text: str, name: str, problems: Problems) -> Section | None:
    """The tree of a configuration file's text; `name` is the file in messages. None when there is no reading it.

    Mistakes are added to `problems`; where they can be mended, the tree is that of the mended text.
    """
    if not text.strip():
        problems.add(f"the file is empty; {_SECTIONS_EXPECTED}", origin=name)
        return None
    attempt = Problems()
    tree = _parse(text, name, attempt)
    capitals = tree is not None and any(is_capitalised(key) for key in tree)
    if has_typography(text) or capitals or (attempt and has_tabs(text)):
        return _parse(mend(text, name, problems), name, problems)
    problems.take(attempt)
    return tree


def _parse(text: str, name: str, problems: Problems) -> Section | None:
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        problems.add(*_explained(error, name))
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.add(
            f"the character U+{error.character:04X} is not allowed in YAML", origin=f"{name} line {line}"
        )
        return None
    except (RecursionError, ValueError):
        problems.add("nested too deeply", origin=name)
        return None
    if root is None:  # comments alone: a file with everything switched off
        return Section((), name)
    builder = _Builder(name, problems)
    try:
        tree = builder.build(root, name, 0)
    except _Stop as stop:
        problems.add(str(stop), origin=name)
        return None
    return _as_root(tree, name, problems)


def _as_root(tree: Any, name: str, problems: Problems) -> Section | None:
    if isinstance(tree, Section):
        return tree
    if tree is _REFUSED:
        return None
    if isinstance(tree, Items):
        problems.add(f"found a list at top level; {_SECTIONS_EXPECTED}", origin=f"{name} line 1")
    else:
        hint = " (a colon needs a space or a new line after it)" if ":" in str(tree) else ""
        problems.add(f"found a single text at top level{hint}; {_SECTIONS_EXPECTED}", origin=f"{name} line 1")
    return None


def _explained(error: Any, name: str) -> tuple[str, str, str]:
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.context_mark if "end of stream" in said and error.context_mark else error.problem_mark
    text = next((text for words, text in _MISTAKES if words in said), "this is not valid YAML")
    return text, "", f"{name} line {mark.line + 1}" if mark else name


class _Stop(Exception):  # noqa: N818 - never leaves this file
    """The text is a danger, not a mistake: reading ends here."""


class _Builder:
    """Nodes of the YAML parser to a tree, counted."""

    def __init__(self, name: str, problems: Problems) -> None:
        from yaml.constructor import SafeConstructor

        self.name = name
        self.problems = problems
        self.nodes = 0
        make = SafeConstructor()
        self.makers = {
            f"{_TAG}null": make.construct_yaml_null,
            f"{_TAG}bool": make.construct_yaml_bool,
            f"{_TAG}int": make.construct_yaml_int,
            f"{_TAG}float": make.construct_yaml_float,
            f"{_TAG}timestamp": make.construct_yaml_timestamp,
        }

    def build(self, node: Any, origin: str, depth: int) -> Any:
        self._count(depth)
        if node.id == "mapping" and node.tag == f"{_TAG}map":
            return self._mapping(node, origin, depth)
        if node.id == "sequence" and node.tag == f"{_TAG}seq":
            items = [self.build(item, self._origin(item), depth + 1) for item in node.value]
            return Items((item for item in items if item is not _REFUSED), origin)
        if node.id == "scalar":
            return self._scalar(node, origin)
        return self._refused(node)

    def _count(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Stop(
                f"more than {MAX_NODES:,} values once every *alias is replaced; that is no configuration"
            )
        if depth > MAX_DEPTH:
            raise _Stop("nested too deeply, or an *alias that contains itself")

    def _origin(self, node: Any) -> str:
        return f"{self.name} line {node.start_mark.line + 1}"

    def _scalar(self, node: Any, origin: str) -> Any:
        if node.tag in (f"{_TAG}str", f"{_TAG}value", f"{_TAG}merge"):
            return Scalar(node.value, origin=origin, expands=True)
        if node.tag not in self.makers:
            return self._refused(node)
        try:
            value = self.makers[node.tag](node)
        except (ValueError, OverflowError):  # looks like a date or a number and is none
            value = node.value
        return Scalar(node.value, value, origin, expands=True)

    def _refused(self, node: Any) -> Any:
        if "python" in node.tag:
            text = "!!python/… would run code, and a configuration is data; name a class of your own by its dotted path"
        else:
            text = "a value that begins with ! is a tag in YAML; put it in quotes"
        self.problems.add(text, origin=self._origin(node))
        return _REFUSED

    def _mapping(self, node: Any, origin: str, depth: int) -> Section:
        section = Section((), origin)
        lines: dict[str, int] = {}
        for merged in self._merged(node, depth):
            for key, value in merged.items():
                section.setdefault(key, value)
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                continue
            place = self._origin(key_node)
            if key_node.id != "scalar":
                self.problems.add(
                    "a key must be a plain word (text with { or [ belongs in quotes)", origin=place
                )
                continue
            key = key_node.value
            if key in lines:
                self.problems.add(
                    f"the key {clip(key)} is there twice, first in line {lines[key]}", origin=place
                )
            lines[key] = key_node.start_mark.line + 1
            value = self.build(value_node, place, depth + 1)
            if value is not _REFUSED:
                section[key] = as_type(value) if key == "type" else value
        return section

    def _merged(self, node: Any, depth: int) -> Iterator[Section]:
        """What ``<<: *anchor`` brings in."""
        for key_node, value_node in node.value:
            if key_node.tag != f"{_TAG}merge":
                continue
            for part in value_node.value if value_node.id == "sequence" else [value_node]:
                built = self.build(part, self._origin(key_node), depth + 1)
                if isinstance(built, Section):
                    yield built
                else:
                    self.problems.add(
                        "<<: takes a mapping, or a list of mappings", origin=self._origin(key_node)
                    )
