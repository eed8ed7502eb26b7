"""One run from its START to its end: opened, gathered, narrated."""
