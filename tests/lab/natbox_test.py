"""natbox does what its knobs say: seen from a host behind it, and judged by
programs that others wrote. What is decided inside is proved in tests/sim; here
it passes through real packets and a kernel's idea of them."""

import contextlib
import errno
import os
import re
import shutil
import socket
import subprocess
import time

import boxes
import tap
import world
from boxes import (CLASSES, SERVER_IPS, BoxWorld, DualStack, OneCarrier,
                   OneLan)
from drive import Stage
from stun import stun_server
from world import tcp, udp

ONE, OTHER = SERVER_IPS
IP_RECVERR, IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_MTU = 11, 10, 2, 14
BOB = "192.0.2.10"


def until(condition):
    end = time.monotonic() + world.PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happens"


class Answers:
    """The server's four endpoints, and a client behind the NAT."""

    def __init__(self, net, stack, port=9001):
        self.at = {(ip, port): stack.enter_context(udp(net.server, port, ip))
                   for ip in SERVER_IPS for port in (9000, 9002)}
        self.host = stack.enter_context(udp(net.ann, port))

    def seen(self, ip, port, text=b"x"):
        """Where a packet to this endpoint comes from."""
        self.host.sendto(text, (ip, port))
        data, source = self.at[ip, port].recvfrom(2000)
        assert data == text, data
        return source

    def arrive(self, to, *endpoints):
        """Those of the endpoints that get a packet in. The first one must:
        it sends last, and what comes before that has come."""
        for endpoint in endpoints[::-1]:
            self.at[endpoint].sendto(b"in", to)
        got = set()
        while endpoints[0] not in got:
            got.add(self.host.recvfrom(100)[1])
        return got


@contextlib.contextmanager
def answers(classname, **knobs):
    """The server's endpoints and a client behind a NAT."""
    CLASSES["this"] = [dict(layer, **knobs) for layer in CLASSES[classname]]
    with BoxWorld("this", "open", cable={"delay": 1}) as net, \
            contextlib.ExitStack() as stack:
        yield Answers(net, stack), net


@tap.case
def the_mapping_is_what_the_class_says():
    for name, same in (("eim/eif", True), ("eim/apdf", True),
                       ("cgnat", True), ("sym-seq", False),
                       ("sym-rnd", False), ("open", True)):
        with answers(name) as (a, _):
            ports = {a.seen(*endpoint)[1] for endpoint in a.at}
            assert len(ports) == (1 if same else 4), (name, ports)


@tap.case
def the_filter_is_what_the_class_says():
    asked, port, ip = (ONE, 9000), (ONE, 9002), (OTHER, 9000)
    for name, want in (("eim/eif", {asked, port, ip}),
                       ("eim/adf", {asked, port}), ("eim/apdf", {asked}),
                       ("sym-rnd", {asked}), ("cgnat", {asked}),
                       ("sym-rnd adf", {asked, port}),
                       ("open", {asked, port, ip})):
        with answers(name) as (a, _):
            got = a.arrive(a.seen(*asked), asked, port, ip)
            assert got == want, (name, got)


@tap.case
def the_ports_are_those_of_the_allocation():
    def ports_of(classname, **knobs):
        with answers(classname, **knobs) as (a, _):
            return [a.seen(*endpoint)[1] for endpoint in sorted(a.at)]
    assert ports_of("eim/apdf") == [9001] * 4
    first, *rest = ports_of("sym-seq", cross="0", step="2")
    assert rest == [first + 2, first + 4, first + 6], (first, rest)
    ports = ports_of("block", block="256")
    assert max(ports) - min(ports) < 256, ports
    ports = ports_of("port-set")
    assert len({port >> 4 & 0xff for port in ports}) == 1, ports
    ports = ports_of("sym-rnd", ports="5000-5099")
    assert len(set(ports)) == 4, ports
    assert all(5000 <= port < 5100 for port in ports), ports


