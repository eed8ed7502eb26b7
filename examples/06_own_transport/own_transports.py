"""Two transports of one's own: `send` gets the bytes, `emit` gets the event."""

from lineage_kit import RunEvent, Transport
from lineage_kit.transport import Config


class Summary:
    """The form of the OpenLineage Python client's documentation, for code that has it already."""

    kind = "summary"

    class config_class(Config):  # noqa: N801 - the name is part of the interface
        def __init__(self, title: str) -> None:
            self.title = title

    def __init__(self, config: config_class) -> None:
        print(f"-- {config.title}")

    def emit(self, event: RunEvent) -> None:
        print(event.eventType, event.job.name)


class Lines(Transport):
    """The short form: one method, and bytes that need no second encoding."""

    kind = "lines"
    delivery = "direct"  # never waits, so it may be called on the job's own thread

    def send(self, envelope) -> None:
        print(envelope.body.decode())
