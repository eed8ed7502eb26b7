"""``lineage-kit jobs`` lists what is decorated, without running it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.judge import event_breaches
from tests.support.scripts import Folder
from tests.support.servers import HttpServer
from tests.support.shared import needs_shared

DAILY = '''
import functools
from datetime import date
from lineage_kit import Dataset, lineage_job, run

ORDERS = Dataset("postgres://db:5432", "shop.public.orders")

def again(function):
    """A decorator of somebody else's."""
    @functools.wraps(function)
    def call(*args):
        return function(*args)
    return call

@lineage_job("orders.land", inputs="s3://raw/orders/{day}.csv", outputs=ORDERS, tags=["pii"], owners=["team:sales"])
def land(day: date):
    """Lands the orders of a day.

    More of it.
    """

@again
@lineage_job(namespace="shop", inputs=[ORDERS, lambda args: "x.csv"], outputs="data/{name}/{window:%Y/%m}.parquet")
def report(window, name="totals"):
    pass

@lineage_job("land.{table}", inputs="s3://raw/{table}.csv", outputs="{target}")
def family(table, target):
    pass

alias = land

class Steps:
    @lineage_job
    def method(self):
        pass

    @classmethod
    @lineage_job
    def of_class(cls):
        pass

    @property
    @lineage_job
    def value(self):
        pass

    class Inner:
        @staticmethod
        @lineage_job
        def static():
            pass

def factory(name):
    @lineage_job(name)
    def made():
        pass
    return made

MADE = {"a": factory("made.a"), "b": [factory("made.b")]}
length = lineage_job("length")(len)
partial = lineage_job("partial")(functools.partial(print, 1))

class Odd:
    """Answers to everything."""
    def __getattr__(self, name):
        return self
    __iter__ = __bool__ = None

