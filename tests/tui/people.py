"""Ann at the full-screen client, Bob at the line client, and their server."""

import contextlib
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for neighbour in ("lab", "e2e"):
    sys.path.insert(0, os.path.join(HERE, "..", neighbour))
import loopback
from drive import Client, Here
from terminal import Terminal, TerminalStage


FOCUS_OUT, FOCUS_IN = "\033[O", "\033[I"


class Table:
    """Everybody at one table: stage, server, Ann's terminal and Bob."""

    def __init__(self, stage):
        self.stage = stage
        self.port = loopback.free_port()
        self.server = self.start_server()
        self.ann = self.bob = None

    def start_server(self):
        server = loopback.start(self.stage, port=self.port)
        server.expect_error("listening")
        return server

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def join(self, name, *options):
        """Somebody at the line client."""
        return self.stage.start(
            Client, Here, name, self.stage.program("gop2p"), "--json", "-s",
            self.address, "-p", str(loopback.free_port()), "-n", name,
            *options)

    def person(self, name, *options):
        """Somebody at the line client, registered."""
        client = self.join(name, *options)
        client.expect("registered", name=name)
        return client

    def screen(self, name="Ann", *options, wait=True, kind=Terminal, **looks):
        """Somebody at the full-screen client."""
        argv = [self.stage.program("gop2p-tui"), "-s", self.address, "-p",
                str(loopback.free_port()), "-n", name, *options]
        terminal = kind(self.stage, Here, name, argv, **looks)
        self.stage.programs.append(terminal)
        if wait:
            terminal.expect("registered as " + name)
        return terminal

    def talk(self):
        """Ann asks Bob, who allows."""
        self.ann.enter("/connect Bob")
        self.bob.expect("request", **{"from": "Ann"})
        self.bob.do("allow Ann")
        self.ann.until(lambda: "VERIFIED" in status(self.ann), "a link")


def status(terminal):
    """The status line: above the input."""
    rows = terminal.rows()
    for row in reversed(rows[:-1]):
        if row:
            return row
    return ""


def shows(terminal, text):
    return any(text in row for row in terminal.rows())


def expect_shown(terminal, text):
    terminal.until(lambda: shows(terminal, text), "%r on the screen" % text)


def expect_gone(terminal, text):
    terminal.until(lambda: not shows(terminal, text),
                   "no %r on the screen" % text)


def typed(terminal):
    """The last row, and where the cursor is in it."""
    return terminal.rows()[-1], terminal.screen.cursor.x


@contextlib.contextmanager
def table(both=True, talking=True, **looks):
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = t.screen(**looks)
        if both:
            t.bob = t.person("Bob")
            if talking:
                t.talk()
        yield t
        leave(t.ann)


def answer_unread(t, somebody):
    """Somebody asks Ann, and her answer is typed before she could read who it
    is: she gets both at once."""
    t.ann.signal(signal.SIGSTOP)
    somebody.say("connect Ann")
    somebody.expect("connecting", step="asking")
    t.ann.type_at_once("\033y")
    expect_shown(t.ann, "? %s asks" % somebody.who)


def look_away(t, draft):
    """Says that the terminal is looked away from, and waits until that was
    read: with it comes a draft, which is seen."""
    t.ann.type(draft + FOCUS_OUT)
    t.ann.expect_line("[Bob] > " + draft)


def calls(terminal, begin):
    """How often it has called, which is once in two seconds at most."""
    count = terminal.raw.count(b"\a")
    assert count <= 1 + (time.monotonic() - begin) / 2, count
    return count


def leave(terminal):
    """At the end of all, also for those who look for leaks."""
    if terminal.is_open():
        terminal.signal(signal.SIGTERM)
        code = terminal.exit_code()
        assert code == 128 + signal.SIGTERM, "%d\n%s" % (
            code, terminal.text())
