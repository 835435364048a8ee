"""A small internet in network namespaces: a server, homes behind NATs, and a
router between them that can lose things.

                     server 203.0.113.10
                              |
    198.51.100.10 ----- wan (router) ----- 192.0.2.10
      nat of a                                nat of b
     10.1.0.1                                10.2.0.1
         |                                       |
     a 10.1.0.2                              b 10.2.0.2

Nothing of it is seen outside and nothing can be left behind: the whole
laboratory lives in namespaces of its own (network, mounts, processes), which
the kernel takes down with the first process in it.
"""

import contextlib
import ctypes
import os
import socket
import subprocess
import sys

CLONE_NEWNET = 0x40000000
SERVER_IP = "203.0.113.10"
SERVER_IP6 = "2001:db8:0:1::10"
INSIDE = "GOP2P_LAB_INSIDE"
PATIENCE = 60.0  # seconds for what comes at once when all is well

libc = ctypes.CDLL(None, use_errno=True)


def call(result):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


# ---- Getting in ----

# All that a world asks of the kernel, tried before a test relies on it.
PROBE = """
set -e
ip link add probe0 type veth peer name probe1
echo 1 > /proc/sys/net/ipv4/ip_forward
nft -f - << END
table ip probe {
	chain post {
		type nat hook postrouting priority 100
		oifname "probe0" masquerade
	}
}
END
"""


