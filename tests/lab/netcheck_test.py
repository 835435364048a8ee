"""What netcheck says of NATs beyond their class, by the real programs."""

import contextlib
import time

import tap
import world
from boxes import CLASSES, EASY, SERVER_IPS, BoxWorld
from drive import PATIENCE, Stage

ONE = SERVER_IPS[0]
PAUSE = 0.1  # seconds between two questions
SILENT = "easy and silent"
CLASSES[SILENT] = [dict(EASY, quiet="yes")]
HASTY = "easy and hasty"
CLASSES[HASTY] = [dict(EASY, **{"udp-fresh": "10s", "udp-timer": "10s"})]

# The routers up to the last NAT, as far as they answer.
HOPS = {
    "open": [],
    "eim/apdf": ["10.1.0.1"],
    "sym-seq": ["10.1.0.1"],
    "cgnat": ["10.1.0.1", "100.64.0.1"],
    "kernel": ["10.1.0.1"],
    SILENT: [None],
}


def said(client):
    """What it says of its own NAT."""
    client.forget()
    client.say("netcheck")
    return client.expect("netcheck")["own_nat"]


def until(client, condition):
    """What it says as soon as the condition is true of it."""
    end = time.monotonic() + PATIENCE
    while not condition(nat := said(client)):
        assert time.monotonic() < end, nat
        client.stage.watch(PAUSE)
    return nat


@contextlib.contextmanager
def clients(names):
    """One behind a NAT of each class."""
    with contextlib.ExitStack() as stack:
        found = []
        for name in names:
            net = stack.enter_context(BoxWorld(name, "open"))
            stage = stack.enter_context(Stage())
            stage.server(net.server)
            found.append((name, net, stage.client(net.ann, "Ann", ONE)))
        yield found


@tap.case
def the_routers_up_to_the_last_nat_are_found():
    with clients(HOPS) as found:
        for name, _, client in found:
            if HOPS[name]:
                nat = until(client, lambda n: n["depth"])
            else:
                nat = until(client, lambda n: n["filtering"] != "unknown")
            assert nat["hops"] == HOPS[name], (name, nat)
            assert nat["depth"] == (len(HOPS[name]) or None), (name, nat)


@tap.case
def a_short_lifetime_is_measured_and_kept_to():
    with clients([HASTY]) as found:
        (_, _, client), = found
        nat = until(client, lambda n: n["lifetime_s"] is not None)
        assert nat["lifetime_s"] == 8, nat
        assert nat["lifetime_max_s"] == 13, nat
        assert nat["heartbeat_s"] == 8, nat


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
