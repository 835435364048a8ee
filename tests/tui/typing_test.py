"""Typing is sacred: what arrives never moves, eats or sends it."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import (answer_unread, calls, expect_gone, expect_shown, loopback,
                    shows, status, table, typed)
from drive import PATIENCE
import tap
from tap import case
from terminal import ENTER, ESC, LEFT, PASTE_BEGIN, PASTE_END, ctrl

SENTENCE = "the quick brown fox jumps"
HALF = "a half typed sentence, 漢字 too"
ALT = ESC
F1, F2, F3 = "\033OP", "\033OQ", "\033OR"
PAGE_UP, CTRL_END = "\033[5~", "\033[1;5F"


@case
def check_4_half_typed_text_survives_everything():
    with table() as t:
        t.ann.type(HALF + LEFT * 4)
        expect_shown(t.ann, HALF)
        want = typed(t.ann)

        def same(what):
            t.ann.until(lambda: typed(t.ann) == want, what)

        t.bob.do("msg a message")
        expect_shown(t.ann, "a message")
        same("after a message")
        eve = t.person("Eve")
        eve.say("connect Ann")
        expect_shown(t.ann, "? Eve asks")
        same("after a request")
        t.bob.do("rename Bobby")
        expect_shown(t.ann, "[Bobby] > ")
        t.bob.do("rename Bob")
        expect_shown(t.ann, "[Bob] > ")
        same("after a rename")
        t.bob.do("tcp")
        t.ann.until(lambda: "TCP" in status(t.ann), "TCP")
        same("after UDP became TCP")
        t.ann.type(F1)
        expect_shown(t.ann, "HELP")
        t.ann.type(ESC)
        expect_gone(t.ann, "HELP")
        same("after an overlay")
        t.ann.resize(100, 30)
        t.ann.until(lambda: len(t.ann.rows()) == 30 and t.ann.rows()[-1],
                    "the new size")
        t.ann.resize(80, 24)
        same("after two resizes")
        t.server.signal(signal.SIGTERM)
        t.server.exit_code()
        t.ann.until(lambda: "SERVER" in t.ann.text(), "the loss")
        same("after the server was lost")
        t.server = t.start_server()
        t.ann.until(lambda: " registered " in t.ann.rows()[0], "its return")
        same("after the server came back")
        t.bob.do("disconnect Ann")
        t.ann.until(lambda: "not connected" in status(t.ann), "the end")
        same("after the conversation ended")
        t.ann.type(F3)
        expect_gone(t.ann, "? Eve asks")
        same("after a request was denied")
        t.bob.say("connect Ann")
        expect_shown(t.ann, "? Bob asks")
        t.stage.watch(0.6)
        t.ann.type(F2)
        t.ann.until(lambda: "VERIFIED" in status(t.ann), "a new one")
        same("after a new conversation")


def is_saved(t, text):
    """Drafts are in a file, somewhere at home."""
    for at, _, files in os.walk(os.path.join(t.stage.home, "Ann")):
        if "drafts" in files:
            with open(os.path.join(at, "drafts"), encoding="utf-8") as drafts:
                return text in drafts.read()
    return False


@case
def check_4_a_draft_survives_sigkill():
    with table() as t:
        t.ann.type(HALF + LEFT * 4)
        expect_shown(t.ann, HALF)
        want = typed(t.ann)
        deadline = time.monotonic() + PATIENCE
        while not is_saved(t, HALF[:-4] + "\\|" + HALF[-4:]):
            assert time.monotonic() < deadline, "no draft on the disk"
            t.stage.pump(0.05)  # nothing is seen when it is written
        t.ann.process.kill()
        t.ann.process.wait()
        t.ann = t.screen()
        t.ann.type(ALT + "1")
        t.ann.until(lambda: typed(t.ann) == want, "the same")


@case
def check_5_scrolled_up_nothing_moves():
    with table() as t:
        for i in range(60):
            t.bob.say("msg old %d" % i)
        expect_shown(t.ann, "old 59")
        t.ann.type(PAGE_UP)
        expect_shown(t.ann, "MORE")
        before = t.ann.rows()[1:-2]
        for i in range(500):
            t.bob.say("msg new %d" % i)
        t.ann.until(lambda: "NEW 500" in status(t.ann), "the count")
        # The list at the side counts; the chat stands still.
        assert [r[20:] for r in before] == [
            r[20:] for r in t.ann.rows()[1:-2]]
        t.ann.type(CTRL_END)
        expect_shown(t.ann, "new 499")
        assert "MORE" not in status(t.ann)


def said_by_ann(t):
    return [e["text"] for e in t.bob.events if e["event"] == "message"]


def memory(program):
    """KiB that it has in memory."""
    with open("/proc/%d/status" % program.process.pid) as lines:
        return next(int(line.split()[1]) for line in lines
                    if line.startswith("VmRSS"))


def feed(ann, keys):
    """Types more than the terminal takes at once."""
    while keys:
        try:
            keys = keys[os.write(ann.master, keys):]
        except BlockingIOError:
            pass
        ann.stage.pump(0.001)


def paste(ann, text):
    """More at once than the terminal takes."""
    feed(ann, (PASTE_BEGIN + text + PASTE_END).encode())


@case
def check_6_a_paste_of_10000_lines_is_not_sent():
    with table() as t:
        before = memory(t.ann)
        paste(t.ann, "".join("%d\r" % i for i in range(10000)))
        expect_shown(t.ann, "pasted 10000 lines")
        assert memory(t.ann) - before < 32768, "KiB for a paste"
        t.bob.do("msg and what comes is seen")
        expect_shown(t.ann, "and what comes is seen")
        t.ann.type(ctrl("u"))
        t.ann.expect_line("[Bob] > ")
        expect_gone(t.ann, "pasted")
        paste(t.ann, "".join("line %d\r" % i for i in range(10000)))
        expect_shown(t.ann, "no room for more")
        t.ann.type(ctrl("u"))
        t.ann.expect_line("[Bob] > ")
        t.ann.enter("still here")
        t.bob.expect("message", text="still here")
        assert said_by_ann(t) == ["still here"], said_by_ann(t)


@case
def check_6_an_end_of_paste_inside_does_not_break_out():
    with table() as t:
        paste(t.ann, "/exit\r" * 200 + "\033[201" + "~/exit\r" * 200)
        expect_shown(t.ann, "pasted ")
        t.ann.type(ctrl("u"))
        t.ann.expect_line("[Bob] > ")
        t.ann.enter("still here")
        t.bob.expect("message", text="still here")
        assert said_by_ann(t) == ["still here"], said_by_ann(t)


@case
def check_6_a_paste_without_marks_is_not_sent_either():
    with table() as t:
        t.ann.type_at_once("".join("line %d\r" % i for i in range(100)))
        expect_shown(t.ann, "pasted ")
        t.ann.type(ctrl("u"))
        t.ann.enter("still here")
        t.bob.expect("message", text="still here")
        assert said_by_ann(t) == ["still here"], said_by_ann(t)


def type_along(t, text, meanwhile):
    """Types letter by letter: the line is never anything but what has been
    typed. Says how long the slowest twentieth took to be seen."""
    took = []
    for end in range(1, len(text) + 1):
        meanwhile(end)
        begin = time.monotonic()
        t.ann.type(text[end - 1])
        t.ann.expect_line("[Bob] > " + text[:end])
        took.append(time.monotonic() - begin)
    tap.comment("95 of 100 letters within %.0f ms, the referee included"
                % (1000 * sorted(took)[len(took) * 95 // 100]))


@case
def check_10_a_flood_of_messages_does_not_block_typing():
    with table() as t:
        def flood(step):
            for i in range(50):
                t.bob.say("msg flood %d" % (50 * step + i))

        type_along(t, SENTENCE, flood)
        expect_shown(t.ann, "flood %d" % (50 * len(SENTENCE) + 49))
        t.ann.type(ENTER)
        t.bob.expect("message", text=SENTENCE)


@case
def check_10_a_flood_of_requests_is_folded():
    with table() as t:
        crowd = [t.join("Eve%d" % i, "--no-presence") for i in range(30)]
        for eve in crowd:
            eve.expect("registered")

        def flood(step):
            for eve in crowd[step % 6::6]:
                eve.say("disconnect Ann")
                eve.say("connect Ann")

        begin = time.monotonic()
        for eve in crowd:
            eve.say("connect Ann")
        type_along(t, SENTENCE, flood)
        expect_shown(t.ann, " more)")
        bars = [row for row in t.ann.rows() if "Alt+Y" in row]
        assert len(bars) == 1, bars
        t.ann.type(ENTER)
        t.bob.expect("message", text=SENTENCE)
        calls(t.ann, begin)


@case
def check_10_a_request_is_not_answered_before_it_was_read():
    with table() as t:
        answer_unread(t, t.person("Eve"))
        t.bob.do("msg in between")
        expect_shown(t.ann, "in between")
        assert shows(t.ann, "? Eve asks")


@case
def check_2_a_lone_esc_holds_nothing_up():
    with table() as t:
        for i in range(1000):
            t.bob.say("msg while Esc %d" % i)
            if i % 10 == 0:
                t.ann.type(ESC)
        expect_shown(t.ann, "while Esc 999")
        t.bob.expect("delivered", id=1000)
        # With d the last Esc would be Alt+D where both are read together.
        t.ann.type(ctrl("u"))
        t.ann.enter("done")
        t.bob.expect("message", text="done")


tap.run()
