"""TLS against a real server in another process: who is trusted, and that nothing is ever downgraded."""

import pytest

from lineage_kit.errors import BrokenDestination, Unreachable
from lineage_kit.transport.http import HttpConfig, HttpTransport
from lineage_kit.transport.registry import create
from tests.support.servers import HttpServer


def send(server, envelope, **options):
    """Send once through a transport made from a mapping."""
    transport = create({"type": "http", "url": server.url, **options})
    try:
        return transport.send(envelope)
    finally:
        transport.close()


def test_an_unknown_certificate_breaks_the_destination(tls_server, envelope) -> None:
    """Nothing is sent, and the message says what to set."""
    with pytest.raises(BrokenDestination, match=r"certificate.*transport\.verify"):
        send(tls_server, envelope())
    assert tls_server.requests() == []


def test_verify_takes_the_path_of_an_authority(tls_server, envelope, ca_file) -> None:
    """The certificate is checked against it."""
    assert send(tls_server, envelope(), verify=str(ca_file)) == "201 Created"


def test_verify_wins_over_the_environment(tls_server, envelope, ca_file, monkeypatch, tmp_path) -> None:
    """REQUESTS_CA_BUNDLE decides only where nothing is configured."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    assert send(tls_server, envelope()) == "201 Created"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    assert send(tls_server, envelope(), verify=str(ca_file)) == "201 Created"


@pytest.mark.parametrize("verify", [False, "false", "no"])
def test_verify_false_trusts_anybody_without_a_warning(tls_server, envelope, verify) -> None:
    """Warnings are errors in this suite."""
    assert send(tls_server, envelope(), verify=verify) == "201 Created"


def test_a_certificate_for_another_host_breaks_the_destination(tls_server, envelope, ca_file) -> None:
    """The authority is known, the name is not."""
    transport = HttpTransport(HttpConfig(url=f"https://127.0.0.1:{tls_server.port}", verify=str(ca_file)))
    with pytest.raises(BrokenDestination, match="TLS"):
        transport.send(envelope())
    transport.close()


def test_tls_against_a_plain_server_breaks_the_destination(server, envelope) -> None:
    """The scheme is wrong; it is not tried without TLS."""
    transport = HttpTransport(HttpConfig(url=server.url.replace("http:", "https:")))
    with pytest.raises(BrokenDestination, match="TLS"):
        transport.send(envelope())
    transport.close()
    assert server.requests() == []


def test_the_deadline_holds_over_tls(tls_server, envelope, ca_file) -> None:
    """Dripping headers are given up there too."""
    tls_server.answer(fault="drip_headers")
    with pytest.raises(Unreachable, match="within"):
        send(tls_server, envelope(), verify=str(ca_file), timeout=0.5)


def test_a_client_certificate_is_shown(authority, ca_file, envelope, tmp_path) -> None:
    """Key and certificate from the ssl_context section; without them the server refuses."""
    pem, cert, key = tmp_path / "server.pem", tmp_path / "client.pem", tmp_path / "client.key"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(pem)
    client = authority.issue_cert("etl@example.com")
    client.cert_chain_pems[0].write_to_path(cert)
    client.private_key_pem.write_to_path(key)
    ours = {"caCertPath": str(ca_file), "clientCertPath": str(cert), "clientKeyPath": str(key)}
    with HttpServer(cert=pem, client_ca=ca_file) as server:
        assert send(server, envelope(), sslContext=ours) == "201 Created"
        with pytest.raises((BrokenDestination, Unreachable)):
            send(server, envelope(), ssl_context={"ca_cert_path": str(ca_file)})
        assert len(server.requests()) == 1
