"""Typing is sacred: what arrives never moves, eats or sends it."""

import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import (expect_gone, expect_shown, loopback, shows, status, table,
                    typed)
import tap
from tap import case
from terminal import ENTER, ESC, LEFT, PASTE_BEGIN, PASTE_END, ctrl

HALF = "a half typed sentence, 漢字 too"
ALT = ESC
F1 = "\033OP"
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


@case
def check_4_a_draft_survives_sigkill():
    with table() as t:
        t.ann.type(HALF)
        draft = os.path.join(t.stage.home, "Ann")

        def is_saved():
            t.stage.pump(0.05)
            return any("drafts" in files and HALF in open(
                os.path.join(at, "drafts"), encoding="utf-8").read()
                for at, _, files in os.walk(draft))

        t.ann.until(is_saved, "the draft on the disk")
        t.ann.process.kill()
        t.ann.process.wait()
        t.ann = t.screen()
        t.ann.type(ALT + "1")
        expect_shown(t.ann, "> " + HALF)


@case
def check_5_scrolled_up_nothing_moves():
    with table() as t:
        for i in range(60):
            t.bob.say("msg old %d" % i)
        expect_shown(t.ann, "old 59")
        t.ann.type(PAGE_UP)
        expect_shown(t.ann, "-- MORE")
        before = t.ann.rows()[1:-2]
        for i in range(500):
            t.bob.say("msg new %d" % i)
        t.ann.until(lambda: "NEW: 500" in status(t.ann), "the count")
        # The list at the side counts; the chat stands still.
        assert [r[20:] for r in before] == [
            r[20:] for r in t.ann.rows()[1:-2]]
        t.ann.type(CTRL_END)
        expect_shown(t.ann, "new 499")
        assert "MORE" not in status(t.ann)


def feed(ann, keys):
    """Types more than the terminal takes at once."""
    while keys:
        try:
            keys = keys[os.write(ann.master, keys):]
        except BlockingIOError:
            pass
        ann.stage.pump(0.001)


@case
def check_6_a_paste_of_10000_lines_is_not_sent():
    with table() as t:
        lines = "".join("line %d\r" % i for i in range(10000))
        paste = PASTE_BEGIN + "/exit\r" + lines[:200] + "\033[201" + "~/exit\r"
        paste += lines + PASTE_END
        feed(t.ann, paste.encode())
        expect_shown(t.ann, "pasted")
        t.ann.type(ctrl("u"))
        expect_gone(t.ann, "pasted")
        t.ann.enter("still here")
        t.bob.expect("message", text="still here")
        texts = [e["text"] for e in t.bob.events if e["event"] == "message"]
        assert texts == ["still here"], texts


@case
def check_10_a_flood_of_messages_does_not_block_typing():
    with table() as t:
        for i in range(1000):
            t.bob.say("msg flood %d" % i)
            if i % 50 == 0:
                before = typed(t.ann)[1]
                t.ann.type("x")
                t.ann.until(lambda: typed(t.ann)[1] == before + 1, "the echo")
        expect_shown(t.ann, "flood 999")


@case
def check_2_a_lone_esc_holds_nothing_up():
    with table() as t:
        for i in range(100):
            t.bob.say("msg while Esc %d" % i)
            t.ann.type(ESC)
        expect_shown(t.ann, "while Esc 99")
        t.stage.watch(0.2)  # Esc and d in one breath are Alt+D
        t.ann.enter("done")
        t.bob.expect("message", text="done")


tap.run()
