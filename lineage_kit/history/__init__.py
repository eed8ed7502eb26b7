"""Events read back: files → events → one record per run → trees → text or JSON."""

from lineage_kit.history.drawing import Style, render
from lineage_kit.history.folding import runs
from lineage_kit.history.forest import Node, failures, tree
from lineage_kit.history.place import log_directory
from lineage_kit.history.plain import plain
from lineage_kit.history.reading import Document, Reading, documents, read
from lineage_kit.history.records import DatasetRecord, ErrorRecord, Frame, RunKey, RunRecord
from lineage_kit.history.selecting import is_of, last_root, of_job

__all__ = [
    "DatasetRecord",
    "Document",
    "ErrorRecord",
    "Frame",
    "Node",
    "Reading",
    "RunKey",
    "RunRecord",
    "Style",
    "documents",
    "failures",
    "is_of",
    "last_root",
    "log_directory",
    "of_job",
    "plain",
    "read",
    "render",
    "runs",
    "tree",
]
