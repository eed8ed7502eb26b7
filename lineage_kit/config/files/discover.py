"""Which configuration file counts, and its text: found in three places, read once, bounded."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lineage_kit.config import env
from lineage_kit.config.files.yamltext import parse
from lineage_kit.config.problems import Problems
from lineage_kit.config.tree import Section

FILE_NAME = "openlineage.yml"
MAX_BYTES = 1024 * 1024


def places(
    environ: env.Environ = None, cwd: Path | None = None, home: Path | None = None
) -> list[tuple[Path, bool]]:
    """Where a configuration is looked for, in order, and whether it has to be there."""
    home = home or _home()
    named = env.value_of(env.CONFIG, environ)
    if named is not None:
        return [(_expanded(named, cwd, home), True)]
    here = cwd or _working_directory()
    found = [(here / FILE_NAME, False)] if here is not None else []
    if home is not None:
        found.append((home / ".openlineage" / FILE_NAME, False))
    return found


def find(
    candidates: list[tuple[Path, bool]], problems: Problems, asked_by: str = env.CONFIG.name
) -> Path | None:
    """The first of the `places` that holds a file; notes a problem when one `asked_by` name is not there."""
    for path, required in candidates:
        if os.path.lexists(path):
            return path
        if required:
            problems.add(f"there is no file {str(path)!r}{_similar(path)}", origin=asked_by)
    return None


def read(path: Path, problems: Problems) -> Section | None:
    """The tree of one configuration file; None, with the reason noted, when it cannot be read."""
    text = _text(path, problems)
    return None if text is None else parse(text, str(path), problems)


def writable_by_others(path: Path) -> bool:
    """Whether somebody else than its owner may replace the file: it or its directory is open to group or world."""
    if os.name != "posix":
        return False
    try:
        return any(os.stat(place).st_mode & (stat.S_IWGRP | stat.S_IWOTH) for place in (path, path.parent))
    except OSError:
        return False


def _text(path: Path, problems: Problems) -> str | None:
    name = str(path)
    try:
        if path.is_dir():
            problems.add("this is a directory, expected a YAML file", origin=name)
            return None
        if not path.is_file():
            problems.add("this is not a regular file", origin=name)
            return None
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        problems.add(f"the file cannot be read: {error.strerror or type(error).__name__}", origin=name)
        return None
    if len(data) > MAX_BYTES:
        problems.add(
            f"the file is larger than {MAX_BYTES // 1024} KiB; that is no configuration", origin=name
        )
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add("the file is not UTF-8 text; save it in that encoding", origin=f"{name} line {line}")
        return None


def _working_directory() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it has been removed
        return None


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _expanded(text: str, cwd: Path | None, home: Path | None) -> Path:
    path = Path(text)
    if home is not None and path.parts[:1] == ("~",):
        path = home.joinpath(*path.parts[1:])
    return (cwd or _working_directory() or Path("/")) / path


def _similar(path: Path) -> str:
    """A hint at a file of nearly the same name beside the missing one."""
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in os.scandir(path.parent)]
    except OSError:
        return f"; the directory {str(path.parent)!r} is not there either" if not path.parent.exists() else ""
    close = get_close_matches(path.name, names, n=1, cutoff=0.75)
    return f"; did you mean {close[0]!r}?" if close else ""
