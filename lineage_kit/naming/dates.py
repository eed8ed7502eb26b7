"""Dates and partitions in the names of files and objects, folded away so that every day is the same dataset.

The rule, segment by segment (a segment is what stands between slashes):

- a date, hour, ``key=value`` partition, part file or bare glob at the end of a name is left out
  (``orders/day=2026-11-22/part-0.parquet`` → ``orders``); elsewhere a run of them becomes one ``*``
- a date inside a segment becomes ``*`` (``orders_2026-11-22.csv`` → ``orders_*.csv``)
- a name that would disappear keeps ``*`` and its suffix (``2026-11-22.csv`` → ``*.csv``)
- only what the calendar knows is a date: ``20230199`` and ``12345678`` stay, and so does a year alone
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

DATE_MARK = "\x1a"
"""Stands before and after a date that a template was filled with, so that it folds whatever its format."""

_PATHS = """
file s3 gs abfss abfs wasbs wasb hdfs webhdfs viewfs dbfs adl oss obs cosn az
ftp ftps sftp scp smb http https
"""
_SCHEMES = frozenset(_PATHS.split())
_LONGEST = 4096
_MAYBE = re.compile(rf"\d{{4}}|[=*{DATE_MARK}]|part[-_.]?\d|_SUCCESS", re.IGNORECASE)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Compiled on first use: most names hold nothing that could fold, and many programs import us in vain."""
    hour, sixty, month, day = (
        r"(?:[01]\d|2[0-3])",
        r"[0-5]\d",
        r"(?:0[1-9]|1[0-2])",
        r"(?:0[1-9]|[12]\d|3[01])",
    )
    recent, token = r"(?:19[7-9]|20\d)\d", r"(?<![0-9A-Za-z])"
    no_date = r"(?!.?(?:19|20)\d\d(?:[-._]\d\d[-._]\d\d|\d{4}(?!\d)))"
    fraction, zone = r"(?:[.,]\d{1,9})?", r"(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?"
    time = rf"(?:{no_date}[T _-]?{hour}(?:[:.-]?{sixty}(?:[:.-]?{sixty}{fraction})?)?{zone}(?!\d))?"
    digits = rf"(?:{hour}(?:{sixty}(?:{sixty}(?:\d{{3}}|\d{{6}})?)?)?)?Z?(?![0-9A-Za-z])"
    hexes = r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    sources = {
        "dashed": (
            rf"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<s>[-._])(?P<month>{month})(?P=s)(?P<day>{day})(?!\d){time}"
        ),
        "turned": (rf"(?<!\d)(?P<a>{day})(?P<s>[-._])(?P<b>{day})(?P=s)(?P<year>(?:19|20)\d\d)(?!\d)"),
        "compact": (
            rf"(?:{token}|(?<=[A-Za-z]{{3}}))(?P<year>{recent})(?P<month>{month})(?P<day>{day})"
            rf"(?:{time}|{digits})(?![0-9A-Za-z])"
        ),
        "monthly": (
            rf"{token}{recent}(?:[-_]?{month}|-?[Qq][1-4]|-?[Ww](?:0[1-9]|[1-4]\d|5[0-3]))(?![0-9A-Za-z]|[-_.]\d)"
        ),
        "marked": (f"{DATE_MARK}+{time}"),
        "stars": (r"\*(?:[-_.T ]?\*)+"),  # {day:%Y}-{day:%m} is one date
        "suffix": (r"(?:\.[A-Za-z][A-Za-z0-9]{0,9})+$"),
        "partition": (r"[A-Za-z_][\w.-]*=[^=]*"),
        "part_file": (r"(?i)part[-.]\d[\w.-]*|part_?\d+(?:\.\w+)*|_SUCCESS|_committed_\d+|_started_\d+"),
        "inner_file": (rf"data_\d+|\d{{6}}_\d+|(?:{hexes})(?:-\d+)?"),
        "glob": (r"\*+(?:\.\w+)*"),
    }
    return {name: re.compile(source) for name, source in sources.items()}


def foldable(namespace: str) -> bool:
    """Whether names of a namespace are paths, in which dates fold; those of tables and topics are not."""
    return namespace.partition(":")[0] in _SCHEMES


def fold(namespace: str, name: str) -> str:
    """The name with dates and partitions folded away; the same string where there are none or it is no path.

    What stands between two `DATE_MARK` is a date in any format, and so is a mark without a partner. Marks never come
    back. ``fold(namespace, fold(namespace, name))`` is ``fold(namespace, name)``.
    """
    if not _MAYBE.search(name):
        return name
    return _fold(name) if foldable(namespace) and len(name) <= _LONGEST else unmark(name)


def unmark(text: str) -> str:
    """A marked namespace or name as it really is: the dates stay, the marks go."""
    return text.replace(DATE_MARK, "")


