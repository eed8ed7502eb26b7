"""Filters leave out the events of jobs by name."""

import re

from lineage_kit.client.filters import keeps
from lineage_kit.config.model import ExactFilter, RegexFilter


def test_without_filters_every_job_is_kept() -> None:
    """Nothing configured leaves nothing out."""
    assert keeps((), "etl.load")


def test_an_exact_filter_takes_the_whole_name() -> None:
    """An exact filter leaves out one job and none that merely begins like it."""
    filters = (ExactFilter("etl.load"),)
    assert not keeps(filters, "etl.load")
    assert keeps(filters, "etl.load.orders")
    assert keeps(filters, "ETL.load")


def test_an_expression_is_matched_from_the_beginning() -> None:
    """A regex filter leaves out names that begin with a match."""
    filters = (RegexFilter(re.compile(r"tmp\.")),)
    assert not keeps(filters, "tmp.a")
    assert keeps(filters, "etl.tmp.a")


def test_one_match_of_several_is_enough() -> None:
    """A job is left out as soon as one filter matches."""
    filters = (ExactFilter("a"), RegexFilter(re.compile("b")))
    assert not keeps(filters, "a")
    assert not keeps(filters, "bc")
    assert keeps(filters, "c")
