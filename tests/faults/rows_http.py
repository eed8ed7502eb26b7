"""The rows about servers that speak HTTP: connections, answers, sizes, credentials, certificates, names, proxies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

import trustme

from tests.faults.cell import (
    BATCH,
    COMPOSITE,
    OVER_HTTP,
    SINGLE,
    Cell,
    Fault,
)
from tests.faults.wires import write_token
from tests.support.servers import HttpServer

SECOND = 4  # events of the second program
OWN = (SINGLE, BATCH, COMPOSITE)
"""Columns whose wire is ours to the last byte."""
A_MOMENT = 0.2  # seconds for one more try
BRAKE = 10


def keeps(cell: Cell) -> None:
    """Nothing is lost, set aside or sent into the dark: all waits, and arrives afterwards."""
    assert cell.books.quarantined == 0
    assert cell.kept > 0
    assert cell.delivered + cell.delivered_after == cell.books.accepted, (cell.delivered_after, cell.books)


def passes(cell: Cell) -> None:
    """The trouble was none: all arrives."""
    assert cell.books.quarantined == 0
    assert cell.delivered + cell.delivered_after == cell.books.accepted


def sets_aside(least: int, most: int) -> Callable[[Cell], None]:
    """So many events are set aside, all others arrive."""

    def check(cell: Cell) -> None:
        assert least <= cell.books.quarantined <= most, cell.books
        assert cell.delivered + cell.delivered_after + cell.books.quarantined == cell.books.accepted

    return check


def answers(*statuses: int, **how: object) -> Callable[[Cell], None]:
    """One status after another, each for at least one try."""

    def during(cell: Cell) -> None:
        for number, status in enumerate(statuses):
            seen = len(cell.ill.requests())
            cell.ill.always(status, **how)
            if number == 0 and cell.fault.holds:
                cell.ill.release()
            cell.first.do("flush", A_MOMENT)
            cell.ill.wait_for(seen + 1)

    return during


def once(*statuses: int) -> Callable[[Cell], None]:
    """One answer of each status, after which all is well."""

    def during(cell: Cell) -> None:
        cell.ill.always(201)
        for status in statuses:
            cell.ill.answer(status)
        cell.ill.release()
        assert cell.first.do("flush", 20) == ["True"]

    return during


def _misbehaves(fault: str) -> Callable[[Cell], None]:
    def during(cell: Cell) -> None:
        cell.ill.always(201, fault=fault)
        cell.ill.release()
        cell.ill.wait_for(2)

    return during


def up(cell: Cell) -> None:
    """The backend is there again, and well."""
    cell.ill.come_up()
    _well(cell)


def _goes_down(cell: Cell) -> None:
    cell.ill.always(201)
    cell.ill.go_down()


def _well(cell: Cell) -> None:
    cell.ill.always(201)
    cell.ill.lift()


def _status_row(*statuses: int, **how: object) -> Fault:
    name = "/".join(map(str, statuses)) + " to all"
    return Fault(name, OVER_HTTP, during=answers(*statuses, **how), after=_well, expects=keeps, holds=True)


def _slowed_down(form: Callable[[], str]) -> Fault:
    """One answer that asks to wait; nothing comes before that time."""

    def during(cell: Cell) -> None:
        cell.ill.always(201)
        cell.ill.answer(429, headers={"Retry-After": form()})
        cell.ill.release()
        cell.ill.wait_for(3)

    def expects(cell: Cell) -> None:
        passes(cell)
        requests = cell.ill.requests()
        asked = next(number for number, one in enumerate(requests) if one.answered == 429)
        assert requests[asked + 1].at - requests[asked].at > 0.9

    return Fault("", (SINGLE, BATCH), during=during, expects=expects, holds=True, alone=True,
                 options={"max_concurrent_requests": 1})  # fmt: skip


def _refreshed(cell: Cell) -> None:
    """The token has run out, and there is another one."""
    write_token(cell.path, "new")
    cell.ill.when(401, unless_authorization="Bearer new")
    cell.ill.release()
    assert cell.first.do("flush", 20) == ["True"]


def _old_token(cell: Cell) -> None:
    write_token(cell.path, "old")
    cell.options["auth"] = {"type": "tests.faults.wires.TokenFile", "path": str(cell.path / "token")}


def _never_fresh(cell: Cell) -> None:
    """The token is refused, and refreshing gives the same."""
    cell.ill.when(403, unless_authorization="Bearer new")
    cell.ill.release()
    cell.first.do("flush", A_MOMENT)


def _with_proxy(cell: Cell) -> None:
    cell.variables |= {"http_proxy": cell.ill.url, "no_proxy": "127.0.0.1"}
    cell.url = "http://backend.invalid:5000"
    cell.ill.go_down()


def _no_host(cell: Cell) -> None:
    cell.variables |= {"no_proxy": "127.0.0.1"}
    cell.url = "http://backend.invalid:5000"


def _found(cell: Cell) -> None:
    """From now on the name leads somewhere: by way of a proxy."""
    cell.variables["http_proxy"] = cell.ill.url


def _proxies(cell: Cell) -> None:
    cell.variables |= {"http_proxy": cell.ill.url, "no_proxy": "127.0.0.1"}
    cell.url = "http://backend.invalid:5000"
    cell.ill.always(407)


def _wrong_certificate(cell: Cell) -> None:
    """The server's certificate is of an authority that nobody knows."""
    trusted, unknown = trustme.CA(), trustme.CA()
    for name, authority in {"right": trusted, "wrong": unknown}.items():
        chain = authority.issue_cert("localhost").private_key_and_cert_chain_pem
        chain.write_to_path(cell.path / f"{name}.pem")
    trusted.cert_pem.write_to_path(cell.path / "ca.pem")
    cell.options["verify"] = str(cell.path / "ca.pem")
    cell.use(HttpServer(cert=cell.path / "wrong.pem"))
    if cell.column == BATCH:
        cell.ill.take_batches()


