"""A server on loopback, for all programs that are tried here."""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
from drive import Here, Program


def free_port():
    """A port that nobody has, TCP and UDP alike, with room for the probe."""
    while True:
        with socket.socket() as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
        try:
            for number in (port, port + 2):
                with socket.socket(type=socket.SOCK_DGRAM) as udp:
                    udp.bind(("127.0.0.1", number))
            return port
        except (OSError, OverflowError):
            continue


def start(stage, *options, port=None, state=None):
    """A gop2pd that was told to start; its state is stage.home/STATE."""
    port = port or free_port()
    state = os.path.join(stage.home, state or "state")
    return stage.start(Program, Here, "server", stage.program("gop2pd"),
                       "-p", str(port), "--listen", "127.0.0.1",
                       "--state", state, *options)
