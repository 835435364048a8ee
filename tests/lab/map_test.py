"""A real miniupnpd on the router, the kernel's hardest NATs on both sides: a
port that it gives joins them, is used, and is given back; when it starts
again it is asked again; and the firewall of IPv6 opens a port, too."""

import contextlib
import os
import re
import shutil
import socket
import time

import tap
import world
from drive import PATIENCE, Missed, Program, Stage
from world import SERVER_IP, World

# Installed, or elsewhere.
MINIUPNPD = shutil.which(os.environ.get("MINIUPNPD", "miniupnpd"))
# Less than the ten minutes after which a router is looked at without a reason.
SOON = 30
# miniupnpd serves nobody from an address that is not public.
PUBLIC = "85.2.1.10"
RANDOM = ("random", "drop")

RULES = """
table inet filter {
	chain forwarded {
	}
}
insert rule inet filter forward jump forwarded
table inet miniupnpd {
	chain inward {
	}
	chain outward {
	}
	chain prerouting {
		type nat hook prerouting priority dstnat
		jump inward
	}
}
"""
# A router that does not hear requests of PCP (version 2).
DEAF = """
table inet deaf {
	chain input {
		type filter hook input priority filter - 1
		udp dport 5351 @th,64,8 2 drop
	}
}
"""
CONFIG = """
ext_ifname=wan
listening_ip=lan
enable_natpmp=%(pmp)s
enable_upnp=%(upnp)s
http_port=5000
system_uptime=no
secure_mode=yes
uuid=7f2b2c1e-54a4-4f2e-9a3e-0f5f2c9d1a77
upnp_table_name=filter
upnp_nat_table_name=miniupnpd
upnp_forward_chain=forwarded
upnp_nat_chain=inward
upnp_nat_postrouting_chain=outward
"""


# What it forgets when it is switched off.
FORGET = """
flush chain inet filter forwarded
flush chain inet miniupnpd inward
flush chain inet miniupnpd outward
"""


