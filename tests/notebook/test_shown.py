"""What people see: badges, trees, graphs, files."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from lineage_kit.event import new_id
from lineage_kit.event.facets.dataset import SchemaDatasetFacet, SchemaDatasetFacetFields
from lineage_kit.event.model import (
    Dataset,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    Run,
    RunEvent,
    RunState,
)
from tests.notebook.conftest import Notebook

HOSTILE = '<script>alert("x")</script>&\x1b[31m\u202e\ud800'
WRITES = "current_run().add_output('/tmp/a.csv', rows=3)"
TWO_RUNS = """\
with run('a', inputs='s3://raw/a', outputs='s3://raw/b'): ...
with run('b', inputs='s3://raw/b', outputs='s3://raw/c'): ...
"""


@pytest.fixture
def published(notebook: Notebook) -> list[dict[str, str]]:
    """What cells show beside their value."""
    shown: list[dict[str, str]] = []
    notebook.shell.display_pub.publish = lambda data, **_settings: shown.append(data)
    return shown


def _forms(notebook: Notebook, thing: object) -> dict[str, str]:
    return notebook.shell.display_formatter.format(thing)[0]


def _assert_harmless(html: str) -> None:
    """Mark-up that is well-formed, runs nothing and asks nothing of any server."""
    tree = ET.fromstring(html.removeprefix("<!doctype html>").replace('<meta charset="utf-8">', ""))
    for element in tree.iter():
        name = element.tag.rpartition("}")[2]
        assert name not in ("script", "iframe", "img", "link", "object", "embed", "a")
        assert not [key for key in element.attrib if key.startswith("on") or key in ("href", "src")]
    style = "".join(element.text or "" for element in tree.iter() if element.tag.endswith("style"))
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize(
    ("cell", "badge"),
    [
        (f"{WRITES}", "✓ 1 out · "),
        (f"current_run().add_input('s3://raw/a'); {WRITES}", "✓ 1 in → 1 out · "),
        ("current_run().add_input('s3://raw/a')", "✓ 1 in · "),
        (f"{WRITES}; 1 / 0", "✕ 1 out · "),
        (f"{WRITES}; raise KeyboardInterrupt", "▲ 1 out · "),
        (TWO_RUNS, "✓ 1 in → 2 out · "),
        ("with run('a', inputs='s3://raw/a', outputs='s3://raw/a'): ...", "✓ 1 in → 1 out · "),
        ("for i in range(1200):\n    with run('a') as r: r.add_output(f's3://raw/{i}')", "✓ 998+ out · "),
    ],
)
def test_one_line_beneath_a_cell(notebook, published, cell: str, badge: str) -> None:
    """What came from elsewhere and what was written, by the cell and the jobs in it; state by colour and shape."""
    notebook.cell(cell)
    (bundle,) = published
    assert re.fullmatch(re.escape(badge) + r"[\d.]+ s", bundle["text/plain"])
    assert badge[2:] in bundle["text/html"].replace(" → ", " → ")
    _assert_harmless(bundle["text/html"])


@pytest.mark.parametrize("cell", ["x = 1", "1 / 0", "with run('a'): ...", "%%lineage\nx = 1"])
def test_nothing_is_shown_where_nothing_is_to_say(notebook, published, cell: str) -> None:
    """No dataset, no badge; what the cell itself shows is untouched."""
    notebook.cell(cell)
    assert published == []


def test_where_no_backend_is_configured_the_first_badge_says_so(notebook, published) -> None:
    """Once, and not as an error."""
    from lineage_kit.client.client import use_catcher

    catcher = use_catcher(None)
    try:
        notebook.cell(WRITES)
        notebook.cell(WRITES)
    finally:
        use_catcher(catcher)
    assert [" · kept on this machine: %lineage show" in one["text/plain"] for one in published] == [
        True,
        False,
    ]


def test_a_session_is_a_tree_and_a_graph(notebook) -> None:
    """Text, HTML and SVG tell the same; the last has the datasets left and right of their jobs."""
    notebook.cell("# lineage: name=load\ncurrent_run().add_input('s3://raw/orders')\n" + WRITES)
    notebook.cell("# lineage: name=sum\nwith run('total', inputs='/tmp/a.csv', outputs='gs://b/c'): 1 / 0")
    forms = _forms(notebook, notebook.cell("%lineage show").result)
    tree = forms["text/plain"].splitlines()
    assert tree[0].startswith("ipython ")
    assert re.match(r"├─ ipython\.load +COMPLETE +[\d.]+ s +s3://raw/orders → a\.csv +3 rows", tree[1])
    assert tree[2].startswith("└─ ipython.sum")
    assert "ZeroDivisionError: division by zero" in forms["text/plain"]
    for name in ("ipython.load", "total", "ZeroDivisionError", "3 rows"):
        assert name in forms["text/html"]
    left = _left_sides(forms["image/svg+xml"])
    assert left["orders"] < left["ipython.load"] < left["a.csv"] < left["total"] < left["c"]
    assert {"#1a9850", "#e5484d"} <= set(re.findall(r"#[0-9a-f]{6}", forms["image/svg+xml"]))
    _assert_harmless(forms["text/html"])
    _assert_harmless(forms["image/svg+xml"])


def _left_sides(svg: str) -> dict[str, float]:
    """Label → where it begins."""
    texts = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return {text.text or "": float(text.attrib["x"]) for text in texts}


def test_a_run_shows_itself_in_any_state(notebook) -> None:
    """While it is open, after its end, and where nothing was ever told of it."""
    for cell, said in (
        (
            "with run('a', outputs='s3://raw/b') as r: open_one = repr(get_ipython().display_formatter.format(r))",
            "",
        ),
        ("r", "COMPLETE"),
        ("lk.ActiveRun()", "no_run"),
        ("current_run()", "ipython."),
    ):
        forms = _forms(notebook, notebook.cell(cell).result)
        assert said in forms["text/plain"]
        if said:
            _assert_harmless(forms["text/html"])
    assert "RUNNING" in notebook.shell.user_ns["open_one"]


EVENTS = [
    RunEvent(
        RunState.START,
        "2026-11-22T10:00:00Z",
        Run(new_id()),
        Job("n", HOSTILE),
        inputs=[InputDataset("s3://b", HOSTILE)],
    ),
    RunEvent(eventTime="2026-11-22T10:00:00Z", run=Run(new_id()), job=Job("n", "j")),
    JobEvent("2026-11-22T10:00:00Z", Job("n", "j"), inputs=[], outputs=[]),
    DatasetEvent("2026-11-22T10:00:00Z", Dataset("n", HOSTILE)),
]
COLUMNS = [SchemaDatasetFacetFields(HOSTILE, "int")] * 200
DATASETS = [
    Dataset("s3://b", HOSTILE),
    Dataset("s3://b", "k" * 5000, {"schema": SchemaDatasetFacet(COLUMNS)}),
    InputDataset("postgres://db:5432", "shop.public.orders"),
]


@pytest.mark.parametrize("thing", [*EVENTS, *DATASETS], ids=lambda thing: type(thing).__name__)
def test_events_and_datasets_show_themselves_harmlessly(notebook, thing: object) -> None:
    """Whatever stands in them is escaped, and what is long is cut."""
    forms = _forms(notebook, thing)
    assert forms["text/plain"]
    assert "\x1b" not in forms["text/plain"]
    assert "\u202e" not in forms["text/plain"] + forms["text/html"]
    assert max(map(len, forms["text/plain"].splitlines())) <= 101
    _assert_harmless(forms["text/html"])
    assert len(forms["text/html"]) < 60_000


def test_a_dataset_shows_its_columns(notebook) -> None:
    """As a tree, and as a table."""
    schema = SchemaDatasetFacet(
        [SchemaDatasetFacetFields("id", "int64"), SchemaDatasetFacetFields("day", "date")]
    )
    forms = _forms(notebook, Dataset("s3://raw", "orders", {"schema": schema}))
    assert forms["text/plain"].splitlines() == [
        "s3://raw · orders  2 columns",
        "├─ id  int64",
        "└─ day  date",
    ]
    assert "<td>day</td><td>date</td>" in forms["text/html"]


def test_what_is_shown_asks_no_server_and_works_while_lineage_is_off(notebook) -> None:
    """Nothing is configured by looking at a thing, and no event leaves."""
    notebook.prepare("lk.configure('http://127.0.0.1:9', enabled=False)")
    notebook.events.clear()
    for cell in ("run('x')", "current_run()", "Dataset('a', 'b')", "%lineage show", "%lineage status"):
        assert notebook.cell(cell).success
    assert len(notebook.events) == 0


@pytest.mark.parametrize("suffix", ["html", "svg", "txt", "json"])
def test_a_session_is_exported(notebook, tmp_path, capsys, suffix: str) -> None:
    """In the form that the file's name says."""
    notebook.cell(f"# lineage: name=load\n{WRITES}")
    notebook.cell(f"%lineage export '{tmp_path}/a b.{suffix}'").raise_error()
    text = (tmp_path / f"a b.{suffix}").read_text(encoding="utf-8")
    assert "written to" in capsys.readouterr().out
    assert "ipython.load" in text
    if suffix == "json":
        assert json.loads(text)[0]["children"][0]["outputs"][0]["rows"] == 3
    elif suffix != "txt":
        assert "<svg" in text
        assert "prefers-color-scheme:dark" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("export", "export takes the file to write"),
        ("export x.pdf", ".html, .svg, .txt, .json; it knows no .pdf"),
        ("export x", "it knows no file without a suffix"),
        ("export /nowhere/x.svg", "/nowhere/x.svg cannot be written (No such file or directory)"),
        ("exprot x.svg", "there is no 'exprot'; did you mean 'export'?"),
        ("on a b", "on has too many arguments"),
        ("on ''", "cannot be empty"),
        ("show 'x", "No closing quotation"),
    ],
)
def test_a_wrong_line_teaches(notebook, capsys, line: str, said: str) -> None:
    """Its usage is shown, and no traceback."""
    notebook.cell(WRITES)
    assert not notebook.cell(f"%lineage {line}").success
    shown = capsys.readouterr()
    assert said in shown.out + shown.err
    assert "%lineage export FILE" in shown.out + shown.err
    assert "Traceback" not in shown.out + shown.err


