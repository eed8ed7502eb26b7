"""What several wires share: whole lines on disk, libraries loaded undivided."""
