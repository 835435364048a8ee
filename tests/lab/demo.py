"""Two people behind two NATs meet, agree, talk, and change to TCP. What they
do is done by the real programs; this only types for them and reads along.

usage: demo.py BUILD_FOLDER"""

import os
import select
import signal
import sys

import world
from drive import Here, Missed, Stage, free_port

WHOLE_LIMIT = 120  # seconds for all of it, but for what a person does
OFFER_LIMIT = 60
READING_TIME = 1.2  # before the next line is typed, if somebody looks on

MAP = """
   Ann 10.1.0.2 --- NAT 198.51.100.10 ---+
                                         +--- server 203.0.113.10
   Bob 10.2.0.2 --- NAT 192.0.2.10 ------+

Each of them is a network namespace, each NAT is the kernel's own.
"""
HOW = {"udp": "directly, over UDP", "tcp": "directly, over TCP",
       "relay": "through the server"}


def tell(who, what):
    print("  %-7s %s" % (who, what), flush=True)


def narrate(client, event):
    """One line for what is worth seeing."""
    name, peer = event["event"], event.get("peer")
    if name == "registered":
        tell(client.who, "is registered; the server sees %s"
             % event["address"])
    elif name == "request":
        tell(client.who, "is asked by %s, key %s" % (
            event["from"], "known" if event.get("known") else "new"))
    elif name in ("connected", "transport"):
        tell(client.who, "reaches %s %s (%s)" % (
            peer, HOW[event["transport"]], event["address"]))
    elif name == "message":
        tell(client.who, "reads   <- %s" % event["text"])
    elif name == "verify":
        tell(client.who, "safety number %s" % event["number"])
    elif name in ("error", "failed", "disconnected", "undelivered"):
        tell(client.who, "%s: %s" % (name, event.get("text")
                                     or event.get("reason") or ""))


class Show:
    def __init__(self, stage, places, address, options):
        self.stage, self.places, self.address = stage, places, address
        self.server = stage.server(places["server"], *options)
        tell("server", "listens at " + address)
        self.ann, self.bob = self.join("Ann"), self.join("Bob")

    def join(self, who):
        tell(who, "$ gop2p -s %s -n %s" % (self.address, who))
        return self.stage.client(self.places[who], who, self.address,
                                 on_event=narrate)

    def type(self, client, line):
        if sys.stdout.isatty():
            self.stage.watch(READING_TIME)
        tell(client.who, "types   -> %s" % line)
        client.say(line)

    def talk(self, one, other, text):
        self.type(one, "msg " + text)
        other.expect("message", text=text)
        one.expect("delivered")

    def both_on(self, transport):
        self.ann.expect_link("Bob", transport)
        self.bob.expect_link("Ann", transport)

    def run(self):
        ann, bob = self.ann, self.bob
        self.type(ann, "connect Bob")
        bob.expect("request")
        self.type(bob, "allow Ann")
        ann.expect("connected")
        self.talk(ann, bob, "Hello Bob, it's Ann. Can you read me?")
        self.talk(bob, ann, "Loud and clear. Nobody else can.")
        self.both_on("udp")
        self.talk(ann, bob, "And the server is out of the way now.")
        self.type(ann, "verify")
        self.type(bob, "verify")
        numbers = [c.expect("verify")["number"] for c in (ann, bob)]
        if numbers[0] != numbers[1]:
            raise Missed("the safety numbers differ")
        self.type(bob, "tcp")
        self.both_on("tcp")
        self.talk(bob, ann, "The same conversation, over TCP.")
        self.talk(ann, bob, "Not a word was lost. Bye!")

    def hand_over(self):
        """Bob leaves, and a person takes his seat."""
        ann = self.ann
        ann.on_event = self.bob.on_event = None
        self.bob.say("exit")
        self.bob.exit_code()

        def answer(client, event):
            if event["event"] == "request":
                client.say("allow " + event["from"])
            elif event["event"] == "message":
                client.say("msg @%s You wrote %d characters to me." % (
                    event["from"], len(event["text"])))
        ann.on_event = answer
        print("\nYou are Bob now. Type: connect Ann, then: msg Hello!\n"
              "`help` lists all commands, `exit` ends the demo.\n",
              flush=True)
        bob = self.places["Bob"].spawn(
            [self.stage.program("gop2p"), "-s", self.address, "-n", "Bob"],
            env=dict(self.stage.env("Bob"), TERM=os.environ.get("TERM", "")))
        while bob.poll() is None:
            self.stage.watch(0.2)


def wants_more():
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    print("\nPress Enter to take Bob's seat yourself, or q and Enter to "
          "end (it ends by itself in %d s)." % OFFER_LIMIT, flush=True)
    ready, _, _ = select.select([sys.stdin], [], [], OFFER_LIMIT)
    return bool(ready) and sys.stdin.readline().strip() == ""


def perform(build, places, address, options, done):
    def give_up(*_):
        raise Missed("it took more than %d s" % WHOLE_LIMIT)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(WHOLE_LIMIT)
    with Stage(build) as stage:
        show = Show(stage, places, address, options)
        show.run()
        signal.alarm(0)
        print("\nThat was gop2p: %s.\n"
              "To try it yourself: %s on a server, %s -s SERVER at home." % (
                  done, os.path.join(build, "gop2pd"),
                  os.path.join(build, "gop2p")), flush=True)
        if wants_more():
            show.hand_over()


def main():
    build = sys.argv[1]
    refusal = world.enter()
    if not refusal:
        print(MAP, flush=True)
        with world.World() as net:
            places = {"server": net.server, "Ann": net.a.host,
                      "Bob": net.b.host}
            perform(build, places, world.SERVER_IP, [],
                    "found, agreed, punched through, talked")
        return
    print("\nEverything is on this machine's loopback, without NATs, since\n"
          "%s.\n%s" % (refusal, "" if os.geteuid() == 0 else
                       "As root it shows two real NATs.\n"), flush=True)
    places = dict.fromkeys(("server", "Ann", "Bob"), Here)
    port = free_port()
    perform(build, places, "127.0.0.1:%d" % port, ["-p", str(port)],
            "found, agreed, talked")


if __name__ == "__main__":
    try:
        main()
    except (Missed, OSError) as error:
        print("\nThe demo failed: %s" % error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
