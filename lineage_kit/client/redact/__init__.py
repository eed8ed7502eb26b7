"""Redaction: secrets out of facets and texts, long texts cut."""

from lineage_kit.client.redact.caps import cap_stack, cap_text
from lineage_kit.client.redact.facets import redact_facets
from lineage_kit.client.redact.masks import MASK, redact_text
from lineage_kit.client.redact.names import is_secret_name

__all__ = ["MASK", "cap_stack", "cap_text", "is_secret_name", "redact_facets", "redact_text"]
