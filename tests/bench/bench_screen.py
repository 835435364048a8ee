"""The full-screen client on a terminal of 80x24: bytes by what happens, how
soon a key is seen in a flood, a line after a lone Esc (which may be the begin
of a key) and everything after a resize, and what 10,000 lines cost. Beside it
weechat and irssi at a local ngircd, as they come, in the same run; where the
lines come at once, at a server that waits for them."""

import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tui"), HERE]
from people import Table, status
from terminal import ESC, Terminal, TerminalStage, ctrl
import irc

QUIET = 0.1    # nothing more comes after this long
LINES = 10000
BURST = 100
RATE = 1000    # messages a second while keys are pressed
TOLD = 4       # changes of a path in a row that the chat tells of
SIZES = 200
PATIENCE = 1   # seconds for a new size
IDLE = 60
WORDS = ("alder birch cedar dogwood elm fir ginkgo hazel ivy juniper larch "
         "maple nettle oak pine quince rowan spruce thuja willow yew").split()
# Letters that nobody else writes: where they come, a key was seen.
LETTERS = [chr(c) for c in (*range(0x3b1, 0x3c2), *range(0x430, 0x450),
                            *range(0x561, 0x587))]

dice = random.Random(16)


def prose():
    """About as much as people write."""
    return " ".join(dice.choice(WORDS) for _ in range(7))


class Wire(Terminal):
    """A terminal that counts, and looks only while something is set up."""

    looks = True

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.raw = bytearray()

    def take(self, data):
        self.raw += data
        if self.looks:
            self.stream.feed(data)


class Ours:
    """Ann at gop2p-tui, talking with Bob."""

    name = "gop2p-tui"

    def __init__(self, stage):
        t = Table(stage)
        self.stage = stage
        self.ann = t.ann = t.screen(kind=Wire)
        self.bob = t.bob = t.person("Bob")
        t.talk()
        t.ann.until(lambda: "UDP" in status(t.ann), "a direct path")
        self.over = "udp"

    def say(self, text):
        self.bob.say("msg " + text)

    def change(self):
        """The path becomes another one."""
        self.over = "udp" if self.over == "tcp" else "tcp"
        return cost(self, lambda: self.bob.say(self.over))

    def toggle_list(self):
        self.ann.enter("/list")
        settle(self, len(self.ann.raw))


class Theirs(irc.Talk):
    def __init__(self, server, what):
        super().__init__(server, what, Wire)
        self.name, self.stage = what, server.stage
        self.is_away = False

    def change(self):
        """Away, and back."""
        self.is_away = not self.is_away
        line = "/away for a while" if self.is_away else "/away"
        cost(self, lambda: self.ann.type(line))
        return cost(self, lambda: self.ann.type("\r"))


# ---- Measuring ----

def settle(client, before):
    """Until something came, and nothing more."""
    client.ann.until(lambda: len(client.ann.raw) > before, "any byte")
    while True:
        so_far = len(client.ann.raw)
        client.stage.watch(QUIET)
        if len(client.ann.raw) == so_far:
            return so_far - before


def cost(client, action):
    before = len(client.ann.raw)
    action()
    return settle(client, before)


