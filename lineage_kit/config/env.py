"""The environment: every variable this package reads, and the only code that reads them. Nothing is ever written.

`VARIABLES` is the list that documentation, ``lineage-kit doctor`` and tests walk. Each function takes the mapping to
read from, the process's environment by default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from lineage_kit.config.problems import Problems

Environ: TypeAlias = Mapping[str, str] | None


class Variable(msgspec.Struct, frozen=True):
    """One documented variable. `name` may end in ``*`` for a family; `secret` values are never shown."""

    name: str
    meaning: str
    default: str = "not set"
    example: str = ""
    secret: bool = False


DISABLED = Variable(
    "OPENLINEAGE_DISABLED", "Turns everything off: 1, true, yes or on, in any case. Read once.", "0", "true"
)
CONFIG = Variable(
    "OPENLINEAGE_CONFIG",
    "The configuration file to use instead of looking for one.",
    "not set",
    "/etc/openlineage.yml",
)
CLIENT_LOGGING = Variable(
    "OPENLINEAGE_CLIENT_LOGGING", "Level of the logger `lineage_kit`.", "what the program has set", "DEBUG"
)
URL = Variable(
    "OPENLINEAGE_URL", "Sends events to this backend over HTTP.", "not set", "https://lineage.example:5000"
)
ENDPOINT = Variable(
    "OPENLINEAGE_ENDPOINT",
    "Path under OPENLINEAGE_URL; without it this one is not read.",
    "api/v1/lineage",
    "lineage",
)
API_KEY = Variable(
    "OPENLINEAGE_API_KEY",
    "Key sent to OPENLINEAGE_URL; without it this one is not read.",
    secret=True,
    example="…",
)
NAMESPACE = Variable("OPENLINEAGE_NAMESPACE", "Namespace of jobs that name none.", "default", "etl.prod")
SETTINGS = Variable(
    "OPENLINEAGE__*",
    "Any setting: its path in the file in capitals, the parts joined by two underscores.",
    example='OPENLINEAGE__TRANSPORT__TYPE=console, OPENLINEAGE__TAGS={"job": {"team": "sales"}}',
)
CONTEXT = Variable(
    "OPENLINEAGE_CONTEXT",
    "Parent of this process's runs, as JSON; what `env()` hands to a child.",
    "no parent",
    "{…}",
)
PARENT_ID = Variable(
    "OPENLINEAGE_PARENT_ID",
    "Parent of this process's runs: namespace/name/runId.",
    "no parent",
    "etl/daily/0196ed52-…",
)
ROOT_PARENT_ID = Variable(
    "OPENLINEAGE_ROOT_PARENT_ID",
    "Outermost ancestor: namespace/name/runId.",
    "the parent",
    "etl/nightly/0196ed40-…",
)
STATE = Variable(
    "LINEAGE_KIT_STATE",
    "Directory of the local log and all else that is kept.",
    "the user's own",
    "/var/lib/etl",
)
PYTEST_CURRENT_TEST = Variable(
    "PYTEST_CURRENT_TEST", "Set by pytest: events then stay in memory unless code configures a transport."
)
NOTEBOOK = Variable(
    "JPY_SESSION_NAME",
    "The notebook that a Jupyter kernel was started for; its stem is the name of the session's job.",
    example="reports/daily.ipynb",
)
PYTEST_VERSION = Variable("PYTEST_VERSION", "Set by pytest for the whole session; means the same.")
GITLAB_PULL_REQUEST = Variable(
    "CI_MERGE_REQUEST_IID", "Pull request number for the source code location, in GitLab."
)
BITBUCKET_PULL_REQUEST = Variable("BITBUCKET_PR_ID", "The same in Bitbucket.")
AZURE_PULL_REQUEST_NUMBER = Variable("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "The same in Azure, for GitHub.")
AZURE_PULL_REQUEST_ID = Variable("SYSTEM_PULLREQUEST_PULLREQUESTID", "The same in Azure, for its own.")
GITHUB_REF = Variable("GITHUB_REF", "The same in GitHub, from a ref of the form refs/pull/7/merge.")

VARIABLES: tuple[Variable, ...] = (
    *(DISABLED, CONFIG, CLIENT_LOGGING, URL, ENDPOINT, API_KEY, NAMESPACE, SETTINGS),
    *(CONTEXT, PARENT_ID, ROOT_PARENT_ID, STATE, NOTEBOOK, PYTEST_CURRENT_TEST, PYTEST_VERSION),
    *(
        GITLAB_PULL_REQUEST,
        BITBUCKET_PULL_REQUEST,
        AZURE_PULL_REQUEST_NUMBER,
        AZURE_PULL_REQUEST_ID,
        GITHUB_REF,
    ),
)

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_PREFIX = "OPENLINEAGE__"
_PULL_REF = re.compile(r"refs/pull/(\d+)/")


def value_of(variable: Variable, environ: Environ = None) -> str | None:
    """What a variable is set to; None when it is unset or blank."""
    text = (os.environ if environ is None else environ).get(variable.name, "").strip()
    return text or None


def environment_value(name: str, environ: Environ = None) -> str | None:
    """Any variable by name, as it is, for facets and ``${NAME}``; None when it is unset."""
    return (os.environ if environ is None else environ).get(name)


def environment_for_child(changes: Mapping[str, str], environ: Environ = None) -> dict[str, str]:
    """A whole environment for another process: this one's with `changes`."""
    return {**(os.environ if environ is None else environ), **changes}


