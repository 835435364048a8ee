"""Worlds like those of world.py, but behind NATs of our own (natbox.c), which
do what no kernel does, and over cables that take time.

                  server 203.0.113.10, 203.0.113.11
                              |
    198.51.100.10 ----- wan (router) ----- 192.0.2.10
     box of a: NAT and cable                box of b
         |                                       |
     a 10.1.0.2                              b 10.2.0.2

A host's only device is a TUN device, whose other end is the box; so is the
router's towards each side. Between two boxes (a home behind a carrier) there
is a socket.
"""

import fcntl
import json
import os
import select
import socket
import struct
import subprocess

import world
from world import Node, link

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
SERVER_IPS = (world.SERVER_IP, "203.0.113.11")
DELAY = 20  # ms, one way, of each side
ORDER_LIMIT = 10  # seconds until a box has obeyed

# The classes of the matrix: the knobs of a side's NAT, from the host's to the
# carrier's. No knobs at all: the host is on the internet.
HOME = {"hairpin": "no", "udp-fresh": "30s", "udp-timer": "120s"}
EASY = dict(HOME, mapping="ei", filter="apd")
HARD = dict(HOME, mapping="apd", filter="apd")
CLASSES = {
    "open": [],
    "eim/eif": [dict(HOME, mapping="ei", filter="ei")],
    "eim/adf": [dict(HOME, mapping="ei", filter="ad")],
    "eim/apdf": [EASY],
    "sym-seq": [dict(HARD, alloc="sequential", cross="5")],
    "sym-rnd": [dict(HARD, alloc="random")],
    "cgnat": [EASY, dict(EASY, alloc="random")],
    "no-udp": [dict(EASY, **{"no-udp": "yes"})],
    # Others than those of every pairing.
    "eim/apdf poison": [dict(EASY, stray="poison")],
    "eim/apdf rst": [dict(EASY, stray="rst")],
    "eim/apdf icmp": [dict(EASY, stray="icmp")],
    "sym-rnd adf": [dict(HOME, mapping="apd", filter="ad", alloc="random")],
    "sym-rnd tftp": [dict(HARD, alloc="random", tftp="yes")],
    "block": [dict(HARD, alloc="block")],
    "port-set": [dict(HARD, alloc="port-set")],
}
# The kernel's: how ports are chosen, what strangers get (world.py).
KERNELS = {
    "kernel": ("easy", "drop"),
    "kernel-open": ("easy", "accept"),
    "kernel-icmp": ("easy", "icmp"),
    "kernel-rst": ("easy", "reject"),
    "kernel-rnd": ("random", "drop"),
}


def tun(node, name, *addresses, mtu=1500):
    """A TUN device on a host; returns the descriptor of its other end."""
    with node.inside():
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(),
                                           IFF_TUN | IFF_NO_PI))
    node.run("ip", "link", "set", name, "mtu", str(mtu))
    node.address(name, *addresses)
    return fd


def pipe():
    """What joins two boxes."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return [end.detach() for end in ends]


class Box:
    """A running natbox. It takes the descriptors over."""

    def __init__(self, program, ins, out, knobs):
        argv = [program] + ["in=%d" % fd for fd in ins] + ["out=%d" % out]
        argv += ["%s=%s" % knob for knob in knobs.items()]
        fds = list(ins) + [out]
        self.argv = argv
        self.process = subprocess.Popen(
            argv, pass_fds=fds, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        for fd in fds:
            os.close(fd)

    def order(self, line):
        """Has it do something; returns what it says."""
        self.process.stdin.write(line + "\n")
        ready, _, _ = select.select([self.process.stdout], [], [],
                                    ORDER_LIMIT)
        said = self.process.stdout.readline().strip() if ready else "nothing"
        if not ready or said in ("", "error"):
            raise RuntimeError("natbox: %s: it says %r" % (line, said))
        return said

    def stats(self):
        return json.loads(self.order("stats"))

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


class Side:
    """Hosts, and the boxes between them and the internet."""

    def __init__(self, net, name, public, cable=None):
        self.net, self.name, self.public = net, name, public
        self.number = len(net.sides) + 1
        self.hosts, self.boxes, self.nodes = [], [], []
        self.entrance = {}  # the box that a host's packets meet first
        self.cable = dict(cable or {})
        self.delay = self.cable.pop("delay", DELAY)
        self.gateway = public.rsplit(".", 1)[0] + ".1"
        self.out = net.attach(self.number, public, self.gateway)

    def furnish(self, classname, hosts=1):
        if classname in KERNELS:
            assert not self.net.has_ipv6, classname
            self.kernel_home(KERNELS[classname], hosts)
            return
        layers = CLASSES[classname]
        if not layers:
            self.open_host()
        elif len(layers) == 1:
            self.home(layers[0], self.out, self.public, hosts=hosts)
        else:
            self.halve()
            inner, = self.carrier(layers[1], 1)
            self.home(layers[0], inner, "100.64.0.10")

    def halve(self):
        """Half of the way is to the carrier, half of it from there."""
        self.delay /= 2

    def box(self, hosts, ins, out, knobs, cable=None):
        knobs = dict(knobs, seed=self.net.next_seed(), **(cable or {}))
        knobs["delay"] = "%gms" % self.delay
        box = Box(self.net.natbox, ins, out, knobs)
        self.boxes.append(box)
        for host in hosts:
            self.entrance[host] = box
        return box

    def add_host(self, address, gateway):
        host = Node("%s%d" % (self.name, len(self.hosts)))
        self.nodes.append(host)
        self.hosts.append(host)
        fd = tun(host, "eth0", address + "/24")
        host.default_route(gateway)
        if self.net.has_ipv6:
            host.address("eth0", "2001:db8:%d:1::%d/64"
                         % (self.number, len(self.hosts) + 1))
            host.run("ip", "-6", "route", "add", "default", "dev", "eth0")
        return fd

    def open_host(self):
        inside = self.add_host(self.public, self.gateway)
        self.box(self.hosts, [inside], self.out, {"wire": "yes"}, self.cable)

    def carrier(self, knobs, homes):
        """A carrier's NAT; returns what its homes are to be joined to."""
        pipes = [pipe() for _ in range(homes)]
        self.box([], [far for far, _ in pipes], self.out,
                 dict({"pool": self.public, "inside": "100.64.0.1"}, **knobs),
                 self.cable)
        return [near for _, near in pipes]

    def home(self, knobs, out, pool, hosts=1, number=None):
        lan = "10.%d.0." % (number or self.number)
        first = len(self.hosts)
        ins = [self.add_host(lan + str(i + 2), lan + "1")
               for i in range(hosts)]
        cable = self.cable if out == self.out else None
        return self.box(self.hosts[first:], ins, out,
                        dict({"pool": pool, "inside": lan + "1"}, **knobs),
                        cable)

    def kernel_home(self, nat, hosts):
        router = Node("nat-" + self.name)
        self.nodes.append(router)
        wan = tun(router, "wan", self.public + "/24")
        router.default_route(self.gateway)
        for i in range(hosts):
            lan = "10.%d.%d." % (self.number, i)
            host = Node("%s%d" % (self.name, i))
            self.nodes.append(host)
            self.hosts.append(host)
            link(host, "eth0", router, "lan%d" % i)
            router.address("lan%d" % i, lan + "1/24")
            host.address("eth0", lan + "2/24")
            host.default_route(lan + "1")
        world.make_nat(router, *nat)
        self.box(self.hosts, [wan], self.out, {"wire": "yes"}, self.cable)

    def close(self):
        for thing in self.boxes + self.nodes:
            thing.close()


