"""What a checkout says of itself, read from the files under ``.git``: no git command, no network, no error.

Read are HEAD, loose and packed refs, the remotes in ``config`` and, for tags, loose tag objects. Linked worktrees
and submodules are followed. What cannot be read (a damaged file, a ref table, an object in a pack) is not known.
Formats: gitrepository-layout(5), git-config(1), git-pack-refs(1).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import NamedTuple

SMALL_FILE = 64 * 1024  # bytes: HEAD, one ref, a gitdir pointer
CONFIG_FILE = 1024 * 1024
PACKED_REFS = 32 * 1024 * 1024  # the largest public repositories have about 10 MB
MAX_DEPTH = 64  # folders upward
MAX_REFS = 5  # HEAD → ref → ref …, as git itself allows
MAX_TAGS = 500  # loose tag files looked at

_IS_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?").fullmatch
_SECTION = re.compile(r'\s*\[\s*([A-Za-z0-9.-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\]').match


class GitFacts(NamedTuple):
    """One checkout.

    root: absolute folder of the working tree. remote: URL of ``origin`` (else of the first remote) as written,
    with whatever credentials it holds. commit: object id of HEAD. branch: None when HEAD is detached.
    tag: one that points at HEAD.
    """

    root: str
    remote: str | None
    commit: str | None
    branch: str | None
    tag: str | None


def read_facts(folder: str) -> GitFacts | None:
    """The facts of the checkout that holds `folder`, an absolute path; None where there is none."""
    try:
        found = _find(os.path.realpath(folder))
        if found is None:
            return None
        root, own, common = found
        branch, commit = _read_head(own, common)
        tag = _find_tag(common, commit) if commit else None
        return GitFacts(root, _read_remote(common), commit, branch, tag)
    except (OSError, ValueError, RecursionError):
        return None


def _find(folder: str) -> tuple[str, str, str] | None:
    """Working tree, git folder of this worktree, git folder shared by all worktrees."""
    for _ in range(MAX_DEPTH):
        own = _git_folder(os.path.join(folder, ".git"))
        if own is not None:
            common = _common_folder(own)
            has_objects = os.path.isdir(os.path.join(common, "objects"))
            if has_objects and _read(os.path.join(own, "HEAD")) is not None:
                return folder, own, common
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    return None


def _git_folder(path: str) -> str | None:
    if os.path.isdir(path):
        return path
    text = _read(path)
    if text is None or not text.startswith("gitdir:"):
        return None
    return os.path.normpath(os.path.join(os.path.dirname(path), text.removeprefix("gitdir:").strip()))


def _common_folder(own: str) -> str:
    pointer = _read(os.path.join(own, "commondir"))
    return os.path.normpath(os.path.join(own, pointer.strip())) if pointer else own


def _read_head(own: str, common: str) -> tuple[str | None, str | None]:
    """Branch and commit."""
    head = (_read(os.path.join(own, "HEAD")) or "").strip()
    if not head.startswith("ref:"):
        return None, head if _IS_OBJECT_ID(head) else None
    ref = head.removeprefix("ref:").strip()
    if not _is_ref(ref):
        return None, None  # also where a ref table is in use: HEAD then names an invalid branch
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None
    return branch, _resolve(own, common, ref)


def _is_ref(ref: str) -> bool:
    """Whether this can be the name of a ref; keeps hostile ones from leaving the git folder."""
    parts = ref.split("/")
    return parts[0] == "refs" and not any(part == "" or part.startswith(".") for part in parts)


def _resolve(own: str, common: str, ref: str) -> str | None:
    for _ in range(MAX_REFS):
        text = _read(os.path.join(own, ref)) or _read(os.path.join(common, ref))
        if text is None:
            return _packed(common, ref)
        text = text.strip()
        if not text.startswith("ref:"):
            return text if _IS_OBJECT_ID(text) else None
        ref = text.removeprefix("ref:").strip()
        if not _is_ref(ref):
            return None
    return None


def _packed(common: str, ref: str) -> str | None:
    data = _read_bytes(os.path.join(common, "packed-refs"), PACKED_REFS) or b""
    end = data.find(b" " + ref.encode("utf-8", "replace") + b"\n")
    if end < 0:
        return None
    text = data[data.rfind(b"\n", 0, end) + 1 : end].decode("ascii", "replace")
    return text if _IS_OBJECT_ID(text) else None


def _find_tag(common: str, commit: str) -> str | None:
    """The tag at the commit; of several the one whose name is last in natural order (1.9 before 1.10)."""
    names = {*_loose_tags(common, commit), *_packed_tags(common, commit)}
    return max(names, key=_natural, default=None)


def _natural(name: str) -> list[tuple[int, str]]:
    parts = [part for part in re.split(r"([0-9]+)", name) if part]
    return [(int(part[:18]), "") if part[0] in "0123456789" else (-1, part) for part in parts]


def _loose_tags(common: str, commit: str) -> set[str]:
    top = os.path.join(common, "refs", "tags")
    found: set[str] = set()
    seen = 0
    for folder, _, files in os.walk(top):
        for file in files:
            seen += 1
            if seen > MAX_TAGS:
                return found
            path = os.path.join(folder, file)
            target = (_read(path) or "").strip()
            if target and (target == commit or _tagged_commit(common, target) == commit):
                found.add(os.path.relpath(path, top).replace(os.sep, "/"))
    return found


def _tagged_commit(common: str, object_id: str) -> str | None:
    """What an annotated tag stands for, where its object lies by itself (packs are not searched)."""
    import zlib

    if not _IS_OBJECT_ID(object_id):
        return None
    data = _read_bytes(os.path.join(common, "objects", object_id[:2], object_id[2:]), SMALL_FILE)
    if data is None:
        return None
    try:
        head = zlib.decompressobj().decompress(data, 256)
    except zlib.error:
        return None
    match = re.match(rb"tag \d+\x00object ([0-9a-f]{40,64})\ntype commit\n", head)
    return match[1].decode("ascii") if match else None


def _packed_tags(common: str, commit: str) -> set[str]:
    data = _read_bytes(os.path.join(common, "packed-refs"), PACKED_REFS) or b""
    wanted = commit.encode("ascii")
    found: set[str] = set()
    at = data.find(wanted)
    while at >= 0:
        if at >= 2 and data[at - 1] == ord("^"):  # the line before is the annotated tag of this commit
            line = data[data.rfind(b"\n", 0, at - 2) + 1 : at - 2]
        else:
            end = data.find(b"\n", at)
            line = data[at : end if end >= 0 else len(data)]
        _, _, ref = line.partition(b" ")
        if ref.startswith(b"refs/tags/"):
            found.add(ref.removeprefix(b"refs/tags/").decode("utf-8", "replace"))
        at = data.find(wanted, at + len(wanted))
    return found


def _read_remote(common: str) -> str | None:
    remotes: dict[str, str] = {}
    for name, url in _remotes(_read(os.path.join(common, "config"), CONFIG_FILE) or ""):
        remotes.setdefault(name, url)
    return remotes.get("origin") or next(iter(remotes.values()), None) or None


def _remotes(text: str) -> Iterator[tuple[str, str]]:
    """Name and URL of every remote in a configuration."""
    remote: str | None = None
    for line in text.splitlines():
        header = _SECTION(line)
        if header:
            remote = header[2] if header[1].lower() == "remote" else None
        key, equals, value = line[header.end() if header else 0 :].partition("=")
        if remote is not None and equals and key.strip().lower() == "url":
            yield remote, _plain(value)


def _plain(value: str) -> str:
    """A configuration value without quotes, escapes and trailing comment."""
    out: list[str] = []
    quoted = escaped = False
    for char in value.strip():
        if escaped:
            out.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char in "#;" and not quoted:
            break
        else:
            out.append(char)
    return "".join(out).strip()


def _read(path: str, limit: int = SMALL_FILE) -> str | None:
    """The text of a regular file of at most `limit` bytes; None for all else."""
    data = _read_bytes(path, limit)
    if data is None or b"\x00" in data:
        return None
    return data.decode("utf-8", "replace")


def _read_bytes(path: str, limit: int) -> bytes | None:
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            return None  # a pipe would wait for ever
        with open(path, "rb") as file:
            return file.read(limit)
    except (OSError, ValueError):
        return None
