"""The terminal: every size, every way out, what travels to it."""

import os
import random
import re
import signal
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import (Table, expect_shown, loopback, shows, status, table,
                    typed)
import tap
from tap import case
from terminal import Here, Terminal, TerminalStage, ctrl

MODES = (b"\033[?2004", b"\033[?1004", b"\033[?1000", b"\033[?1006",
         b"\033[?1049")
HOSTILE = [
    "\033[2J\033[H\033]0;owned\a", "a\rAnn  I agree", "\033[31mred",
    "\x9b31mC1", "bidi \u202eabc\u2066", "zero\u200bwidth\ufeff",
    "\033P1$r\033\\", "\x07\x08\x0e\x0f", "z" + "\u0341" * 100,
    "\033[201~/exit", "👨\u200d👩\u200d👧", "❤\ufe0f", "\U0001fae8",
    "line\nAnn  forged", "\U000e0041tag", "ﷺ" * 20,
]


def left_behind(ann):
    """Modes that were switched on and not off again."""
    return [mode for mode in MODES
            if ann.raw.rfind(mode + b"h") > ann.raw.rfind(mode + b"l")]


def assert_restored(ann):
    # The line discipline of the pty stays as long as we hold it open.
    assert left_behind(ann) == [], left_behind(ann)
    assert termios.tcgetattr(ann.master) == ann.modes
    hidden = ann.raw.rfind(b"\033[?25l")
    assert hidden <= ann.raw.rfind(b"\033[?25h"), "the cursor is hidden"


@case
def check_1_any_size_shows_the_latest_message_and_the_input():
    with table() as t:
        t.bob.do("msg latest")
        expect_shown(t.ann, "latest")
        t.ann.type("mine")
        expect_shown(t.ann, "mine")
        seed = int(os.environ.get("GOP2P_SEED", "0x60b2b"), 0)
        dice = random.Random(seed)
        sizes = [(20, 5), (1, 1), (80, 24), (2, 200), (200, 2), (40, 12)]
        sizes += [(dice.randint(1, 160), dice.randint(1, 50))
                  for _ in range(30)] + [(500, 200), (80, 24)]
        slowest = 0
        for columns, rows in sizes:
            begin = time.monotonic()
            t.ann.resize(columns, rows)
            if columns < 20 or rows < 5:
                continue
            t.ann.until(lambda: len(t.ann.rows()) == rows and
                        shows(t.ann, "mine"), "%dx%d" % (columns, rows))
            if columns >= 30:
                expect_shown(t.ann, "latest")
            slowest = max(slowest, time.monotonic() - begin)
        tap.comment("the slowest took %.0f ms, its screen included"
                    % (1000 * slowest))


def count(ann, action, condition, what):
    """Bytes that come until the condition holds."""
    before = len(ann.raw)
    action()
    ann.until(condition, what)
    ann.stage.watch(0.05)
    return len(ann.raw) - before


@case
def check_3_few_bytes_travel():
    with table() as t:
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        t.ann.enter("/list")
        t.stage.watch(1.2)
        for letter in "keystrokes":
            want = typed(t.ann)[1] + 1
            n = count(t.ann, lambda: t.ann.type(letter),
                      lambda: typed(t.ann)[1] == want, "the echo")
            assert n <= 8, "an echo of %d bytes" % n
        for i in range(40):
            text = "incoming line number %d of some usual length" % i
            n = count(t.ann, lambda: t.bob.say("msg " + text),
                      lambda: shows(t.ann, text), text)
            if i < 10 or i > 30:
                assert n <= len(text) + 120, "a line of %d bytes" % n
        assert t.ann.raw.count(b"\033[2J") <= 1


@case
def check_3_an_idle_screen_is_silent():
    with table() as t:
        t.ann.enter("/clock off")
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        t.stage.watch(2)
        before = len(t.ann.raw)
        t.stage.watch(6)
        assert len(t.ann.raw) - before <= 40, t.ann.raw[before:]


