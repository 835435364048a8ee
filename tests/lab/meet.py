"""Ann asks Bob, Bob allows it, they talk: one meeting in one world, watched
and measured. Times are in milliseconds from `allow`."""

import time

import world
from drive import Stage

DIRECT = ("udp", "tcp")
TCP_LIMIT = 12.0  # seconds for the command, which gives up after 10


class Meeting:
    def __init__(self, net, stage):
        self.net, self.stage = net, stage
        self.server = stage.server(net.server)
        self.ann = self.join(net.ann, "Ann")
        self.bob = self.join(net.bob, "Bob")
        self.pairs = ((self.ann, "Bob"), (self.bob, "Ann"))
        self.began = 0.0

    def join(self, host, name):
        return self.stage.client(host, name, world.SERVER_IP)

    def settle(self):
        """Until both know their own NATs, as people do who do not meet in
        the second in which they arrive."""
        for client, _ in self.pairs:
            client.until(lambda c=client: self.knows_its_nat(c),
                         "what its NAT does")

    @staticmethod
    def knows_its_nat(client):
        client.forget()
        client.say("netcheck")
        return client.expect("netcheck").get("done", True)

    def introduce(self):
        """Ann has something to say as soon as she can."""
        self.ann.say("connect Bob")
        self.ann.say("msg first")
        self.bob.expect("request")
        self.bob.forget()
        self.sent_before = self.sent()
        self.began = time.time()
        self.bob.say("allow Ann")

    def since(self, event):
        return (event["time"] - self.began) * 1000

    def sent(self):
        return [self.net.sent(host) for host in (self.net.ann, self.net.bob)]

    def link_event(self, client, peer):
        """The first event by which the client is on a direct path."""
        return next((e for e in client.events
                     if e.get("peer") == peer
                     and e["event"] in ("connected", "transport")
                     and e.get("transport") in DIRECT), None)

    def story(self):
        """The paths in use, one after the other."""
        return "\n".join("%s %.0f ms: %s" % (
            client.who, self.since(e), e.get("transport"))
            for client, _ in self.pairs for e in client.events
            if e["event"] in ("connected", "transport"))

    def is_direct(self):
        return all(self.link_event(*pair) for pair in self.pairs)

    def wait_direct(self, limit):
        """Waits for a direct path of both; False if there is none."""
        end = time.monotonic() + limit
        while not self.is_direct():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self.stage.pump(left)
        return True

    def talk(self):
        """Nothing is lost, doubled or out of order."""
        self.bob.say("msg second")
        self.ann.say("msg third")
        self.ann.expect("message", text="second")
        self.bob.expect("message", text="third")
        texts = [[e["text"] for e in c.events if e["event"] == "message"]
                 for c, _ in self.pairs]
        assert texts == [["second"], ["first", "third"]], texts

    def switch(self):
        """The command `tcp`; None if it fails."""
        if all(c.link(peer)["transport"] == "tcp" for c, peer in self.pairs):
            return 0.0
        self.bob.forget()
        self.began = time.time()
        self.bob.say("tcp")
        done = self.bob.expect("done", TCP_LIMIT + 60, command="tcp")
        if not done["ok"]:
            return None
        times = [self.since(c.expect_link(peer, "tcp"))
                 for c, peer in self.pairs]
        return max(times)


def meet(net, build, limit=15.0, with_tcp=False):
    """What became of one meeting, as a dictionary."""
    with Stage(build) as stage:
        m = Meeting(net, stage)
        m.introduce()
        first = m.bob.expect("message", text="first")
        result = {"first_ms": m.since(first), "outcome": "relay",
                  "ms": None, "tcp_ms": None}
        if m.wait_direct(limit):
            events = [m.link_event(*pair) for pair in m.pairs]
            result["outcome"] = max(
                events, key=lambda e: e["time"])["transport"]
            result["ms"] = max(m.since(e) for e in events)
        result["sent"] = [
            [after[i] - before[i] for i in (0, 1)]
            for before, after in zip(m.sent_before, m.sent())]
        m.talk()
        if with_tcp:
            result["tcp_ms"] = m.switch()
        return result
