"""Two who chat by IRC: Ann at weechat or irssi on a terminal, Bob a socket,
and their server a local ngircd."""

import os
import queue
import selectors
import shutil
import socket
import threading

from people import loopback
from terminal import Here, Terminal

CONFIG = """[Global]
Name = irc.example.net
Info = a bench
Listen = 127.0.0.1
Ports = %d
MotdPhrase = none
PidFile =
[Limits]
MaxConnectionsIP = 0
MaxPenaltyTime = 0
MaxNickLength = 20
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""


def missing():
    """Programs that are not here; Debian keeps servers in sbin."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    return [name for name in ("ngircd", "weechat", "irssi")
            if not shutil.which(name)]


class Server:
    def __init__(self, stage):
        self.stage, self.port = stage, loopback.free_port()
        path = os.path.join(stage.home, "ngircd.conf")
        with open(path, "w", encoding="ascii") as config:
            config.write(CONFIG % self.port)
        from drive import Program
        self.program = stage.start(Program, Here, "irc", "ngircd", "-n",
                                   "-f", path)
        self.program.until(self.answers, "its socket")

    def answers(self):
        self.stage.pump(0.05)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


    def peer(self, name):
        return Peer(self, name)


class Source:
    """Server and Bob in one, for a single client. It writes as fast as that
    reads, where ngircd drops whoever falls behind."""

    def __init__(self, stage):
        self.stage, self.name, self.lines = stage, None, queue.SimpleQueue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def peer(self, name):
        self.name = name
        return self

    def tell(self, line):
        self.lines.put(":%s!bob@example.net %s" % (self.name, line))

    def serve(self):
        client, _ = self.listener.accept()
        threading.Thread(target=self.write, args=[client],
                         daemon=True).start()
        nick = "*"
        for line in client.makefile("r", errors="replace"):
            word, _, rest = line.strip().partition(" ")
            if line.startswith("CAP LS"):
                self.lines.put(":irc.example.net CAP * LS :")
            elif word == "NICK":
                nick = rest.lstrip(":")
            elif word == "USER":
                self.lines.put(":irc.example.net 001 %s :This is "
                               "irc.example.net" % nick)
            elif word == "PING":
                self.lines.put(":irc.example.net PONG irc.example.net "
                               + rest)

    def write(self, client):
        while True:
            client.sendall(self.lines.get().encode() + b"\r\n")


class Peer:
    """Bob, who answers pings."""

    def __init__(self, server, name):
        self.name = name
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        server.stage.selector.register(
            self.socket, selectors.EVENT_READ, [self, self.take, b""])
        self.is_in = False
        self.tell("NICK " + name)
        self.tell("USER bob 0 * :Bob")
        server.program.until(lambda: self.is_in, name + " on the server")

    def tell(self, line):
        self.socket.sendall(line.encode() + b"\r\n")

    def take(self, line):
        if line.startswith("PING"):
            self.tell("PONG" + line[4:].rstrip())
        self.is_in |= " 001 " in line


class Talk:
    """Ann at one of the clients, a window for Bob before her."""

    def __init__(self, server, what, kind=Terminal):
        stage, self.nick = server.stage, "Ann" + what
        home = os.path.join(stage.home, "%s-%d" % (what, server.port))
        self.bob = server.peer("Bob" + what)
        self.ann = kind(stage, Here, self.nick, self.argv(
            what, home, server.port))
        stage.programs.append(self.ann)
        self.ann.until(lambda: "irc.example.net" in self.ann.text(),
                       "the server's greeting")
        stage.watch(1)
        self.ann.enter("/query " + self.bob.name)
        self.say("hello")
        self.ann.until(lambda: "hello" in self.ann.text(), "a message")

    def argv(self, what, home, port):
        if what == "irssi":
            return ["irssi", "--home=" + home, "-c", "127.0.0.1", "-p",
                    str(port), "-n", self.nick]
        return ["weechat", "-d", home, "-r",
                "/server add bench 127.0.0.1/%d" % port, "-r",
                "/set irc.server.bench.nicks " + self.nick, "-r",
                "/connect bench"]

    def say(self, text):
        self.bob.tell("PRIVMSG %s :%s" % (self.nick, text))
