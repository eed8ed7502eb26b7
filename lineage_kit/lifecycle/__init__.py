"""When a run starts, ends and fails."""
