"""Drives the real programs: gop2p through --json, with a condition and a
deadline for everything that is waited for, and never a sleep."""

import errno
import json
import os
import selectors
import shutil
import socket
import subprocess
import tempfile
import time

# How long anything may take that is not about time. Long, for a slow machine
# under a sanitiser; nothing waits for it when all is well.
PATIENCE = 120.0


# Nobody gets these ports without asking for them: they are none of those that
# the kernel gives to whoever wants any port.
BLOCK, BLOCKS = 200, range(10000, 32000, 200)


def own_ports():
    """Ports that no other process gets from here before we end, for between
    the choice of a port and its use much can happen. A block of them belongs
    to who has the name for it, which the kernel takes back, and which is as
    far known as the ports are: in a network namespace."""
    claims, begin = [], os.getpid() % len(BLOCKS)
    for first in (*BLOCKS[begin:], *BLOCKS[:begin]):
        claim = socket.socket(socket.AF_UNIX)
        claims.append(claim)
        try:
            claim.bind("\0gop2p-ports-%d" % first)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        for port in range(first, first + BLOCK, 4):
            yield from (port, port + 1)  # two more are for their probes


PORTS = own_ports()


def free_port():
    """A port of our own that nobody else has, TCP and UDP alike, with room
    for the probe."""
    for port in PORTS:
        try:
            with socket.socket() as tcp:
                tcp.bind(("", port))
            for number in (port, port + 2):
                with socket.socket(type=socket.SOCK_DGRAM) as udp:
                    udp.bind(("", number))
            return port
        except OSError:
            continue
    raise OSError("every port is taken")


class Here:
    """The host that we are on, with the face of world.Node."""

    name = "here"

    @staticmethod
    def spawn(argv, **options):
        return subprocess.Popen(argv, **options)


class Missed(AssertionError):
    """What was waited for did not come in time."""


class Program:
    """A running program whose lines are collected as they come."""

    def __init__(self, stage, node, who, argv):
        self.stage, self.who, self.argv = stage, who, argv
        self.lines, self.errors = [], []
        self.process = node.spawn(argv, env=stage.env(who),
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        for pipe, take in ((self.process.stdout, self.take_line),
                           (self.process.stderr, self.take_error)):
            os.set_blocking(pipe.fileno(), False)
            stage.selector.register(pipe, selectors.EVENT_READ,
                                    [self, take, b""])

    def take_line(self, line):
        self.lines.append(line)

    def take_error(self, line):
        self.errors.append(line)

    def say(self, line):
        """Types a line."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def signal(self, number):
        self.process.send_signal(number)

    def until(self, condition, what, within=PATIENCE):
        """Waits until condition() is true and returns what it returned."""
        return self.stage.until(condition, what, within, self)

    def expect_error(self, text, within=PATIENCE):
        """Waits for a line on standard error that contains the text."""
        return self.until(
            lambda: next((e for e in self.errors if text in e), None),
            "a line with %r" % text, within)

    def exit_code(self, within=PATIENCE):
        """Waits for the end of the program and of its output."""
        return self.until(
            lambda: None if self.is_open() else [self.process.wait()],
            "its end", within)[0]

    def is_open(self):
        return any(key.data[0] is self
                   for key in self.stage.selector.get_map().values())

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def story(self):
        return "\n".join(["$ " + " ".join(self.argv)] + self.lines[-40:]
                         + ["stderr: " + e for e in self.errors[-40:]])


class Client(Program):
    """A gop2p that speaks JSON."""

    def __init__(self, *args):
        self.events, self.fresh = [], []
        self.on_event = None
        super().__init__(*args)

    def take_line(self, line):
        super().take_line(line)
        event = json.loads(line)
        self.events.append(event)
        self.fresh.append(event)
        if self.on_event:
            self.on_event(self, event)

    def expect(self, name, /, within=PATIENCE, **fields):
        """Waits for an event with these fields and takes it, so that the
        next expect() needs another one."""
        def find():
            for event in self.fresh:
                if event["event"] == name and fields.items() <= event.items():
                    self.fresh.remove(event)
                    return event
            return None
        return self.until(find, "%s %r" % (name, fields), within)

    def forget(self):
        """What came so far is not what the next expect() wants."""
        self.fresh.clear()

    def do(self, line, within=PATIENCE):
        """Types a command and waits until it has succeeded."""
        self.forget()
        self.say(line)
        done = self.expect("done", within, command=line.split()[0])
        assert done["ok"], "%s: %s\n%s" % (line, done, self.story())

    def link(self, peer):
        """The path in use: an event with transport and address, or None."""
        last = None
        for event in self.events:
            if event.get("peer") != peer:
                continue
            if event["event"] in ("connected", "transport"):
                last = event
            elif event["event"] == "disconnected":
                last = None
        return last

    def expect_link(self, peer, transport, within=PATIENCE):
        """Waits until the path in use is of this transport."""
        def find():
            link = self.link(peer)
            return link if link and link["transport"] == transport else None
        return self.until(find, "a link over " + transport, within)


class Stage:
    """The programs of one scenario and their files. Use it in a `with`
    block: at its end all of them are gone."""

    def __init__(self, build="."):
        self.build = build
        self.selector = selectors.DefaultSelector()
        self.programs = []
        self.home = tempfile.mkdtemp(prefix="gop2p-lab-")

    def program(self, name):
        for place in ("", "src"):
            path = os.path.join(os.path.abspath(self.build), place, name)
            if os.access(path, os.X_OK):
                return path
        raise FileNotFoundError(name)

    def env(self, who):
        """A home directory of one's own and nothing from outside."""
        keep = ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                "LSAN_OPTIONS")
        env = {k: os.environ[k] for k in keep if k in os.environ}
        env["HOME"] = os.path.join(self.home, who)
        os.makedirs(env["HOME"], mode=0o700, exist_ok=True)
        return env

    def start(self, kind, node, who, *argv):
        program = kind(self, node, who, list(argv))
        self.programs.append(program)
        return program

    def server(self, node, *options):
        state = os.path.join(self.home, "state")
        os.makedirs(state, mode=0o700, exist_ok=True)
        server = self.start(Program, node, "server", self.program("gop2pd"),
                            "--state", state, *options)
        server.expect_error("listening")
        return server

    def client(self, node, name, server, *options, on_event=None):
        """A registered client; the same name has the same profile again."""
        client = self.start(Client, node, name, self.program("gop2p"),
                            "--json", "-s", server, "-n", name, *options)
        client.on_event = on_event
        client.expect("registered", name=name)
        return client

    def until(self, condition, what, within, program):
        deadline = time.monotonic() + within
        while True:
            result = condition()
            if result:
                return result
            left = deadline - time.monotonic()
            if left <= 0 or not program.is_open():
                stories = "\n".join(p.story() for p in self.programs)
                raise Missed("%s: waited for %s\n%s" % (
                    os.path.basename(program.argv[0]), what, stories))
            self.pump(left)

    def pump(self, seconds):
        """Reads what comes, and waits for something at most this long."""
        for key, _ in self.selector.select(seconds):
            self.read(key)

    def watch(self, seconds):
        """Reads what comes, for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(max(0, end - time.monotonic()))

    def read(self, key):
        data = os.read(key.fd, 65536)
        if not data:
            self.selector.unregister(key.fileobj)
            return
        _, take, rest = key.data
        *lines, key.data[2] = (rest + data).split(b"\n")
        for line in lines:
            take(line.decode("utf-8", "replace"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.kill()
        self.selector.close()
        shutil.rmtree(self.home, ignore_errors=True)
