"""A real miniupnpd on the router, the kernel's hardest NATs on both sides: a
port that it gives joins them, is used, and is given back."""

import contextlib
import os
import re
import shutil
import time

import tap
import world
from drive import PATIENCE, Missed, Program, Stage
from world import SERVER_IP, World

# miniupnpd serves nobody from an address that is not public.
PUBLIC = "85.2.1.10"
RANDOM = ("random", "drop")

RULES = """
table inet miniupnpd {
	chain forwarded {
	}
	chain inward {
	}
	chain outward {
	}
	chain prerouting {
		type nat hook prerouting priority dstnat
		jump inward
	}
}
insert rule inet filter forward ct status dnat accept
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
upnp_table_name=miniupnpd
upnp_nat_table_name=miniupnpd
upnp_forward_chain=forwarded
upnp_nat_chain=inward
upnp_nat_postrouting_chain=outward
"""


class Scene:
    def __init__(self, net, stage, protocol, ann=()):
        self.net, self.stage = net, stage
        self.router = net.a.router
        self.serve(protocol)
        stage.server(net.server)
        self.ann = stage.client(net.a.host, "Ann", SERVER_IP, *ann)
        self.bob = stage.client(net.b.host, "Bob", SERVER_IP)

    def serve(self, protocol):
        """What a home router does at its start."""
        config = os.path.join(self.stage.home, "miniupnpd.conf")
        has_upnp = protocol == "upnp"
        with open(config, "w", encoding="ascii") as file:
            file.write(CONFIG % {"upnp": "yes" if has_upnp else "no",
                                 "pmp": "no" if has_upnp else "yes"})
        self.router.nft(RULES)
        if protocol == "nat-pmp":
            self.router.nft(DEAF)
        daemon = self.stage.start(
            Program, self.router, "router", shutil.which("miniupnpd"), "-d",
            "-f", config, "-P", os.path.join(self.stage.home, "pid"))
        daemon.expect_error("istening")

    def forwarded(self):
        """Where the kernel forwards our port to, by protocol."""
        rules = self.router.run("nft", "list", "chain", "inet", "miniupnpd",
                                "inward")
        names = {"0x11": "udp", "udp": "udp", "0x6": "tcp", "tcp": "tcp"}
        found = re.findall(r"(0x11|0x6|udp|tcp) (?:th )?dport 9001 "
                           r"dnat ip to (\S+)", rules)
        return {names[protocol]: to for protocol, to in found}

    def mapping(self, state):
        """What netcheck says as soon as the mapping is in that state; one
        that is open, as soon as it has both ports."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.ann.forget()
            self.ann.say("netcheck")
            for found in self.ann.expect("netcheck")["port_mappings"]:
                if found["state"] == state and (
                        state != "open" or found["udp"] and found["tcp"]):
                    return found
            self.stage.watch(0.1)
        raise Missed("no mapping that is %s\n%s" % (state,
                                                    self.ann.story()))

    def introduce(self):
        self.ann.say("connect Bob")
        self.bob.expect("request")
        self.bob.do("allow Ann")
        self.ann.expect("done", ok=True)


@contextlib.contextmanager
def scene(protocol, **options):
    with World(RANDOM, RANDOM, publics=(PUBLIC, "192.0.2.10")) as net, \
            Stage() as stage:
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
    if not shutil.which("miniupnpd"):
        tap.skip_all("miniupnpd is not installed (miniupnpd-nftables)")
    tap.run()
