"""What happens to a conversation when its NATs do what NATs do: forget,
get another address, lose the line. Both sides talk all the time."""

import time

from meet import DIRECT, Meeting

PACE = 0.25         # seconds between two messages of a side
WATCHED = 7.0       # without a change of path until all is well again
BACK_LIMIT = 90.0   # seconds to be on a direct path again


class Talk:
    """Both say a number every PACE seconds, whatever happens."""

    def __init__(self, meeting):
        self.m, self.said, self.at = meeting, 0, {}

    def go_on(self, seconds, until=lambda: False):
        """Talks for so long; True as soon as until() is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if until():
                return True
            self.say()
            self.m.stage.watch(PACE)
        return until()

    def say(self):
        self.said += 1
        for client, _ in self.m.pairs:
            self.at[client, self.said] = time.time()
            client.say("msg %d" % self.said)

    def heard(self, client):
        return [e for e in client.events if e["event"] == "message"
                and e["text"].isdigit()]

    def settle(self):
        """Until everything said was heard, once and in its order."""
        for client, _ in self.m.pairs:
            client.until(lambda c=client: len(self.heard(c)) >= self.said,
                         "all %d messages" % self.said)
            numbers = [int(e["text"]) for e in self.heard(client)]
            assert numbers == list(range(1, self.said + 1)), numbers

    def slowest(self, since):
        """The longest that a message was under way."""
        (ann, _), (bob, _) = self.m.pairs
        return max((e["time"] - self.at[other, int(e["text"])]) * 1000
                   for client, other in ((ann, bob), (bob, ann))
                   for e in self.heard(client) if e["time"] >= since)


def are_direct(m):
    links = [client.link(peer) for client, peer in m.pairs]
    return all(link and link["transport"] in DIRECT for link in links)


def last_change(m, since):
    """When the path in use changed for the last time."""
    times = [e["time"] for client, _ in m.pairs for e in client.events
             if e["event"] == "transport" and e["time"] >= since]
    return max(times, default=since)


def outlive(net, stage, trouble):
    """How a conversation outlives trouble(net, talk), in milliseconds: until
    the path in use was the last one, and the slowest message."""
    m = Meeting(net, stage)
    m.introduce()
    m.bob.expect("message", text="first")
    assert m.wait_direct(BACK_LIMIT), "no direct path to begin with"
    talk = Talk(m)
    talk.go_on(1)
    began = time.time()
    trouble(net, talk)
    over = time.time()
    # A path that is dead is in use until somebody notices.
    assert talk.go_on(BACK_LIMIT, lambda: are_direct(m) and
                      time.time() - last_change(m, over) > WATCHED), m.story()
    talk.settle()
    return {"back_ms": (last_change(m, over) - over) * 1000,
            "slowest_ms": talk.slowest(began)}


# ---- Troubles ----

def first_box(net, which=0):
    return net.sides[which].boxes[0]


def reboot_of_one(net, _):
    first_box(net).order("reboot new-ports")


def reboot_of_both(net, _):
    for which in 0, 1:
        first_box(net, which).order("reboot new-ports")


def another_address(net, _):
    net.readdress(net.sides[0], "198.51.100.77")


def outage_of_10_s(net, talk):
    first_box(net).order("cut")
    talk.go_on(10)
    first_box(net).order("mend")


def new_ports_every_5_s(net, talk):
    for _ in range(4):
        first_box(net).order("reboot new-ports")
        talk.go_on(5)


TROUBLES = (reboot_of_one, reboot_of_both, another_address, outage_of_10_s,
            new_ports_every_5_s)
