"""What the current run has noted so far: plain data, how duplicates merge, and the one context variable."""

from lineage_kit.notes.scope import suppressed

__all__ = ["suppressed"]
