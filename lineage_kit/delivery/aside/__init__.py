"""Events that do not go on: those a destination never takes are kept, and what is given up is written down."""