class BoxWorld:
    """Two sides, each of a class, and a server. Use it in a `with` block."""

    has_ipv6 = False

    def __init__(self, a="eim/apdf", b="eim/apdf", natbox=None, seed=1,
                 cable=None):
        self.natbox = natbox or find("tests/lab/natbox")
        self.seed, self.sides = seed * 16, []
        self.wan, self.server = Node("wan"), Node("server")
        self.wan.forward()
        link(self.server, "eth0", self.wan, "server")
        self.wan.address("server", "203.0.113.1/24", "2001:db8:0:1::1/64")
        self.server.address("eth0", world.SERVER_IP6 + "/64",
                            *(ip + "/24" for ip in SERVER_IPS))
        self.server.default_route("203.0.113.1", "2001:db8:0:1::1")
        self.build(a, b, cable)

    def build(self, a, b, cable):
        for name, public, classname in (("a", "198.51.100.10", a),
                                        ("b", "192.0.2.10", b)):
            self.side(name, public, cable).furnish(classname)
        self.ann, self.bob = (side.hosts[0] for side in self.sides)

    def side(self, name, public, cable):
        side = Side(self, name, public, cable)
        self.sides.append(side)
        return side

    def next_seed(self):
        self.seed += 1
        return self.seed

    def attach(self, number, public, gateway):
        """A place at the router for whoever has this address."""
        device = "home%d" % number
        fd = tun(self.wan, device, gateway + "/32")
        self.wan.run("ip", "route", "add", public + "/32", "dev", device)
        self.wan.run("ip", "route", "add", "2001:db8:%d::/48" % number,
                     "dev", device)
        return fd

    def readdress(self, side, public):
        """The provider gives a side another address."""
        self.wan.run("ip", "route", "add", public + "/32", "dev",
                     "home%d" % side.number)
        side.boxes[0].order("pool " + public)

    def sent(self, host):
        """(packets, bytes) that a host sent to others than the server."""
        side, = (s for s in self.sides if host in s.hosts)
        packets = size = 0
        for address, by in side.entrance[host].stats()["to"].items():
            if address not in SERVER_IPS + (world.SERVER_IP6,):
                packets += by["udp"][0] + by["tcp"][0]
                size += by["udp"][1] + by["tcp"][1]
        return packets, size

    def close(self):
        for thing in self.sides + [self.server, self.wan]:
            thing.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class DualStack(BoxWorld):
    """With IPv6, which NATs do not translate but filter."""

    has_ipv6 = True


class OneLan(BoxWorld):
    """Both at one home."""

    def build(self, a, b, cable):
        side = self.side("a", "198.51.100.10", cable)
        side.furnish(a, hosts=2)
        self.ann, self.bob = side.hosts


class OneCarrier(BoxWorld):
    """Two homes behind one carrier's NAT, which has a hairpin (RFC 6888)."""

    def build(self, a, b, cable):
        side = self.side("a", "198.51.100.10", cable)
        side.halve()
        one, other = side.carrier(dict(EASY, alloc="random",
                                       hairpin="external"), 2)
        side.home(EASY, one, "100.64.0.10", number=1)
        side.home(EASY, other, "100.64.0.11", number=2)
        self.ann, self.bob = side.hosts


def find(name):
    """A program of this build."""
    path = os.path.join(os.getcwd(), name)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(name)
    return path
