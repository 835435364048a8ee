"""The real programs behind the kernel's NATs. Only what happens is asserted,
and that it happens at all: how fast is measured where time is virtual."""

import contextlib
import signal

import tap
import world
from drive import Stage
from world import SERVER_IP, SERVER_IP6, World

EASY_DROP = ("easy", "drop")
EASY_ACCEPT = ("easy", "accept")
RANDOM = ("random", "drop")


class Scene:
    """A world with a server, and Ann and Bob in their homes."""

    def __init__(self, stage, net, at=SERVER_IP, ann=(), neighbours=False):
        self.net, self.stage = net, stage
        self.server = stage.server(net.server)
        self.ann = stage.client(net.a.host, "Ann", at, *ann)
        place = net.a.second_host("b1") if neighbours else net.b.host
        self.bob = stage.client(place, "Bob", at)

    def introduce(self):
        self.ann.say("connect Bob")
        request = self.bob.expect("request")
        assert request["from"] == "Ann", request
        self.bob.do("allow Ann")
        self.ann.expect("done", ok=True)

    def both(self, transport):
        return (self.ann.expect_link("Bob", transport),
                self.bob.expect_link("Ann", transport))

    def talk(self, word):
        """A message each way: there, unaltered, once, and known to be."""
        for one, other, name in ((self.ann, self.bob, "Ann"),
                                 (self.bob, self.ann, "Bob")):
            text = "%s, says %s" % (word, name)
            one.do("msg " + text)
            message = other.expect("message", text=text)
            assert message["from"] == name, message
            one.expect("delivered")
        for client in self.ann, self.bob:
            texts = [e["text"] for e in client.events
                     if e["event"] == "message"]
            assert len(texts) == len(set(texts)), texts

    def restart_server(self):
        self.server.kill()
        self.server = self.stage.server(self.net.server)


@contextlib.contextmanager
def scene(a=EASY_DROP, b=EASY_DROP, ipv6=False, flat=False, before=None,
          **options):
    with World(a, b, flat) as net, Stage() as stage:
        if ipv6:
            net.a.enable_ipv6()
            net.b.enable_ipv6()
            options["at"] = "[%s]" % SERVER_IP6
        if before:
            before(net)
        yield Scene(stage, net, **options)


def udp_is_lost(net):
    net.lose_between_homes("udp")


def nothing_passes(net):
    net.lose_between_homes("{ udp, tcp }")


@tap.case
def two_clients_behind_nats_meet_and_talk_directly():
    with scene() as s:
        s.introduce()
        s.talk("hello")
        at_ann, at_bob = s.both("udp")
        assert at_ann["address"] == s.net.b.public + ":9001", at_ann
        assert at_bob["address"] == s.net.a.public + ":9001", at_bob
        s.talk("directly")


@tap.case
def the_kernel_tracks_the_direct_path_as_one_that_both_use():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.talk("hello")
        for here, there in (s.net.a, s.net.b), (s.net.b, s.net.a):
            flows = here.router.run("conntrack", "-L", "-p", "udp",
                                    "-s", here.ip, "-d", there.public)
            assert "dst=%s sport=9001" % here.public in flows, flows
            assert "UNREPLIED" not in flows, flows


@tap.case
def nats_that_answer_for_themselves_are_no_hindrance():
    with scene(a=EASY_ACCEPT, b=EASY_ACCEPT) as s:
        s.introduce()
        s.both("udp")
        s.talk("hello")


@tap.case
def nats_that_refuse_what_nobody_asked_for_let_tcp_through():
    for unasked in world.UNASKED:
        with scene(a=("easy", unasked), b=("easy", unasked)) as s:
            s.introduce()
            s.both("udp")
            s.talk("hello")
            s.bob.do("tcp")
            s.both("tcp")
            s.talk("over TCP")


@tap.case
def nats_next_to_each_other_let_udp_and_tcp_through():
    with scene(flat=True) as s:
        s.introduce()
        s.both("udp")
        s.ann.do("tcp")
        s.both("tcp")
        s.talk("hello")


@tap.case
def tcp_replaces_udp_and_udp_replaces_tcp():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.ann.do("tcp")
        s.both("tcp")
        s.talk("over TCP")
        s.bob.do("udp")
        s.both("udp")
        s.talk("over UDP")