@tap.case
def tcp_passes_whole_and_from_an_address_of_its_own():
    with answers("eim/apdf", **{"tcp-pool": "198.51.100.10"},
                 pool="198.51.100.11") as (a, net), \
            tcp(net.server, 9000) as listener, tcp(net.ann, 9001) as sock:
        net.wan.run("ip", "route", "add", "198.51.100.11", "dev", "home1")
        listener.listen()
        assert a.seen(ONE, 9000) == ("198.51.100.11", 9001)
        sock.connect((ONE, 9000))
        peer, source = listener.accept()
        with peer:
            assert source == ("198.51.100.10", 9001), source
            sent = os.urandom(100000)
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
            got = b"".join(iter(lambda: peer.recv(65536), b""))
            assert got == sent, len(got)


@tap.case
def what_nobody_asked_for_is_answered_as_told():
    with BoxWorld("open", "eim/apdf rst") as net, tcp(net.ann, 9001) as sock:
        with udp(net.bob, 9001) as bob, udp(net.server, 9000) as server:
            bob.sendto(b"x", (ONE, 9000))
            server.recv(100)
        assert sock.connect_ex((BOB, 9001)) == errno.ECONNREFUSED
    with BoxWorld("open", "eim/apdf icmp") as net, udp(net.ann, 9001) as sock:
        sock.connect((BOB, 9001))
        sock.send(b"x")
        with contextlib.suppress(ConnectionRefusedError):
            raise AssertionError("it answers %r" % sock.recv(100))


@tap.case
def a_poisonable_router_gives_another_port_after_an_unasked_packet():
    for stray, kept in (("drop", True), ("poison", False)):
        with answers("eim/apdf", stray=stray) as (a, _):
            a.seen(ONE, 9000)
            a.at[OTHER, 9000].sendto(b"early", ("198.51.100.10", 9001))
            # The server's packets keep their order.
            a.arrive(("198.51.100.10", 9001), (ONE, 9000))
            port = a.seen(OTHER, 9000)[1]
            assert (port == 9001) == kept, (stray, port)


