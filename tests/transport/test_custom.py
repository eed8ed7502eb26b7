"""Transports of the user's own: by dotted path or as objects, in both forms, taken by shape."""

import sys

import pytest

from lineage_kit.errors import BrokenDestination, ConfigError
from lineage_kit.event.model import RunEvent
from lineage_kit.transport import Config, Transport, create
from lineage_kit.transport.custom import adapt

MODULE = """
from lineage_kit.transport import Config, Transport

log = []

class MyConfig(Config):
    def __init__(self, target, extra=None):
        self.target, self.extra = target, extra
    @classmethod
    def from_dict(cls, params):
        return cls(params["target"], params.get("extra"))

class Documented(Transport):
    kind = "documented"
    config_class = MyConfig
    def __init__(self, config):
        self.target = config.target
    def emit(self, event):
        log.append((self.target, event))
    def close(self, timeout=-1.0):
        log.append(("closed", timeout))

class Plain:
    def emit(self, event):
        log.append(event)

class Sender:
    delivery = "direct"
    def __init__(self, options):
        self.options = options
    def send(self, envelope):
        log.append((self.options, envelope.body))
        return "done"
    def close(self):
        log.append("closed")
    def describe(self):
        return "my place"

class Subclass(Transport):
    kind = "sub"
    def send(self, envelope):
        log.append(envelope.body)

class Useless(Transport):
    kind = "useless"
    def emitt(self, event): ...

class Failing(Documented):
    def __init__(self, config):
        raise RuntimeError("no " + config.extra["apiKey"])

not_a_class = Plain()
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The user's module."""
    (tmp_path / "mine.py").write_text(MODULE)
    (tmp_path / "bad.py").write_text("import no_such_thing\n")
    (tmp_path / "raising.py").write_text("raise ValueError('at import')\n")
    monkeypatch.syspath_prepend(tmp_path)
    import mine

    yield mine
    sys.modules.pop("mine")


def test_the_documented_form_gets_its_config_and_typed_events(mine, envelope) -> None:
    """`config_class.from_dict` reads the mapping without type, name and priority; `emit` gets an event object."""
    transport = create(
        {"type": "mine.Documented", "name": "n", "priority": 1, "target": "here", "extra": {"a": [1]}}
    )
    transport.send(envelope("land"))
    [(target, event)] = mine.log
    assert target == "here"
    assert isinstance(event, RunEvent)
    assert event.job.name == "land"
    assert transport.delivery == "background"
    transport.close(0.5)
    transport.close(0.5)
    assert mine.log[1:] == [("closed", 0.5)]


def test_the_envelope_form_gets_exact_bytes(mine, envelope) -> None:
    """A class without `config_class` gets the mapping itself; what it says of itself is kept."""
    transport = create({"type": "mine.Sender", "speed": 5})
    assert transport.send(envelope()) == "done"
    assert mine.log == [({"speed": 5}, envelope().body)]
    assert (transport.delivery, transport.describe()) == ("direct", "my place")
    transport.close()
    assert mine.log[-1] == "closed"


def test_a_class_with_nothing_but_emit_is_enough(mine, envelope) -> None:
    """Classes are taken by shape, not by base."""
    transport = create({"type": "mine.Plain"})
    transport.send(envelope())
    transport.close()
    assert len(mine.log) == 1
    assert transport.describe() == "mine.Plain"


def test_a_subclass_with_send_is_used_as_it_is(mine, envelope) -> None:
    """No wrapper around it."""
    transport = create({"type": "mine:Subclass"})
    assert type(transport) is mine.Subclass
    transport.send(envelope())
    assert mine.log == [envelope().body]


WRONG = [
    ("nowhere.Transport", {}, "there is no module 'nowhere'"),
    ("bad.Transport", {}, "there is no module 'no_such_thing'"),
    ("raising.Transport", {}, "importing 'raising' raised ValueError: at import"),
    ("mine.Documentd", {}, "did you mean 'Documented'?"),
    ("mine.not_a_class", {}, "is no class but an object of type Plain"),
    ("mine.Useless", {}, "neither send(envelope) nor emit(event)"),
    ("mine.MyConfig", {}, "has no method send() or emit()"),
    ("mine.Documented", {}, "KeyError: 'target'"),
    ("mine.Plain", {"x": 1}, "takes no options"),
    ("mine.Subclass", {"x": 1}, "options given: x"),
    ("mine.Failing", {"target": "t", "extra": {"apiKey": "k"}}, "mine.Failing cannot be built: RuntimeError"),
    ("mine..Plain", {}, "no dotted path"),
]


@pytest.mark.parametrize(("kind", "options", "message"), WRONG, ids=[message for *_, message in WRONG])
def test_a_class_that_cannot_be_used_is_named(mine, kind, options, message) -> None:
    """With what is missing, where the mapping is written."""
    with pytest.raises(ConfigError, match=r"\$\.transport") as caught:
        create({"type": kind, **options})
    assert message in str(caught.value)


def test_objects_are_adapted_by_shape(envelope) -> None:
    """As `OpenLineageClient(transport=…)` takes them."""

    class Emitting:
        seen = None

        def emit(self, event):
            self.seen = event

    mine = Emitting()
    adapted = adapt(mine)
    adapted.send(envelope())
    assert mine.seen.run.runId == envelope().run_id
    assert adapted.wrapped is mine
    assert adapt(adapted) is adapted
    for wrong in (object(), Emitting, type("T", (Transport,), {})()):
        with pytest.raises(ConfigError):
            adapt(wrong)


def test_what_the_user_raises_passes_through(envelope) -> None:
    """Deliveries decide what it means."""

    class Raising(Transport):
        def emit(self, event):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        adapt(Raising()).send(envelope())


def test_closed_means_closed(envelope) -> None:
    """The user's object is not bothered again."""

    class Counting:
        sent = 0

        def send(self, envelope):
            self.sent += 1

    adapted = adapt(Counting())
    adapted.close()
    with pytest.raises(BrokenDestination, match="closed"):
        adapted.send(envelope())
    assert adapted.wrapped.sent == 0


def test_the_base_config_passes_the_mapping_to_its_constructor() -> None:
    """So that a dataclass will do."""
    from dataclasses import dataclass

    @dataclass
    class Mine(Config):
        target: str = ""

    assert Mine.from_dict({"target": "t"}).target == "t"
