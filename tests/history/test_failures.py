"""An error message facet tells the type, the message and the line of the user's own code."""

import subprocess
import sys
import textwrap
import traceback
from pathlib import Path

import pytest

from lineage_kit.history import Frame
from lineage_kit.history.failure import error_from, user_frame

AIRFLOW = """Traceback (most recent call last):
  File "/venv/site-packages/airflow/sdk/execution_time/task_runner.py", line 1, in run
    result = ctx.run(execute)
  File "/srv/etl/dags/shop.py", line 18, in boom
    raise ValueError('deliberate failure')
ValueError: deliberate failure
"""


def _facet(message: str, stack: str | None = None) -> dict:
    return {"message": message, "programmingLanguage": "python"} | ({"stackTrace": stack} if stack else {})


@pytest.mark.parametrize(
    ("message", "stack", "expected"),
    [
        ("KeyError: 'amount'", None, ("KeyError", "'amount'")),
        (
            "KeyError: 'amount'",
            "Traceback:\n  File \"a.py\", line 1, in f\nKeyError: 'amount'\n",
            ("KeyError", "'amount'"),
        ),
        ("deliberate failure", AIRFLOW, ("ValueError", "deliberate failure")),
        ("", AIRFLOW, ("ValueError", "deliberate failure")),
        ("KeyboardInterrupt", None, ("KeyboardInterrupt", "")),
        ("SystemExit: 1", None, ("SystemExit", "1")),
        (
            "no such column\nLINE 1",
            "Traceback:\npsycopg.errors.Bad: no such column\nLINE 1",
            ("", "no such column\nLINE 1"),
        ),
        ("stopped by the operator", None, ("", "stopped by the operator")),
        ("note: nothing to do", None, ("", "note: nothing to do")),
        ("Job failed", AIRFLOW, ("", "Job failed")),
        (
            "Job aborted",
            "org.apache.spark.SparkException: Job aborted\n\tat org.apache.spark.Foo.bar(Foo.java:3)",
            ("org.apache.spark.SparkException", "Job aborted"),
        ),
    ],
)
def test_type_and_message_are_told_apart(message: str, stack: str | None, expected: tuple[str, str]) -> None:
    """The type comes from the stack's last line or from the message, and is not repeated in the message."""
    found = error_from(_facet(message, stack))
    assert found is not None
    assert (found.type, found.message) == expected


def test_a_facet_that_says_nothing_is_no_error() -> None:
    """Without message and stack there is nothing to show."""
    assert error_from({"programmingLanguage": "python"}) is None
    assert error_from({"message": 3, "stackTrace": []}) is None


def test_the_users_frame_lies_below_those_of_libraries() -> None:
    """The innermost frame outside of installed packages is the user's, with its source."""
    expected = Frame("/srv/etl/dags/shop.py", 18, "boom", "raise ValueError('deliberate failure')")
    assert user_frame(AIRFLOW) == expected


@pytest.mark.parametrize(
    "library",
    [
        "/home/me/.venv/lib/python3.12/site-packages/pandas/io.py",
        "/usr/lib/python3/dist-packages/yaml.py",
        "/usr/lib/python3.11/json/decoder.py",
        "/opt/pypy3.10/lib/pypy3.10/json.py",
        "C:\\Python312\\Lib\\json\\decoder.py",
        "C:\\etl\\.venv\\Lib\\site-packages\\pandas\\io.py",
        "/home/me/lineage_kit/lifecycle/wrappers/plain.py",
        "<frozen importlib._bootstrap>",
        "<string>",
    ],
)
def test_libraries_are_recognised(library: str) -> None:
    """Frames of installed packages, the standard library and this package are not the user's."""
    frames = f'  File "etl.py", line 7, in load\n    read()\n  File "{library}", line 9, in read\n'
    assert user_frame(f"Traceback:\n{frames}OSError: x\n") == Frame("etl.py", 7, "load", "read()")


@pytest.mark.parametrize(
    "own",
    [
        "/home/me/lineage_kit/examples/etl.py",
        "/home/me/python/etl.py",
        "/home/libs/lib/etl.py",
        "/tmp/ipykernel_1/2.py",
    ],
)
def test_folders_with_names_like_libraries_are_still_the_users(own: str) -> None:
    """A project may lie in a folder called python, lib or lineage_kit."""
    assert user_frame(f'Traceback:\n  File "{own}", line 7, in load\nOSError: x\n') == Frame(
        own, 7, "load", ""
    )


def test_of_a_chain_the_exception_that_ended_the_run_counts() -> None:
    """The frame is taken from the last traceback printed."""
    stack = (
        'Traceback:\n  File "a.py", line 1, in inner\nKeyError: 1\n\nThe above exception was the direct cause…\n\n'
        'Traceback:\n  File "b.py", line 2, in outer\nValueError: 2\n'
    )
    assert user_frame(stack) == Frame("b.py", 2, "outer", "")


def test_an_exception_group_is_walked() -> None:
    """Frames of a group's members, which Python indents, are found."""
    try:
        try:
            raise KeyError("leaf")
        except KeyError as leaf:
            raise ExceptionGroup("several", [leaf]) from None
    except ExceptionGroup as group:
        stack = "".join(traceback.format_exception(group))
    frame = user_frame(stack)
    assert frame is not None
    assert frame.file == __file__
    assert 'raise KeyError("leaf")' in frame.source


def test_a_stack_without_any_user_has_no_frame() -> None:
    """Where only libraries were at work nothing is pointed at."""
    assert user_frame('Traceback:\n  File "/v/site-packages/a.py", line 1, in f\nOSError: x\n') is None
    assert user_frame("org.apache.spark.SparkException: x\n\tat a.b(C.java:1)") is None


def test_a_real_traceback_of_python_is_read(tmp_path: Path) -> None:
    """What this interpreter prints for an error inside the standard library points at the script's line."""
    script = tmp_path / "etl.py"
    script.write_text(
        textwrap.dedent(
            """
            import json, traceback
            def load():
                return json.loads("{")
            try:
                load()
            except ValueError:
                print(traceback.format_exc())
            """
        )
    )
    out = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    frame = user_frame(out)
    assert frame == Frame(str(script), 4, "load", 'return json.loads("{")')
