"""Every pair of NAT classes: is there a direct path, how soon, over what.

Two clients and a server, the real programs, meet in a world of their own for
each run. 20 ms one way on each side: 40 ms to the server and back, 80 ms (1 rt)
between the clients. Times are from `allow` until both use the direct path,
signalling included. Run it by `make lab RUNS=10`, or a part of it by
`make lab CELLS="sym-rnd eim/apdf,one-lan"`: cells that match all words of a
part (parts are separated by commas)."""

import argparse
import itertools
import json
import multiprocessing
import signal
import statistics
import sys

import world
from boxes import DELAY, BoxWorld, DualStack, OneCarrier, OneLan
from drive import Missed
from meet import meet

RT = 4 * DELAY
PAIRED = ("open", "eim/eif", "eim/adf", "eim/apdf", "sym-seq", "sym-rnd",
          "cgnat", "no-udp")
LOSSY = {"delay": 25, "loss": "2.5%"}
RUN_LIMIT = 120  # seconds for one run, whatever happens in it


class Cell:
    def __init__(self, a, b, name=None, kind=BoxWorld, cable=None, rt=RT):
        self.a, self.b, self.kind, self.cable, self.rt = a, b, kind, cable, rt
        self.name = name or "%s, %s" % (a, b)

    def build(self, run):
        """Every other run the other side asks."""
        pair = (self.a, self.b) if run % 2 == 0 else (self.b, self.a)
        return self.kind(*pair, seed=run + 1, cable=self.cable)


CELLS = [Cell(a, b) for a, b in
         itertools.combinations_with_replacement(PAIRED, 2)]
PAIRS = [cell.name for cell in CELLS]
CELLS += [
    Cell("eim/apdf", "eim/apdf", "one LAN", OneLan),
    Cell("eim/apdf", "eim/apdf", "one carrier, hairpin", OneCarrier),
    Cell("sym-rnd", "sym-rnd", "sym-rnd twice, IPv6", DualStack),
    Cell("eim/apdf", "eim/apdf", "5 % loss, 100 ms", cable=LOSSY, rt=100),
    Cell("eim/apdf", "sym-rnd", "the same, sym-rnd", cable=LOSSY, rt=100),
    Cell("kernel", "kernel"),
    Cell("kernel-open", "kernel-open"),
    Cell("kernel-icmp", "kernel-icmp"),
    Cell("kernel-rst", "kernel-rst"),
    Cell("kernel", "kernel-rnd"),
    Cell("kernel-open", "kernel-rnd"),
    Cell("kernel-open", "sym-seq"),
    Cell("eim/apdf poison", "eim/apdf poison"),
    Cell("eim/apdf poison", "sym-seq"),
    Cell("eim/apdf poison", "sym-rnd"),
    Cell("eim/apdf rst", "eim/apdf rst"),
    Cell("eim/apdf icmp", "eim/apdf icmp"),
    Cell("eim/apdf", "block"),
    Cell("eim/apdf", "port-set"),
    Cell("sym-rnd", "sym-rnd adf"),
    Cell("sym-rnd", "sym-rnd tftp"),
]


def run_one(task):
    """One meeting; what went wrong instead, as text."""
    index, run, options = task
    signal.signal(signal.SIGALRM, expire)
    signal.alarm(RUN_LIMIT)
    try:
        with CELLS[index].build(run) as net:
            result = meet(net, ".", options.limit, options.tcp)
    except (Missed, OSError, RuntimeError, AssertionError) as error:
        result = {"lost": str(error)}
    signal.alarm(0)
    return dict(result, cell=CELLS[index].name, run=run)


def expire(*_):
    raise Missed("not over after %d s" % RUN_LIMIT)


# ---- What it comes to ----

def middle_and_worst(values):
    values = [v for v in values if v is not None]
    if not values:
        return None
    return statistics.median(values), max(values)


def seconds(ms):
    return "%.0f ms" % ms if ms < 995 else "%.1f s" % (ms / 1000)


def pair(values):
    got = middle_and_worst(values)
    return "-" if got is None else "%s, %s" % tuple(map(seconds, got))


