"""The command ``lineage-kit``: what happens around each of its commands."""

from __future__ import annotations

import sys


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
