"""Which events are left out, by the name of their job. Asked for run events only, as in the existing client."""

from __future__ import annotations

from collections.abc import Iterable

from lineage_kit.config.model import ExactFilter, RegexFilter


def keeps(filters: Iterable[ExactFilter | RegexFilter], job_name: str) -> bool:
    """Whether no filter matches the job's name: the whole of it, or its beginning for an expression."""
    return not any(one.matches(job_name) for one in filters)
