"""The terminal: every size, every way out, every kind."""

import os
import random
import re
import signal
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import (FOCUS_IN, Table, calls, expect_shown, look_away,
                    loopback, shows, table)
import tap
from tap import case
from terminal import Here, Terminal, TerminalStage, ctrl

SEED = int(os.environ.get("GOP2P_SEED", "0x60b2b"), 0)
STORM = int(os.environ.get("GOP2P_STORM", "0"))  # seconds, for a long one
# Modes that a terminal has on before anybody asks.
AT_FIRST = {"7": "h", "25": "h", "12": "l"}


def left_behind(raw):
    """What was switched on and not off again."""
    modes = {}
    for names, way in re.findall(rb"\033\[\?([0-9;]+)([hl])", raw):
        for name in names.decode().split(";"):
            modes[name] = way.decode()
    left = ["?" + name for name, way in modes.items()
            if way != AT_FIRST.get(name, "l")]
    for on, off in ((b"\033=", b"\033>"), (b"\033[22;", b"\033[23;"),
                    (b"\x0e", b"\x0f")):
        if raw.rfind(on) > raw.rfind(off):
            left.append(on.decode())
    styles = re.findall(rb"\033\[([0-9;]*)m", raw)
    if styles and styles[-1].strip(b"0;") not in (b"", b"39;49"):
        left.append("style " + styles[-1].decode())
    return left


def assert_restored(ann):
    assert left_behind(ann.raw) == [], left_behind(ann.raw)
    # The line discipline of the pty stays as long as we hold it open.
    assert termios.tcgetattr(ann.master) == ann.modes


def change_size(ann, columns, rows):
    """Nothing that was there before counts for what is seen then."""
    ann.resize(columns, rows)
    ann.screen.erase_in_display(2)


@case
def check_1_any_size_shows_the_latest_message_and_the_input():
    with table() as t:
        t.bob.do("msg latest")
        expect_shown(t.ann, "latest")
        t.ann.type("mine")
        expect_shown(t.ann, "mine")
        dice = random.Random(SEED)
        sizes = [(20, 5), (1, 1), (80, 24), (2, 200), (200, 2), (40, 12)]
        sizes += [(dice.randint(1, 160), dice.randint(1, 50))
                  for _ in range(30)] + [(500, 200), (80, 24)]
        slowest, used = 0, processor(t.ann)
        for columns, rows in sizes:
            begin = time.monotonic()
            change_size(t.ann, columns, rows)
            if columns < 20 or rows < 5:
                continue
            expect_shown(t.ann, "mine")
            expect_shown(t.ann, "latest")
            slowest = max(slowest, time.monotonic() - begin)
        used = (processor(t.ann) - used) / len(sizes)
        tap.comment("the slowest took %.0f ms, its screen included; on "
                    "average %.1f ms of processor time"
                    % (1000 * slowest, 1000 * used))
        assert used < 0.05, used


