#include "err.h"
#include "lone.h"
#include "runner.h"
#include "peer.h"
#include "self.h"

#include <stdio.h>
#include <string.h>

/* A client whose peer, allowed and connected, does as he likes: security.md P3
 * and M7 to M8. */

static struct lone l;
static struct mate bob, cid;

static void
set_up(void)
{
	lone_open(&l);
	mate_init(&bob, &l, "bob");
	mate_init(&cid, &l, "cid");
	mate_connect(&bob);
	lone_forget(&l);
}

/* The conversation goes on as if nothing had been. */
static void
ck_talks(void)
{
	unsigned texts = bob.texts;
	size_t heard = lone_count(&l, EV_MESSAGE);

	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 0);
	lone_do(&l, "msg @bob hello");
	mate_text(&bob, "and to you");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(bob.texts, texts + 1);
	ck_assert_uint_eq(lone_count(&l, EV_MESSAGE), heard + 1);
}

/* The peer broke the rules: he is told so, and it is over. */
static void
ck_over(void)
{
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	ck_assert_int_eq(lone_last(&l, EV_DISCONNECTED)->reason,
	    REASON_PROTOCOL);
	ck_assert(bob.is_closed);
}

/* ---- addresses ---- */

static size_t
put_cands(uint8_t *buf, size_t cap, uint32_t generation, uint32_t *host)
{
	struct wr w = wr_of(buf, cap);
	unsigned i;

	put_u8(&w, CONTROL_CANDS);
	put_u32(&w, generation);
	put_u8(&w, 0);
	put_u16(&w, 0);
	put_u8(&w, CANDS_MAX);
	for (i = 0; i < CANDS_MAX; i++, ++*host) {
		struct addr a = addr_v4(80, (uint8_t)(*host >> 16),
		    (uint8_t)(*host >> 8), (uint8_t)*host, 5000);

		put_u8(&w, CAND_SEEN);
		addr_put(&w, &a);
	}
	ck_assert(!w.bad);
	return w.len;
}

/* 16 at a time, twice a second, in ten minutes: at most 100 probes for an
 * introduction, and as many for a further attempt, of which a few may follow
 * each other, and then one comes in a minute. */
START_TEST(ten_thousand_candidates_are_no_scan)
{
	uint8_t buf[512];
	uint32_t host = 0, generation;
	size_t i;

	set_up();
	lone_run(&l, 60 * USEC_S);
	lone_forget(&l);
	for (generation = 1; generation < 1200; generation++) {
		mate_control(&bob, buf, put_cands(buf, sizeof buf, generation,
		    &host));
		lone_run(&l, USEC_S / 2);
	}
	ck_assert_uint_ge(host, 10000);
	ck_assert_uint_gt(l.sent_count, 0);
	ck_assert_uint_le(l.sent_count, 15 * 100);
	for (i = 0; i < l.sent_count; i++)
		ck_assert_uint_le(l.sent[i].len, 64);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* How many addresses got something; with ports, or without. */
static size_t
count_addrs(bool with_ports)
{
	size_t i, k, n = 0;

	for (i = 0; i < l.sent_count; i++) {
		const struct addr *a = &l.sent[i].to;

		for (k = 0; k < i; k++)
			if (with_ports ? addr_eq(a, &l.sent[k].to) :
			    addr_same_ip(a, &l.sent[k].to))
				break;
		n += k == i;
	}
	return n;
}

/* Others in place of those that are asked already. */
START_TEST(other_candidates_are_no_further_ones)
{
	uint8_t buf[512];
	uint32_t host = 0, generation;

	set_up();
	lone_run(&l, 60 * USEC_S);
	lone_forget(&l);
	for (generation = 1; generation < 9; generation++) {
		mate_control(&bob, buf, put_cands(buf, sizeof buf, generation,
		    &host));
		lone_run(&l, USEC_S);
	}
	ck_assert_uint_gt(l.sent_count, 20);
	ck_assert_uint_le(count_addrs(false), CANDS_PUBLIC_IPS);
	ck_talks();
	lone_close(&l);
}
END_TEST

START_TEST(other_ports_are_no_further_ones)
{
	uint8_t buf[32];
	uint16_t i;

	set_up();
	lone_run(&l, 60 * USEC_S);
	lone_forget(&l);
	for (i = 1; i < 30; i++) {
		struct addr a = addr_v4(80, 1, 2, 3, (uint16_t)(5000 + i));
		struct wr w = wr_of(buf, sizeof buf);

		put_u8(&w, CONTROL_CANDS);
		put_u32(&w, i);
		put_u8(&w, 0);
		put_u16(&w, 0);
		put_u8(&w, 1);
		put_u8(&w, CAND_SEEN);
		addr_put(&w, &a);
		mate_control(&bob, buf, w.len);
		lone_run(&l, 300 * USEC_MS);
	}
	ck_assert_uint_gt(l.sent_count, 20);
	/* And where the server sees him, with its port of TFTP. */
	ck_assert_uint_le(count_addrs(true), CANDS_PORTS_PER_IP + 2);
	ck_talks();
	lone_close(&l);
}
END_TEST

static size_t
put_tcp(uint8_t *buf, size_t cap, uint32_t attempt, const struct addr *to,
    size_t count)
{
	struct wr w = wr_of(buf, cap);
	size_t i;

	put_u8(&w, CONTROL_TCP);
	put_u32(&w, attempt);
	put_u16(&w, 5000);
	put_u8(&w, (uint8_t)count);
	for (i = 0; i < count; i++) {
		put_u8(&w, CAND_SEEN);
		addr_put(&w, &to[i]);
	}
	ck_assert(!w.bad);
	return w.len;
}

static size_t
put_failed(uint8_t *buf, uint32_t attempt)
{
	struct wr w = wr_of(buf, 8);

	put_u8(&w, CONTROL_TCP_FAILED);
	put_u32(&w, attempt);
	put_u8(&w, REASON_TCP_FAILED);
	return w.len;
}

static void
some_addrs(struct addr to[4], unsigned n)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		to[i] = addr_v4(80, 1, (uint8_t)(n >> 6), (uint8_t)(n * 4 + i),
		    22222);
}

