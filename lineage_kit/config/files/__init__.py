"""Configuration files: where they are looked for, how their YAML is read, what is told about broken ones."""

from lineage_kit.config.files.discover import FILE_NAME, find, places, read, writable_by_others

__all__ = ["FILE_NAME", "find", "places", "read", "writable_by_others"]
