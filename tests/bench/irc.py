"""Two who chat by IRC: Ann at weechat or irssi on a terminal, Bob a socket,
and their server a local ngircd."""

import os
import shutil
import socket
import selectors

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
        home = os.path.join(stage.home, what)
        self.bob = Peer(server, "Bob" + what)
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