@tap.case
def tcp_that_cannot_be_leaves_udp_as_it_was():
    with scene(before=lambda net: net.lose_between_homes("tcp")) as s:
        s.introduce()
        s.both("udp")
        s.ann.forget()
        s.ann.say("tcp")
        s.ann.expect("done", ok=False)
        s.both("udp")
        s.talk("still here")


@tap.case
def the_relay_carries_what_udp_does_not():
    with scene(before=nothing_passes) as s:
        s.introduce()
        s.talk("through the server")
        for link in s.both("relay"):
            assert link["address"] == SERVER_IP + ":9000", link


@tap.case
def no_path_and_no_relay_is_a_failure_with_a_reason():
    with scene(before=nothing_passes, ann=("--no-relay",)) as s:
        s.ann.say("connect Bob")
        s.bob.expect("request")
        s.bob.say("allow Ann")
        failed = s.ann.expect("failed", peer="Bob")
        assert failed["reason"], failed
        s.ann.expect("done", ok=False)
        s.ann.say("exit")
        assert s.ann.exit_code() == 5


@tap.case
def a_random_nat_keeps_the_conversation_on_the_relay_at_worst():
    with scene(a=RANDOM, b=RANDOM) as s:
        s.introduce()
        s.talk("hello")


@tap.case
def a_tftp_helper_lets_two_random_nats_meet():
    helps = []
    with scene(a=RANDOM, b=RANDOM,
               before=lambda net: helps.append(
                   world.help_tftp(net.a.router))) as s:
        s.introduce()
        if helps[0]:
            s.both("udp")
        else:
            tap.comment("no helper in this kernel: relayed")
        s.talk("hello")


@tap.case
def a_lost_path_is_bridged_and_found_again():
    with scene() as s:
        s.introduce()
        s.both("udp")
        nothing_passes(s.net)
        s.talk("in the dark")
        s.both("relay")
        s.net.lose_nothing()
        s.both("udp")
        s.talk("in the light")


@tap.case
def nats_that_forget_their_mappings_are_opened_again():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.net.a.forget_mappings()
        s.net.b.forget_mappings()
        s.talk("after the flood")
        s.both("udp")


@tap.case
def who_gets_no_udp_through_at_all_talks_over_tcp():
    def no_udp_for_ann(net):
        net.lose('iifname "home1" meta l4proto udp')
        net.lose('oifname "home1" meta l4proto udp')
    with scene(before=no_udp_for_ann) as s:
        s.introduce()
        s.talk("hello")
        s.both("tcp")
        s.talk("directly")


@tap.case
def two_clients_behind_one_nat_stay_inside():
    with scene(neighbours=True) as s:
        s.introduce()
        at_ann, at_bob = s.both("udp")
        assert at_ann["address"] == "10.1.1.2:9001", at_ann
        assert at_bob["address"] == "10.1.0.2:9001", at_bob
        s.talk("hello")


@tap.case
def a_client_that_moves_keeps_its_conversation():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.net.a.move_host()
        s.talk("from elsewhere")
        s.both("udp")


@tap.case
def a_conversation_outlives_its_server():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.server.kill()
        s.talk("alone")


@tap.case
def clients_return_to_a_restarted_server():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.ann.forget()
        s.bob.forget()
        s.restart_server()
        s.ann.expect("registered", name="Ann", within=90)
        s.bob.expect("registered", name="Bob", within=90)
        s.ann.do("disconnect")
        s.bob.expect("disconnected")
        s.introduce()
        s.both("udp")
        s.talk("again")


@tap.case
def ipv6_needs_no_nat_to_be_punched():
    with scene(ipv6=True) as s:
        s.introduce()
        s.both("udp")
        s.talk("hello")


@tap.case
def who_leaves_says_so():
    with scene() as s:
        s.introduce()
        s.both("udp")
        s.ann.say("exit")
        assert s.ann.exit_code() == 0
        s.bob.expect("disconnected", peer="Ann")


@tap.case
def a_server_that_stops_says_so():
    with scene() as s:
        s.server.signal(signal.SIGTERM)
        assert s.server.exit_code() == 0
        for client in s.ann, s.bob:
            client.until(lambda: [e for e in client.events
                                  if e["event"] == "server"
                                  and e["state"] != "registered"],
                         "word of the server's end")


if __name__ == "__main__":
    refusal = world.enter()
    if refusal:
        tap.skip_all(refusal)
    tap.run()