@lru_cache(maxsize=1024)
def _fold(name: str) -> str:
    name = re.sub(f"{DATE_MARK}[^{DATE_MARK}]*{DATE_MARK}", DATE_MARK, name)
    while (folded := _once(name)) != name:  # folding can bring a new end to light; every pass shortens
        name = folded
    return name


def _once(name: str) -> str:
    segments = [segment for segment in name.split("/") if segment]
    if not segments:
        return name
    root = "/" if name.startswith("/") else ""
    kept = [_inside(segment) for segment in segments]
    gone = _dated(segments, kept)
    end = _end(segments, gone)
    if not end:
        return f"{root}*{_suffix(segments[-1])}"
    folded = _starred(kept[:end], gone)
    return name if folded == segments else root + "/".join(folded)


def _end(segments: list[str], gone: list[bool]) -> int:
    """Where a name ends once dates, partitions and part files at its end are left out."""
    end = len(segments)
    while end and (gone[end - 1] or _at_end(segments, gone, end - 1)):
        end -= 1
    return end


def _starred(kept: list[str], gone: list[bool]) -> list[str]:
    """The segments with one star for every run of those that are gone."""
    result: list[str] = []
    for index, segment in enumerate(kept):
        if not gone[index]:
            result.append(segment)
        elif not index or not gone[index - 1]:
            result.append("*")
    return result


def _dated(segments: list[str], kept: list[str]) -> list[bool]:
    """Which segments are nothing but a date, an hour below one, a partition or a star."""
    gone = [_is_date(segment, text) for segment, text in zip(segments, kept, strict=True)]
    last = len(segments) - 1
    index = 0
    while index < len(segments):
        length = _year_month_day(segments, index, last)
        gone[index : index + length] = [True] * length
        index += max(length, 1)
    for index in range(1, len(segments)):
        if (
            gone[index - 1]
            and _number(segments[index], index == last, 0, 23)
            and _has_day(segments[index - 1])
        ):
            gone[index] = True
    return gone


def _is_date(segment: str, folded: str) -> bool:
    return bool(_patterns()["partition"].fullmatch(segment)) or not _stem(folded).strip("*")


def _at_end(segments: list[str], gone: list[bool], index: int) -> bool:
    segment = segments[index]
    if _patterns()["part_file"].fullmatch(segment) or _patterns()["glob"].fullmatch(segment):
        return True
    return index > 0 and gone[index - 1] and bool(_patterns()["inner_file"].fullmatch(_stem(segment)))


def _year_month_day(segments: list[str], index: int, last: int) -> int:
    """How many segments from here on are ``2026/11``, ``2026/11/22`` or ``2026/11/22/13``; 0 for none."""
    if (
        index >= last
        or not _is_year(segments[index])
        or not _number(segments[index + 1], index + 1 == last, 1, 12)
    ):
        return 0
    year, month = int(segments[index]), int(_stem(segments[index + 1]))
    if index + 2 > last or not _number(segments[index + 2], index + 2 == last, 1, _days(year, month)):
        return 2
    return 4 if index + 3 <= last and _number(segments[index + 3], index + 3 == last, 0, 23) else 3


def _number(segment: str, is_last: bool, low: int, high: int) -> bool:
    text = _stem(segment) if is_last else segment
    return len(text) == 2 and text.isascii() and text.isdigit() and low <= int(text) <= high


def _is_year(segment: str) -> bool:
    return len(segment) == 4 and segment.isascii() and segment.isdigit() and segment[:2] in ("19", "20")


def _has_day(segment: str) -> bool:
    return (
        bool(_patterns()["dashed"].match(segment) or _patterns()["compact"].match(segment))
        or segment == DATE_MARK
    )


def _inside(segment: str) -> str:
    """A segment with every date in it as ``*``."""
    text = _patterns()["marked"].sub("*", segment)
    if any(map(str.isdigit, text)):
        text = _patterns()["dashed"].sub(_checked, text)
        text = _patterns()["turned"].sub(_checked_turned, text)
        text = _patterns()["compact"].sub(_checked, text)
        text = _patterns()["monthly"].sub("*", text)
    return _patterns()["stars"].sub("*", text) if "*" in text else text


def _checked(match: re.Match[str]) -> str:
    if match.groupdict().get("s") == "." and match.string[: match.start()][-1:].isalpha():
        return match[0]  # v2023.10.12 is a version
    return "*" if int(match["day"]) <= _days(int(match["year"]), int(match["month"])) else match[0]


def _checked_turned(match: re.Match[str]) -> str:
    a, b, year = int(match["a"]), int(match["b"]), int(match["year"])
    valid = (b <= 12 and a <= _days(year, b)) or (a <= 12 and b <= _days(year, a))
    return "*" if valid else match[0]


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _suffix(segment: str) -> str:
    match = _patterns()["suffix"].search(segment, max(0, len(segment) - 48))
    return match[0] if match else ""


def _stem(segment: str) -> str:
    return segment[: len(segment) - len(_suffix(segment))]
