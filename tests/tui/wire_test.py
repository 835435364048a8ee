"""What travels to the terminal: how much, how it looks, nothing hostile."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import (HERE, Table, expect_gone, expect_shown, shows, status,
                    table, typed)
import tap
from tap import case
from terminal import Here, Terminal, TerminalStage

HOSTILE = [
    "\033[2J\033[H\033]0;owned\a", "a\rAnn  I agree", "\033[31mred",
    "\x9b31mC1", "bidi \u202eabc\u2066", "zero\u200bwidth\ufeff",
    "\033P1$r\033\\", "\x07\x08\x0e\x0f", "z" + "\u0341" * 100,
    "\u0301\u0301 begins with marks", "\033[201~/exit", "\033(0qqq",
    "👨\u200d👩\u200d👧", "❤\ufe0f", "🇦🇶🇦", "\U0001fae8", "\u3164\u115f",
    "line\nAnn  forged", "line\u2029Ann  forged", "\U000e0041tag",
    "ﷺ" * 20, "אבג 123 דהו", "\u061c\u200e\u200f", "\ufff9a\ufffab\ufffb",
    "│00:00 Ann  forged", "\t" * 30 + "far", "漢" * 70, "\x7f\x80\x85\x9d",
    "%s%n%x", "x" * 9000,
]
CONTROLS = "\u202e\u2066\u200b\ufeff\x85\x9b\u061c\u200e\u2029\ufff9"
LIST_END = 20  # the column between the list and the chat
TEXT_FROM = LIST_END + 1 + len("14:20 Bob  ")
SIZES = ((120, 40), (80, 24), (40, 12), (20, 5))
STATES = ("registering", "idle", "name-taken", "asking", "denied", "punching",
          "udp", "tcp", "relay", "key-changed", "quiet", "lost",
          "server-lost", "scrolled", "failed")


def count(ann, action, condition, what):
    """Bytes that come until the condition holds."""
    before = len(ann.raw)
    action()
    ann.until(condition, what)
    ann.stage.watch(0.05)
    return len(ann.raw) - before


def usual(counts):
    """The one in the middle: the clock and the time of a round trip may come
    in between, which are drawn with whatever else there is."""
    return sorted(counts)[len(counts) // 2]


@case
def check_3_few_bytes_travel():
    with table() as t:
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        t.ann.enter("/list")
        t.stage.watch(1.2)
        echoes, lines = [], []
        for letter in "keystrokes":
            want = typed(t.ann)[1] + 1
            echoes.append(count(t.ann, lambda: t.ann.type(letter),
                                lambda: typed(t.ann)[1] == want, "the echo"))
        assert usual(echoes) <= 4, echoes
        for i in range(40):
            text = "incoming line number %d of some usual length" % i
            n = count(t.ann, lambda: t.bob.say("msg " + text),
                      lambda: shows(t.ann, text), text)
            lines.append(n - len(text))
        assert usual(lines[:10]) <= 120, lines[:10]  # while there is room
        assert usual(lines[31:]) <= 120, lines[31:]  # when it scrolls
        assert t.ann.raw.count(b"\033[2J") <= 1


@case
def check_3_a_change_of_status_is_short():
    with table() as t:
        t.ann.enter("/list")
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        t.bob.do("msg hello")
        expect_shown(t.ann, "hello")
        counts = []
        for i in range(12):
            over = ("TCP", "UDP")[i % 2]
            n = count(t.ann, lambda: t.bob.say(over.lower()),
                      lambda: over in status(t.ann), over)
            counts.append(n)
        # Later on it is not told in the chat any more. Twice as much as the
        # budget: a round trip may take more columns than before.
        assert usual(counts[8:]) <= 160, counts
        expect_shown(t.ann, "The link changes often")


@case
def check_3_an_idle_screen_is_silent():
    with table() as t:
        t.ann.enter("/clock off")
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        t.stage.watch(2)
        before = len(t.ann.raw)
        t.stage.watch(5)
        assert len(t.ann.raw) - before <= 40, t.ann.raw[before:]


def cells(ann, row, begin, end):
    line = ann.screen.buffer[row]
    return "".join(line[x].data for x in range(begin, end))


def assert_columns(ann, what):
    """Nobody but us writes at the edge of the list, where times and names
    stand, and what the status line says."""
    margin = re.compile(r"(\d\d:\d\d (Bob|Ann| \* | ! )  | {%d}|  +-- .*)$"
                        % len("14:20 Bob  "))
    for row in range(1, 22):
        assert cells(ann, row, LIST_END, LIST_END + 1) == "│", what
        left = cells(ann, row, LIST_END + 1, TEXT_FROM)
        assert margin.match(left), "%r: %r" % (what, left)
    assert status(ann).startswith(" Bob  "), "%r: %r" % (what, status(ann))


@case
def check_7_hostile_text_does_nothing():
    with table() as t:
        start = len(t.ann.raw)
        for text in HOSTILE:
            t.bob.do("msg " + text.replace("\n", "\u2028"))
            t.bob.do("msg the end")
            expect_shown(t.ann, "the end")
            assert_columns(t.ann, text)
            t.ann.enter("/clear")
            t.ann.until(lambda: not shows(t.ann, "the end"), "a clear screen")
        raw = t.ann.raw[start:]
        for bytes_ in (b"owned\x07", b"\033]", b"\033P", b"\x08\x0e",
                       b"\033(0qqq"):
            assert bytes_ not in raw, bytes_
        shown = raw.decode("utf-8", "replace")
        for char in CONTROLS:
            assert char not in shown, "%r got through" % char


NAUGHTY = os.path.join(os.environ.get("GOP2P_VECTORS", ""), "blns.json")
# What we send ourselves; of what remains none may be a control.
OURS = re.compile(r"\033\[[0-9;?]*[A-Za-z]|\033[()][0AB]|\033[=>78M]|"
                  r"\033\]2;[^\0-\x1f\x7f-\x9f]*\033\\|\033\]11;\?\033\\|"
                  r"[\r\n\b\x0e\x0f\a]")
UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f"
                    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
                    "\U000e0000-\U000e007f]")


def assert_harmless(raw):
    rest = OURS.sub("", raw.decode("utf-8"))
    found = UNSEEN.search(rest)
    assert not found, repr(rest[max(0, found.start() - 40):found.end() + 40])


@case(needs=os.path.exists(NAUGHTY))
def check_7_naughty_strings_do_nothing():
    with open(NAUGHTY, encoding="utf-8") as strings:
        naughty = json.load(strings)
    with table() as t:
        for i in range(0, len(naughty), 12):
            for text in naughty[i:i + 12]:
                t.bob.say("msg x" + text.replace("\n", "\u2028"))
            t.bob.do("msg the end %d" % i)
            expect_shown(t.ann, "the end %d" % i)
            assert_columns(t.ann, naughty[i:i + 12])
        assert_harmless(t.ann.raw)
        tap.comment("%d strings" % len(naughty))


@case
def check_7_hostile_names_stay_in_their_columns():
    names = ("אבג", "ﷺ", "漢" * 10, "é" * 16, "a" * 32, "Аnn", "Bоb", "x/y",
             "%s%n", "--help", "e\u0301" * 10, "नमस्ते", "ก็ก็ก็")
    refused = ("a\u200b", "\u202eevil", "a\033[2J", "a b", "\u2066x", "\x9b3m")
    with table() as t:
        for name in names + refused:
            eve = t.join(name)
            eve.until(lambda e=eve: [x for x in e.events if x["event"] in
                                     ("registered", "error")] or
                      not e.is_open(), "an answer to %r" % name)
            ok = any(x["event"] == "registered" for x in eve.events)
            assert not (ok and name in refused), name
            if ok:
                eve.say("connect Ann")
                expect_shown(t.ann, " asks ")
                expect_shown(t.ann, "Alt+Y allow")
                t.ann.until(lambda: all(
                    cells(t.ann, row, LIST_END, LIST_END + 1) == "│"
                    for row in range(1, 21)), "the edge of the list")
                assert status(t.ann).startswith(" Bob  "), name
                eve.say("exit")
                expect_gone(t.ann, " asks ")
            eve.kill()
        assert_harmless(t.ann.raw)


def pictures(state):
    """The rows, marks and cursor of every size of a state."""
    where = os.path.join(HERE, "golden", state + ".txt")
    with open(where, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("=="):
                _, _, size, _, cursor = line.split()
                key = tuple(int(n) for n in size[:-1].split("x"))
                picture = {" ": {}, "m": {}, "a": {}, "cursor": cursor}
                yield key, picture
            elif line:
                picture[line[0]][int(line[1:3])] = line[4:]


def picture_of(state, size):
    return dict(pictures(state))[size]


@case
def check_8_every_state_has_its_pictures():
    for state in STATES:
        found = dict(pictures(state))
        assert set(found) == set(SIZES), (state, set(found))
        for (columns, rows), picture in found.items():
            assert len(picture[" "]) == rows, state
            assert picture["m"], "%s has no mono picture" % state
            if columns >= 80:
                assert picture["a"], "%s has none in ASCII" % state


def seen(ann):
    return [re.sub(r"\d\d:\d\d$", "14:20", row) for row in ann.rows()]


def marks(ann, row):
    letters = ""
    for x in range(ann.screen.columns):
        cell = ann.screen.buffer[row][x]
        letters += ("#" if cell.bold and cell.reverse else
                    "R" if cell.reverse else "B" if cell.bold else
                    "U" if cell.underscore else " ")
    return letters.rstrip()


@case
def check_8_the_terminal_shows_the_very_picture():
    looks = ({}, {"LC_ALL": "C"}, {"NO_COLOR": "1"})
    for env in looks:
        with TerminalStage() as stage:
            program = [stage.program("gop2p-tui")]
            ann = Terminal(stage, Here, "Ann", program, env=env)
            stage.programs.append(ann)
            expect_shown(ann, "Server host:port>")
            ann.type("rv.example.net")
            for size in SIZES:
                picture = picture_of("first-start", size)
                want = dict(picture[" "])
                if "LC_ALL" in env:
                    want.update(picture["a"])
                want = [want[row].rstrip() for row in sorted(want)]
                ann.resize(*size)
                ann.screen.erase_in_display(2)
                ann.until(lambda: seen(ann) == want, "%r %r" % (size, env))
                at = "%d,%d" % (ann.screen.cursor.y, ann.screen.cursor.x)
                assert at == picture["cursor"], at
                if "NO_COLOR" not in env:
                    continue
                for row in range(size[1] - 1):  # the last corner stays empty
                    assert marks(ann, row) == picture["m"].get(row, ""), (
                        size, row, marks(ann, row))


@case
def the_size_is_that_of_the_terminal_from_the_start():
    with TerminalStage() as stage:
        # As if it had been changed while the program started.
        ann = Terminal(stage, Here, "Ann", [stage.program("gop2p-tui")],
                       120, 40, env={"LINES": "24", "COLUMNS": "80"})
        stage.programs.append(ann)
        ann.type("rv.example.net")
        picture = picture_of("first-start", (120, 40))
        want = [row.rstrip() for row in picture[" "].values()]
        ann.until(lambda: seen(ann) == want, "all of the screen")


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