@case
def check_7_hostile_text_does_nothing():
    with table() as t:
        start = len(t.ann.raw)
        for text in HOSTILE:
            t.bob.say("msg " + text.replace("\n", "\u2028"))
        t.bob.do("msg the end")
        expect_shown(t.ann, "the end")
        raw = t.ann.raw[start:]
        assert b"owned\x07" not in raw and b"\033]" not in raw
        assert b"\033P" not in raw and b"\x08\x0e" not in raw
        shown = raw.decode("utf-8", "replace")
        for char in "\u202e\u2066\u200b\ufeff\x9b":
            assert char not in shown, "%r got through" % char
        # Nobody but us writes in the columns of time and name.
        for row in t.ann.rows()[1:-2]:
            left = row.split("│")[-1][:10]
            assert re.fullmatch(r"(\d\d:\d\d( (Bob|Ann| \* ?| ! ?) *)?|"
                                r" *(--.*)?)", left.rstrip()) or \
                not left.strip(), left


@case
def check_9_after_exit_the_terminal_is_as_before():
    with table() as t:
        t.ann.enter("/exit")
        assert t.ann.exit_code() == 0
        assert_restored(t.ann)


@case
def check_9_after_signals_the_terminal_is_as_before():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGSEGV,
                   signal.SIGABRT):
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
        t.ann = t.screen()
        t.ann.type("\0331")
        expect_shown(t.ann, "> half a line")


@case
def check_9_suspended_it_gives_the_terminal_back_and_takes_it_again():
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = Terminal(stage, Here, "Ann", ["bash", "--norc", "-i"],
                         env={"PS1": "shell: "})
        stage.programs.append(t.ann)
        t.ann.expect("shell:")
        t.ann.enter("%s -s %s -n Ann -p %d" % (
            stage.program("gop2p-tui"), t.address, loopback.free_port()))
        expect_shown(t.ann, "registered as Ann")
        t.bob = t.person("Bob")
        t.talk()
        t.ann.type("half")
        expect_shown(t.ann, "> half")
        t.ann.type(ctrl("z"))
        t.ann.until(lambda: b"Stopped" in t.ann.raw, "the shell")
        assert left_behind(t.ann) in ([], [MODES[0]]), left_behind(t.ann)
        t.bob.say("msg while away")
        stage.watch(0.3)
        assert b"while away" not in t.ann.raw
        t.ann.enter("fg")
        expect_shown(t.ann, "while away")
        expect_shown(t.ann, "[Bob] > half")
        assert len(left_behind(t.ann)) == 3, left_behind(t.ann)


@case
def check_11_terminals_of_all_kinds_are_fine():
    for term in ("xterm", "linux", "screen", "tmux-256color", "vt100",
                 "rxvt"):
        with TerminalStage() as stage:
            t = Table(stage)
            t.ann = t.screen(env={"TERM": term}, wait=False)
            t.ann.until(lambda: not t.ann.is_open() or
                        b"home" in t.ann.raw, term)
            if not t.ann.is_open():
                tap.comment("no %s here" % term)
                continue
            t.ann.enter("/exit")
            assert t.ann.exit_code() == 0, term


@case
def check_11_a_terminal_without_a_screen_is_refused_in_one_line():
    for term in ("dumb", "unheard-of", ""):
        with TerminalStage() as stage:
            t = Table(stage)
            t.ann = t.screen(env={"TERM": term}, wait=False)
            assert t.ann.exit_code() == 2, term
            said = t.ann.raw.decode().strip().splitlines()
            assert len(said) == 1 and "gop2p" in said[0][10:], said


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


@case
def no_color_sends_no_color():
    with table(env={"NO_COLOR": "1"}) as t:
        t.bob.do("msg hello")
        expect_shown(t.ann, "hello")
        found = re.findall(rb"\033\[[0-9;]*m", t.ann.raw)
        colors = [s for s in found if re.search(
            rb"[\[;](3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8)[;m]", s)]
        assert colors == [], colors


@case
def without_utf_8_everything_is_ascii():
    with table(env={"LC_ALL": "C"}) as t:
        t.bob.do("msg 漢字")
        expect_shown(t.ann, "????")
        assert all(byte < 0x80 for byte in t.ann.raw)


tap.run()
