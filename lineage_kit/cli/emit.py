"""."""

import click


@click.command()
def emit() -> None:
    """X."""
