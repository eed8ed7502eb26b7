"""Names of jobs: families made by a template stay bounded, default names are stable and tell no machine's path."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
import zipapp
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from lineage_kit import attach, current_run, lineage_job, run
from lineage_kit.errors import UsageError
from lineage_kit.testing import record_events
from tests.support.scripts import Folder

ID = "6f1c3c9e-95c5-4b3e-bb0a-0d0a3a6d6a10"


class Kind(Enum):
    ORDERS = "orders"
    DAY = "2026-11-22"


@pytest.fixture
def events():
    """Everything emitted, with trouble said and left out."""
    with record_events() as recording:
        yield recording


def names(events) -> list[str]:
    """The job of each START, in order."""
    return [event.job.name for event in events if event.eventType == "START"]


@pytest.mark.parametrize(
    "value",
    [
        dt.date(2026, 11, 22),
        dt.datetime(2026, 11, 22, 6),
        dt.time(6),
        pd.Timestamp("2026-11-22"),
        pd.Period("2026-11"),
        np.datetime64("2026-11-22"),
        "2026-11-22",
        "20261122",
        "2026-11-22T06:00:00Z",
        "22.11.2026",
        "load_2026-11-22",
        1.5,
        np.float32(1.5),
        Decimal("1.5"),
        Fraction(1, 2),
        UUID(ID),
        ID,
        ID.upper(),
        ID.replace("-", ""),
        f"urn:uuid:{ID}",
        f"run-{ID}",
        Kind.DAY,
        "",
        None,
        "a\nb",
        "x" * 2000,
        [1],
    ],
    ids=repr,
)
def test_what_differs_from_run_to_run_is_in_no_name(events, caplog, value):
    """A date, float, id or what has no text gives the base name and one warning."""
    job = lineage_job("land.{x}")(lambda x: 7)
    assert [job(value), job(value)] == [7, 7]
    assert len(set(names(events))) == 1
    assert names(events)[0].endswith("lambda")
    assert len([record for record in caplog.records if "job name" in record.message]) == 1


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("orders", "land.orders"),
        ("v2023.10.12", "land.v2023.10.12"),
        ("team=a", "land.team=a"),
        (7, "land.7"),
        (20261122, "land.20261122"),
        (np.int64(7), "land.7"),
        (True, "land.True"),
        (Kind.ORDERS, "land.orders"),
        ("a/b", "land.a/b"),
        ("{x}", "land.{x}"),
        ("Bücher", "land.Bücher"),
    ],
)
def test_what_stays_the_same_is_a_name(events, value, name):
    """Texts, whole numbers and enums make a family of jobs."""
    lineage_job("land.{x}")(lambda x: None)(value)
    assert names(events) == [name]


def test_parts_of_a_date_are_in_no_name(events):
    """A date stays a date when only a part of it is named or formatted."""
    for template in ("land.{day:%Y}", "land.{day.year}"):
        lineage_job(template)(lambda day: None)(dt.date(2026, 11, 22))
    assert all(name.endswith("lambda") for name in names(events))


def test_at_most_two_hundred_names_from_many_threads(events, caplog):
    """The two hundred names that came first stay names; everything later is the base name, said once."""
    job = lineage_job("land.{x}")(lambda x: None)
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        for n in range(300):
            job((n * 7 + number * 31) % 300)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(events)) == 2400
    assert len({name for name in names(events) if name.startswith("land.")}) == 200
    assert len(set(names(events))) == 201
    assert len([record for record in caplog.records if "200 names" in record.message]) == 1


NOT_NAMES = [
    "",
    "  ",
    "a\nb",
    "a\x00b",
    "a\x1b[2J",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "a\u202eb",
    "a\u2067b",
    "\u200d",
    "\u200b \u2060",
    "\ufeff\ufe0f",
    "x" * 1001,
    "\ud800",
]
WRITTEN_NAMES = [
    "family.👨\u200d👩\u200d👧",  # joined into one picture
    "red.❤\ufe0f",  # as a picture, not as a letter
    "flag.🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "می\u200cخواهم",  # Persian: not joined here
    "क्\u200dष",  # Hindi: half a letter
    "nightly\u00a0load",
    "夜間\u3000集計",
    "co\u00adoperation",
    "\u200fשלום",
    "new.\U0001fae9",  # an emoji younger than this Python's tables
]


@pytest.mark.parametrize("name", NOT_NAMES)
def test_names_that_cannot_be_are_an_error_at_decoration(name):
    """Nothing to see, control characters, line ends, what turns text around and over 1,000 characters are told."""
    with pytest.raises(UsageError, match="job name"):
        lineage_job(name)(lambda: None)


@pytest.mark.parametrize("name", ["etl/land", "a b", "a.b-c:d", "x" * 300, "Bücher 本", "{{x}}", "100 %"])
def test_unusual_names_make_the_round_trip_to_a_child(events, name):
    """Slashes, spaces and braces arrive in the parent facet of a child that got the name through a carrier."""
    carriers = []
    lineage_job(name)(lambda: carriers.append(current_run().env()))()
    with attach(carriers[0]), run("child"):
        pass
    shown = name.replace("{{", "{").replace("}}", "}")
    assert events.started("child").facet("parent").job.name == shown


@pytest.mark.parametrize("name", WRITTEN_NAMES)
def test_names_are_written_in_any_script(events, caplog, name):
    """Joiners, variation selectors and spaces of any width are part of writing: a name keeps them."""
    lineage_job(name)(lambda: None)()
    lineage_job("{x}")(lambda x: None)(name)
    with run(name):
        pass
    assert names(events) == [name] * 3
    assert caplog.text == ""


@pytest.mark.parametrize("name", NOT_NAMES)
def test_a_block_with_a_name_that_cannot_be_is_called_by_its_place(events, name):
    """What a block is given is data of the run: it costs the name, not the run."""
    with run(name):
        pass
    assert names(events)[0] not in ("", name)


def test_a_function_that_is_renamed_keeps_the_name_of_its_job(events):
    """The default name is read once, where the function is decorated."""
    job = lineage_job(lambda: None)
    job.__name__ = job.__qualname__ = "renamed"
    job()
    assert names(events)[0].endswith("lambda")


SOURCE = """
    from lineage_kit import configure, lineage_job
    configure(transport={"type": "console"})

    class Shop:
        @lineage_job
        def load(self):
            @lineage_job
            def inner(): ...
            inner()

    def main():
        Shop().load()

    if __name__ == "__main__":
        main()
