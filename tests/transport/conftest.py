"""What tests of transports share: servers, envelopes, certificates."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from lineage_kit.event.envelope import Envelope
from tests.support.servers import HttpServer

RUN_ID = "0196ed52-e0d8-7f0d-9d3f-1f8b7e1c2a55"


@pytest.fixture
def envelope() -> Callable[..., Envelope]:
    """Makes an envelope around a valid event of the given job and state."""

    def make(job: str = "land", state: str = "START") -> Envelope:
        body = (
            f'{{"eventType":"{state}","eventTime":"2026-11-22T17:31:09.123456Z",'
            f'"run":{{"runId":"{RUN_ID}"}},"job":{{"namespace":"etl","name":"{job}"}},'
            '"inputs":[],"outputs":[],"producer":"https://example.com/p",'
            '"schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"}'
        )
        return Envelope(body.encode(), f"run:etl/{job}", RUN_ID, state)

    return make


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """Its certificate."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def tls_server(authority: trustme.CA, tmp_path: Path) -> Iterator[HttpServer]:
    """An HTTPS server with a certificate for localhost from that authority."""
    path = tmp_path / "server.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(path)
    with HttpServer(cert=path) as running:
        yield running
