"""Where events wait for one destination, and in which order they may be tried."""
