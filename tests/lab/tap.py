"""The Test Anything Protocol: cases are functions, named by sentences."""

import sys
import traceback

CASES = []


def case(function):
    """Decorator: the function is a case of this program."""
    CASES.append(function)
    return function


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
        try:
            function()
            verdict = "ok"
        except Exception:
            comment(traceback.format_exc())
            verdict = "not ok"
            failed += 1
        sentence = function.__name__.replace("_", " ")
        print("%s %d - %s" % (verdict, number, sentence), flush=True)
    sys.exit(1 if failed else 0)
