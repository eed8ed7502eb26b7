"""Classes of every make hold decorated methods: abstract, generated, typed, inherited, patched."""

from __future__ import annotations

import abc
import asyncio
import copy
import dataclasses
import enum
import functools
import inspect
import types
import typing
import warnings
import weakref
from typing import Any
from unittest import mock

import pytest

from lineage_kit import lineage_job
from lineage_kit.errors import UsageError
from lineage_kit.testing import record_events

job = lineage_job("job")


class Base(abc.ABC):
    """What has to be written in a subclass, with the decorator on either side."""

    @job
    @abc.abstractmethod
    def above(self) -> str:
        return "base"

    @abc.abstractmethod
    @job
    def below(self) -> str:
        return "base"

    @property
    @abc.abstractmethod
    @job
    def shown(self) -> str: ...

    @job
    @staticmethod
    @abc.abstractmethod
    def static() -> str: ...

    @job
    @classmethod
    @abc.abstractmethod
    def of_class(cls) -> str: ...


class Whole(Base):
    """Everything written; jobs call up."""

    @lineage_job("whole")
    def above(self) -> str:
        return super().above() + "+"

    def below(self) -> str:
        return super().below() + "+"

    @functools.cached_property
    @lineage_job("shown")
    def shown(self) -> str:
        return "shown"

    @staticmethod
    def static() -> str:
        return "static"

    @classmethod
    def of_class(cls) -> str:
        return cls.__name__


def test_abstract_methods_stay_abstract(events):
    """A class with undone methods cannot be made, on whichever side the decorator stands."""
    assert Base.__abstractmethods__ == {"above", "below", "shown", "static", "of_class"}
    with pytest.raises(TypeError, match="abstract"):
        Base()
    assert Whole().above() == Whole().below() == "base+"
    assert events.states[:4] == ["START whole", "START job", "COMPLETE job", "COMPLETE whole"]


def test_a_cached_property_is_computed_in_one_run(events):
    """``cached_property`` above the decorator keeps what the run gave."""
    whole = Whole()
    assert whole.shown == whole.shown == "shown"
    assert events.states == ["START shown", "COMPLETE shown"]


@dataclasses.dataclass(slots=True, frozen=True, order=True)
class Row:
    """A class that is made anew by its decorator."""

    a: int = 1

    @job
    def total(self, *, by: int = 2) -> int:
        return self.a * by

    @job
    def __post_init__(self) -> None:
        object.__setattr__(self, "a", self.a + 1)


class Colour(enum.Enum):
    """Members are not made of methods."""

    RED = 1

    @job
    def shout(self) -> str:
        return self.name + "!"

    @classmethod
    @job
    def first(cls) -> str:
        return next(iter(cls)).name


class Pair(typing.NamedTuple):
    """A tuple with a method."""

    a: int

    @job
    def double(self) -> int:
        return self.a * 2


class Loader(typing.Protocol):
    """What can be loaded from."""

    @job
    def load(self, x: int) -> int:
        return x


@typing.runtime_checkable
class Loads(typing.Protocol):
    """What has a load."""

    def load(self, x: int) -> int: ...


class FromProtocol(Loader):
    """Takes the method of the protocol."""


class Meta(type):
    """A class of classes whose methods are jobs."""

    @classmethod
    @job
    def __prepare__(cls, name: str, bases: Any) -> Any:
        return {}

    @job
    def make(cls) -> Any:
        return cls.__name__

    @property
    @job
    def title(cls) -> str:
        return cls.__name__.upper()


class Generic(typing.Generic[typing.TypeVar("T")]):
    """Has a parameter of type."""

    @job
    def get(self) -> str:
        return "got"


class Single:
    """Chooses by the type of the argument."""

    @functools.singledispatchmethod
    @job
    def show(self, x: Any) -> str:
        return "any"

    @show.register
    @job
    def _(self, x: int) -> str:
        return "int"


@pytest.mark.parametrize(
    ("use", "value"),
    [
        (lambda: Row(1).a, 2),
        (Colour.RED.shout, "RED!"),
        (Colour.first, "RED"),
        (lambda: Pair(2).double(), 4),
        (lambda: FromProtocol().load(3), 3),
        (lambda: Meta("Made", (), {}).make(), "Made"),
        (lambda: Meta("Made", (), {}).title, "MADE"),
        (lambda: Generic[int]().get(), "got"),
        (lambda: Single().show("x"), "any"),
        (lambda: Single().show(1), "int"),
    ],
)
def test_classes_of_every_make(events, use: Any, value: Any):
    """A method is a run in dataclasses, enums, tuples, protocols, metaclasses and generics."""
    assert use() == value
    assert events.states == ["START job", "COMPLETE job"]


def test_generated_classes_take_decorated_methods_over(events):
    """A dataclass with slots, made anew, keeps its jobs; members of an enum are its values only."""
    assert (Row(2).total(), Row(1) < Row(2), [*Colour]) == (6, True, [Colour.RED])
    assert isinstance(FromProtocol(), Loads)
    assert events.states == ["START job", "COMPLETE job"] * 4


class Monday:
    """What stands on instances: plain values, jobs or not."""


def test_a_job_set_on_an_instance_or_a_class_later(events):
    """On an instance it is called as it is, set on a class it becomes a method."""
    day = Monday()
    day.act = job(lambda x: x)
    assert day.act(1) == 1
    Monday.later = job(lambda self, x: (type(self).__name__, x))
    assert day.later(2) == ("Monday", 2)
    day.bound = types.MethodType(job(lambda self: self), 5)
    assert day.bound() == 5
    assert len(events) == 6