def row(cell, results):
    good = [r for r in results if "lost" not in r]
    direct = [r for r in good if r["outcome"] != "relay"]
    by = "/".join(sorted({r["outcome"] for r in direct})) or "relay"
    times = middle_and_worst([r["ms"] for r in direct])
    sent = middle_and_worst([max(s[0] for s in r["sent"]) for r in good])
    size = max((s[1] for r in good for s in r["sent"]), default=0)
    tcp = [r["tcp_ms"] for r in direct if r["outcome"] == "udp"]
    done = [t for t in tcp if t is not None]
    return [
        cell.name, "%d/%d" % (len(direct), len(results)), by,
        pair([r["ms"] for r in direct]),
        "%.1f" % (times[0] / cell.rt) if times else "-",
        pair([r["first_ms"] for r in good]),
        "%d, %d" % sent if sent else "-", "%.1f" % (size / 1000),
        "%d/%d" % (len(done), len(tcp)) if tcp else "-", pair(tcp),
    ]


HEAD = ["cell", "direct", "by", "median, worst", "rt", "first message",
        "packets", "kB", "tcp", "median, worst"]


GRIDS = (("until both are direct: median", "ms", statistics.median),
         ("until both are direct: worst", "ms", max),
         ("the command tcp: median", "tcp_ms", statistics.median),
         ("the command tcp: worst", "tcp_ms", max))


def print_rows(rows):
    widths = [max(len(r[i]) for r in rows + [HEAD]) for i in range(len(HEAD))]
    for one in [HEAD] + rows:
        print("  ".join(v.ljust(w) for v, w in zip(one, widths)).rstrip())


def print_grid(by_cell, key, measure):
    """A number for each pair of classes, in milliseconds."""
    def number(a, b):
        results = [r for r in by_cell.get("%s, %s" % (a, b), [])
                   if key == "ms" or r.get("outcome") == "udp"]
        times = [r[key] for r in results if r.get(key) is not None]
        if not times:
            return "-" if results else ""
        star = "" if len(times) == len(results) else "*"
        return "%.0f%s" % (measure(times), star)
    short = [c.removeprefix("eim/").removeprefix("sym-") for c in PAIRED]
    print("".ljust(9) + "".join(c.rjust(7) for c in short))
    for i, a in enumerate(PAIRED):
        print((short[i].ljust(9) + "".join(
            ("" if j < i else number(a, b)).rjust(7)
            for j, b in enumerate(PAIRED))).rstrip())


def wanted(parts):
    words = [part.split() for part in " ".join(parts).split(",")]
    names = [cell.name.replace(",", "").split() for cell in CELLS]
    return [i for i, name in enumerate(names)
            if any(all(name.count(w) >= part.count(w) for w in part)
                   for part in words)]


def measure_all(options):
    tasks = [(i, run, options) for run in range(options.runs)
             for i in wanted(options.cells)]
    results = []
    with multiprocessing.Pool(options.jobs) as pool:
        for result in pool.imap_unordered(run_one, tasks):
            results.append(result)
            if sys.stderr.isatty():
                print("\r%d of %d" % (len(results), len(tasks)), end="",
                      file=sys.stderr, flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=12.0,
                        help="seconds to wait for a direct path")
    parser.add_argument("--no-tcp", dest="tcp", action="store_false")
    parser.add_argument("--json", help="a file for every single result")
    parser.add_argument("--from", dest="old", help="such a file, to be shown")
    parser.add_argument("cells", nargs="*")
    options = parser.parse_args()
    if options.old:
        with open(options.old, encoding="ascii") as file:
            return report(json.load(file))
    refusal = world.enter()
    if refusal:
        print("no laboratory: " + refusal)
        return 77
    results = measure_all(options)
    if options.json:
        with open(options.json, "w", encoding="ascii") as file:
            json.dump(results, file, indent=1)
    return report(results)


def report(results):
    by_cell = {}
    for result in results:
        by_cell.setdefault(result["cell"], []).append(result)
    print_rows([row(cell, by_cell[cell.name]) for cell in CELLS
                if cell.name in by_cell])
    if any(name in by_cell for name in PAIRS):
        for word, key, measure in GRIDS:
            print("\n%s, in ms (- never, * not always):\n" % word)
            print_grid(by_cell, key, measure)
    lost = [r for r in results if "lost" in r]
    for result in lost:
        print("\nLOST: %s, run %d\n%s" % (result["cell"], result["run"],
                                          result["lost"]))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
