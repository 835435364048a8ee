"""What the full screen says in the states that only NATs and bad lines bring:
the relay, a way through, none, silence, and coming back."""

import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "e2e"))
import tap
import world
from drive import Client
from terminal import Terminal, TerminalStage
from world import SERVER_IP, World

EASY = ("easy", "drop")
RANDOM = ("random", "drop")


class Scene:
    """Ann at the full screen in one home, Bob at gop2p in the other."""

    def __init__(self, stage, net, *options):
        self.net, self.stage = net, stage
        self.server = stage.server(net.server)
        self.ann = Terminal(stage, net.a.host, "Ann", [
            stage.program("gop2p-tui"), "-s", SERVER_IP, "-n", "Ann",
            *options])
        stage.programs.append(self.ann)
        self.ann.expect("registered as Ann")
        self.bob = stage.client(net.b.host, "Bob", SERVER_IP, *options)

    def ask(self):
        self.ann.enter("/connect Bob")
        self.says("ASKING", "waiting for Bob to allow")
        self.bob.expect("request")
        self.bob.say("allow Ann")

    def status(self):
        return self.ann.rows()[-2]

    def says(self, *words):
        """Waits for a status line with all of them."""
        self.ann.until(lambda: all(word in self.status() for word in words),
                       "%r in the status line" % (words,))

    def shows(self, *words):
        self.ann.until(lambda: all(any(word in row for row in self.ann.rows())
                                   for word in words), repr(words))


@contextlib.contextmanager
def scene(a=EASY, b=EASY, *options, before=None):
    with World(a, b) as net, TerminalStage() as stage:
        if before:
            before(net)
        yield Scene(stage, net, *options)


def nothing_passes(net):
    net.lose_between_homes("{ udp, tcp }")


@tap.case
def between_hard_nats_the_relay_is_named():
    with scene(RANDOM, RANDOM) as s:
        s.ask()
        s.says("RELAY", "via " + SERVER_IP, "E2E UNVERIFIED", "trying direct")
        s.ann.enter("over the relay")
        s.bob.expect("message", text="over the relay")
        s.shows("✓✓")


@tap.case
def the_way_is_shown_step_by_step_and_so_is_its_failure():
    with scene(EASY, EASY, "--no-relay", before=nothing_passes) as s:
        s.ask()
        s.says("PUNCHING 3/5", "hole punch")
        s.ann.enter("waits")
        s.shows("[ok] 1 own addresses", "[ok] 2 seen by server",
                "[..] 3 hole punch", "probes", "Keep typing")
        s.says("FAILED: ", "/help nat")
        s.shows("Allow the relay", "--no-relay", "✗")


@tap.case
def a_link_that_is_lost_is_told_and_found_again():
    with scene(EASY, EASY, "--no-relay") as s:
        s.ask()
        s.says("UDP", "192.0.2.10:9001", "E2E UNVERIFIED")
        nothing_passes(s.net)
        s.ann.enter("into the silence")
        s.says("LAST HEARD", "1 queued")
        s.says("LINK LOST", "1 queued")
        s.ann.type("half")
        s.ann.expect_line("[Bob] > half")
        s.net.lose_nothing()
        s.says("UDP", "192.0.2.10:9001")
        s.bob.expect("message", text="into the silence")
        s.shows("✓✓")
        s.ann.expect_line("[Bob] > half")


@tap.case
def without_a_line_both_losses_are_told():
    with scene() as s:
        s.ask()
        s.says("UDP", "E2E UNVERIFIED")
        for way in "iifname", "oifname":
            s.net.lose(way + ' "home1"')
        s.says("Bob  LINK LOST", "SERVER LOST")
        s.net.lose_nothing()
        s.says("Bob", "UDP", "E2E UNVERIFIED")
        s.ann.until(lambda: "SERVER" not in s.status(), "the server")


@tap.case
def without_a_network_that_is_said_and_one_that_appears_is_noticed():
    with World(EASY, EASY) as net, TerminalStage() as stage:
        stage.server(net.server)
        net.a.host.run("ip", "link", "set", "eth0", "down")
        ann = Terminal(stage, net.a.host, "Ann", [
            stage.program("gop2p-tui"), "-s", SERVER_IP, "-n", "Ann"])
        stage.programs.append(ann)
        ann.expect("NO NETWORK")
        net.a.host.run("ip", "link", "set", "eth0", "up")
        net.a.host.default_route("10.1.0.1")
        ann.expect("registered as Ann")


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