def processor(program):
    """Seconds that it has used, whatever others do meanwhile."""
    with open("/proc/%d/stat" % program.process.pid) as line:
        fields = line.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def storm(t, dice, seconds):
    """Sizes in any order, faster than anybody could look, and messages."""
    end, count = time.monotonic() + seconds, 0
    while count < 300 or time.monotonic() < end:
        t.ann.resize(dice.randint(1, 500), dice.randint(1, 200), tell=False)
        if count % 10 == 0:
            t.bob.say("msg in the storm %d" % (count // 10))
        t.stage.pump(0.001)
        count += 1
    return count


@case
def check_1_a_storm_of_sizes_leaves_no_trace():
    with table() as t:
        t.ann.type("mine")
        expect_shown(t.ann, "mine")
        count = storm(t, random.Random(SEED), STORM)
        t.bob.say("msg the storm is over")
        change_size(t.ann, 80, 24)
        expect_shown(t.ann, "the storm is over")
        t.ann.type("!")  # somebody is there, and has read all
        t.ann.expect_line("[Bob] > mine!")
        t.stage.watch(0.1)
        seen = t.ann.rows()[:-2]  # without the status line, which counts
        t.ann.screen.erase_in_display(2)
        t.ann.type(ctrl("l"))
        t.ann.until(lambda: t.ann.rows()[:-2] == seen, "the same, anew")
        tap.comment("%d sizes" % count)


@case
def check_9_after_exit_the_terminal_is_as_before():
    with table() as t:
        t.ann.enter("/exit")
        assert t.ann.exit_code() == 0
        assert_restored(t.ann)


@case
def check_9_after_signals_the_terminal_is_as_before():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGSEGV,
                   signal.SIGABRT, signal.SIGBUS, signal.SIGFPE):
        with table(both=False) as t:
            t.ann.signal(number)
            code = t.ann.exit_code()
            assert code in (-number, 128 + number), (number, code)
            assert_restored(t.ann)


@case
def check_9_after_hangup_it_ends_and_keeps_the_draft():
    with table() as t:
        t.ann.type("half a line")
        expect_shown(t.ann, "half a line")
        t.ann.signal(signal.SIGHUP)
        assert t.ann.exit_code() in (-signal.SIGHUP, 128 + signal.SIGHUP)
        assert_restored(t.ann)
        t.ann = t.screen()
        t.ann.type("\0331")
        expect_shown(t.ann, "> half a line")


@case
def check_9_a_terminal_that_vanishes_ends_it():
    with table() as t:
        t.ann.type("half a line")
        expect_shown(t.ann, "half a line")
        t.stage.selector.unregister(t.ann.master)
        os.close(t.ann.master)
        assert t.ann.process.wait(60) in (-signal.SIGHUP,
                                          128 + signal.SIGHUP)
        t.bob.expect("disconnected", peer="Ann")
        t.ann = t.screen()
        t.ann.type("\0331")
        expect_shown(t.ann, "> half a line")


class Shell(Terminal):
    """A shell on a terminal, as a user has it before."""

    def __init__(self, stage):
        super().__init__(stage, Here, "Ann", ["bash", "--norc", "-i"],
                         env={"PS1": "shell: "})
        stage.programs.append(self)
        self.expect("shell:")
        self.runs("bind 'set enable-bracketed-paste off'; echo re''ady")
        self.expect("ready")

    def runs(self, line):
        self.fresh = len(self.raw)
        self.enter(line)

    def stopped(self):
        return b"Stopped" in self.raw[self.fresh:]


def child_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
        return int(children.read().split()[0])


def suspended(t, how, text):
    """Out, to the shell, and in again: the terminal is the shell's."""
    t.ann.fresh = before = len(t.ann.raw)
    how()
    t.ann.until(t.ann.stopped, "the shell")
    assert left_behind(t.ann.raw) == [], left_behind(t.ann.raw)
    t.bob.do("msg " + text)
    t.ann.runs("stty -a | tr ' ' '\\n' | grep -x -e echo -e icanon")
    t.ann.until(lambda: b"echo\r\n" in t.ann.raw[t.ann.fresh:]
                and b"icanon" in t.ann.raw[t.ann.fresh:], "plain modes")
    assert text.encode() not in t.ann.raw[before:]
    t.ann.runs("fg")
    expect_shown(t.ann, text)
    t.ann.expect_line("[Bob] > ha", "lf")
    assert {"?1049", "?2004", "?1004"} <= set(left_behind(t.ann.raw))


@case
def check_4_check_9_suspended_it_gives_the_terminal_back():
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = Shell(stage)
        t.ann.runs("%s -s %s -n Ann -p %d" % (
            stage.program("gop2p-tui"), t.address, loopback.free_port()))
        expect_shown(t.ann, "registered as Ann")
        t.bob = t.person("Bob")
        t.talk()
        t.ann.type("half\033[D\033[D")
        t.ann.expect_line("[Bob] > ha", "lf")
        suspended(t, lambda: t.ann.type(ctrl("z")), "while away")
        suspended(t, lambda: os.kill(child_of(t.ann.process.pid),
                                     signal.SIGTSTP), "away again")
        t.ann.type(ctrl("c"))
        t.ann.runs("/exit")
        t.ann.until(lambda: b"shell:" in t.ann.raw[t.ann.fresh:], "the shell")
        assert left_behind(t.ann.raw) == [], left_behind(t.ann.raw)


@case
def a_bell_calls_whoever_looks_away_and_nobody_else():
    with table() as t:
        t.bob.do("msg seen")
        expect_shown(t.ann, "seen")
        look_away(t, "x")
        assert t.ann.raw.count(b"\a") == 0
        begin = time.monotonic()
        for i in range(20):
            t.bob.do("msg look %d" % i)
        expect_shown(t.ann, "look 19")
        expect_shown(t.ann, "-- unread")
        t.ann.until(lambda: b"\a" in t.ann.raw, "the bell")
        called = calls(t.ann, begin)
        t.ann.type("y" + FOCUS_IN)
        t.ann.expect_line("[Bob] > xy")
        t.stage.watch(2.1)  # as long as it would be silent anyway
        t.bob.do("msg seen again")
        expect_shown(t.ann, "seen again")
        assert t.ann.raw.count(b"\a") == called


@case
def a_notification_tells_who_and_not_what():
    for way, begin in (("osc9", b"\033]9;gop2p: "),
                       ("osc777", b"\033]777;notify;gop2p;")):
        with TerminalStage() as stage:
            t = Table(stage)
            t.ann = t.screen("Ann", "--notify", way)
            t.bob = t.person("Bob")
            t.talk()
            look_away(t, "x")
            t.bob.do("msg a secret")
            t.ann.until(lambda b=begin: b + b"Bob\a" in t.ann.raw, way)


@case
def the_mouse_is_left_to_the_terminal_until_it_is_wanted():
    with table() as t:
        for i in range(60):
            t.bob.say("msg line %d" % i)
        expect_shown(t.ann, "line 59")
        assert b"\033[?1000" not in t.ann.raw and b"\033[?1002" not in \
            t.ann.raw
        t.ann.enter("/mouse on")
        t.ann.until(lambda: b"\033[?1000h" in t.ann.raw, "reports")
        t.ann.type("\033[<64;40;10M")
        expect_shown(t.ann, "MORE 3 NEW 0")
        t.ann.type("\033[<65;40;10M")
        t.ann.until(lambda: "MORE" not in t.ann.rows()[-2], "the end")
        t.ann.enter("/exit!")
        assert t.ann.exit_code() == 0
        assert_restored(t.ann)


@case
def check_11_terminals_of_all_kinds_are_fine():
    for term in ("xterm", "xterm-kitty", "foot", "linux", "screen",
                 "screen-256color", "tmux-256color", "vt100", "rxvt"):
        with TerminalStage() as stage:
            t = Table(stage)
            t.ann = t.screen(env={"TERM": term}, wait=False)
            t.ann.until(lambda: not t.ann.is_open() or
                        shows(t.ann, "registered as Ann"), term)
            if not t.ann.is_open():
                tap.comment("no %s here" % term)
                continue
            t.bob = t.person("Bob")
            t.talk()
            t.bob.do("msg hello from far")
            expect_shown(t.ann, "hello from far")
            t.ann.type("mine")
            t.ann.expect_line("[Bob] > mine")
            t.ann.type(ctrl("u"))
            t.ann.enter("/exit")
            assert t.ann.exit_code() == 0, term
            assert_restored(t.ann)


@case
def check_11_a_terminal_without_a_screen_is_refused_in_one_line():
    for term in ("dumb", "unheard-of", ""):
        with TerminalStage() as stage:
            t = Table(stage)
            t.ann = t.screen(env={"TERM": term}, wait=False)
            assert t.ann.exit_code() == 2, term
            said = t.ann.raw.decode().strip().splitlines()
            assert len(said) == 1 and "gop2p" in said[0][10:], said
            assert "\033" not in said[0]


def last_words(ann):
    """What stands on the terminal when the screen has been given back."""
    return ann.raw.decode().split("\033[?1049l")[-1]


@case
def what_ends_it_by_itself_is_told_after_the_screen():
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = t.screen("Ann", "-p", str(t.port), wait=False)
        assert t.ann.exit_code() == 1
        assert "the local port is in use" in last_words(t.ann), t.ann.raw
        assert_restored(t.ann)
        t.ann = t.screen()
        t.ann.enter("/exit")
        assert t.ann.exit_code() == 0
        assert "! " not in last_words(t.ann), t.ann.raw
        t.server.signal(signal.SIGTERM)
        assert t.server.exit_code() == 0
        loopback.start(stage, port=t.port, state="another").expect_error(
            "listening")
        t.ann = t.screen(wait=False)
        assert t.ann.exit_code() == 6
        assert "OF THE SERVER HAS CHANGED" in last_words(t.ann), t.ann.raw


@case
def no_terminal_at_all_is_refused_in_one_line():
    with TerminalStage() as stage:
        t = Table(stage)
        from drive import Program
        program = stage.start(Program, Here, "Ann",
                              stage.program("gop2p-tui"), "-s", t.address)
        assert program.exit_code() == 2
        assert len(program.errors) == 1, program.errors
        assert "gop2p is the client" in program.errors[0]
        assert program.lines == []


tap.run()