def test_what_was_recorded_is_shown_after_lineage_is_off(notebook) -> None:
    """The last session's, until another has something to show."""
    notebook.cell(f"# lineage: name=a\n{WRITES}")
    for line in ("%lineage off", "%lineage on other"):
        notebook.cell(line)
        assert "ipython.a" in repr(notebook.cell("%lineage show").result)
    notebook.cell(f"# lineage: name=b\n{WRITES}")
    assert "ipython.a" not in repr(notebook.cell("%lineage show").result)


def test_an_empty_session_exports_nothing(notebook, tmp_path, capsys) -> None:
    """And says why."""
    assert not notebook.cell(f"%lineage export {tmp_path}/x.svg").success
    assert "there is nothing to export: no lineage was recorded yet" in capsys.readouterr().err
    assert "no lineage was recorded yet" in repr(notebook.cell("%lineage show").result)


def test_status_says_what_is_recorded_and_where_it_goes(notebook, capsys) -> None:
    """Before anything was sent, after it, and while lineage is off."""
    notebook.cell("%lineage")
    assert "nothing was sent yet" in capsys.readouterr().out
    notebook.cell("lk.configure(transport={'type': 'console'})")
    notebook.cell(WRITES)
    capsys.readouterr()
    notebook.cell("%lineage status")
    said = capsys.readouterr().out
    assert "session   run " in said
    assert "events    " in said
    notebook.cell("%lineage off\n%lineage status")
    assert "those with %%lineage" in capsys.readouterr().out