"""


def test_default_names_of_programs(tmp_path):
    """Script, module, package and zip archive name their jobs by what they are called, wherever they lie."""
    folder = Folder(tmp_path)
    package = tmp_path / "shop"
    package.mkdir()
    from textwrap import dedent

    for file in ("etl.py", "shop/__main__.py", "shop/jobs.py", "app/__main__.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(dedent(SOURCE))
    zipapp.create_archive(tmp_path / "app", tmp_path / "land.pyz")
    for arguments, stem in (
        (["etl.py"], "etl"),
        (["-m", "etl"], "etl"),
        (["-m", "shop"], "shop"),
        (["-m", "shop.jobs"], "shop.jobs"),
        (["shop"], "shop"),
        (["land.pyz"], "land"),
    ):
        out = _run(folder, *arguments)
        assert f"{stem}.Shop.load" in out, arguments
        assert f"{stem}.Shop.load.inner" in out
        assert str(tmp_path) not in "".join(line for line in out.splitlines() if '"name"' in line)


def _run(folder, *arguments):
    import subprocess

    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder.path,
        env=folder.environ(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout + done.stderr


def test_same_name_in_two_modules_is_two_jobs(events):
    """Functions of one name in two modules are told apart by their module."""
    for module in ("sales.load", "stock.load"):
        scope = {"__name__": module, "lineage_job": lineage_job}
        exec("@lineage_job\ndef load(): ...\nload()", scope)
    assert names(events) == ["sales.load.load", "stock.load.load"]


@pytest.mark.parametrize("way", [["-c"], ["-"]])
def test_a_program_without_a_file_is_interactive(tmp_path, way):
    """Jobs of ``python -c`` and of a program on standard input have one name, without angle brackets."""
    folder = Folder(tmp_path)
    text = "from lineage_kit import lineage_job, run\n@lineage_job\ndef f(): pass\nf()\nwith run(): pass\n"
    is_piped = way == ["-"]
    command = [sys.executable, *way, *([] if is_piped else [text])]
    env = folder.environ()
    subprocess.run(command, cwd=tmp_path, env=env, input=text if is_piped else "", text=True, check=True)
    assert {event["job"]["name"] for event in folder.events()} == {"interactive.f", "interactive"}
