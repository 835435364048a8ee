"""Ten meetings that tell the most, one run of each: whether there is a direct
path, and that nothing is lost. How long it takes is what matrix.py measures.
"""

import tap
import world
from boxes import BoxWorld, OneCarrier, OneLan
from meet import meet

PATIENCE = 120.0  # for a direct path, where there is one
NO_PATIENCE = 4.0  # where there is none


def outcome(net, limit=PATIENCE):
    """udp, tcp or relay; meet() asserts that all messages arrive."""
    with net:
        return meet(net, ".", limit)["outcome"]


@tap.case
def easy_meets_easy():
    assert outcome(BoxWorld("eim/apdf", "eim/apdf")) == "udp"


@tap.case
def symmetric_meets_who_lets_any_port_in():
    assert outcome(BoxWorld("sym-rnd", "eim/adf")) == "udp"


@tap.case
def sequential_meets_easy():
    assert outcome(BoxWorld("sym-seq", "eim/apdf")) in ("udp", "tcp")


@tap.case
def random_meets_easy():
    assert outcome(BoxWorld("eim/apdf", "sym-rnd")) in ("udp", "tcp")


@tap.case
def random_meets_random_on_the_relay():
    assert outcome(BoxWorld("sym-rnd", "sym-rnd"), NO_PATIENCE) == "relay"


@tap.case
def a_customer_of_a_carrier_meets_a_poisonable_router():
    assert outcome(BoxWorld("cgnat", "eim/apdf poison")) == "udp"


@tap.case
def who_has_no_udp_meets_easy():
    assert outcome(BoxWorld("no-udp", "eim/apdf")) == "tcp"


@tap.case
def two_meet_on_one_lan():
    assert outcome(OneLan()) == "udp"


@tap.case
def two_customers_of_one_carrier_meet():
    assert outcome(OneCarrier()) == "udp"


@tap.case
def kernels_meet_over_cables_that_lose():
    cable = {"delay": 25, "loss": "2.5%"}
    assert outcome(BoxWorld("kernel", "kernel-open",
                            cable=cable)) in ("udp", "tcp")


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