def hops(net, ttl):
    """Who says that a packet has died, or None if it arrived."""
    with udp(net.ann, 9001) as sock, udp(net.server, 9000) as server:
        sock.setsockopt(socket.SOL_IP, IP_RECVERR, 1)
        sock.setsockopt(socket.SOL_IP, socket.IP_TTL, ttl)
        sock.sendto(b"x", (ONE, 9000))
        server.settimeout(0.1)
        end = time.monotonic() + world.PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                return server.recv(100) and None
            with contextlib.suppress(BlockingIOError):
                _, anc, _, to = sock.recvmsg(
                    100, 200, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
                assert to == (ONE, 9000), to
                return socket.inet_ntoa(anc[0][2][20:24])
    raise AssertionError("no word of it")


@tap.case
def every_router_counts_down_the_time_to_live():
    with BoxWorld("eim/apdf", "open") as net:
        assert hops(net, 1) == "10.1.0.1"
        assert hops(net, 2) not in (None, "10.1.0.1")
        assert hops(net, 3) is None
    with BoxWorld("cgnat", "open") as net:
        assert [hops(net, 1), hops(net, 2)] == ["10.1.0.1", "100.64.0.1"]
        assert hops(net, 4) is None


@tap.case
def neighbours_meet_on_their_lan_and_in_the_hairpin():
    with OneLan() as net, udp(net.ann, 9001) as a, udp(net.bob, 9001) as b, \
            udp(net.server, 9000) as server:
        for sock in a, b:
            sock.sendto(b"x", (ONE, 9000))
            server.recv(100)
        a.sendto(b"hello", ("10.1.0.3", 9001))
        assert b.recvfrom(100) == (b"hello", ("10.1.0.2", 9001))
    with OneCarrier() as net, udp(net.ann, 9001) as a, \
            udp(net.bob, 9001) as b, udp(net.server, 9000) as server:
        seen = []
        for sock in a, b:
            sock.sendto(b"x", (ONE, 9000))
            seen.append(server.recvfrom(100)[1])
        b.sendto(b"opens", seen[0])
        b.sendto(b"x", (ONE, 9000))
        server.recv(100)
        a.sendto(b"hello", seen[1])
        assert b.recvfrom(100) == (b"hello", seen[0])


@tap.case
def a_forgotten_mapping_is_closed_and_a_new_one_has_a_new_port():
    with answers("eim/apdf") as (a, net):
        box = net.sides[0].boxes[0]
        assert a.seen(ONE, 9000)[1] == 9001
        box.order("reboot new-ports")
        port = a.seen(OTHER, 9000)[1]
        assert port != 9001, port
        got = a.arrive(("198.51.100.10", port), (OTHER, 9000), (ONE, 9000))
        assert got == {(OTHER, 9000)}, got
        net.readdress(net.sides[0], "198.51.100.77")
        assert a.seen(ONE, 9000)[0] == "198.51.100.77"


@tap.case
def a_cut_cable_carries_nothing_and_a_mended_one_does():
    with answers("eim/apdf") as (a, net):
        box = net.sides[0].boxes[0]
        seen = a.seen(ONE, 9000)
        box.order("cut")
        a.host.sendto(b"lost", (ONE, 9000))
        until(lambda: box.stats()["to"][ONE]["udp"][0] == 2)
        box.order("mend")
        assert a.seen(ONE, 9000) == seen


@tap.case
def a_cable_takes_time_loses_and_doubles():
    with answers("eim/apdf") as (a, net):
        box = net.sides[0].boxes[0]
        box.order("set delay=50ms")
        began = time.monotonic()
        to = a.seen(ONE, 9000)
        a.arrive(to, (ONE, 9000))
        assert time.monotonic() - began >= 0.1
        box.order("set dup=100%")
        a.seen(ONE, 9000)
        assert a.at[ONE, 9000].recv(100) == b"x"
        box.order("set dup=0%")
        box.order("set loss=100%")
        a.host.sendto(b"lost", (ONE, 9000))
        until(lambda: box.stats()["to"][ONE]["udp"][0] == 3)
        box.order("set loss=0%")
        a.seen(ONE, 9000, b"there")


@tap.case
def a_packet_too_big_for_the_cable_is_sent_back():
    with answers("eim/apdf") as (a, net):
        net.sides[0].boxes[0].order("set mtu=1280")
        a.host.setsockopt(socket.SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
        a.host.connect((ONE, 9000))
        a.host.send(b"x" * 1252)
        assert len(a.at[ONE, 9000].recv(2000)) == 1252
        a.host.send(b"x" * 1253)
        until(lambda: a.host.getsockopt(socket.SOL_IP, IP_MTU) == 1280)


@tap.case
def ipv6_is_filtered_and_not_translated():
    port = 9001
    with DualStack("sym-rnd", "open") as net, \
            udp(net.server, port, world.SERVER_IP6) as server, \
            udp(net.server, port + 1, world.SERVER_IP6) as stranger, \
            udp(net.ann, port, "2001:db8:1:1::2") as host:
        host.sendto(b"ping", (world.SERVER_IP6, port))
        data, seen = server.recvfrom(100)
        assert (data, seen[:2]) == (b"ping", ("2001:db8:1:1::2", port)), seen
        stranger.sendto(b"unasked", seen)
        server.sendto(b"pong", seen)
        assert host.recv(100) == b"pong"


@tap.case
def nobody_gets_more_mappings_than_his_share():
    with answers("sym-rnd", subscriber="2") as (a, net):
        a.seen(ONE, 9000)
        a.seen(ONE, 9002)
        a.host.sendto(b"x", (OTHER, 9000))
        a.seen(ONE, 9000)
        assert net.sides[0].boxes[0].stats()["mappings"] == 2


@tap.case
def a_tftp_request_opens_every_port_of_the_other():
    with answers("sym-rnd tftp") as (a, _):
        to = a.seen(ONE, 9000)
        assert a.arrive(to, (ONE, 9000), (ONE, 9002)) == {(ONE, 9000)}
    with answers("eim/apdf", tftp="yes") as (a, _):
        a.host.sendto(b"\0\1x\0octet\0", (ONE, 69))
        got = a.arrive(a.seen(ONE, 9000), (ONE, 9000), (ONE, 9002))
        assert got == {(ONE, 9000), (ONE, 9002)}, got


@tap.case
def a_knob_that_does_not_exist_is_refused():
    natbox = boxes.find("tests/lab/natbox")
    for word in "magic=yes", "mapping=cone", "delay=20", "loss=5", "table":
        done = subprocess.run([natbox, word], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 2 and word in done.stderr, done


# ---- Independent judges ----

STUN_WORDS = {
    "eim/eif": "Independent Mapping, Independent Filter",
    "eim/adf": "Independent Mapping, Address Dependent Filter",
    "eim/apdf": "Independent Mapping, Port Dependent Filter",
    "sym-seq": "Dependent Mapping",
    "sym-rnd": "Dependent Mapping, random port",
    "cgnat": "Independent Mapping, Port Dependent Filter, random port",
    "kernel": "Independent Mapping, Port Dependent Filter",
    "kernel-rnd": "Dependent Mapping, random port",
}
SCOPE = {"ei": "Endpoint Independent", "ad": "Address Dependent",
         "apd": "Address and Port Dependent"}


def verdicts(names, *argv):
    """What a program says in a world of each class, all at the same time."""
    with contextlib.ExitStack() as stack:
        nets = [stack.enter_context(BoxWorld(name, "open",
                                             cable={"delay": 1}))
                for name in names]
        for net in nets:
            stack.enter_context(stun_server(net))
        programs = [net.ann.spawn(argv, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT) for net in nets]
        for program in programs:
            stack.callback(program.kill)
        return [(name, program.communicate(timeout=world.PATIENCE)[0])
                for name, program in zip(names, programs)]


def has(*programs):
    return all(shutil.which(name) for name in programs)


@tap.case(needs=has("turnserver", "stun"))
def the_stun_client_of_others_sees_each_class():
    for name, said in verdicts(STUN_WORDS, "stun", ONE):
        assert "Primary: " + STUN_WORDS[name] in said, (name, said)


@tap.case(needs=has("turnserver", "turnutils_natdiscovery"))
def coturn_sees_the_mapping_and_the_filter_of_each_class():
    names = "eim/eif", "eim/adf", "eim/apdf", "sym-seq", "sym-rnd"
    for name, said in verdicts(names, "turnutils_natdiscovery", "-m", "-f",
                               ONE):
        knobs, = CLASSES[name]
        got = re.findall(r"NAT with (.*) (?:Mapping|Filtering)!", said)
        assert got == [SCOPE[knobs["mapping"]],
                       SCOPE[knobs["filter"]]], (name, said)


# ---- Our own ----

NETCHECK = {  # with one address of the server: who lets more in than asked
    "open": ("none", "open"),
    "eim/eif": ("eim", "open"),
    "eim/adf": ("eim", "open"),
    "eim/apdf": ("eim", "apdf"),
    "sym-seq": ("apdm", "apdf"),
    "sym-rnd": ("apdm", "apdf"),
    "sym-rnd adf": ("apdm", "open"),
    "cgnat": ("eim", "apdf"),
    "kernel": ("eim", "apdf"),
    "kernel-open": ("eim", "apdf"),
    "kernel-rnd": ("apdm", "apdf"),
}


def netcheck(client):
    """What it says once it knows."""
    def known():
        client.forget()
        client.say("netcheck")
        nat = client.expect("netcheck")["own_nat"]
        said = nat["mapping"], nat["filtering"]
        return said if "unknown" not in said else client.stage.watch(0.2)
    return client.until(known, "what its NAT does")


@tap.case
def netcheck_sees_each_class():
    with contextlib.ExitStack() as stack:
        clients = []
        for name in NETCHECK:
            net = stack.enter_context(BoxWorld(name, "open"))
            stage = stack.enter_context(Stage())
            stage.server(net.server)
            clients.append((name, stage.client(net.ann, "Ann", ONE)))
        for name, client in clients:
            said = netcheck(client)
            assert said == NETCHECK[name], (name, said)


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
