"""Settings are plain frozen data with sensible defaults."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from lineage_kit.config import plain
from lineage_kit.config.model import ExactFilter, RegexFilter, Settings

Read = Callable[..., Settings]


def structs(value: Any) -> list[msgspec.Struct]:
    """A struct and all structs in its fields."""
    nested = [getattr(value, name) for name in value.__struct_fields__]
    return [value, *(one for item in nested if isinstance(item, msgspec.Struct) for one in structs(item))]


def test_the_defaults(read: Read) -> None:
    """Settings of nothing are those of the constructor."""
    settings = read()
    assert settings == msgspec.structs.replace(Settings(), searched=settings.searched)
    assert (settings.namespace, settings.disabled, settings.producer) == ("default", False, None)
    assert settings.dataset.reducing_enabled
    assert settings.redact.enabled
    assert (settings.delivery.mode, settings.delivery.exit_timeout) == ("background", 2.0)
    assert (settings.delivery.memory_limit, settings.delivery.budget) == (16 * 1024 * 1024, 1.0)
    assert not settings.facets.source_code_location.disabled
    assert settings.notice == "auto"


def test_settings_cannot_be_changed(read: Read) -> None:
    """No attribute of any section can be set."""
    for struct in structs(read("transport: {type: console}\n")):
        for name in struct.__struct_fields__:
            with pytest.raises(AttributeError):
                setattr(struct, name, None)


def test_filters_match_job_names(read: Read) -> None:
    """Exactly, or from the beginning of the name."""
    settings = read("filters:\n  - {type: exact, match: a.b}\n  - {type: regex, regex: 'tmp_.*'}\n")
    exact, regex = settings.filters
    assert isinstance(exact, ExactFilter)
    assert isinstance(regex, RegexFilter)
    assert [exact.matches(name) for name in ("a.b", "axb", "a.bc")] == [True, False, False]
    assert [regex.matches(name) for name in ("tmp_x", "x.tmp_x")] == [True, False]


@pytest.mark.parametrize("text", ["reducing_enabled", "reducingEnabled", "reducingenabled"])
def test_sections_are_read_in_all_spellings(text: str, read: Read) -> None:
    """snake_case, camelCase and small letters mean the same."""
    assert not read(f"dataset: {{{text}: false}}\n").dataset.reducing_enabled


def test_whole_documented_file(read: Read) -> None:
    """A file that uses every section of an OpenLineage client is understood as it is."""
    settings = read(
        """
transport:
  type: http
  url: https://backend:5000
  auth:
    type: api_key
    api_key: f048521b-dfe8-47cd-9c65-0cb07d57591e
facets:
  environment_variables:
    - VAR1
  source_code_location:
    disabled: false
    branch: main
filters:
  - type: exact
    match: job_name
tags:
  job:
    environment: production
  run:
    attempt: 2
dataset:
  reducing_enabled: true
  extra_trimmers: "posixpath.basename;posixpath.dirname"
"""
    )
    assert plain(settings.transport)["auth"]["api_key"] == "f048521b-dfe8-47cd-9c65-0cb07d57591e"
    assert settings.tags.run == {"attempt": "2"}
    assert settings.dataset.extra_trimmers == ("posixpath.basename", "posixpath.dirname")


def test_variables_cost_no_import_of_yaml() -> None:
    """Without a file the YAML library is not loaded, and reading one variable loads nothing of the rest."""
    code = (
        "import sys, pathlib; from lineage_kit.config import env; env.under_pytest();"
        "assert not {'yaml', 'lineage_kit.config.load', 'platformdirs'} & set(sys.modules);"
        "from lineage_kit.config.load import load;"
        "load(environ={'OPENLINEAGE_URL': 'http://h'}, home=pathlib.Path('.'));"
        "assert not {'yaml', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