/* Attempts, each broken off at once, each with other addresses. */
START_TEST(nobody_has_us_dial_all_over_the_world)
{
	struct addr to[4];
	uint8_t buf[256];
	unsigned n;

	set_up();
	for (n = 1; n < 600; n++) {
		some_addrs(to, n);
		mate_control(&bob, buf, put_tcp(buf, sizeof buf, n, to, 4));
		lone_run(&l, 500 * USEC_MS);
		mate_control(&bob, buf, put_failed(buf, n));
		lone_run(&l, 500 * USEC_MS);
	}
	/* 3 attempts, and one in 30 s; half a second each. */
	ck_assert_uint_gt(l.dial_count, 0);
	ck_assert_uint_le(l.dial_count, (20 + 3) * 50);
	ck_talks();
	lone_close(&l);
}
END_TEST

START_TEST(an_attempt_dials_so_often_and_no_more)
{
	struct addr to[4];
	uint8_t buf[256];
	size_t i, others = 0;

	set_up();
	some_addrs(to, 1);
	mate_control(&bob, buf, put_tcp(buf, sizeof buf, 7, to, 4));
	lone_run(&l, 20 * USEC_S);
	for (i = 0; i < l.dial_count; i++)
		others += !addr_same_ip(&l.dials[i].to, &l.server);
	ck_assert_uint_ge(others, 20);
	ck_assert_uint_le(others, TCPSWITCH_DIALS_BURST +
	    10 * TCPSWITCH_DIALS_PER_S);
	ck_assert_uint_eq(bob.controls[CONTROL_TCP_FAILED], 1);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* A port that a fresh mapping is said to have, again and again. */
START_TEST(nobody_has_us_spray_for_ever)
{
	static const uint8_t counts[] = { CONTROL_CANDS, 0, 0, 0, 9,
		NAT_APDM, 0, 1, 0 };
	uint8_t near[4] = { CONTROL_NEAR, 0x80, 0, 1 };
	unsigned n;

	set_up();
	mate_control(&bob, counts, sizeof counts);
	lone_run(&l, 30 * USEC_S);
	lone_forget(&l);
	for (n = 0; n < 600; n++) {
		near[2] = (uint8_t)n;
		mate_control(&bob, near, sizeof near);
		lone_run(&l, 500 * USEC_MS);
	}
	/* Three times two rows of 51 for each plain attempt, of which there is
	 * one in a minute, and one great guess in five. */
	ck_assert_uint_le(l.sent_count, 7 * (100 + 3 * 2 * 51) + 2 * 1800);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* What the server says of our mapping, in answer to the last question. */
static void
be_seen(const struct addr *seen)
{
	uint8_t out[FAKE_PACKET];

	ck_assert_uint_gt(l.fake.observes, 0);
	lone_say(&l, out, fake_observed(&l.fake,
	    l.fake.tokens[(l.fake.observes - 1) % 8], seen, out));
}

/* The server has our NAT be a hard one, and when every spare socket is open an
 * easy one, where a fresh socket would help. */
START_TEST(a_fresh_socket_that_cannot_be_is_done_without)
{
	uint8_t cands[] = { CONTROL_CANDS, 0, 0, 0, 1, NAT_EIM, 0, 0, 0 };
	struct addr other = addr_v4(192, 0, 2, 7, 30000);
	unsigned i, spare = 0;

	lone_make(&l);
	l.fake.accept.probe_port = 9002;
	l.fake.silence = FAKE_NO_OBSERVE;
	lone_start_for(&l, 100 * USEC_MS);
	be_seen(&other);
	lone_run(&l, 5 * USEC_S);
	mate_init(&bob, &l, "bob");
	mate_is_online(&bob);
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	mate_allow(&bob);
	mate_control(&bob, cands, sizeof cands);
	lone_run(&l, 600 * USEC_MS);
	for (i = 0; i < EXTRAS_MAX; i++)
		spare += l.is_sock[SOCK_EXTRA + i];
	ck_assert_uint_eq(spare, EXTRAS_MAX);
	l.at.port++;
	lone_push(&l, PUSH_PROVE, "", 0);
	lone_run(&l, 50 * USEC_MS);
	be_seen(&l.at);
	lone_run(&l, 20 * USEC_S);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* ---- streams ---- */

/* A switch to TCP that succeeds: the stream that carries the link, or 0. */
static int
switch_to_tcp(uint32_t attempt)
{
	struct addr to = bob.at;
	uint8_t buf[64];
	int i;

	l.dial_err = E_OK;
	bob.is_direct = true;
	mate_control(&bob, buf, put_tcp(buf, sizeof buf, attempt, &to, 1));
	lone_run(&l, 2 * USEC_S);
	for (i = SOCK_DIAL; i < SOCK_RESOLVE; i++)
		if (l.is_up[i])
			return i;
	return 0;
}

/* The stream goes silent, is closed, its number given to somebody else, who
 * keeps it. */
START_TEST(a_silent_stream_is_closed_once)
{
	uint32_t attempt;
	size_t i, closed = 0;

	set_up();
	for (attempt = 1; attempt <= 40; attempt++) {
		int sock = switch_to_tcp(attempt);

		ck_assert_msg(sock != 0, "no stream at attempt %u", attempt);
		bob.is_direct = false;
		bob.way = MATE_RELAY;
		lone_do(&l, "msg @bob are you there?");
		lone_run(&l, 40 * USEC_S);
		ck_assert_msg(!l.is_sock[sock], "attempt %u", attempt);
		ck_assert_uint_eq(lone_streams(&l), 0);
	}
	for (i = 0; i < l.said_count; i++)
		closed += l.said[i].ev.kind == EV_TRANSPORT;
	ck_assert_uint_ge(closed, 40);
	ck_talks();
	lone_close(&l);
}
END_TEST

START_TEST(streams_that_say_nothing_are_few_and_short)
{
	struct addr from = addr_v4(80, 1, 2, 3, 4);
	uint8_t buf[64];
	unsigned i;

	set_up();
	/* Whoever listens is found. */
	mate_control(&bob, buf, put_tcp(buf, sizeof buf, 1, &from, 1));
	lone_run(&l, 20 * USEC_S);
	for (i = 0; i < 1000; i++) {
		from.port = (uint16_t)(1000 + i);
		lone_accept(&l, &from);
		ck_assert_uint_le(lone_streams(&l), 8);
		if (i % 100 == 0)
			lone_run(&l, 100 * USEC_MS);
	}
	lone_run(&l, TCPSWITCH_PROVE_US + 1);
	ck_assert_uint_eq(lone_streams(&l), 0);
	/* Nor does one cost a descriptor after its end. */
	ck_assert_uint_eq(l.lingering, 0);
	ck_talks();
	lone_close(&l);
}
END_TEST

START_TEST(a_stream_that_is_dialled_and_says_nothing_is_closed)
{
	struct addr to[4];
	uint8_t buf[256];

	set_up();
	l.dial_err = E_OK;
	some_addrs(to, 1);
	mate_control(&bob, buf, put_tcp(buf, sizeof buf, 1, to, 4));
	lone_run(&l, 2 * USEC_S);
	ck_assert_uint_eq(lone_streams(&l), 4);
	lone_run(&l, TCPSWITCH_ENDS_US);
	ck_assert_uint_eq(lone_streams(&l), 0);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* He proves himself on a hundred, and others still find a place. */
START_TEST(one_peer_has_a_few_streams)
{
	struct addr from = addr_v4(80, 1, 2, 3, 4);
	uint8_t plain[16];
	int i;

	set_up();
	mate_connect(&cid);
	for (i = 0; i < 100; i++) {
		struct wr w = wr_of(plain, sizeof plain);
		int sock = lone_accept(&l, &from);

		put_u8(&w, FRAME_PING);
		put_u64(&w, (uint64_t)i);
		mate_say_on(&bob, sock, &w);
		lone_run(&l, 10 * USEC_MS);
	}
	lone_run(&l, TCPSWITCH_PROVE_US);
	ck_assert_uint_le(lone_streams(&l), TCPSWITCH_STREAMS);
	cid.is_direct = true;
	l.dial_err = E_OK;
	lone_do(&l, "msg @cid hello");
	lone_run(&l, USEC_S);
	ck_talks();
	lone_close(&l);
}
END_TEST

START_TEST(garbage_on_a_stream_ends_the_stream_and_no_more)
{
	int sock;

	set_up();
	sock = switch_to_tcp(1);
	ck_assert_int_ne(sock, 0);
	lone_bytes(&l, sock, "\0\0", 2);
	ck_assert(!l.is_sock[sock]);
	bob.is_direct = false;
	bob.way = MATE_RELAY;
	lone_run(&l, USEC_S);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* ---- control messages ---- */

/* A packet with a control message and the end behind it, from a new address. */
static void
say_and_close(const uint8_t *msg, size_t len)
{
	uint8_t plain[512], out[FAKE_PACKET];
	struct wr w = wr_of(plain, sizeof plain);
	bool eliciting;

	ck_assert_int_eq(chan_send(&bob.chan, STREAM_CONTROL, msg, len, NULL),
	    E_OK);
	w.len = chan_build(&bob.chan, l.now, bob.next_pn, plain,
	    sizeof plain - 2, &eliciting);
	put_u8(&w, FRAME_CLOSE);
	put_u8(&w, REASON_CLOSED);
	lone_hand(&l, &bob.at, out, mate_seal(&bob, &w, out));
}

/* With the server away there is nothing to be learnt first. */
START_TEST(a_switch_and_the_end_in_one_packet)
{
	struct addr to[4];
	uint8_t buf[256];

	set_up();
	l.is_cut = true;
	lone_run(&l, 60 * USEC_S);
	some_addrs(to, 1);
	say_and_close(buf, put_tcp(buf, sizeof buf, 1, to, 4));
	lone_run(&l, 20 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_DISCONNECTED), 1);
	ck_assert_uint_eq(lone_streams(&l), 0);
	lone_close(&l);
}
END_TEST

START_TEST(a_failed_switch_that_was_the_last_hope)
{
	uint32_t attempt;
	uint8_t buf[16];

	lone_make(&l);
	l.conf.no_relay = true;
	lone_start(&l);
	mate_init(&bob, &l, "bob");
	mate_is_online(&bob);
	lone_do(&l, "connect bob");
	lone_run(&l, 100 * USEC_MS);
	bob.is_mute = true;
	bob.route = 0;
	mate_allow(&bob);
	lone_run(&l, 9 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_FAILED), 0);
	/* He begins one, the punch ends, and he takes it back. */
	attempt = 5;
	chan_send(&bob.chan, STREAM_CONTROL, buf, put_tcp(buf, sizeof buf,
	    attempt, NULL, 0), NULL);
	{
		uint8_t plain[256], out[FAKE_PACKET];
		struct wr w = wr_of(plain, sizeof plain);
		bool eliciting;

		w.len = chan_build(&bob.chan, l.now, bob.next_pn, plain,
		    sizeof plain, &eliciting);
		lone_hand(&l, &bob.at, out, mate_seal(&bob, &w, out));
	}
	lone_run(&l, 2 * USEC_S);
	ck_assert_uint_eq(lone_count(&l, EV_FAILED), 0);
	say_and_close(buf, put_failed(buf, attempt));
	ck_assert_uint_eq(lone_count(&l, EV_FAILED), 1);
	lone_close(&l);
}
END_TEST

/* Whatever is said at whatever time. */
START_TEST(control_messages_that_make_no_sense_change_nothing)
{
	uint8_t buf[40];
	unsigned n;

	set_up();
	for (n = 0; n < 4000; n++) {
		size_t len = 1 + rng_below(&bob.rng, sizeof buf - 1);

		rng_fill(&bob.rng, buf, len);
		buf[0] = (uint8_t)rng_below(&bob.rng, 12);
		if (buf[0] == CONTROL_NAME)
			continue;
		mate_control(&bob, buf, len);
		lone_run(&l, rng_below(&bob.rng, 4) * 100 * USEC_MS);
	}
	lone_run(&l, 20 * USEC_S);
	lone_forget(&l);
	ck_talks();
	lone_close(&l);
}
END_TEST

START_TEST(nobody_takes_the_name_of_somebody_we_know)
{
	uint8_t name[] = { CONTROL_NAME, 3, 'c', 'i', 'd' };

	set_up();
	mate_connect(&cid);
	lone_do(&l, "disconnect cid");
	lone_run(&l, USEC_S);
	mate_control(&bob, name, sizeof name);
	lone_run(&l, USEC_S);
	ck_assert_mem_eq(known_by_name(&l.known, "cid")->key,
	    cid.keys.public, KEY_LEN);
	ck_assert_str_eq(known_by_key(&l.known, bob.keys.public)->name,
	    "bob");
	lone_forget(&l);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* What is typed for somebody who was asked and is not known yet is for him. */
START_TEST(nobody_takes_the_name_of_somebody_we_ask)
{
	uint8_t name[] = { CONTROL_NAME, 3, 'C', 'i', 'd' };
	unsigned texts;

	set_up();
	mate_is_online(&cid);
	lone_do(&l, "connect cid");
	lone_run(&l, 100 * USEC_MS);
	mate_control(&bob, name, sizeof name);
	lone_run(&l, USEC_S);
	texts = bob.texts;
	lone_do(&l, "msg @cid for you alone");
	mate_allow(&cid);
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(bob.texts, texts);
	ck_assert_uint_eq(cid.texts, 1);
	ck_assert_uint_eq(lone_count(&l, EV_KEY_CHANGED), 0);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* Neither the screen nor the disk is his. */
START_TEST(many_names_are_little_news)
{
	char name[] = "bob";
	unsigned i, saves;

	set_up();
	saves = l.saves;
	for (i = 0; i < 600; i++) {
		name[2] = (char)('a' + i % 26);
		mate_rename(&bob, name);
		lone_run(&l, 100 * USEC_MS);
	}
	ck_assert_uint_ge(lone_count(&l, EV_CLIENT), 1);
	ck_assert_uint_le(lone_count(&l, EV_CLIENT), 10);
	ck_assert_uint_le(l.saves - saves, 10);
	/* The last one counts all the same. */
	lone_run(&l, 60 * USEC_S);
	ck_assert_str_eq(known_by_key(&l.known, bob.keys.public)->name,
	    "bob");
	ck_assert_str_eq(name, "bob");
	lone_close(&l);
}
END_TEST

START_TEST(fresh_keys_are_made_when_they_are_due_and_not_before)
{
	uint8_t buf[16 + 32 + 48 + 16];
	unsigned i;

	set_up();
	for (i = 0; i < 100; i++) {
		struct wr w = wr_of(buf, sizeof buf);
		struct noise noise;
		size_t len;

		put_u8(&w, CONTROL_REKEY1);
		put_u32(&w, i + 1);
		put_u32(&w, i + 1000);
		ck_assert_int_eq(noise_init(&noise, NOISE_IK, true,
		    "gop2p/1 rekey", 14, &bob.keys, l.keys.public), E_OK);
		ck_assert_int_eq(noise_write(&noise, &bob.rng, NULL, 0,
		    buf + w.len, sizeof buf - w.len, &len), E_OK);
		mate_control(&bob, buf, w.len + len);
		lone_run(&l, 10 * USEC_MS);
		noise_fini(&noise);
	}
	ck_assert_uint_le(bob.controls[CONTROL_REKEY2], 1);
	lone_close(&l);
}
END_TEST

/* ---- frames ---- */

static void
say(const char *hex)
{
	uint8_t plain[64];
	struct wr w = wr_of(plain, sizeof plain);

	w.len = unhex(hex, plain, sizeof plain);
	mate_say(&bob, &w);
}

/* Frames that nobody who means well sends: an ack of what was never sent, a
 * stream that does not exist, bytes beyond the window, unknown and truncated
 * ones. */
static const char *const lies[] = { "03 bfffffff 00 00 00", "04 05 00 01 aa",
	"04 01 bfffffff 01 aa", "05 01 bfffffff bfffffff", "2a", "01 0011",
	"02 00", "06", "04 01 00" };

START_TEST(a_peer_that_breaks_the_rules_is_left)
{
	set_up();
	say(lies[_i]);
	ck_over();
	lone_run(&l, 60 * USEC_S);
	lone_close(&l);
}
END_TEST

/* No ack can tell of it. */
START_TEST(a_packet_number_beyond_all_acks_ends_it)
{
	set_up();
	bob.next_pn = (UINT64_C(1) << 62) - 20;
	mate_text(&bob, "one of the last");
	lone_run(&l, USEC_S);
	ck_talks();
	bob.next_pn = UINT64_C(1) << 62;
	mate_text(&bob, "and one too many");
	lone_run(&l, USEC_S);
	ck_over();
	lone_close(&l);
}
END_TEST

START_TEST(pings_are_answered_one_by_one)
{
	uint8_t plain[1000];
	struct wr w = wr_of(plain, sizeof plain);
	unsigned packets, i;

	set_up();
	lone_run(&l, 5 * USEC_S);
	for (i = 0; i < 100; i++) {
		put_u8(&w, FRAME_PING);
		put_u64(&w, i);
	}
	packets = bob.packets;
	mate_say(&bob, &w);
	ck_assert_uint_le(bob.packets, packets + 2);
	ck_talks();
	lone_close(&l);
}
END_TEST

/* Packets under his keys from a thousand addresses. */
START_TEST(paths_are_few)
{
	uint8_t plain[16], out[FAKE_PACKET];
	unsigned i;

	set_up();
	lone_run(&l, 20 * USEC_S);
	lone_forget(&l);
	for (i = 0; i < 1000; i++) {
		struct addr from = addr_v4(80, 2, (uint8_t)(i >> 8),
		    (uint8_t)i, 7000);
		struct wr w = wr_of(plain, sizeof plain);

		put_u8(&w, FRAME_PING);
		put_u64(&w, i);
		lone_hand(&l, &from, out, mate_seal(&bob, &w, out));
	}
	/* Each gets an answer, and a question beside it. */
	ck_assert_uint_le(l.sent_count, 1000);
	lone_forget(&l);
	lone_run(&l, 600 * USEC_S);
	ck_assert_uint_le(l.sent_count, 15 * 100);
	ck_talks();
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("client_hostile");
	TCase *tc = runner_case(s, "addresses");

	tcase_add_test(tc, ten_thousand_candidates_are_no_scan);
	tcase_add_test(tc, other_candidates_are_no_further_ones);
	tcase_add_test(tc, other_ports_are_no_further_ones);
	tcase_add_test(tc, nobody_has_us_dial_all_over_the_world);
	tcase_add_test(tc, an_attempt_dials_so_often_and_no_more);
	tcase_add_test(tc, nobody_has_us_spray_for_ever);
	tcase_add_test(tc, a_fresh_socket_that_cannot_be_is_done_without);
	tc = runner_case(s, "streams");
	tcase_add_test(tc, a_silent_stream_is_closed_once);
	tcase_add_test(tc, streams_that_say_nothing_are_few_and_short);
	tcase_add_test(tc,
	    a_stream_that_is_dialled_and_says_nothing_is_closed);
	tcase_add_test(tc, one_peer_has_a_few_streams);
	tcase_add_test(tc, garbage_on_a_stream_ends_the_stream_and_no_more);
	tc = runner_case(s, "control");
	tcase_add_test(tc, a_switch_and_the_end_in_one_packet);
	tcase_add_test(tc, a_failed_switch_that_was_the_last_hope);
	tcase_add_test(tc,
	    control_messages_that_make_no_sense_change_nothing);
	tcase_add_test(tc, nobody_takes_the_name_of_somebody_we_know);
	tcase_add_test(tc, nobody_takes_the_name_of_somebody_we_ask);
	tcase_add_test(tc, many_names_are_little_news);
	tcase_add_test(tc,
	    fresh_keys_are_made_when_they_are_due_and_not_before);
	tc = runner_case(s, "frames");
	tcase_add_loop_test(tc, a_peer_that_breaks_the_rules_is_left, 0,
	    sizeof lies / sizeof lies[0]);
	tcase_add_test(tc, a_packet_number_beyond_all_acks_ends_it);
	tcase_add_test(tc, pings_are_answered_one_by_one);
	tcase_add_test(tc, paths_are_few);
	return s;
}
