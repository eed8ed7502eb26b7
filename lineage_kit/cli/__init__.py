"""The command ``lineage-kit``: its table of commands, and what happens around each of them."""

from __future__ import annotations

import sys

COMMANDS = {
    "log": "lineage_kit.cli.log:log",
    "validate": "lineage_kit.cli.validate:validate",
    "doctor": "lineage_kit.cli.doctor:doctor",
    "init": "lineage_kit.cli.init:init",
    "emit": "lineage_kit.cli.emit:emit",
    "exec": "lineage_kit.cli.exec.command:exec_command",
    "jobs": "lineage_kit.cli.jobs.command:jobs",
}
"""Name → where its function is, in the order of the help; imported when it is asked for."""


def main() -> None:
    """Run ``lineage-kit`` with the arguments of this process, and end it with the command's exit status."""
    from lineage_kit.cli.group import lineage_kit
    from lineage_kit.cli.output import finish, note, prepare_streams

    prepare_streams()
    sys.path.insert(0, "")  # as for `python -m`: a transport class beside the configuration is found
    status: str | int | None = 0
    try:
        lineage_kit.main(prog_name="lineage-kit")
    except SystemExit as end:
        status = end.code
    except OSError as error:  # a log that may not be read, a disk that is full
        note(f"lineage-kit: {error}")
        status = 2
    sys.exit(finish() or status)