class Scene:
    def __init__(self, net, stage, protocol, ann=()):
        self.net, self.stage = net, stage
        self.router, self.daemon, self.began = net.a.router, None, None
        self.prepare(protocol)
        self.serve()
        stage.server(net.server)
        self.ann = stage.client(net.a.host, "Ann", SERVER_IP, *ann)
        self.bob = stage.client(net.b.host, "Bob", SERVER_IP)

    def config(self):
        return os.path.join(self.stage.home, "miniupnpd.conf")

    def prepare(self, protocol):
        has_upnp = protocol == "upnp"
        with open(self.config(), "w", encoding="ascii") as file:
            file.write(CONFIG % {"upnp": "yes" if has_upnp else "no",
                                 "pmp": "no" if has_upnp else "yes"})
        self.router.nft(RULES)
        if protocol != "pcp":
            self.router.nft(DEAF)

    def serve(self):
        """What a home router does at its start."""
        self.daemon = self.stage.start(
            Program, self.router, "router", MINIUPNPD, "-d",
            "-f", self.config(), "-P", os.path.join(self.stage.home, "pid"))
        self.daemon.expect_error("istening")
        self.began = time.monotonic()

    def restart(self):
        """Off, everything forgotten, and on again."""
        self.daemon.kill()
        self.router.nft(FORGET)
        assert not self.forwarded()
        self.serve()

    def lets_in(self):
        """Does what a stranger sends to the client's port by IPv6 arrive,
        so that the client's host refuses a connection?"""
        with self.net.server.inside():
            probe = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        with probe:
            probe.settimeout(1)
            try:
                probe.connect((self.net.a.ip6, 9001))
            except ConnectionRefusedError:
                return True
            except TimeoutError:
                return False
        raise AssertionError("nobody listens there yet")

    def wait_until(self, condition, what):
        end = time.monotonic() + SOON
        while not condition():
            if time.monotonic() > end:
                raise Missed(what)
            self.stage.watch(0.1)

    def forwarded(self):
        """Where the kernel forwards our port to, by protocol."""
        rules = self.router.run("nft", "list", "chain", "inet", "miniupnpd",
                                "inward")
        names = {"0x11": "udp", "udp": "udp", "0x6": "tcp", "tcp": "tcp"}
        found = re.findall(r"(0x11|0x6|udp|tcp) (?:th )?dport 9001 "
                           r"dnat ip to (\S+)", rules)
        return {names[protocol]: to for protocol, to in found}

    def mapping(self, state, start=""):
        """What netcheck says as soon as the mapping (whose address starts
        like that) is in that state; one that is open, as soon as it has both
        ports."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.ann.forget()
            self.ann.say("netcheck")
            for found in self.ann.expect("netcheck")["port_mappings"]:
                if found["state"] == state and (
                        state != "open" or found["tcp"] and
                        (found["udp"] or "").startswith(start)):
                    return found
            self.stage.watch(0.1)
        raise Missed("no mapping that is %s\n%s" % (state,
                                                    self.ann.story()))

    def introduce(self):
        self.ann.say("connect Bob")
        self.bob.expect("request")
        self.bob.do("allow Ann")
        self.ann.expect("done", ok=True)


def link_local(node, device):
    shown = node.run("ip", "-6", "address", "show", "dev", device)
    return re.search(r"(fe80::\S+)/64", shown).group(1)


@contextlib.contextmanager
def scene(protocol, ipv6=False, **options):
    with World(RANDOM, RANDOM, publics=(PUBLIC, "192.0.2.10")) as net, \
            Stage() as stage:
        if ipv6:
            net.a.enable_ipv6()
            # As a router is known from what it advertises.
            net.a.host.run("ip", "route", "replace", "default", "via",
                           link_local(net.a.router, "lan"), "dev", "eth0")
        yield Scene(net, stage, protocol, **options)


def joins_and_leaves(protocol):
    with scene(protocol) as s:
        mapping = s.mapping("open")
        assert mapping["protocol"] == protocol, mapping
        assert mapping["udp"] == PUBLIC + ":9001", mapping
        assert mapping["tcp"] == PUBLIC + ":9001", mapping
        assert mapping["lifetime_s"] > 7000, mapping
        inside = s.net.a.ip + ":9001"
        assert s.forwarded() == {"udp": inside, "tcp": inside}, s.forwarded()
        s.introduce()
        s.ann.expect_link("Bob", "udp")
        at_bob = s.bob.expect_link("Ann", "udp")
        assert at_bob["address"] == PUBLIC + ":9001", at_bob
        s.bob.do("msg through the port")
        s.ann.expect("message", text="through the port")
        s.bob.do("tcp")
        s.ann.expect_link("Bob", "tcp")
        s.ann.say("exit")
        assert s.ann.exit_code() == 0
        s.bob.until(lambda: not s.forwarded(), "the port given back", 10)


@tap.case
def pcp_joins_two_random_nats_and_is_given_back():
    joins_and_leaves("pcp")


@tap.case
def nat_pmp_joins_two_random_nats_and_is_given_back():
    joins_and_leaves("nat-pmp")


@tap.case
def upnp_joins_two_random_nats_and_is_given_back():
    joins_and_leaves("upnp")


@tap.case
def a_router_that_starts_again_is_asked_again():
    with scene("pcp", ipv6=True) as s:
        s.mapping("open", PUBLIC)
        s.mapping("open", "[")
        s.wait_until(s.lets_in, "the port of IPv6")
        # RFC 6887 section 8.5: a younger clock may just be two seconds off.
        s.wait_until(lambda: time.monotonic() > s.began + 5, "its age")
        s.restart()
        inside = s.net.a.ip + ":9001"
        s.wait_until(
            lambda: s.forwarded() == {"udp": inside, "tcp": inside},
            "both ports again")
        s.wait_until(s.lets_in, "the port of IPv6 again")


# PCP, ANNOUNCE, an answer, success, and a clock that has just begun.
ANNOUNCE = bytes((2, 0x80, 0, 0)) + bytes(20)


@tap.case
def what_a_router_announces_by_ipv6_is_heard_too():
    with scene("pcp", ipv6=True) as s:
        s.mapping("open", "[")
        s.wait_until(lambda: time.monotonic() > s.began + 5, "its age")
        s.daemon.kill()
        with s.router.inside():
            router = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            lan = socket.if_nametoindex("lan")
        with router:
            router.bind((link_local(s.router, "lan"), 5351, 0, lan))
            router.settimeout(SOON)
            router.sendto(ANNOUNCE, ("ff02::1", 5350, 0, lan))
            asked, who = router.recvfrom(1100)
        assert who[0] == s.net.a.ip6, who
        assert asked[:2] == bytes((2, 1)), asked


def opens_and_closes(protocol):
    with scene(protocol, ipv6=True) as s:
        mapping = s.mapping("open", "[")
        assert mapping["protocol"] == protocol, mapping
        assert mapping["udp"] == "[%s]:9001" % s.net.a.ip6, mapping
        s.wait_until(s.lets_in, "the port")
        s.ann.say("exit")
        assert s.ann.exit_code() == 0
        s.wait_until(lambda: not s.lets_in(), "the port given back")


@tap.case
def pcp_opens_the_firewall_of_ipv6_and_closes_it_at_the_end():
    opens_and_closes("pcp")


@tap.case
def upnp_opens_the_firewall_of_ipv6_and_closes_it_at_the_end():
    opens_and_closes("upnp")


@tap.case
def who_wants_no_port_leaves_the_router_alone():
    with scene("pcp", ann=("--no-port-mapping",)) as s:
        s.introduce()
        s.bob.expect_link("Ann", "relay")
        s.ann.say("netcheck")
        assert s.ann.expect("netcheck")["port_mappings"] == []
        assert s.forwarded() == {}


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    if not MINIUPNPD:
        tap.skip_all("miniupnpd is not installed (miniupnpd-nftables)")
    tap.run()
