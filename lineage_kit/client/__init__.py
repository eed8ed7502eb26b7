"""The single door out: events are filtered, settled, enriched, redacted, encoded once and handed over."""
