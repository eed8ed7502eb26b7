"""The file named by the variable, else the one of the working directory, else the user's own; one file, never two."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_kit.config.files import writable_by_others
from lineage_kit.config.load import load
from lineage_kit.config.model import Settings

Read = Callable[..., Settings]


def put(path: Path, namespace: str) -> Path:
    """A configuration file that sets the namespace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"namespace: {namespace}\n")
    return path


def test_nothing_anywhere_gives_the_defaults(read: Read, tmp_path: Path) -> None:
    """Without file, variables and code no transport is configured, and the settings say where a file was looked for."""
    settings = read()
    assert settings.transport is None
    assert settings.file is None
    assert settings.sources == {}
    assert settings.searched == (
        str(tmp_path / "openlineage.yml"),
        str(tmp_path / "home" / ".openlineage" / "openlineage.yml"),
    )


def test_the_order_of_places(read: Read, tmp_path: Path) -> None:
    """The variable beats the working directory, which beats the home directory; weaker files are not read at all."""
    home = put(tmp_path / "home" / ".openlineage" / "openlineage.yml", "home")
    assert (read().namespace, read().file) == ("home", str(home))
    put(tmp_path / "openlineage.yml", "here")
    assert read().namespace == "here"
    home.write_text("- broken")
    assert read().namespace == "here"
    named = put(tmp_path / "elsewhere" / "any.name", "named")
    for text in (str(named), "elsewhere/any.name"):
        settings = read(environ={"OPENLINEAGE_CONFIG": text})
        assert (settings.namespace, settings.file, settings.searched) == ("named", str(named), (str(named),))


def test_a_tilde_in_the_variable_is_the_home_directory(read: Read, tmp_path: Path) -> None:
    """Where no shell has expanded it, we do."""
    put(tmp_path / "home" / "mine.yml", "mine")
    assert read(environ={"OPENLINEAGE_CONFIG": "~/mine.yml"}).namespace == "mine"


def test_a_blank_variable_is_an_unset_one(read: Read, tmp_path: Path) -> None:
    """An empty OPENLINEAGE_CONFIG changes nothing."""
    put(tmp_path / "openlineage.yml", "here")
    assert read(environ={"OPENLINEAGE_CONFIG": ""}).namespace == "here"


def test_a_path_in_code_is_the_file(read: Read, tmp_path: Path) -> None:
    """`config` may be a path; no other file is looked for then."""
    put(tmp_path / "openlineage.yml", "here")
    path = put(tmp_path / "given.yml", "given")
    assert read(config=path).namespace == "given"
    assert read(config=str(path)).namespace == "given"


def test_the_process_itself_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arguments the working directory, home and environment of the process count."""
    put(tmp_path / "openlineage.yml", "here")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENLINEAGE__PRODUCER", "http://p")
    settings = load()
    assert (settings.namespace, settings.producer) == ("here", "http://p")


def test_a_byte_order_mark_is_no_part_of_the_text(read: Read) -> None:
    """Files of Windows editors are read as they are meant."""
    assert read(b"\xef\xbb\xbfnamespace: a\r\nnotice: never\r\n").namespace == "a"


def test_comments_alone_are_no_configuration(read: Read) -> None:
    """A file in which everything is switched off is valid and sets nothing."""
    settings = read("# transport:\n#   type: console\n")
    assert settings.transport is None
    assert settings.file is not None


def test_a_heading_without_lines_means_its_defaults(read: Read) -> None:
    """Sections whose lines are commented out are as if they were absent."""
    settings = read("tags:\nfacets:\n  # environment_variables: [HOME]\nfilters:\ndelivery:\ntransport:\n")
    assert (settings.tags.job, settings.filters, settings.transport) == ({}, (), None)


def test_anchors_and_merge_keys_work(read: Read) -> None:
    """Ordinary aliases are welcome: two destinations may share their options."""
    settings = read(
        "transport:\n"
        "  type: composite\n"
        "  transports:\n"
        "    a: &base {type: http, url: http://a, timeout: 3}\n"
        "    b:\n"
        "      <<: *base\n"
        "      url: http://b\n"
    )
    assert settings.transport is not None
    assert dict(settings.transport["transports"]["b"]) == {"type": "http", "url": "http://b", "timeout": "3"}


def test_the_sources_name_file_line_and_variable(read: Read, tmp_path: Path) -> None:
    """Every value that is set can be traced to the line, variable or code it came from."""
    text = "namespace: a\ntags:\n  job:\n    team: sales\n"
    settings = read(text, {"OPENLINEAGE__TAGS__RUN": '{"env": "prod"}'}, config={"notice": "never"})
    file = tmp_path / "openlineage.yml"
    assert settings.sources == {
        "$.namespace": f"{file} line 1",
        "$.tags": f"{file} line 2",
        "$.tags.job": f"{file} line 3",
        "$.tags.job.team": f"{file} line 4",
        "$.tags.run": "OPENLINEAGE__TAGS__RUN",
        "$.tags.run.env": "OPENLINEAGE__TAGS__RUN",
        "$.notice": "code",
    }


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX file modes")
def test_a_file_that_others_may_replace_is_recognised(tmp_path: Path) -> None:
    """The file's own mode and that of its directory both count."""
    path = put(tmp_path / "safe" / "openlineage.yml", "a")
    path.parent.chmod(0o755)
    path.chmod(0o644)
    assert not writable_by_others(path)
    path.parent.chmod(0o777)
    assert writable_by_others(path)
    path.parent.chmod(0o755)
    path.chmod(0o666)
    assert writable_by_others(path)
