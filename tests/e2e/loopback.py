"""A server on loopback, for all programs that are tried here."""

import os
import random
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
from drive import Here, Program


def free_port():
    """A port that nobody has, TCP and UDP alike, with room for the probe. It
    is none of those that the kernel gives to whoever asks for any port: one
    of them may be gone before it is used, or while a server restarts."""
    while True:
        port = random.randrange(10000, 32000)
        try:
            with socket.socket() as tcp:
                tcp.bind(("127.0.0.1", port))
            for number in (port, port + 2):
                with socket.socket(type=socket.SOCK_DGRAM) as udp:
                    udp.bind(("127.0.0.1", number))
            return port
        except OSError:
            continue


def start(stage, *options, port=None, state=None):
    """A gop2pd that was told to start; its state is stage.home/STATE."""
    port = port or free_port()
    state = os.path.join(stage.home, state or "state")
    return stage.start(Program, Here, "server", stage.program("gop2pd"),
                       "-p", str(port), "--listen", "127.0.0.1",
                       "--state", state, *options)
