"""The main job, typed by keys: on a terminal, and once more inside tmux."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import (Table, answer_unread, expect_gone, expect_shown, loopback,
                    shows, status, table)
import tap
from tap import case
from terminal import (ENTER, ESC, Here, TAB, Terminal, TerminalStage,
                      ctrl)

ALT = ESC


def meet_bob(t):
    """Tab picks him from the list, Enter asks, he allows."""
    expect_shown(t.ann, "ONLINE (1)")
    expect_shown(t.ann, "+ Bob")
    t.ann.type(TAB)
    t.ann.expect_line("> /connect Bob ")
    t.ann.type(ENTER)
    t.bob.expect("request", **{"from": "Ann"})
    t.ann.until(lambda: "ASKING" in status(t.ann), "the question")
    t.ann.enter("sent before the answer")
    expect_shown(t.ann, "sent before the answer")
    t.bob.do("allow Ann")
    t.bob.expect("message", text="sent before the answer")
    expect_shown(t.ann, "✓✓")


def say_both_ways(t, over):
    t.ann.enter("Ann " + over)
    t.bob.expect("message", text="Ann " + over)
    t.bob.do("msg Bob " + over)
    said = re.compile("Bob +Bob %s$" % over)
    t.ann.until(lambda: any(said.search(row) for row in t.ann.rows()),
                "what Bob said " + over)


def change_paths(t):
    t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
    say_both_ways(t, "over UDP")
    t.ann.enter("/tcp")
    t.ann.until(lambda: "TCP" in status(t.ann), "TCP")
    say_both_ways(t, "over TCP")
    t.ann.enter("/udp")
    t.ann.until(lambda: "UDP" in status(t.ann), "UDP again")
    say_both_ways(t, "over UDP again")


def compare_keys(t):
    assert "E2E UNVERIFIED" in status(t.ann)
    t.ann.type(ALT + "v")
    expect_shown(t.ann, "VERIFY Bob")
    t.bob.do("verify Ann")
    number = t.bob.expect("verify", peer="Ann")["number"].split()
    t.ann.until(lambda: set(number) <= set(" ".join(t.ann.rows()).split()),
                "the same number")
    t.ann.type(ESC)
    expect_gone(t.ann, "VERIFY Bob")
    t.ann.enter("/verify yes")
    t.ann.until(lambda: "E2E VERIFIED" in status(t.ann), "the verdict")


def change_the_name(t):
    t.ann.enter("/rename Anna")
    expect_shown(t.ann, " Anna @ ")
    t.bob.expect("client", state="renamed", old="Ann", name="Anna")
    say_both_ways(t, "after the rename")


def lose_the_server(t):
    t.server.signal(signal.SIGTERM)
    t.server.exit_code()
    t.ann.until(lambda: "SERVER" in status(t.ann) and
                "Bob" in status(t.ann), "both in the status line")
    say_both_ways(t, "without a server")
    t.server = t.start_server()
    t.ann.until(lambda: " registered " in t.ann.rows()[0], "its return")


def main_job(t):
    meet_bob(t)
    change_paths(t)
    compare_keys(t)
    change_the_name(t)
    lose_the_server(t)
    t.ann.enter("/disconnect")
    t.bob.expect("disconnected", peer="Anna")
    t.ann.until(lambda: "not connected" in status(t.ann), "its end")
    t.ann.enter("/exit")
    assert t.ann.exit_code() == 0


@case
def the_main_job_by_keys():
    with table(both=False) as t:
        t.bob = t.person("Bob")
        main_job(t)


class Tmux(Terminal):
    """A terminal with tmux in it, as it is without any configuration. Its
    last row is tmux's own."""

    def rows(self):
        return super().rows()[:-1]


@contextlib.contextmanager
def tmux_table():
    with TerminalStage() as stage:
        t = Table(stage)
        here = {"TMUX_TMPDIR": stage.home}
        argv = ["tmux", "-f", "/dev/null", "new-session", "-n", "gop2p",
                stage.program("gop2p-tui"), "-s", t.address, "-p",
                str(loopback.free_port()), "-n", "Ann"]
        t.ann = Tmux(stage, Here, "Ann", argv, rows=25, env=here)
        stage.programs.append(t.ann)
        try:
            yield t
            assert not t.ann.is_open()
        finally:
            subprocess.run(["tmux", "kill-server"], check=False,
                           env=dict(stage.env("Ann"), **here),
                           stderr=subprocess.DEVNULL)


@case(needs=shutil.which("tmux"))
def the_main_job_inside_tmux():
    with tmux_table() as t:
        expect_shown(t.ann, "registered as Ann")
        t.bob = t.person("Bob")
        main_job(t)


@case
def a_server_that_does_not_answer_is_told_and_found_later():
    with TerminalStage() as stage:
        t = Table(stage)
        t.server.signal(signal.SIGTERM)
        t.server.exit_code()
        t.ann = t.screen(wait=False)
        t.ann.until(lambda: "registering with " + t.address in status(t.ann),
                    "the attempt")
        t.ann.until(lambda: "SERVER UNREACHABLE" in status(t.ann) and
                    "retry in" in status(t.ann), "its end")
        expect_shown(t.ann, "gop2p-tui -s HOST")
        t.server = t.start_server()
        t.ann.type(ENTER)
        t.ann.until(lambda: "registered as Ann" in status(t.ann), "its end")


