"""The Test Anything Protocol: cases are functions, named by sentences."""

import sys
import traceback

CASES = []


class Skip(Exception):
    """Raised by a case that cannot be run here, with why."""


def case(function=None, /, needs=True):
    """Decorator: the function is a case of this program; without what it
    needs it is skipped."""
    def add(one):
        one.is_possible = needs
        CASES.append(one)
        return one
    return add(function) if function else add


def comment(text):
    for line in str(text).splitlines():
        print("# " + line, flush=True)


def skip_all(reason):
    print("1..0 # SKIP " + reason, flush=True)
    sys.exit(0)


def run():
    """Runs the cases in order, or those named on the command line."""
    wanted = [c for c in CASES if c.__name__ in sys.argv[1:]] or CASES
    print("1..%d" % len(wanted), flush=True)
    failed = 0
    for number, function in enumerate(wanted, 1):
        sentence = function.__name__.replace("_", " ")
        if not function.is_possible:
            print("ok %d - %s # SKIP not installed" % (number, sentence))
            continue
        try:
            function()
            verdict = "ok"
        except Skip as why:
            verdict = "ok"
            sentence += " # SKIP %s" % why
        except Exception:
            comment(traceback.format_exc())
            verdict = "not ok"
            failed += 1
        print("%s %d - %s" % (verdict, number, sentence), flush=True)
    sys.exit(1 if failed else 0)