def _right_certificate(cell: Cell) -> None:
    assert cell.ill.requests() == []
    cell.ill.show(cell.path / "right.pem")


def _rule(status: int, **rule: object) -> Callable[[Cell], None]:
    return lambda cell: cell.ill.when(status, **rule)


def _flushes(cell: Cell) -> None:
    assert cell.first.do("flush", 20) == ["True"]


def _confirmed(cell: Cell) -> None:
    """Others have to get through before an event is found guilty, and then the next of its run."""
    for _ in range(20):
        cell.first.do("flush", 2)
        if cell.status()[2] == 2:
            return
        cell.first.do("emit")
    raise AssertionError(cell.status())


def smaller(cell: Cell) -> None:
    """Nothing is set aside, and some lost facets, which is marked."""
    sets_aside(0, 0)(cell)
    assert any(b"lineageKit_leftOut" in body for body in cell.taken_by_the_ill())


def _whole(cell: Cell) -> None:
    sets_aside(0, 0)(cell)
    assert not any(b"lineageKit_leftOut" in body for body in cell.taken_by_the_ill())


ROWS: list[Fault] = [
    Fault("refused", OVER_HTTP, before=lambda cell: cell.ill.go_down(), after=up, expects=keeps),
    Fault("black hole", OVER_HTTP, before=lambda cell: cell.ill.get_stuck(), after=up, expects=keeps),
    Fault("silence", OVER_HTTP, during=_misbehaves("silence"), after=_well, expects=keeps, holds=True),
    Fault("slow headers", OWN, during=_misbehaves("drip_headers"), after=_well, expects=keeps, holds=True),
    Fault("slow body of a 2xx", OVER_HTTP, during=_misbehaves("drip_body"), after=_well, expects=passes, holds=True),
    Fault("reset", OVER_HTTP, during=_misbehaves("reset"), after=_well, expects=keeps, holds=True),
    Fault("close without answer", OVER_HTTP, during=_misbehaves("close"), after=_well, expects=keeps, holds=True),
    Fault("down in the middle", OVER_HTTP, during=_goes_down, after=up, expects=keeps, holds=True),
    _status_row(302, 307, 304, headers={"Location": "http://elsewhere.invalid/"}),
    _status_row(401, 403, 407),
    _status_row(404, 405, 410, 501),
    _status_row(408, 425, 429),
    _status_row(502, 503, 504),
    _status_row(500),
    Fault("503 once", OVER_HTTP, during=once(503), expects=passes, holds=True),
    replace(_slowed_down(lambda: "1"), name="429, Retry-After in seconds"),
    replace(_slowed_down(lambda: formatdate(time.time() + 3, usegmt=True)), name="429, Retry-After as a date"),
    Fault("400/406/415/422 once each", OVER_HTTP, during=once(400, 406, 415, 422), expects=sets_aside(1, 4),
          holds=True),
    Fault("400/406/415/422 to all", OVER_HTTP, during=answers(400, 406, 415, 422), after=_well,
          expects=sets_aside(BRAKE, BRAKE + SECOND), holds=True),
    Fault("500 to one event", OVER_HTTP, act="poison", before=_rule(500, contains="poison", together=True),
          expects=sets_aside(2, 2), during=_confirmed, alone=True),
    Fault("422 to one event", OVER_HTTP, act="poison", before=_rule(422, contains="poison"),
          expects=sets_aside(2, 2), during=_flushes),
    Fault("401, another token is there", OWN, before=_old_token, during=_refreshed, expects=passes, holds=True),
    Fault("403, no other token", OWN, before=_old_token, during=_never_fresh, after=_well, expects=keeps, holds=True),
    Fault("413, packed it fits", OWN, act="wide", before=_rule(413, larger=20_000),
          during=_flushes, expects=_whole),
    Fault("413, with fewer facets it fits", OVER_HTTP, act="dense", before=_rule(413, larger=20_000),
          during=_flushes, expects=smaller),
    Fault("413 to one event for ever", OVER_HTTP, act="giant", before=_rule(413, contains="giant", together=True),
          during=_flushes, expects=sets_aside(2, 2)),
    Fault("unknown host, then found", OWN, before=_no_host, after=_found, expects=keeps, heir=True),
    Fault("wrong TLS certificate", OWN, before=_wrong_certificate, after=_right_certificate, expects=keeps),
    Fault("proxy refuses connections", OWN, before=_with_proxy, after=up, expects=keeps),
    Fault("proxy answers 407", OWN, before=_proxies, after=_well, expects=keeps),
]  # fmt: skip
