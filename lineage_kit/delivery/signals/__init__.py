"""What signals have to do with the end of a process."""
