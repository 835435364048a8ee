"""The laboratory itself: what its NATs do is what the tests rely on."""

import tap
import world
from world import SERVER_IP, World, udp

SERVER = (SERVER_IP, 9000)


def is_lost(sock, fence):
    """True if nothing came before what fence() makes arrive."""
    fence()
    return sock.recv(100) == b"fence"


@tap.case
def a_nat_hides_the_inner_address_and_lets_the_answer_in():
    with World() as w, udp(w.server, 9000) as server, \
            udp(w.a.host, 9001) as a:
        a.sendto(b"ping", SERVER)
        data, seen = server.recvfrom(100)
        assert (data, seen) == (b"ping", (w.a.public, 9001)), (data, seen)
        server.sendto(b"pong", seen)
        assert a.recvfrom(100) == (b"pong", SERVER)


@tap.case
def an_easy_nat_keeps_the_port_for_every_destination():
    with World() as w, udp(w.server, 9000) as one, \
            udp(w.server, 9002) as other, udp(w.a.host, 9001) as a:
        a.sendto(b"x", SERVER)
        a.sendto(b"x", (SERVER_IP, 9002))
        assert one.recvfrom(100)[1] == other.recvfrom(100)[1]


@tap.case
def a_random_nat_takes_another_port_for_every_destination():
    with World(a=("random", "drop")) as w, udp(w.a.host, 9001) as a:
        ports = set()
        for port in range(9000, 9004):
            with udp(w.server, port) as server:
                a.sendto(b"x", (SERVER_IP, port))
                ports.add(server.recvfrom(100)[1][1])
        assert len(ports) > 1, ports


@tap.case
def what_nobody_asked_for_does_not_get_in():
    for unasked in world.UNASKED:
        with World(a=("easy", unasked)) as w, udp(w.server, 9000) as server, \
                udp(w.a.host, 9001) as a, udp(w.b.host, 9001) as b:
            a.sendto(b"x", SERVER)
            seen = server.recvfrom(100)[1]
            b.sendto(b"unasked", seen)
            # The server hears b after b's first datagram has met the NAT.
            b.sendto(b"x", SERVER)
            server.recv(100)
            assert is_lost(a, lambda: server.sendto(b"fence", seen)), unasked


@tap.case
def two_homes_that_both_send_first_hear_each_other():
    with World(a=("easy", "drop"), b=("easy", "drop")) as w, \
            udp(w.a.host, 9001) as a, udp(w.b.host, 9001) as b:
        a.sendto(b"opens", (w.b.public, 9001))
        b.sendto(b"hello", (w.a.public, 9001))
        assert a.recvfrom(100) == (b"hello", (w.b.public, 9001))
        a.sendto(b"hello", (w.b.public, 9001))
        assert b.recvfrom(100) == (b"hello", (w.a.public, 9001))


@tap.case
def a_nat_that_forgets_its_mappings_closes_the_door():
    with World() as w, udp(w.server, 9000) as server, \
            udp(w.a.host, 9001) as a:
        a.sendto(b"x", SERVER)
        seen = server.recvfrom(100)[1]
        w.a.forget_mappings()
        server.sendto(b"late", seen)

        def fence():
            a.sendto(b"x", SERVER)
            server.sendto(b"fence", server.recvfrom(100)[1])
        assert is_lost(a, fence)


@tap.case
def the_router_can_lose_one_protocol_between_the_homes():
    with World() as w, udp(w.server, 9000) as server, \
            udp(w.a.host, 9001) as a, udp(w.b.host, 9001) as b:
        w.lose_between_homes("udp")
        a.sendto(b"opens", (w.b.public, 9001))
        b.sendto(b"lost", (w.a.public, 9001))
        b.sendto(b"x", SERVER)
        server.recv(100)
        a.sendto(b"x", SERVER)
        seen = server.recvfrom(100)[1]
        assert is_lost(a, lambda: server.sendto(b"fence", seen))
        w.lose_nothing()
        a.sendto(b"opens", (w.b.public, 9001))
        b.sendto(b"heard", (w.a.public, 9001))
        assert a.recv(100) == b"heard"


@tap.case
def ipv6_is_routed_behind_a_firewall():
    with World() as w, udp(w.server, 9000, "::") as server:
        w.a.enable_ipv6()
        with udp(w.a.host, 9001, w.a.ip6) as a:
            a.sendto(b"ping", (world.SERVER_IP6, 9000))
            data, seen = server.recvfrom(100)
            assert (data, seen[0]) == (b"ping", w.a.ip6), (data, seen)
            server.sendto(b"pong", seen)
            assert a.recv(100) == b"pong"


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
