"""Files → JSON values: NDJSON by the line, one document, or an array of events, whatever state the file is in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from os import PathLike
from pathlib import Path
from stat import S_ISDIR
from typing import Any, BinaryIO, NamedTuple

import msgspec

MAX_LINE = 16 * 1024 * 1024
MAX_DOCUMENT = 256 * 1024 * 1024
SUFFIXES = (".ndjson", ".jsonl", ".json")

_decode = msgspec.json.Decoder().decode
_BOM = b"\xef\xbb\xbf"
_BLANK = " \t\r\n"


class Document(NamedTuple):
    """One JSON value of a file.

    line: where it begins, counted from 1. value: None where nothing could be read. fault: what is wrong with the
    text, empty for good JSON. torn: the fault is a last line without an end, as a process leaves it that is still
    writing or was killed. text: the JSON itself.
    """

    line: int
    value: Any
    fault: str = ""
    torn: bool = False
    text: bytes = b""


class Reading:
    """The events of some files, one at a time. After (or during) the loop, `unreadable` counts the lines skipped.

    Raises `OSError` in the loop when a file that was named cannot be read; one that disappears from a directory is
    left out, as old logs do.
    """

    def __init__(self, paths: Iterable[str | PathLike[str]]) -> None:
        self.unreadable = 0
        self._paths = [Path(path) for path in paths]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for path in self._paths:
            if path.is_dir():
                for file in files_in(path):
                    yield from self._events(file, may_be_gone=True)
            else:
                yield from self._events(path)

    def _events(self, path: Path, may_be_gone: bool = False) -> Iterator[dict[str, Any]]:
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            if may_be_gone:
                return
            raise
        with stream:
            for document in documents(stream):
                if isinstance(document.value, dict):
                    yield document.value
                elif not document.torn:
                    self.unreadable += 1


def read(paths: str | PathLike[str] | Iterable[str | PathLike[str]]) -> Reading:
    """The events in files and directories of logs, as plain dicts; broken lines are counted and passed over."""
    if isinstance(paths, (str, PathLike)):
        paths = [paths]
    return Reading(paths)


def files_in(directory: Path) -> list[Path]:
    """The logs of a directory, last written last; directories below it are no logs."""
    found = []
    for path in directory.iterdir():
        if path.suffix in SUFFIXES:
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            if not S_ISDIR(stat.st_mode):
                found.append((stat.st_mtime_ns, path))
    return [path for _, path in sorted(found)]


def documents(stream: BinaryIO) -> Iterator[Document]:
    """Every JSON value of a stream: each line of NDJSON, the one document, or each member of the one array."""
    lines = _lines(stream)
    number, first = _first_line(lines)
    head = _parse(number, first)
    if not first:
        return
    if isinstance(head.value, list):
        yield from _whole(number, first)
        return
    if head.value is None and _may_continue(first):
        rest = stream.read(MAX_DOCUMENT)
        if not _is_ndjson(rest):
            yield from _whole(number, first + rest)
            return
        lines = chain(rest.splitlines(keepends=True), lines)
    for line_number, line in enumerate(chain((first,), lines), start=number):
        if line.strip():
            yield _parse(line_number, line)


def _first_line(lines: Iterator[bytes]) -> tuple[int, bytes]:
    """Number and text of the first line that is not blank; empty text where there is none."""
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(_BOM) if number == 1 else line
        if text.strip():
            return number, text
    return 1, b""


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines, none longer than MAX_LINE + 1: of a longer one the rest is skipped."""
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)


def _may_continue(first: bytes) -> bool:
    return len(first) <= MAX_LINE and first.lstrip()[:1] in (b"{", b"[")


def _is_ndjson(rest: bytes) -> bool:
    """True when one of the next lines is a JSON object by itself: the first line is then merely broken."""
    if not rest.strip():
        return True
    for line in rest[: 4 * 1024 * 1024].splitlines()[:50]:
        text = line.strip()
        if text.startswith(b'{"') and text.endswith(b"}") and isinstance(_parse(0, text).value, dict):
            return True
    return False


def _whole(line: int, data: bytes) -> Iterator[Document]:
    """The one document, or the members of the one array, each with its line."""
    document = _parse(line, data)
    if document.fault or not isinstance(document.value, list):
        yield document._replace(torn=False)
        return
    text = data.decode()
    decoder = json.JSONDecoder()
    position, counted = text.index("[") + 1, 0
    for value in document.value:
        while text[position] in _BLANK or text[position] == ",":
            position += 1
        line += text.count("\n", counted, position)
        counted = position
        begin, position = position, decoder.raw_decode(text, position)[1]
        yield Document(line, value, text=text[begin:position].encode())


def _parse(line: int, data: bytes) -> Document:
    if len(data) > MAX_LINE and not data.endswith(b"\n") and b"\n" not in data:
        return Document(line, None, f"longer than {MAX_LINE >> 20} MiB")
    try:
        return Document(line, _decode(data), text=data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _parse_slowly(line, data)


def _parse_slowly(line: int, data: bytes) -> Document:
    """What the fast decoder refused: find out why, and read it all the same where only a value is unusual."""
    constants: list[str] = []
    torn = not data.endswith(b"\n")
    try:
        value = json.loads(data.decode(), parse_constant=constants.append)
    except UnicodeDecodeError as error:
        return Document(
            line, None, f"not UTF-8: byte 0x{data[error.start]:02x} at position {error.start}", torn
        )
    except json.JSONDecodeError as error:
        where = f"line {line + error.lineno - 1}, " if error.lineno > 1 else ""
        reason = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")
        return Document(line, None, f"not JSON: {reason} at {where}column {error.colno}", torn)
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"
        return Document(line, None, f"not readable: {reason}")
    fault = f"not JSON: {constants[0]} is no JSON value (use null or leave it out)" if constants else ""
    return Document(line, value, fault, text=data)
