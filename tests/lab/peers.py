"""The same meetings for others: how soon ICE (libnice, libdatachannel) and
hyperdht get a direct path in the worlds of matrix.py, beside gop2p.

ICE has no signalling of its own: its time begins when both sides have been
handed the other's candidates. That of hyperdht begins with connect(), and that
of gop2p with `allow`; both include their signalling. Run it by peers.sh, which
installs them."""

import argparse
import contextlib
import os
import selectors
import statistics
import subprocess
import sys
import time

import matrix
import world
from boxes import SERVER_IPS
from drive import Missed
from meet import meet
from stun import stun_server

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 20.0     # seconds for a direct path
PREPARE = 30.0   # ... and until a program is ready to begin
NAMES = ("gop2p", "libnice", "datachannel", "hyperdht")


class Other:
    """A program of peers/ on a host, which talks in lines."""

    def __init__(self, stack, node, argv, folder):
        self.lines = []
        self.process = node.spawn(argv, cwd=folder, text=True, bufsize=1,
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        stack.callback(self.close)
        os.set_blocking(self.process.stdout.fileno(), False)

    def say(self, line):
        self.process.stdin.write(line + "\n")

    def word(self, name):
        """What follows this word, if it was said."""
        return next((line.partition(" ")[2] for line in self.lines
                     if line.split(" ")[0] == name), None)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def wait(programs, name, limit):
    """What each of them says after this word; None if one does not."""
    end = time.monotonic() + limit
    with selectors.DefaultSelector() as selector:
        for one in programs:
            selector.register(one.process.stdout, selectors.EVENT_READ, one)
        while not all(one.word(name) is not None for one in programs):
            left = end - time.monotonic()
            if left <= 0:
                return None
            for key, _ in selector.select(left):
                line = key.fileobj.readline()
                if not line:
                    return None
                key.data.lines.append(line.strip())
    return [one.word(name) for one in programs]


def ice(net, stack, argv, folder):
    """(began, ready, ready) of two who are given each other's candidates."""
    stack.enter_context(stun_server(net))
    pair = [Other(stack, host, argv + [SERVER_IPS[0], role], folder)
            for host, role in ((net.ann, "controlling"),
                               (net.bob, "controlled"))]
    if argv[0] == "node":
        # Who answers has no candidates before he was asked; until they are
        # handed over he knocks already.
        offer = wait(pair[:1], "local", PREPARE)
        pair[1].say(offer[0])
        answer = wait(pair[1:], "local", PREPARE)
        began = time.time()
        pair[0].say(answer[0])
    else:
        texts = wait(pair, "local", PREPARE)
        began = time.time()
        pair[0].say(texts[1])
        pair[1].say(texts[0])
    return began, wait(pair, "ready", LIMIT)


def dht(net, stack, argv, folder):
    net_nodes = Other(stack, net.server, argv + ["network", *SERVER_IPS],
                      folder)
    if not wait([net_nodes], "local", PREPARE):
        raise Missed("no DHT")
    pair = [Other(stack, host, argv + [role, SERVER_IPS[0]], folder)
            for host, role in ((net.ann, "connect"), (net.bob, "listen"))]
    texts = wait(pair, "local", PREPARE)
    if not texts:
        return time.time(), None
    began = time.time()
    pair[0].say(texts[1])
    return began, wait(pair, "ready", LIMIT)


def run_other(name, net, folder):
    def script(file):
        return ["node", os.path.join(HERE, "peers", file)]
    with contextlib.ExitStack() as stack:
        if name == "libnice":
            began, ready = ice(net, stack, [os.path.join(folder, "nice")],
                               folder)
        elif name == "datachannel":
            began, ready = ice(net, stack, script("channel.js"),
                               os.path.join(folder, "node-datachannel"))
        else:
            began, ready = dht(net, stack, script("dht.js"),
                               os.path.join(folder, "hyperdht"))
    return max(float(t) - began for t in ready) * 1000 if ready else None


def run_one(name, cell, run, folder):
    """Milliseconds until both have a direct path; None without one."""
    with cell.build(run) as net:
        if name == "gop2p":
            return meet(net, ".", LIMIT)["ms"]
        return run_other(name, net, folder)


def text_of(times):
    good = [t for t in times if t is not None]
    if not good:
        return "-"
    word = matrix.seconds(statistics.median(good))
    return word if len(good) == len(times) else "%s (%d/%d)" % (
        word, len(good), len(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--folder", required=True,
                        help="where the others are installed")
    parser.add_argument("--others", default=",".join(NAMES[1:]))
    parser.add_argument("cells", nargs="*")
    options = parser.parse_args()
    refusal = world.enter()
    if refusal:
        print("no laboratory: " + refusal)
        return 77
    names = [n for n in NAMES if n in ["gop2p"] + options.others.split(",")]
    print("%-26s" % "median" + "".join("%-18s" % n for n in names).rstrip())
    for index in matrix.wanted(options.cells):
        cell = matrix.CELLS[index]
        line = "%-26s" % cell.name
        for name in names:
            times = [run_one(name, cell, run, options.folder)
                     for run in range(options.runs)]
            line += "%-18s" % text_of(times)
        print(line.rstrip(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