def middle(values):
    return sorted(values)[len(values) // 2]


def echo(client):
    values = [cost(client, lambda: client.ann.type(letter))
              for letter in "the quick brown fox"]
    cost(client, lambda: client.ann.type(ctrl("u")))
    return middle(values)


def line(client):
    """Bytes beyond the text of a single line, after the screen is full."""
    values = []
    for i in range(60):
        text = prose()
        n = cost(client, lambda: client.say(text)) - len(text)
        if i >= 30:
            values.append(n)
    return middle(values)


def seen(client, letter, since):
    return client.ann.raw.find(letter.encode(), since) >= 0


def burst(client, letter, count):
    """That many lines at once, and until the last of them is seen."""
    since = len(client.ann.raw)
    for _ in range(count - 1):
        client.say(prose())
    client.say("and now " + letter)
    client.ann.until(lambda: seen(client, letter, since), "the last line")


def bursts(client):
    before = len(client.ann.raw)
    for letter in LETTERS[:10]:
        burst(client, letter, BURST)
    return (len(client.ann.raw) - before) // (10 * BURST)


def change(client):
    """Of the status line, with the line in the chat that says so."""
    return middle([client.change() for _ in range(TOLD)])


def change_untold(client):
    """Of the status line alone: what changes often is not told any more."""
    for _ in range(TOLD):
        client.change()
    return middle([client.change() for _ in range(9)])


def cpu(client):
    """Seconds of processor time."""
    with open("/proc/%d/schedstat" % client.ann.process.pid) as stat:
        return int(stat.read().split()[0]) / 1e9


def memory(client):
    with open("/proc/%d/status" % client.ann.process.pid) as lines:
        return next(int(text.split()[1]) for text in lines
                    if text.startswith("VmRSS")) / 1000


def many(client):
    """Milliseconds until 100 lines that come together are seen, and MB in
    memory after 10,000 of them."""
    took = []
    for i in range(LINES // BURST):
        begin = time.monotonic()
        burst(client, LETTERS[i % len(LETTERS)], BURST)
        took.append(1000 * (time.monotonic() - begin))
    return middle(took), memory(client)


def at_once(client):
    """Lines a second, and microseconds of processor time for each: the
    medians of three times 10,000."""
    speeds, costs = [], []
    for letter in LETTERS[:3]:
        spent, begin = cpu(client), time.monotonic()
        burst(client, letter, LINES)
        speeds.append(LINES / (time.monotonic() - begin))
        costs.append(1e6 * (cpu(client) - spent) / LINES)
        client.stage.watch(1)
    return middle(speeds), middle(costs)


def resized(client):
    """Milliseconds until another size shows the latest message and what was
    typed. No key is pressed."""
    size = dice.randint(20, 200), dice.randint(5, 60)
    since, begin = len(client.ann.raw), time.monotonic()
    client.ann.resize(*size, tell=False)
    while not (seen(client, "latest", since) and seen(client, "mine", since)):
        left = begin + PATIENCE - time.monotonic()
        if left <= 0:
            break
        client.stage.pump(left)
    return 1000 * (time.monotonic() - begin)


def sizes(client):
    """The median, the 95th of 100 and the slowest."""
    cost(client, lambda: client.say("latest"))
    cost(client, lambda: client.ann.type("mine"))
    took = []
    for _ in range(SIZES):
        took.append(resized(client))
        client.stage.watch(dice.uniform(0.03, 0.06))
    client.ann.resize(80, 24, tell=False)
    client.ann.type(ctrl("u"))
    client.stage.watch(1)
    took.sort()
    return middle(took), took[SIZES * 95 // 100], took[-1]


class Flood:
    """So many messages a second, said whenever there is time."""

    def __init__(self, client):
        self.client, self.begin, self.count = client, time.monotonic(), 0
        self.word = ""  # that the lines begin with from now on

    def go_on(self):
        due = int((time.monotonic() - self.begin) * RATE)
        for _ in range(due - self.count):
            self.client.say(self.word + prose())
        self.count = due
        self.client.stage.pump(0.0005)


def latency(client):
    """Milliseconds until a key is seen, all along a flood; the 95th of 100."""
    flood, took = Flood(client), []
    for letter in LETTERS + LETTERS:
        pause = time.monotonic() + dice.uniform(0.01, 0.04)
        while time.monotonic() < pause:
            flood.go_on()
        since, pressed = len(client.ann.raw), time.monotonic()
        client.ann.type(letter)
        while not seen(client, letter, since):
            flood.go_on()
        took.append(1000 * (time.monotonic() - pressed))
        if len(took) % 20 == 0:
            client.ann.type(ctrl("u"))
    client.ann.type(ctrl("u"))
    client.stage.watch(1)
    return sorted(took)[len(took) * 95 // 100]


def told(client, keys):
    """Milliseconds until a line is seen that is said right after these keys,
    or one that follows it; the slowest of many in a flood."""
    flood, took = Flood(client), []
    for letter in LETTERS:
        pause = time.monotonic() + dice.uniform(0.01, 0.04)
        while time.monotonic() < pause:
            flood.go_on()
        since, begin = len(client.ann.raw), time.monotonic()
        client.ann.type(keys)
        flood.word = letter + " "
        while not seen(client, letter, since):
            flood.go_on()
        took.append(1000 * (time.monotonic() - begin))
    client.stage.watch(1)
    return max(took)


def idle(clients):
    before = [len(client.ann.raw) for client in clients]
    clients[0].stage.watch(IDLE)
    return [len(client.ann.raw) - n for client, n in zip(clients, before)]


# ---- Telling ----

def tell(what, values, goal=""):
    print("%-40s%s%12s" % (what, "".join(
        "%11s" % ("-" if value is None else "%.4g" % value
                  if value < 100 else "%d" % value)
        for value in values), goal), flush=True)


def ratios(what, values, goals):
    """How many times as much as ours that is, and should be."""
    tell(what, [None, 1] + [value / values[0] for value in values[1:]],
         " ".join(goals))


def bytes_of(clients, shown):
    """What travels by what happens; ours with the list shown too."""
    ours = clients[0]
    tell("a key, bytes", [shown["echo"]] + [echo(c) for c in clients], "8")
    tell("a line, bytes beside its text",
         [shown["line"]] + [line(c) for c in clients], "3072, 120")
    tell("each line of 100 at once, bytes",
         [shown["burst"]] + [bursts(c) for c in clients], "80")
    tell("a change of status and its line, bytes",
         [None] + [change(c) for c in clients])
    untold = change_untold(ours)
    ours.toggle_list()
    tell("a change of status alone, bytes",
         [change_untold(ours), untold] + [None] * len(clients[1:]), "80")
    ours.toggle_list()


def time_of(clients, fast, shown):
    """How long things take; fast are those at the server that waits."""
    tell("a key among 1,000 lines/s, ms (p95)",
         [shown["p95"]] + [latency(c) for c in clients], "20")
    tell("a line among them, ms (slowest)",
         [None] + [told(c, "") for c in clients])
    tell("  right after a lone Esc",
         [None] + [told(c, ESC) for c in clients], "+30")
    results = [many(c) for c in clients]
    tell("100 lines that come together, ms",
         [None] + [r[0] for r in results])
    tell("10,000 of them, MB in memory after",
         [None] + [r[1] for r in results], "8")
    results = [sizes(c) for c in clients]
    for i, what in enumerate(("a new size, ms (median)", "  p95",
                              "  the slowest of %d" % SIZES)):
        tell(what, [None] + [r[i] for r in results], "50")
    results = [at_once(c) for c in fast]
    tell("10,000 lines at once, lines a second",
         [None] + [r[0] for r in results], "25000")
    if len(fast) == 3:
        ratios("  ours to theirs", [1] + [results[0][0] / r[0]
                                          for r in results[1:]],
               ("5", "2.5"))
    tell("  us of processor time each",
         [None] + [r[1] for r in results], "40")
    if len(fast) == 3:
        ratios("  theirs to ours", [r[1] for r in results], ())


def main():
    absent = irc.missing()
    if absent:
        print("not installed, and left out: " + " ".join(absent))
    with TerminalStage() as stage:
        ours = Ours(stage)
        clients, fast = [ours], [ours]
        for what in ("weechat", "irssi"):
            if what not in absent:
                fast.append(Theirs(irc.Source(stage), what))
        if "ngircd" not in absent:
            server = irc.Server(stage)
            clients += [Theirs(server, client.name) for client in fast[1:]]
        for client in clients + fast:
            client.ann.looks = False
        shown = {"echo": echo(ours), "line": line(ours),
                 "burst": bursts(ours), "p95": latency(ours)}
        ours.toggle_list()
        print("%-40s%11s%s%12s" % ("", "list shown", "".join(
            "%11s" % client.name for client in fast), "goal"))
        bytes_of(clients, shown)
        time_of(clients, fast, shown)
        tell("an idle minute with its clock, bytes", [None] + idle(clients),
             "40")


main()
