"""What is kept up over time, beside single runs: the heartbeat of open ones, and how many are opened."""