def test_a_bound_job_decorated_again_is_one_run(events):
    """New settings over a bound method of a job make one other run, not one around the other."""

    class Table:
        name = "orders"

        @lineage_job("first")
        def load(self) -> str:
            return self.name

    again = lineage_job("{self.name}.again")(Table().load)
    assert again() == "orders"
    assert events.states == ["START orders.again", "COMPLETE orders.again"]
    assert inspect.ismethod(again)


@pytest.mark.parametrize(
    ("above", "name"),
    [
        (functools.cached_property(lambda self: 1), "cached_property"),
        (functools.singledispatchmethod(lambda self, x: 1), "singledispatchmethod"),
        (property(lambda self: 1), "property"),
        (pytest.fixture(lambda: 1), "pytest.fixture"),
    ],
)
@pytest.mark.parametrize("decorate", [lineage_job, job])
def test_above_what_is_never_called_is_an_error(above: Any, name: str, decorate: Any):
    """Where no call would ever pass the decorator, it says to be put below."""
    with pytest.raises(UsageError, match=f"stands above @{name}; put it below"):
        decorate(above)


def test_class_and_static_methods_keep_their_attributes(events):
    """What was set on the shell is on the new one."""
    for kind in (staticmethod, classmethod):
        shell = kind(lambda *_: 1)
        shell.retries = 3
        made = job(shell)
        assert type(made) is kind and made.retries == 3
        assert made.__func__() == 1
    assert len(events) == 4


def test_patched_with_mock(events, monkeypatch: pytest.MonkeyPatch):
    """Specs made of a job have its signature, and the job is back after the patch."""
    before = Whole.above
    with mock.patch.object(Whole, "above", autospec=True) as patched:
        patched.return_value = "mocked"
        assert Whole().above() == "mocked"
        with pytest.raises(TypeError, match="too many positional"):
            Whole().above(1)
    assert Whole.above is before

    async def nap(x: int) -> int:
        return x

    spec = mock.create_autospec(job(nap))
    spec.return_value = 4
    assert asyncio.run(spec(1)) == 4
    with pytest.raises(TypeError, match="missing a required argument"):
        asyncio.run(spec())
    assert mock.create_autospec(job(functools.partial(nap, 1)))
    assert len(events) == 0


def test_jobs_as_objects(events):
    """Attributes, identity, hash, weak references and copies are those of functions and of what a proxy stands for."""
    function = job(lambda x: x)
    function.colour = "red"
    assert function.colour == "red" and function == copy.copy(function) == copy.deepcopy(function)
    assert weakref.ref(function)() is function and {function: 1}[function] == 1
    inner = functools.partial(max, 1)
    proxy = job(inner)
    assert proxy == inner and hash(proxy) == hash(inner) and weakref.ref(proxy)() is proxy
    proxy.colour = "blue"
    assert inner.colour == "blue"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_of_an_object_are_objects_of_their_own(events, copied: Any):
    """A copied callable object is copied as without us, and still a job."""

    @dataclasses.dataclass
    class Counter:
        counts: list[int]

        def __call__(self) -> int:
            self.counts.append(1)
            return len(self.counts)

    first = job(Counter([]))
    second = copied(first)
    second.counts = [*second.counts, 1]
    assert (second(), second(), first()) == (2, 3, 1)
    assert events.states == ["START job", "COMPLETE job"] * 3
    if copied is copy.deepcopy:
        assert copied(first).counts is not first.counts


def test_what_is_written_to_a_job_does_not_hide_it(events):
    """Decorating again finds the original after ``__wrapped__``, ``lineage`` and names were overwritten."""
    first = job(lambda: 1)
    functools.update_wrapper(first, len)
    first.lineage = "mine"
    assert lineage_job("second")(first)() == 1
    assert events.states == ["START second", "COMPLETE second"]


def test_a_function_of_a_third_party_with_a_lineage_of_its_own(events):
    """An attribute called ``lineage`` that is not ours does not matter, and is reached through the original."""

    def theirs() -> int:
        return 1

    theirs.lineage = {"upstream": ["a"]}
    ours = job(theirs)
    assert ours() == 1 and ours.__wrapped__.lineage == {"upstream": ["a"]}
    assert ours.lineage.name == "job"
    assert len(events) == 2


def test_deprecated_and_final_marks_survive(events):
    """Marks that typing sets are kept, and warnings still come from the call."""

    @job
    @typing.final
    @typing.no_type_check
    def old() -> int:
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return 1

    assert old.__final__ and old.__no_type_check__
    with pytest.warns(DeprecationWarning, match="old"):
        assert old() == 1


def test_an_object_that_answers_no_question_is_decorated():
    """A callable whose attributes raise anything is a job, with the parameters of its call for templates."""

    class Client:
        def __getattr__(self, name):
            raise KeyError(name)

        def __call__(self, day):
            return day

    with record_events(strict=True) as events:
        job = lineage_job("client", inputs="s3://raw/{day}.csv")(Client())
        assert job("2026-11-22") == "2026-11-22"
        assert lineage_job(Client()).lineage.name.endswith("Client")
    assert [one.namespace for one in events.completed("client").event.inputs] == ["s3://raw"]
