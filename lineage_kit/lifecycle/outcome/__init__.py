"""How a block ended: state, message, stack; everything pure and bounded."""
