"""A server on loopback, for all programs that are tried here."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
from drive import Here, Program, free_port


def start(stage, *options, port=None, state=None):
    """A gop2pd that was told to start; its state is stage.home/STATE."""
    port = port or free_port()
    state = os.path.join(stage.home, state or "state")
    return stage.start(Program, Here, "server", stage.program("gop2pd"),
                       "-p", str(port), "--listen", "127.0.0.1",
                       "--state", state, *options)