odd = Odd()
'''
NAMES = [
    *(
        "orders.land",
        "etl.daily.report",
        "land.{table}",
        "etl.daily.Steps.method",
        "etl.daily.Steps.of_class",
    ),
    *("etl.daily.Steps.value", "etl.daily.Steps.Inner.static", "made.a", "made.b", "length", "partial"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A package with jobs: etl.daily, and etl.more.other that imports some of them."""
    for path, text in {
        "etl/__init__.py": "",
        "etl/__main__.py": "raise SystemExit('run')",
        "etl/daily.py": DAILY,
        "etl/more/__init__.py": "from etl.daily import land, Steps",
        "etl/more/other.py": "from .. import daily\nfrom ..daily import *\nland2 = land",
        "lonely.py": "from lineage_kit import lineage_job\n@lineage_job\ndef alone(): pass",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return Folder(tmp_path)


def listed(folder: Folder, *arguments: str, **variables: str) -> list[dict]:
    """The events of --json."""
    done = folder.tool("jobs", *arguments, "--json", **variables)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def names(events: list[dict]) -> list[str]:
    """The job of each event."""
    return [event["job"]["name"] for event in events]


def places(datasets: list[dict]) -> list[tuple[str, str]]:
    """Namespace and name of each dataset."""
    return [(one["namespace"], one["name"]) for one in datasets]


@pytest.mark.parametrize("module", ["etl.daily", "etl/daily.py", "./etl/daily.py", "etl", "etl/"])
def test_every_job_is_listed_once(folder, module: str) -> None:
    """Functions, methods, nested classes, what factories make and others wrap, in order; what is imported is not."""
    assert names(listed(folder, module)) == NAMES


def test_files_beside_each_other_are_modules(folder) -> None:
    """A file that belongs to no package is named by its stem, as when it is run or imported."""
    assert names(listed(folder, "lonely.py", "lonely", "lonely.py")) == ["lonely.alone"]


def test_a_file_may_be_called_as_a_module_of_python(folder) -> None:
    """A file with the name of a module that is loaded takes nobody's place."""
    (folder.path / "json.py").write_text(
        "from lineage_kit import lineage_job\n@lineage_job\ndef mine(): pass"
    )
    done = folder.tool("jobs", "./json.py", "--json", PYTHONSAFEPATH="1")
    assert names([json.loads(line) for line in done.stdout.splitlines()]) == ["json.mine"], done.stderr


def test_an_event_tells_all_that_is_declared(folder) -> None:
    """Namespace, datasets under their final names, description, tags and owners."""
    events = {
        event["job"]["name"]: event for event in listed(folder, "etl.daily", OPENLINEAGE_NAMESPACE="prod")
    }
    land, report, family = (events[name] for name in NAMES[:3])
    assert (land["job"]["namespace"], report["job"]["namespace"]) == ("prod", "shop")
    assert places(land["inputs"]) == [("s3://raw", "orders")]
    assert places(land["outputs"]) == [("postgres://db:5432", "shop.public.orders")]
    facets = land["job"]["facets"]
    assert facets["documentation"]["description"] == "Lands the orders of a day."
    assert facets["tags"]["tags"][0]["key"] == "pii"
    assert facets["ownership"]["owners"] == [{"name": "team:sales"}]
    assert places(report["inputs"]) == [("postgres://db:5432", "shop.public.orders")]
    assert places(report["outputs"]) == [("file", str(folder.path / "data" / "totals"))]
    assert (family["inputs"], family["outputs"]) == ([], [])
    assert not any("run" in event or "inputFacets" in str(event["inputs"]) for event in events.values())


def test_names_are_those_of_real_runs(folder) -> None:
    """A job and its datasets are called before it runs as they are called when it does."""
    designed = {event["job"]["name"]: event for event in listed(folder, "etl.daily")}
    folder.run(
        "from datetime import date\nimport etl.daily as d\nd.land(date(2026, 11, 22))\nd.report(date(2026, 11, 1))",
        "go.py",
    )
    ended = [event for event in folder.events() if event["eventType"] == "COMPLETE"]
    assert len(ended) == 2
    for event in ended:
        twin = designed[event["job"]["name"]]
        assert twin["job"] == event["job"]
        assert places(twin["outputs"]) == places(event["outputs"])
        assert set(places(twin["inputs"])) <= set(places(event["inputs"]))


@needs_shared
def test_events_are_valid(folder) -> None:
    """Every line is a JobEvent of the standard."""
    events = listed(folder, "etl")
    assert all(event["schemaURL"].endswith("/JobEvent") for event in events)
    assert [breach for event in events for breach in event_breaches(event)] == []


def test_people_get_a_table(folder) -> None:
    """Columns with titles; local files relative, what only a call can tell as it is written."""
    lines = folder.tool("jobs", "etl").stdout.splitlines()
    assert lines[0].split() == ["JOB", "READS", "WRITES", "OWNERS", "TAGS", "DESCRIPTION"]
    assert lines[1].split(maxsplit=5) == [
        *("orders.land", "s3://raw/orders", "postgres://db:5432/shop.public.orders", "team:sales", "pii"),
        "Lands the orders of a day.",
    ]
    assert lines[2].split() == ["etl.daily.report", "postgres://db:5432/shop.public.orders", "data/totals"]
    assert lines[3].split() == ["(computed)"]
    assert lines[4].split() == ["land.{table}", "s3://raw/{table}.csv", "{target}"]
    assert folder.tool("jobs", "lonely").stdout == "JOB\nlonely.alone\n"


@pytest.mark.parametrize("configured", ["", "configure(transport='console')"])
def test_importing_records_nothing_and_prints_elsewhere(folder, configured: str) -> None:
    """Runs opened while a module is imported send nothing, whatever it configures; its words go to standard error."""
    (folder.path / "script.py").write_text(
        f"from lineage_kit import *\nfrom lineage_kit import configure\n{configured}\nprint('words')\n"
        "@lineage_job('a')\ndef a(): print('called')\na()\nwith run('b'): a()"
    )
    done = folder.tool("jobs", "script.py", "--json")
    assert names([json.loads(line) for line in done.stdout.splitlines()]) == ["a"]
    assert done.stderr.splitlines() == ["words", "called", "called"]
    assert folder.events() == []


def test_a_module_that_configures_decides(folder) -> None:
    """Names are those that the program itself would give."""
    (folder.path / "own.py").write_text(
        "from lineage_kit import *\nconfigure(namespace='own')\n@lineage_job('a')\ndef a(): pass"
    )
    assert listed(folder, "own")[0]["job"]["namespace"] == "own"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all', at broken.py:1"),
        ("def f(:", "SyntaxError: invalid syntax, at broken.py:1"),
        (
            "from lineage_kit import *\n\n@lineage_job(outputs='s3://b/{dya}')\ndef f(day): pass",
            ", at broken.py:3",
        ),
        ("import json\nimport msgspec\njson.loads('{')", ", at broken.py:3"),
        ("import click\nclick.Choice(3).convert('x', None, None)", ", at broken.py:2"),
        ("\n\n1/0", "ZeroDivisionError: division by zero, at broken.py:3"),
        ("import sys; sys.exit(0)", "if __name__ == '__main__'"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt, at broken.py:1"),
        ("raise GeneratorExit", "GeneratorExit, at broken.py:1"),
        ("from lineage_kit import *\n@lineage_job(inputs='{x}')\ndef f(): pass", "no parameter 'x'"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told(folder, text: str, said: str) -> None:
    """Which module, why and where: status 2, and the others are listed all the same."""
    (folder.path / "broken.py").write_text(text)
    done = folder.tool("jobs", "broken", "lonely.py")
    assert done.returncode == 2
    assert done.stderr.startswith("error: broken cannot be imported: ")
    assert said in done.stderr
    assert done.stdout == "JOB\nlonely.alone\n"


def test_ctrl_c_ends_the_look(folder) -> None:
    """A signal is the user's, who wants no other module imported."""
    text = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)"
    (folder.path / "slow.py").write_text(text)
    done = folder.tool("jobs", "slow", "lonely.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Aborted!" in done.stderr


def test_a_module_and_a_job_that_answer_anything_are_listed(folder) -> None:
    """A module whose __getattr__ raises no AttributeError, and a callable object of that kind, are as good as any."""
    (folder.path / "odd.py").write_text(
        "from lineage_kit import *\ndef __getattr__(name): return {}[name]\n"
        "class Client:\n    __getattr__ = lambda self, name: {}[name]\n    def __call__(self, day): return day\n"
        "call = lineage_job('call', inputs='s3://raw/{day}.csv')(Client())\n@lineage_job\ndef ok(): pass"
    )
    done = folder.tool("jobs", "odd")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()[1:]] == [["call", "s3://raw/*.csv"], ["odd.ok"]]


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("lonly", "there is no module 'lonly' here or among the installed ones; did you mean lonely?"),
        ("lonly.py", "lonly.py is not there; did you mean lonely.py?"),
        ("etl.dayly", "there is no module 'etl.dayly'"),
        (".", "no __init__.py"),
    ],
)
def test_a_module_that_is_not_there_is_met_with_the_nearest(folder, module: str, said: str) -> None:
    """What was looked for, and what was perhaps meant."""
    done = folder.tool("jobs", module)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_no_job_at_all_is_an_answer(folder) -> None:
    """Modules without a decorated function give status 1 and a word."""
    (folder.path / "empty.py").write_text("")
    done = folder.tool("jobs", "empty")
    assert (done.returncode, done.stdout) == (1, "")
    assert "@lineage_job" in done.stderr


def test_events_are_sent_where_that_is_asked_for(folder) -> None:
    """--emit delivers every event but those of jobs whose names calls decide, which are told."""
    with HttpServer() as server:
        done = folder.tool("jobs", "etl", "--emit", OPENLINEAGE_URL=server.url)
        sent = [one.json() for one in server.requests()]
    assert done.returncode == 0
    assert sorted(names(sent)) == sorted(name for name in NAMES if "{" not in name)
    assert "land.{table}" in done.stderr


def test_a_refusal_is_told_by_the_exit_status(folder) -> None:
    """A destination that takes none gives status 1."""
    with HttpServer() as server:
        server.always(400)
        done = folder.tool("jobs", "lonely", "--emit", OPENLINEAGE_URL=server.url)
    assert done.returncode == 1
    assert "did not take all events" in done.stderr


def test_a_broken_configuration_is_told(folder) -> None:
    """Names depend on the configuration, so that nothing is listed under a broken one."""
    (folder.path / "openlineage.yml").write_text("transprot: {}\n")
    done = folder.tool("jobs", "lonely")
    assert (done.returncode, done.stdout) == (1, "")
    assert "transport" in done.stderr


def test_dates_that_do_not_fold_are_not_known(folder) -> None:
    """Where names keep their dates, and in names of tables, a date is an argument like any other."""
    (folder.path / "dated.py").write_text(
        "from lineage_kit import *\n"
        "@lineage_job(inputs=['s3://b/x/{day}.csv', 'postgres://db/s.t_{day}'])\ndef f(day): pass"
    )
    assert places(listed(folder, "dated")[0]["inputs"]) == [("s3://b", "x")]
    assert listed(folder, "dated", OPENLINEAGE__DATASET__REDUCING_ENABLED="false")[0]["inputs"] == []
