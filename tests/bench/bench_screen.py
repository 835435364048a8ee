"""Bytes that gop2p-tui sends to an 80x24 terminal, by what happens. Budgets:
an echo 8, a line its text and 120 with the list hidden (3 KB with it shown,
80 a line in bursts of 100), a status change 80, an idle minute 40."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "tui"))
from people import expect_shown, shows, status, table, typed

QUIET = 0.1  # nothing more comes after this long
TEXT = "number %d, about as long as people write"


def cost(ann, action, condition, what):
    before = len(ann.raw)
    action()
    ann.until(condition, what)
    ann.stage.watch(QUIET)
    return len(ann.raw) - before


def tell(what, values, budget):
    values = sorted(values)
    print("%-34s median %5d  most %5d  budget %s"
          % (what, values[len(values) // 2], values[-1], budget))


def echoes(t):
    values = []
    for letter in "the quick brown fox":
        want = typed(t.ann)[1] + 1
        values.append(cost(t.ann, lambda: t.ann.type(letter),
                           lambda: t.ann.screen.cursor.x == want, "echo"))
    t.ann.type("\x15")
    tell("echo of a key", values, "8")


def lines(t, what, budget, first):
    values = []
    for i in range(first, first + 40):
        text = TEXT % i
        values.append(cost(t.ann, lambda: t.bob.say("msg " + text),
                           lambda: shows(t.ann, text), text))
    tell(what, values, budget)
    text = TEXT % (first + 199)

    def burst():
        for i in range(first + 100, first + 200):
            t.bob.say("msg " + TEXT % i)

    total = cost(t.ann, burst, lambda: shows(t.ann, text), text)
    tell("  each of a burst of 100", [total // 100], "80")


def changes(t):
    values = []
    for _ in range(4):
        for command, word in (("tcp", "TCP"), ("udp", "UDP")):
            values.append(cost(
                t.ann, lambda: t.bob.say(command),
                lambda: word in status(t.ann), word))
    tell("change of the path, with its line", values, "80 and the line")


def idle(t, seconds=60):
    t.ann.enter("/clock on")
    t.stage.watch(2)
    before = len(t.ann.raw)
    t.stage.watch(seconds)
    tell("an idle minute, clock included", [len(t.ann.raw) - before], "40")


with table() as scene:
    scene.ann.until(lambda: "UDP" in status(scene.ann), "a direct path")
    echoes(scene)
    lines(scene, "a line, list shown", "3072", 0)
    changes(scene)
    scene.ann.enter("/list")
    expect_shown(scene.ann, "Bob")
    scene.stage.watch(1.2)
    lines(scene, "a line, list hidden", "%d" % (len(TEXT) + 120), 300)
    idle(scene)
