"""Several destinations: each gets every event, and none feels what happens to another."""

import pytest

from lineage_kit.delivery import DirectDelivery, Fanout
from lineage_kit.errors import Rejected
from tests.delivery.conftest import Background
from tests.delivery.stand_ins import PATIENCE, Gate, Outage, Recorder, event, whole_run


def _refuse(envelope: object) -> None:
    raise Rejected("no")


def test_every_destination_gets_every_event(background: Background) -> None:
    """Direct and background, all the same bytes in the same order."""
    wires = [Recorder(), Recorder(), Recorder()]
    fan = Fanout(
        [background(wires[0], "a"), DirectDelivery(wires[1], "b"), background(wires[2], "c")],
    )
    events = [one for run in range(50) for one in whole_run(run)]
    assert all(fan.submit(one) for one in events)
    assert fan.flush(PATIENCE)
    assert [wire.sent for wire in wires] == [events] * 3


def test_one_that_fails_hangs_or_is_full_is_nothing_to_the_others(background: Background) -> None:
    """The healthy destination gets everything while its neighbours get nothing."""
    gate, healthy = Gate(), Recorder()
    fan = Fanout(
        [
            DirectDelivery(Recorder(_refuse), "failing"),
            background(Recorder(gate), "hanging"),
            background(Recorder(), "full", limit=0),
            background(healthy, "healthy"),
        ]
    )
    assert all(fan.submit(event(run)) for run in range(100))
    assert not fan.flush(0.2)
    status = {entry.name: entry for entry in fan.status()}
    assert {name: (entry.owed, entry.delivered) for name, entry in status.items()} == {
        "failing": (0, 0),
        "hanging": (100, 0),
        "full": (0, 0),
        "healthy": (0, 100),
    }
    gate.open()


def test_an_event_nobody_takes_is_refused(background: Background) -> None:
    """Submit is True as long as one destination has the event."""
    full = background(Recorder(), limit=0)
    assert not Fanout([full, full]).submit(event("a"))
    assert Fanout([full, background(Recorder(), "b")]).submit(event("b"))
    assert not Fanout([]).submit(event("c"))


@pytest.mark.parametrize(
    ("on_failure", "on_success", "first_fails", "reached"),
    [
        (True, True, True, [2, 3]),
        (True, False, True, [2]),
        (False, True, True, []),
        (False, False, True, []),
        (True, True, False, [1, 2, 3]),
        (True, False, False, [1]),
        (False, True, False, [1, 2, 3]),
        (False, False, False, [1]),
    ],
)
def test_the_flags_decide_how_far_an_event_goes(
    on_failure: bool, on_success: bool, first_fails: bool, reached: "list[int]"
) -> None:
    """Without continue_on_success later ones only stand in; without continue_on_failure not even that."""
    wires = [Recorder(_refuse) if first_fails else Recorder(), Recorder(), Recorder()]
    fan = Fanout(
        [DirectDelivery(wire, str(number)) for number, wire in enumerate(wires)],
        continue_on_failure=on_failure,
        continue_on_success=on_success,
    )
    assert fan.submit(event("a")) is bool(reached)
    assert [number for number, wire in enumerate(wires, 1) if wire.sent] == reached


def test_a_stand_in_gets_whole_runs(background: Background) -> None:
    """Runs for which the first destination has no room go to the second, whole."""
    gate, second = Gate(), Recorder()
    first = Recorder(gate)
    fan = Fanout(
        [background(first, "first", limit=10_000), background(second, "second")], continue_on_success=False
    )
    for run in range(40):
        assert all(fan.submit(one) for one in whole_run(run))
    gate.open()
    assert fan.flush(PATIENCE)
    runs = [{one.run_id for one in wire.sent} for wire in (first, second)]
    assert runs[0]
    assert runs[1]
    assert not runs[0] & runs[1]
    assert len(first.sent) + len(second.sent) == 80


def test_one_time_out_is_for_all_together(background: Background) -> None:
    """Closing with several hanging destinations closes the healthy one, and says that something was left behind."""
    gate, healthy = Gate(), Recorder()
    hanging = [background(Recorder(gate), f"hanging-{number}") for number in range(5)]
    fan = Fanout([*hanging, background(healthy, "healthy")])
    for run in range(20):
        fan.submit(event(run))
    assert not fan.close(0.2)
    assert len(healthy.sent) == 20
    healthy.wait(lambda wire: wire.closed == 1)
    assert [entry.dropped for entry in fan.status()] == [{"closed": 20}] * 5 + [{}]
    gate.open()


def test_flush_hurries_all_destinations_at_once(background: Background) -> None:
    """A destination that never comes back does not keep its neighbour in its pause."""
    from lineage_kit.delivery.retry import RetryPolicy

    hour = RetryPolicy(total=0, factor=3600.0, longest=3600.0)
    down, back = Outage(), Outage()
    wires = [Recorder(down), Recorder(back)]
    fan = Fanout([background(wires[0], "down", retry=hour), background(wires[1], "back", retry=hour)])
    fan.submit(event("a"))
    for wire in wires:
        wire.wait(lambda wire: len(wire.tries) == 1)
    back.over()
    assert not fan.flush(0.1)
    wires[1].wait(lambda wire: len(wire.sent) == 1)
