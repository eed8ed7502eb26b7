"""Where a job's code lies: git facts read from files, and the facet made of them."""

from lineage_kit.client.source_code.location import clean_remote, forget, source_code_location

__all__ = ["clean_remote", "forget", "source_code_location"]
