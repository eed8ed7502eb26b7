"""`log_filter`: log records that say which run and job they belong to."""

from __future__ import annotations

import logging

from lineage_kit.lifecycle.active import current_recorder
from lineage_kit.notes.scope import current_scope


class RunFilter(logging.Filter):
    """Puts ``run_id`` and ``job`` on every record, and lets every record through."""

    def __init__(self) -> None:
        super().__init__()

    def filter(self, record: logging.LogRecord) -> bool:
        """Complete the record; what it has already, by ``extra`` or an earlier filter, stays. Never raises."""
        recorder = current_recorder(current_scope())
        fields = record.__dict__
        fields.setdefault("run_id", "" if recorder is None else recorder.id)
        fields.setdefault("job", "" if recorder is None else recorder.prepared.name)
        return True


def log_filter() -> logging.Filter:
    """A filter for a handler or logger that puts ``run_id`` and ``job`` (its name) of the current run on each record.

    Both are empty outside runs, so that a format such as ``%(job)s %(run_id)s %(message)s`` never fails. On a handler
    it sees the records of all loggers; on a logger only those made with that logger. In the dictionary of
    `logging.config`: ``{"()": "lineage_kit.log_filter"}``.
    """
    return RunFilter()