@case
def a_name_that_is_taken_is_told_with_a_free_one():
    with TerminalStage() as stage:
        t = Table(stage)
        t.bob = t.person("Bob")
        t.ann = t.screen("Ann", "-n", "Bob", wait=False)
        said = re.compile(r'NAME TAKEN "Bob"  type /rename (\S+)  +\d\d:')
        free = t.ann.until(lambda: said.search(status(t.ann)),
                           "the name").group(1)
        assert free != "Bob" and free.startswith("Bob"), free
        t.ann.enter("/rename " + free)
        t.ann.until(lambda: "registered as " + free in status(t.ann),
                    "the free one")


@contextlib.contextmanager
def asked_by_bob():
    with table(talking=False) as t:
        t.bob.say("connect Ann")
        expect_shown(t.ann, "? Bob asks")
        yield t


@case
def alt_y_allows_who_is_shown():
    with table(talking=False) as t:
        answer_unread(t, t.bob)
        t.stage.watch(0.6)
        assert shows(t.ann, "? Bob asks")
        t.ann.type(ALT + "y")
        t.bob.expect("connected", peer="Ann")
        expect_gone(t.ann, "? Bob asks")
        t.ann.expect_line("[Bob] > ")


@case
def alt_n_denies_who_is_shown():
    with asked_by_bob() as t:
        t.stage.watch(0.6)
        t.ann.type(ALT + "n")
        t.bob.expect("denied", peer="Ann")
        expect_gone(t.ann, "? Bob asks")
        assert t.ann.rows()[-1] == ">"


@case
def alt_i_tells_who_is_shown():
    with asked_by_bob() as t:
        t.ann.type("half")
        t.ann.type(ALT + "i")
        expect_shown(t.ann, "this key is NEW")
        t.ann.type(ESC)
        expect_gone(t.ann, "this key is NEW")
        assert shows(t.ann, "? Bob asks")
        t.ann.expect_line("> half")


@case
def who_is_blocked_is_not_seen_any_more():
    with asked_by_bob() as t:
        t.ann.enter("/block Bob")
        expect_gone(t.ann, "? Bob asks")
        t.bob.expect("done", command="connect", ok=False)
        t.bob.say("connect Ann")
        t.bob.expect("done", command="connect", ok=False)
        assert not shows(t.ann, "? Bob asks")
        t.ann.enter("/unblock Bob")
        expect_shown(t.ann, "Bob is not blocked any more")


@case
def what_is_denied_is_told():
    with table(talking=False) as t:
        t.ann.enter("/connect Bob")
        t.bob.expect("request", **{"from": "Ann"})
        t.bob.do("deny Ann")
        t.ann.until(lambda: "DENIED" in status(t.ann), "the answer")


@case
def what_is_asked_can_be_taken_back():
    with table(talking=False) as t:
        t.ann.enter("/connect Bob")
        t.bob.expect("request", **{"from": "Ann"})
        t.ann.type("\003")
        t.bob.expect("request_ended", **{"from": "Ann"})
        t.ann.until(lambda: "not connected" in status(t.ann), "its end")


@case
def a_peer_who_falls_silent_is_told_and_comes_back():
    with table() as t:
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        t.ann.type("half")
        t.bob.signal(signal.SIGSTOP)
        t.ann.until(lambda: "LAST HEARD" in status(t.ann), "a quiet link")
        t.ann.expect_line("[Bob] > half")
        t.ann.type(ENTER)
        t.ann.until(lambda: "1 queued" in status(t.ann), "what waits")
        t.bob.signal(signal.SIGCONT)
        t.bob.expect("message", text="half")
        t.ann.until(lambda: "HEARD" not in status(t.ann) and
                    "LOST" not in status(t.ann), "the link")
        expect_shown(t.ann, "✓✓")


@case
def a_changed_key_blocks_sending_until_it_is_trusted():
    with table() as t:
        t.bob.say("exit")
        t.bob.exit_code()
        t.ann.until(lambda: "not connected" in status(t.ann), "the end")
        t.server.signal(signal.SIGTERM)
        t.server.exit_code()
        # Another computer of Bob's, and a server that knows no names.
        shutil.rmtree(os.path.join(t.stage.home, "Bob"))
        os.remove(os.path.join(t.stage.home, "state", "names.db"))
        t.server = t.start_server()
        t.ann.until(lambda: " registered " in t.ann.rows()[0], "its return")
        t.bob = t.person("Bob")
        t.ann.enter("/connect Bob")
        t.ann.until(lambda: "KEY CHANGED" in status(t.ann), "the alarm")
        t.ann.enter("not for everybody")
        expect_shown(t.ann, "Not sent")
        t.ann.expect_line("[Bob] > not for everybody")
        t.ann.type(ctrl("u"))
        t.ann.enter("/trust Bob")
        t.ann.until(lambda: "KEY CHANGED" not in status(t.ann), "the trust")
        t.talk()
        say_both_ways(t, "with a new key")


tap.run()
