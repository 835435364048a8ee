"""coturn as a STUN server on both addresses of the server, as RFC 5780 has
it."""

import contextlib
import os
import subprocess

import world
from boxes import SERVER_IPS
from world import udp

BINDING_REQUEST = b"\0\1\0\0\x21\x12\xa4\x42" + b"natbox_test!"


@contextlib.contextmanager
def stun_server(net):
    argv = ["turnserver", "-n", "--no-auth", "--no-cli", "--no-tls",
            "--no-dtls", "--log-file=stdout", "--pidfile=/dev/null",
            "--userdb=" + os.devnull]
    for ip in SERVER_IPS:
        argv += ["-L", ip]
    server = net.server.spawn(argv, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        with udp(net.server, 5555) as sock:
            sock.settimeout(0.1)
            for _ in range(int(world.PATIENCE / 0.1)):
                sock.sendto(BINDING_REQUEST, (SERVER_IPS[0], 3478))
                with contextlib.suppress(TimeoutError):
                    if sock.recv(1000):
                        break
        yield
    finally:
        server.kill()
        server.wait()
