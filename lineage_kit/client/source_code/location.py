"""The ``sourceCodeLocation`` facet: which file of which commit of which repository a job's code is.

Remotes are cleaned before anything is built from them: no user name, password, token or query leaves the machine.
Source: SourceCodeLocationJobFacet 1-1-0 (``url`` is a URI; some backends store at most 255 characters of it).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage_kit import report
from lineage_kit.client.source_code.git import GitFacts, read_facts
from lineage_kit.config.env import pull_request_number

if TYPE_CHECKING:
    from lineage_kit.config.model import SourceCodeLocation
    from lineage_kit.event.facets.job import SourceCodeLocationJobFacet

MAX_URL = 255
MAX_REMEMBERED = 256  # folders

_INSTALLED = ("site-packages", "dist-packages", ".git")
_BROWSABLE = {  # first or second label of the host → where it shows a file of a commit
    "github": "{repo}/blob/{commit}/{path}",
    "gitlab": "{repo}/-/blob/{commit}/{path}",
    "bitbucket": "{repo}/src/{commit}/{path}",
    "codeberg": "{repo}/src/commit/{commit}/{path}",
}
_SCHEMES = ("https", "http", "ssh", "git")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?").fullmatch
_SCP_FORM = re.compile(r"(?:[^@/\\]*@)?([A-Za-z0-9._-]{2,}|\[[0-9A-Fa-f:.]+\]):(?!:|//|\\)(.+)").fullmatch

_known: dict[str, GitFacts | None] = {}


def source_code_location(
    path: str | None, options: SourceCodeLocation, environ: Mapping[str, str] | None = None
) -> SourceCodeLocationJobFacet | None:
    """The facet for a source file, or for the working directory where `path` is None. Never raises.

    `options` are the configured values, each of which wins over what the checkout says, an empty one too; `environ`
    is where the pull request number of a CI job is looked for (the process's environment by default).
    None when disabled, when there is no remote, and for installed code (``site-packages``) that merely lies inside
    a checkout. Names of code without a file, such as ``<stdin>``, stand for the working directory.
    """
    if path is not None and path.startswith("<"):
        path = None
    if options.disabled or (path is not None and _is_installed(path)):
        return None
    facts = _facts_of(path)
    remote = _chosen(options.repo_url, facts.remote if facts else None)
    repo = clean_remote(remote) if remote else None
    if repo is None:
        if options.repo_url:
            report.problem(
                "source_code.repo_url", "facets.source_code_location.repo_url is no repository's URL"
            )
        return None
    return _facet(repo, path, facts, options, environ)


def clean_remote(remote: str) -> str | None:
    """The remote as a URI of at most 255 characters without credentials and query; None where that cannot be.

    ``git@host:team/repo.git`` becomes ``ssh://host/team/repo.git``, an absolute path a ``file:`` URL.
    """
    remote = remote.strip()
    scheme, separator, rest = remote.partition("://")
    if separator:
        cleaned = _clean_url(scheme.lower(), rest)
    elif os.path.isabs(remote):
        cleaned = "file://" + _quote(remote.replace(os.sep, "/"))
    else:
        match = _SCP_FORM(remote)
        cleaned = (
            f"ssh://{match[1]}/{_quote(match[2].lstrip('/'))}" if match and "@" not in match[2] else None
        )
    return cleaned if cleaned is not None and len(cleaned) <= MAX_URL else None


def forget() -> None:
    """Read every checkout anew from now on (tests, a notebook that pulled)."""
    _known.clear()


def _clean_url(scheme: str, rest: str) -> str | None:
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    if scheme == "file":
        return f"file://{_quote(rest)}" if rest.startswith("/") else None
    authority, _, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    if scheme not in _SCHEMES or not _HOST(host):
        return None
    if "@" in path and ":" in authority:
        return None  # a password that holds a slash: what looks like the host would be a part of it
    return f"{scheme}://{host}/{_quote(path)}"


def _quote(path: str) -> str:
    from urllib.parse import quote

    path = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path)
    return quote(path, safe="/%~:@!$&'()*+,;=")


def _is_installed(path: str) -> bool:
    return any(part in _INSTALLED for part in path.replace("\\", "/").split("/"))


def _facts_of(path: str | None) -> GitFacts | None:
    try:
        folder = os.getcwd() if path is None else os.path.dirname(os.path.abspath(path))
    except OSError:
        return None
    if folder not in _known:
        if len(_known) >= MAX_REMEMBERED:
            _known.clear()
        _known[folder] = read_facts(folder)
    return _known[folder]


def _facet(
    repo: str,
    path: str | None,
    facts: GitFacts | None,
    options: SourceCodeLocation,
    environ: Mapping[str, str] | None,
) -> SourceCodeLocationJobFacet:
    from lineage_kit.event.facets.job import SourceCodeLocationJobFacet

    inside = _path_in(facts.root, path) if facts and path else None
    version = _chosen(options.version, facts.commit if facts else None)
    values: dict[str, Any] = {
        "path": inside,
        "version": version,
        "tag": _chosen(options.tag, facts.tag if facts else None),
        "branch": _chosen(options.branch, facts.branch if facts else None),
        "pullRequestNumber": _chosen(options.pull_request_number, pull_request_number(environ)),
    }
    given = {name: value for name, value in values.items() if value}
    return SourceCodeLocationJobFacet(
        type="git", url=_browsable(repo, version, inside), repoUrl=repo, **given
    )


def _chosen(configured: str | None, found: str | None) -> str | None:
    return found if configured is None else configured


def _path_in(root: str, path: str) -> str | None:
    try:
        inside = os.path.relpath(os.path.realpath(path), root)
    except (OSError, ValueError):
        return None
    inside = inside.replace(os.sep, "/")
    return None if inside.startswith("..") else inside


def _browsable(repo: str, commit: str | None, path: str | None) -> str:
    """Where people see the file: a page of a host we know, else the repository."""
    scheme, _, rest = repo.partition("://")
    host, _, project = rest.partition("/")
    form = next((_BROWSABLE[label] for label in host.split(".")[:2] if label in _BROWSABLE), None)
    if form is None or not (commit and path and project):
        return repo
    if scheme not in ("http", "https"):
        scheme, host = "https", host.partition(":")[0]
    page = f"{scheme}://{host}/{project.rstrip('/').removesuffix('.git')}"
    url = form.format(repo=page, commit=_quote(commit), path=_quote(path))
    return url if len(url) <= MAX_URL else repo