def is_disabled(environ: Environ = None) -> bool:
    """Whether OPENLINEAGE_DISABLED says so. Never raises: what is neither true nor false counts as false here."""
    return (value_of(DISABLED, environ) or "").lower() in TRUE


def check_switches(problems: Problems, environ: Environ = None) -> None:
    """Note a switch that is set to something it does not know."""
    text = value_of(DISABLED, environ)
    from lineage_kit.config.problems import show

    if text is not None and text.lower() not in TRUE | FALSE:
        problems.add(
            f"found {show(text)}, expected 1, true, yes or on, or 0, false, no or off", origin=DISABLED.name
        )
    level = value_of(CLIENT_LOGGING, environ)
    if level is not None and level.upper() not in LEVELS:
        problems.add(f"found {show(level)}, expected one of {', '.join(LEVELS)}", origin=CLIENT_LOGGING.name)


def settings_variables(environ: Environ = None) -> Iterator[tuple[str, list[str], str]]:
    """Every ``OPENLINEAGE__A__B``: its name, its path in lower case, its text; the deepest paths first.

    Whoever sets them into a tree in this order lets a shallow variable replace what deeper ones have set.
    """
    source = os.environ if environ is None else environ
    names = [name for name in source if name.startswith(_PREFIX) and len(name) > len(_PREFIX)]
    paths = {name: name[len(_PREFIX) :].lower().split("__") for name in names}
    for name in sorted(names, key=lambda name: (-len(paths[name]), name)):
        yield name, paths[name], source[name]


_ENVIRON = os.environ
_BENEATH: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
_PARENT_KEYS = tuple(getattr(os.environ, "encodekey", str)(name.name) for name in (CONTEXT, PARENT_ID))


def may_name_parent() -> bool:
    """False when the process's environment names no parent: what every run without a parent has to ask.

    The mapping beneath `os.environ` answers in a twentieth of the time, because it need not encode the names.
    """
    context, parent_id = _PARENT_KEYS
    return context in _BENEATH or parent_id in _BENEATH or os.environ is not _ENVIRON


def parent_context(environ: Environ = None) -> str | None:
    """OPENLINEAGE_CONTEXT as it is."""
    return value_of(CONTEXT, environ)


def parent_id(environ: Environ = None) -> str | None:
    """OPENLINEAGE_PARENT_ID as it is."""
    return value_of(PARENT_ID, environ)


def root_parent_id(environ: Environ = None) -> str | None:
    """OPENLINEAGE_ROOT_PARENT_ID as it is."""
    return value_of(ROOT_PARENT_ID, environ)


def under_pytest(environ: Environ = None) -> bool:
    """Whether this process, or the one that started it, is a pytest run."""
    return value_of(PYTEST_CURRENT_TEST, environ) is not None or value_of(PYTEST_VERSION, environ) is not None


def notebook_path(environ: Environ = None) -> str | None:
    """The notebook that Jupyter says this kernel is for."""
    return value_of(NOTEBOOK, environ)


def state_directory(environ: Environ = None) -> Path:
    """Where everything that the toolkit keeps lies; not created here. Relative to the working directory if given so."""
    from pathlib import Path

    chosen = value_of(STATE, environ)
    if chosen is not None:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return platformdirs.user_state_path("lineage_kit", appauthor=False)


def pull_request_number(environ: Environ = None) -> str | None:
    """The number of the pull request that this CI job builds, None elsewhere."""
    for variable in (
        GITLAB_PULL_REQUEST,
        BITBUCKET_PULL_REQUEST,
        AZURE_PULL_REQUEST_NUMBER,
        AZURE_PULL_REQUEST_ID,
    ):
        number = value_of(variable, environ)
        if number is not None:
            return number
    match = _PULL_REF.match(value_of(GITHUB_REF, environ) or "")
    return match.group(1) if match else None
