"""All that is wrong with a configuration is in one message, whoever finds it, with the line of the key."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from lineage_kit import OpenLineageClient
from lineage_kit.config.load import load
from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError, MissingExtraError
from lineage_kit.transport import FileConfig, HttpConfig, KafkaConfig
from lineage_kit.transport.registry import create


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with nothing else configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def problems(folder: Path, text: str) -> list[str]:
    """What the author of this file reads, problem by problem."""
    (folder / "openlineage.yml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        OpenLineageClient()
    lines = str(caught.value).replace(f"{folder}/openlineage.yml ", "").splitlines()
    return [
        line.removeprefix("  - ") for line in lines if not line.endswith("problems in the configuration:")
    ]


def test_settings_and_options_of_the_transport_come_together(folder: Path) -> None:
    """Who mends one mistake does not meet the next one afterwards."""
    found = problems(
        folder,
        "notice: x\ntransport:\n  type: http\n  url: http://h\n  timeout: abc\n  auth:\n    type: api_key\n",
    )
    assert [line.split(":")[0] for line in found] == [
        "line 1, at $.notice",
        "line 5, at $.transport.timeout",
        "line 6, at $.transport.auth",
    ]


def test_a_transport_that_code_gives_is_not_looked_for_in_the_file(folder: Path) -> None:
    """The file's transport is not used, so its mistakes are none."""
    (folder / "openlineage.yml").write_text("notice: x\ntransport:\n  type: http\n")
    with pytest.raises(ConfigError) as caught:
        OpenLineageClient(transport=create({"type": "noop"}))
    assert "url" not in str(caught.value)


def test_the_place_of_a_token_in_a_composite_is_its_own(folder: Path) -> None:
    """An otherwise sound destination tells where its `auth` stands."""
    child = "      type: http\n      url: http://h\n      auth: {type: jwtt}\n"
    text = f"transport:\n  type: composite\n  transports:\n    a:\n{child}"
    assert problems(folder, text)[0].startswith("line 7, at $.transport.transports.a.auth.type: ")


def test_a_missing_driver_is_told_with_its_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pip command stands behind the place that asks for it."""
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (folder / "openlineage.yml").write_text(
        "transport:\n  name: a\n  type: kafka\n  topic: t\n  config: {bootstrap.servers: h}\n"
    )
    with pytest.raises(MissingExtraError) as caught:
        create(load(environ={}).transport or {})
    assert str(caught.value).startswith(
        f"{folder}/openlineage.yml line 3, at $.transport.type: The kafka transport needs"
    )
    assert "pip install 'lineage-kit[kafka]'" in str(caught.value)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the user's own with trimmers in it."""
    module = ModuleType("my_trimmers")
    source = (
        "class Good:\n    def trim(self, name): return name\n"
        "class Fails:\n    def __init__(self): raise OSError('no file')\n    def trim(self, name): return name\n"
        "class Other:\n    pass\n"
        "number = 5\n"
        "def shorten(name): return name\n"
    )
    exec(source, module.__dict__)
    monkeypatch.setitem(sys.modules, "my_trimmers", module)
    return module


WRONG = {
    "my_trimmres.Good": "cannot import 'my_trimmres.Good': there is no module 'my_trimmres' on the import path",
    "my_trimmers.Godo": "module 'my_trimmers' has no 'Godo'; did you mean 'Good'?",
    "my_trimmers.Other": "class 'my_trimmers.Other' has no method trim()",
    "my_trimmers.number": "'my_trimmers.number' is no trimmer but an object of type int; "
    "a trimmer is a function from name to name, or has a method trim()",
    "my_trimmers.Fails": "my_trimmers.Fails cannot be built: OSError: no file, at <string>:4 (options given: none)",
    "shorten": "'shorten' is no dotted path of a class, such as my_package.MyClass",
}


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("dotted", WRONG)
def test_a_trimmer_that_cannot_be_used_is_refused_where_it_is_configured(folder: Path, dotted: str) -> None:
    """Not at the first event; what is missing is said with the nearest name."""
    text = f"dataset:\n  reducing_enabled: true\n  extra_trimmers: [my_trimmers.Good, {dotted}]\n"
    assert problems(folder, text) == [f"line 3, at $.dataset.extra_trimmers: {WRONG[dotted]}"]


@pytest.mark.usefixtures("own")
def test_trimmers_of_every_shape_are_taken() -> None:
    """A function and a class; built-in ones by their name alone, or behind the path of another client."""
    settings: Settings = load(
        {
            "dataset": {
                "extra_trimmers": "my_trimmers.Good;my_trimmers.shorten",
                "disabledTrimmers": "DateTrimmer;io.openlineage.client.trimmer.KeyValueTrimmer",
            }
        },
        environ={},
    )
    assert len(settings.dataset.extra_trimmers) == len(settings.dataset.disabled_trimmers) == 2


def test_a_built_in_trimmer_that_does_not_exist_is_refused(folder: Path) -> None:
    """With the nearest one that does."""
    found = problems(folder, "dataset:\n  disabledTrimmers: DateTrimer\n")
    assert found[0].startswith(
        "line 2, at $.dataset.disabledTrimmers: there is no trimmer 'DateTrimer'; did you mean 'DateTrimmer'?"
    )


WRONG_IN_CODE = {
    "no url": (lambda: HttpConfig(url=None), "at url: found nothing, expected a text"),
    "headers": (
        lambda: HttpConfig(url="http://h", custom_headers=["a"]),
        "at custom_headers: found a list, expected a mapping",
    ),
    "retry": (lambda: HttpConfig(url="http://h", retry="5"), "retry must be a mapping, not '5'"),
    "no settings": (
        lambda: KafkaConfig(config=None, topic="t"),
        "at config: found nothing, expected a mapping",
    ),
    "several hosts": (lambda: HttpConfig(url="http://a,http://b"), "names several hosts"),
    "itself": (lambda: load({"tags": ENDLESS}, environ={}), "a mapping that holds itself"),
    "no file": (lambda: load("/no/such.yml", environ={}), "config: there is no file"),
    "two things": (lambda: HttpConfig(url="h", timeout=-1), "; timeout must be more than 0"),
}
ENDLESS: dict[str, object] = {}
ENDLESS["job"] = ENDLESS


@pytest.mark.parametrize("how", WRONG_IN_CODE)
def test_what_code_gives_wrongly_is_a_configuration_error(how: str) -> None:
    """No attribute of a None that the program never wrote: the option and what is expected of it."""
    build, message = WRONG_IN_CODE[how]
    with pytest.raises(ConfigError, match=re.escape(message)):
        build()


def test_what_code_gives_loosely_is_read_as_in_a_file() -> None:
    """Numbers as text and paths as objects are what people have at hand."""
    assert HttpConfig(url="http://h", timeout="5").timeout == 5.0  # type: ignore[arg-type]
    assert FileConfig(log_file_path=Path("x")).log_file_path == "x"  # type: ignore[arg-type]


def test_a_switch_does_not_repeat_a_key() -> None:
    """A key pasted into the wrong variable is not shown."""
    with pytest.raises(ConfigError) as caught:
        load(
            environ={
                "OPENLINEAGE_DISABLED": "sk-abc123def456",
                "OPENLINEAGE_CLIENT_LOGGING": "sk-abc123def456",
            }
        )
    assert "abc123" not in str(caught.value)
