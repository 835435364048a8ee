"""No message is lost or doubled when NATs forget, move or lose the line, and
the conversation finds a direct path again."""

import stay
import tap
import world
from boxes import BoxWorld
from drive import Stage


def outlives(trouble):
    with BoxWorld("eim/apdf", "eim/apdf") as net, Stage() as stage:
        result = stay.outlive(net, stage, trouble)
    tap.comment("direct again after %(back_ms).0f ms, slowest message "
                "%(slowest_ms).0f ms" % result)


@tap.case
def two_nats_that_restart_at_once():
    outlives(stay.reboot_of_both)


@tap.case
def another_public_address():
    outlives(stay.another_address)


@tap.case
def an_outage_of_10_seconds():
    outlives(stay.outage_of_10_s)


@tap.case
def new_ports_every_5_seconds():
    outlives(stay.new_ports_every_5_s)


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