def enter():
    """Starts this program again inside namespaces of its own. Returns None
    there, and a reason where the system does not permit it."""
    if os.environ.get(INSIDE):
        return None
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    own = ["unshare", "--net", "--pid", "--fork", "--kill-child"]
    ways = [own + ["--mount-proc"], own,
            own + ["--mount-proc", "--user", "--map-root-user"],
            own + ["--user", "--map-root-user"]]
    reason = "no namespaces"
    for way in ways:
        try:
            probe = subprocess.run(way + ["sh", "-c", PROBE], text=True,
                                   stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = str(error)
            continue
        if probe.returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp(way[0], way + [sys.executable] + sys.argv)
        reason = (probe.stderr.strip().splitlines() or [reason])[-1]
    return "namespaces are not permitted here: " + reason


# ---- Nodes and links ----

class Node:
    """A host: one network namespace."""

    def __init__(self, name):
        self.name = name
        with self.restored():
            call(libc.unshare(CLONE_NEWNET))
            self.fd = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.run("ip", "link", "set", "lo", "up")

    @staticmethod
    @contextlib.contextmanager
    def restored():
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            yield
        finally:
            call(libc.setns(here, CLONE_NEWNET))
            os.close(here)

    @contextlib.contextmanager
    def inside(self):
        """Sockets and processes made in this block belong to the host."""
        with self.restored():
            call(libc.setns(self.fd, CLONE_NEWNET))
            yield

    def run(self, *argv, text=None, fds=()):
        """Runs a command on the host; returns what it printed."""
        with self.inside():
            done = subprocess.run(argv, input=text or "", text=True,
                                  capture_output=True, pass_fds=fds)
        if done.returncode != 0:
            raise RuntimeError("%s: %s: %s" % (self.name, " ".join(argv),
                                               done.stderr.strip()))
        return done.stdout

    def spawn(self, argv, **options):
        with self.inside():
            return subprocess.Popen(argv, **options)

    def nft(self, rules):
        self.run("nft", "-f", "-", text=rules)

    def sysctl(self, key, value):
        with self.inside():
            path = "/proc/sys/net/" + key.replace(".", "/")
            with open(path, "w", encoding="ascii") as file:
                file.write(str(value))

    def forward(self):
        self.sysctl("ipv4.ip_forward", 1)
        self.sysctl("ipv6.conf.all.forwarding", 1)

    def address(self, device, *addresses):
        for address in addresses:
            flags = ["nodad"] if ":" in address else []
            self.run("ip", "address", "add", address, "dev", device, *flags)
        self.run("ip", "link", "set", device, "up")

    def default_route(self, *gateways):
        for gateway in gateways:
            self.run("ip", "route", "replace", "default", "via", gateway)

    def close(self):
        os.close(self.fd)


def link(one, device, other, other_device):
    """A cable between two hosts."""
    one.run("ip", "link", "add", device, "type", "veth", "peer", "name",
            other_device, "netns", "/proc/self/fd/%d" % other.fd,
            fds=(other.fd,))


@contextlib.contextmanager
def udp(node, port, ip=""):
    """A UDP socket on a host."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with node.inside():
        sock = socket.socket(family, socket.SOCK_DGRAM)
    with sock:
        sock.bind((ip, port))
        sock.settimeout(PATIENCE)
        yield sock


@contextlib.contextmanager
def tcp(node, port, ip="0.0.0.0"):
    """A TCP socket on a host, bound, for connect() or listen()."""
    with node.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((ip, port))
        sock.settimeout(PATIENCE)
        yield sock


# ---- NATs ----

# What a packet from outside gets that belongs to nothing known: silence, ICMP,
# what home routers say (a reset or ICMP), what a router without rules says.
UNASKED = {"drop": "drop", "icmp": "reject", "accept": "accept",
           "reject": "meta l4proto tcp reject with tcp reset; reject"}
# How the outer port is chosen: kept where it is free, or at random for every
# destination ("symmetric").
PORTS = {"easy": "", "random": "random,fully-random"}

NAT_RULES = """
table ip nat {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan" masquerade %(ports)s
	}
}
table inet filter {
	chain unasked {
		%(unasked)s
	}
	chain input {
		type filter hook input priority filter
		iifname "wan" meta l4proto { tcp, udp } ct state new jump unasked
	}
	chain forward {
		type filter hook forward priority filter
		iifname "wan" ct state new drop
	}
}
"""


def make_nat(node, ports, unasked):
    node.forward()
    node.nft(NAT_RULES % {"ports": PORTS[ports], "unasked": UNASKED[unasked]})


# After a request for a file every port of the server may answer.
TFTP_RULES = """
table ip tftp {
	ct helper tftp { type "tftp" protocol udp; }
	chain pre {
		type filter hook prerouting priority filter
		iifname "lan" udp dport 69 ct helper set "tftp"
	}
}
"""


def help_tftp(node):
    """False where the kernel cannot."""
    try:
        node.nft(TFTP_RULES)
    except subprocess.CalledProcessError:
        return False
    return True


# ---- The world ----

class Home:
    """A host behind a router of its own."""

    def __init__(self, wan, number, name, public, ports, unasked):
        self.host, self.router = Node(name), Node("nat-" + name)
        self.more = None
        self.ip, self.public = "10.%d.0.2" % number, public
        link(self.router, "wan", wan, "home%d" % number)
        gateway = public.rsplit(".", 1)[0] + ".1"
        six = "2001:db8:%d" % number
        wan.address("home%d" % number, gateway + "/24", six + "::1/64")
        wan.run("ip", "route", "add", six + ":1::/64", "via", six + "::2")
        self.router.address("wan", public + "/24", six + "::2/64")
        self.router.default_route(gateway, six + "::1")
        link(self.host, "eth0", self.router, "lan")
        self.router.address("lan", "10.%d.0.1/24" % number, six + ":1::1/64")
        self.host.address("eth0", self.ip + "/24")
        self.host.default_route("10.%d.0.1" % number)
        self.ip6 = six + ":1::2"
        self.gateway6 = six + ":1::1"
        make_nat(self.router, ports, unasked)

    def enable_ipv6(self):
        self.host.address("eth0", self.ip6 + "/64")
        self.host.default_route(self.gateway6)

    def second_host(self, name):
        """Another host behind the same router, in another of its networks."""
        host = self.more = Node(name)
        net = self.ip.rsplit(".", 2)[0] + ".1"
        link(host, "eth0", self.router, "lan1")
        self.router.address("lan1", net + ".1/24")
        host.address("eth0", net + ".2/24")
        host.default_route(net + ".1")
        return host

    def move_host(self):
        """The host gets another address, as on another day."""
        net = self.ip.rsplit(".", 1)[0]
        self.host.run("ip", "address", "flush", "dev", "eth0", "scope",
                      "global")
        self.host.address("eth0", net + ".77/24")
        self.host.default_route(net + ".1")

    def forget_mappings(self):
        """The router is switched off and on again."""
        self.router.run("conntrack", "-F")

    def close(self):
        for node in (self.host, self.router, self.more):
            if node:
                node.close()


class World:
    """Two homes and a server. Use it in a `with` block. In a flat one the
    router between them is a mere switch, so that the NATs are neighbours and
    no packet can die between them."""

    def __init__(self, a=("easy", "reject"), b=("easy", "reject"),
                 flat=False, publics=("198.51.100.10", "192.0.2.10")):
        self.wan, self.server = Node("wan"), Node("server")
        self.wan.forward()
        link(self.server, "eth0", self.wan, "server")
        self.wan.address("server", "203.0.113.1/24", "2001:db8:0:1::1/64")
        self.server.address("eth0", SERVER_IP + "/24", SERVER_IP6 + "/64")
        self.server.default_route("203.0.113.1", "2001:db8:0:1::1")
        self.a = Home(self.wan, 1, "a", publics[0], *a)
        self.b = Home(self.wan, 2, "b", publics[1], *b)
        if flat:
            self.flatten()
        self.wan.nft("add table inet lossy\n"
                     "add chain inet lossy forward"
                     " { type filter hook forward priority filter; }\n")

    def flatten(self):
        self.wan.run("ip", "link", "add", "switch", "type", "bridge")
        for port in "server", "home1", "home2":
            self.wan.run("ip", "address", "flush", "dev", port)
            self.wan.run("ip", "link", "set", port, "master", "switch")
        self.wan.run("ip", "link", "set", "switch", "up")
        for node, device in ((self.server, "eth0"), (self.a.router, "wan"),
                             (self.b.router, "wan")):
            node.run("ip", "route", "replace", "default", "dev", device)

    def lose(self, what):
        """Loses what matches an nft expression, on its way between hosts."""
        self.wan.nft("add rule inet lossy forward %s drop\n" % what)

    def lose_between_homes(self, protocol):
        self.lose('iifname "home*" oifname "home*" meta l4proto ' + protocol)

    def lose_nothing(self):
        self.wan.nft("flush chain inet lossy forward\n")

    def close(self):
        for node in (self.a, self.b, self.server, self.wan):
            node.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
