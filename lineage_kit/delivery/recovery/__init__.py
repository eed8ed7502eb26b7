"""What processes that died have left: found, adopted, delivered, and their open runs ended."""
