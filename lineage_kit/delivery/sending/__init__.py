"""From what waits to what is tried: which event next, on which thread, and what the answer means."""
