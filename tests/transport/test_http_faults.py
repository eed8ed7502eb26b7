"""HTTP against a real server in another process: every way an attempt can end has one verdict."""

import socket

import pytest

from lineage_kit.errors import BrokenDestination, Rejected, TooLarge, TransportError, Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.http import HttpConfig, HttpTransport
from lineage_kit.transport.http.verdict import retry_after
from tests.support.servers import black_hole_port, refusing_port


def http(server, **options):
    """A transport to `server`."""
    return HttpTransport(HttpConfig(url=server.url, **options))


def fault_of(transport, envelope) -> TransportError:
    """What sending raises; the transport is closed."""
    with pytest.raises(TransportError) as caught:
        transport.send(envelope)
    transport.close()
    return caught.value


VERDICTS = {
    Unreachable: (408, 409, 423, 425, 429, 500, 502, 503, 504, 599),
    Rejected: (400, 406, 415, 418, 422),
    TooLarge: (413,),
    BrokenDestination: (401, 403, 404, 405, 407, 410, 501, 505),
}


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
def test_every_2xx_is_a_delivery(server, envelope, status) -> None:
    """Backends differ in how they say yes; the status line is handed on."""
    server.answer(status)
    transport = http(server)
    assert transport.send(envelope()).startswith(str(status))
    transport.close()


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind, statuses in VERDICTS.items() for status in statuses]
)
def test_each_status_has_its_verdict(server, envelope, kind, status) -> None:
    """The status tells whether the event, the destination or the moment is at fault."""
    for _ in range(2):  # 413 is asked again, with the body packed
        server.answer(status, body='{"errors": ["run.runId must not be null"]}')
    error = fault_of(http(server), envelope())
    assert type(error) is kind
    assert error.status == status
    assert str(status) in str(error)
    assert "run.runId must not be null" in error.answer


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 304])
def test_a_redirect_is_a_broken_destination_and_never_followed(server, envelope, status) -> None:
    """Where it leads is named without user, path and query; nothing is sent there."""
    server.answer(status, headers={"Location": f"{server.url.replace('//', '//me:pw@')}/login?token=abc"})
    error = fault_of(http(server), envelope())
    assert isinstance(error, BrokenDestination)
    assert f"to {server.url};" in str(error)
    assert "pw" not in str(error)
    assert "abc" not in str(error)
    assert len(server.requests()) == 1


def test_a_redirect_with_an_endless_body_ends(server, envelope) -> None:
    """Nothing reads the body of a redirect."""
    server.answer(302, headers={"Location": "/login"}, fault="endless")
    assert isinstance(fault_of(http(server), envelope()), BrokenDestination)


def test_only_the_beginning_of_an_answer_is_read(server, envelope) -> None:
    """An error page without end costs four kilobytes."""
    server.answer(500, fault="endless")
    error = fault_of(http(server), envelope())
    assert isinstance(error, Unreachable)
    assert 0 < len(error.answer) <= 500


@pytest.mark.parametrize("fault", ["silence", "drip_headers"])
def test_the_timeout_is_a_deadline_for_the_whole_attempt(server, envelope, fault) -> None:
    """A server that says nothing, or a byte now and then, is given up; otherwise it would answer 201."""
    server.answer(201, fault=fault)
    error = fault_of(http(server, timeout=0.4), envelope())
    assert isinstance(error, Unreachable)
    assert "within 0.4 s" in str(error)


def test_a_dripping_body_does_not_outlast_the_deadline(server, envelope) -> None:
    """The status has come and counts; the rest of the answer is given up."""
    server.answer(500, fault="drip_body")
    error = fault_of(http(server, timeout=0.4), envelope())
    assert error.status == 500
    assert error.answer == ""


def test_a_success_with_a_dripping_body_is_a_success(server, envelope) -> None:
    """What was accepted is not sent twice because the answer is slow; the connection is not used again."""
    server.answer(201, fault="drip_body")
    transport = http(server, timeout=0.4)
    assert transport.send(envelope()) == "201 Created"
    transport.send(envelope())
    first, second = server.requests()
    assert first.connection != second.connection
    transport.close()


@pytest.mark.parametrize("fault", ["reset", "close"])
def test_a_broken_connection_is_worth_another_try(server, envelope, fault) -> None:
    """And the next attempt works."""
    server.answer(fault=fault)
    transport = http(server)
    with pytest.raises(Unreachable):
        transport.send(envelope())
    assert transport.send(envelope()) == "201 Created"
    transport.close()


def test_a_refused_connection_is_worth_another_try(envelope) -> None:
    """The reason is the operating system's; the address is not repeated in it."""
    with refusing_port() as port:
        error = fault_of(HttpTransport(HttpConfig(url=f"http://me:pw@127.0.0.1:{port}")), envelope())
    assert isinstance(error, Unreachable)
    assert "refused" in str(error).lower()
    assert "pw" not in str(error)


def test_a_host_that_never_answers_is_given_up(envelope) -> None:
    """Connecting counts against the deadline."""
    with black_hole_port() as port:
        error = fault_of(HttpTransport(HttpConfig(url=f"http://127.0.0.1:{port}", timeout=0.3)), envelope())
    assert isinstance(error, Unreachable)


def test_an_unknown_host_is_worth_another_try(envelope) -> None:
    """Names come and go; `.invalid` never resolves."""
    error = fault_of(HttpTransport(HttpConfig(url="http://backend.invalid")), envelope())
    assert isinstance(error, Unreachable)
    assert "cannot be resolved" in str(error)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), ("-3", 0.0), ("86400", 300.0), ("soon", None), ("nan", None)],
)
def test_retry_after_in_seconds_is_read_and_capped(server, envelope, value, seconds) -> None:
    """What a destination asks for is honoured for minutes, not for days; nonsense is ignored."""
    server.answer(429, headers={"Retry-After": value})
    assert fault_of(http(server), envelope()).retry_after == seconds


def test_retry_after_may_be_a_date() -> None:
    """An HTTP date is turned into seconds from now; one in the past means at once."""
    noon = 1_795_348_800.0  # 2026-11-22 12:00:00 UTC
    assert retry_after("Sun, 22 Nov 2026 12:00:30 GMT", now=noon) == 30.0
    assert retry_after("Sun, 22 Nov 2026 11:00:00 GMT", now=noon) == 0.0


def test_an_answer_that_is_no_text_is_left_out(server, envelope) -> None:
    """Control characters and packed bytes do not reach a log."""
    server.answer(400, body="\x1b[31mred\nline\x00")
    assert fault_of(http(server), envelope()).answer == "[31mred line"


def test_a_server_that_does_not_read_is_given_up(envelope) -> None:
    """Sending counts against the deadline too."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        body = b'{"x":"' + b"y" * 30_000_000 + b'"}'
        error = fault_of(HttpTransport(HttpConfig(url=url, timeout=0.5)), Envelope(body, "k"))
    assert isinstance(error, Unreachable)
    assert "within 0.5 s" in str(error)
