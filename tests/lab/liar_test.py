"""A router that answers the search for UPnP devices with lies: it is believed
in nothing, reaches nobody through us, and holds nobody up."""

import contextlib
import os
import socket
import struct
import threading
import time

import tap
import world
from drive import Missed, Stage
from world import SERVER_IP, World

INSIDE = "10.1.0.1"
OTHER = "10.1.1.2"
GROUP = "239.255.255.250"
# What the child may take, and the search before it (io/upnp.h).
LIMIT = 30

ANSWER = """HTTP/1.1 200 OK\r
CACHE-CONTROL: max-age=1800\r
ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r
USN: uuid:1::urn:schemas-upnp-org:device:InternetGatewayDevice:1\r
EXT:\r
SERVER: a liar\r
LOCATION: %s\r
\r
"""
DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<controlURL>http://%s:80/control</controlURL>
<SCPDURL>/scpd.xml</SCPDURL>
</service></serviceList>
</device></deviceList></device></deviceList></device></root>
""" % OTHER


class Liar:
    """On the router: answers each search with these locations, and serves
    /endless, /silent and /elsewhere. Counts who comes to the other host."""

    def __init__(self, net, locations):
        self.locations = locations
        self.served, self.trapped, self.is_over = [], 0, False
        with net.a.router.inside():
            self.ssdp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.ssdp.bind(("", 1900))
            self.ssdp.setsockopt(
                socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                struct.pack("4s4s", socket.inet_aton(GROUP),
                            socket.inet_aton(INSIDE)))
            self.http = socket.create_server((INSIDE, 5000))
        with net.a.second_host("c").inside():
            self.trap = socket.create_server((OTHER, 80))
        self.threads = [threading.Thread(target=work, daemon=True)
                        for work in (self.answer, self.serve, self.catch)]
        for thread in self.threads:
            thread.start()

    def answer(self):
        with contextlib.suppress(OSError):
            while not self.is_over:
                _, who = self.ssdp.recvfrom(2048)
                for location in self.locations if who else ():
                    self.ssdp.sendto((ANSWER % location).encode(), who)

    def catch(self):
        with contextlib.suppress(OSError):
            while True:
                self.trap.accept()[0].close()
                self.trapped += 1

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.http.accept()
                with client, contextlib.suppress(OSError):
                    self.talk(client)

    def talk(self, client):
        path = client.recv(2048).split(b" ")[1].decode()
        self.served.append(path)
        client.settimeout(LIMIT)
        if path == "/silent":
            client.recv(1)
            return
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        if path == "/elsewhere":
            client.sendall(DESCRIPTION.encode())
        while path == "/endless" and not self.is_over:
            client.sendall(b"<root>" * 10000)

    def close(self):
        self.is_over = True
        for sock in self.ssdp, self.http, self.trap:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self.threads:
            thread.join(LIMIT)


@contextlib.contextmanager
def scene(*locations):
    with World() as net, Stage() as stage:
        liar = Liar(net, locations)
        try:
            stage.server(net.server)
            yield liar, stage.client(net.a.host, "Ann", SERVER_IP), stage
        finally:
            liar.close()


def children(program):
    pid = program.process.pid
    with open("/proc/%d/task/%d/children" % (pid, pid),
              encoding="ascii") as file:
        return file.read().split()


def gets_nothing(stage, ann):
    """Waits until the search has come and gone, and it was in vain."""
    end = time.monotonic() + LIMIT
    has_come = False
    while not has_come or children(ann):
        if time.monotonic() > end:
            raise Missed("the search goes on" if has_come else "no search")
        has_come = has_come or children(ann) != []
        stage.watch(0.05)
    ann.say("netcheck")
    states = [m["state"] for m in ann.expect("netcheck")["port_mappings"]]
    assert states and "open" not in states, states


@tap.case
def nobody_else_is_asked_in_the_name_of_the_router():
    with scene("file:///etc/passwd", "http://%s:80/a" % OTHER,
               "http://%s@%s/b" % (INSIDE, OTHER),
               "http://%s:5000/elsewhere" % INSIDE) as (liar, ann, stage):
        gets_nothing(stage, ann)
        assert liar.served == ["/elsewhere"], liar.served
        assert liar.trapped == 0, liar.trapped


@tap.case
def an_answer_without_end_has_an_end():
    with scene("http://%s:5000/endless" % INSIDE) as (liar, ann, stage):
        gets_nothing(stage, ann)
        assert liar.served == ["/endless"], liar.served


@tap.case
def an_answer_that_never_comes_is_not_waited_for():
    with scene("http://%s:5000/silent" % INSIDE) as (liar, ann, stage):
        gets_nothing(stage, ann)
        assert liar.served == ["/silent"], liar.served


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    if not os.path.exists("/proc/self/task/%d/children" % os.getpid()):
        tap.skip_all("the kernel does not list children")
    tap.run()
