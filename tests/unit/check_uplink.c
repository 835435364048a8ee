#include "err.h"
#include "fake.h"
#include "runner.h"
#include "uplink.h"

#include <string.h>

/* An uplink, the servers that it may find, and the time between them. */

enum { SITES = 4, FLIGHT_MAX = 256, TOLD_MAX = 512, DIALS_SEEN = 64 };

#define ONE_WAY (20 * USEC_MS)
#define RTT (2 * ONE_WAY)

struct site {
	struct addr addr;
	struct fake *fake;
	bool is_cut;          /* no UDP gets through */
	bool refuses, hole;   /* TCP */
	usec_t late;          /* what it says takes so much longer */
	unsigned hellos;      /* UDP */
	usec_t hello_at;      /* the first */
};

/* A packet under way. */
struct flight {
	usec_t at;
	int site;             /* to it, or from it */
	bool is_up, is_tcp, is_connect;
	unsigned dial;        /* TCP: of which connection */
	size_t len;
	uint8_t buf[FAKE_PACKET];
};

struct told {
	usec_t at;
	struct news news;
	uint8_t body[256];
};

static struct rig {
	struct self self;
	struct uplink up;
	usec_t now;
	struct fake fakes[SITES];
	struct site sites[SITES];
	size_t site_count;
	struct flight flights[FLIGHT_MAX];
	size_t flight_count;
	struct told told[TOLD_MAX];
	size_t told_count;
	struct { usec_t at; struct addr to; } dials[DIALS_SEEN];
	unsigned dial_count;  /* the last one is the one that counts */
	bool is_dialled, is_open;
	int tcp_site;
	unsigned resolves, packets;
	usec_t expired_at;
	unsigned spins;       /* in a row at that time */
	uint32_t mask;        /* bit i: packet i is lost */
	uint64_t sent_at[64]; /* of the last packets by UDP */
} rig;

static const usec_t t0 = 1000 * USEC_S;

static void
set_up(size_t sites, const char *host, const uint8_t *pin)
{
	static const char *const labels[] = { "one", "two", "three", "four" };
	size_t i;

	memset(&rig, 0, sizeof rig);
	rig.now = t0;
	rig.site_count = sites;
	for (i = 0; i < sites; i++) {
		fake_init(&rig.fakes[i], labels[i]);
		rig.sites[i].fake = &rig.fakes[i];
		rig.sites[i].addr = addr_v4(198, 51, 100, (uint8_t)(1 + i),
		    9000);
	}
	ck_assert(outbox_init(&rig.self.out, 256, 1 << 17));
	rng_init_test(&rig.self.rng, test_seed(), "uplink");
	keypair_make(&rig.self.identity, &rig.self.rng);
	rig.self.is_open[SOCK_UDP4] = true;
	rig.self.port = 9001;
	uplink_init(&rig.up, host, 9000, pin);
}

static void
tear_down(void)
{
	uplink_fini(&rig.up);
	outbox_fini(&rig.self.out);
}

/* ---- the way ---- */

static struct flight *
fly(int site, bool is_up, bool is_tcp, const void *buf, size_t len)
{
	struct flight *f = &rig.flights[rig.flight_count];
	size_t i = rig.flight_count++;

	ck_assert_uint_lt(i, FLIGHT_MAX);
	ck_assert_uint_le(len, sizeof f->buf);
	memset(f, 0, sizeof *f);
	f->at = rig.now + ONE_WAY + (is_up ? 0 : rig.sites[site].late);
	f->site = site;
	f->is_up = is_up;
	f->is_tcp = is_tcp;
	f->dial = rig.dial_count;
	f->len = len;
	memcpy(f->buf, buf, len);
	return f;
}

static int
site_at(const struct addr *to)
{
	size_t i;

	for (i = 0; i < rig.site_count; i++)
		if (addr_same_ip(&rig.sites[i].addr, to))
			return (int)i;
	return -1;
}

static void
carry(const struct act *act)
{
	int site = site_at(&act->to);
	bool is_lost = rig.packets < 32 && (rig.mask >> rig.packets & 1);

	rig.sent_at[rig.packets++ % 64] = rig.now;
	ck_assert_int_eq(act->sock, SOCK_UDP4);
	ck_assert_uint_le(act->len, DGRAM_MAX);
	if (site < 0 || is_lost)
		return;
	if (act->buf[0] == PACKET_HELLO && rig.sites[site].hellos++ == 0)
		rig.sites[site].hello_at = rig.now;
	if (!rig.sites[site].is_cut)
		fly(site, true, false, act->buf, act->len);
}

static void
dial(const struct act *act)
{
	int site = site_at(&act->to);
	struct flight *f;

	ck_assert_int_eq(act->sock, SOCK_UPLINK);
	ck_assert_msg(!rig.is_dialled, "dialled twice");
	ck_assert_int_ge(site, 0);
	ck_assert_uint_lt(rig.dial_count, DIALS_SEEN);
	rig.dials[rig.dial_count].at = rig.now;
	rig.dials[rig.dial_count++].to = act->to;
	rig.is_dialled = true;
	rig.is_open = false;
	rig.tcp_site = site;
	if (rig.sites[site].hole)
		return;
	f = fly(site, false, true, "", 0);
	f->is_connect = true;
	f->at = rig.now + RTT;
}

static void
drain(void)
{
	struct act act;

	while (outbox_next(&rig.self.out, &act))
		switch (act.kind) {
		case ACT_SEND:
			carry(&act);
			break;
		case ACT_DIAL:
			dial(&act);
			break;
		case ACT_WRITE:
			if (rig.is_open)
				fly(rig.tcp_site, true, true, act.buf + 2,
				    act.len - 2);
			break;
		case ACT_CLOSE:
			ck_assert_int_eq(act.sock, SOCK_UPLINK);
			rig.is_dialled = rig.is_open = false;
			break;
		case ACT_RESOLVE:
			ck_assert_str_eq(act.text, "server.example");
			ck_assert_uint_eq(act.to.port, 9000);
			rig.resolves++;
			break;
		default:
			ck_abort_msg("act %d", (int)act.kind);
		}
}

static void
take_news(void)
{
	struct told *t = &rig.told[rig.told_count];
	struct news news;

	while (uplink_news(&rig.up, &rig.self, rig.now, &news)) {
		ck_assert_uint_lt(rig.told_count, TOLD_MAX);
		t->at = rig.now;
		t->news = news;
		if (news.kind == NEWS_REPLY || news.kind == NEWS_PUSH) {
			ck_assert_uint_le(news.body.len, sizeof t->body);
			memcpy(t->body, news.body.p, news.body.len);
		}
		t = &rig.told[++rig.told_count];
	}
	drain();
}

static void
tell(const struct input *in)
{
	uplink_input(&rig.up, &rig.self, rig.now, in);
	take_news();
}

/* A packet reaches the uplink. */
static void
hand(int site, bool is_tcp, const uint8_t *buf, size_t len)
{
	uplink_packet(&rig.up, &rig.self, rig.now, is_tcp ? NULL :
	    &rig.sites[site].addr, buf, len);
	take_news();
}

static void
stream_ends(int err)
{
	struct input in = { .kind = IN_CLOSED, .sock = SOCK_UPLINK,
		.err = err };

	rig.is_dialled = rig.is_open = false;
	tell(&in);
}

static void
connects(const struct flight *f)
{
	struct site *s = &rig.sites[f->site];
	struct input in = { .kind = IN_CONNECTED, .sock = SOCK_UPLINK,
		.from = s->addr, .err = s->refuses ? E_DENIED : E_OK };

	rig.is_open = !s->refuses;
	rig.is_dialled = !s->refuses;
	tell(&in);
}

static void
land(const struct flight *f)
{
	struct addr from = addr_v4(192, 0, 2, 7, f->is_tcp ? 5555 : 9001);
	uint8_t out[FAKE_PACKET];
	size_t len;

	if (f->is_tcp && (f->dial != rig.dial_count || !rig.is_dialled))
		return;
	if (f->is_connect)
		connects(f);
	else if (f->is_up) {
		len = fake_take(rig.sites[f->site].fake, &from, f->buf,
		    f->len, out);
		if (len > 0)
			fly(f->site, false, f->is_tcp, out, len);
	} else
		hand(f->site, f->is_tcp, f->buf, f->len);
}

/* ---- time ---- */

static size_t
next_flight(void)
{
	size_t i, best = 0;

	for (i = 1; i < rig.flight_count; i++)
		if (rig.flights[i].at < rig.flights[best].at)
			best = i;
	return best;
}

static void
step(usec_t at)
{
	size_t i;

	rig.now = at > rig.now ? at : rig.now;
	if (rig.flight_count > 0 && rig.flights[i = next_flight()].at <=
	    rig.now) {
		struct flight f = rig.flights[i];

		rig.flight_count--;
		memmove(&rig.flights[i], &rig.flights[i + 1],
		    (rig.flight_count - i) * sizeof f);
		land(&f);
		return;
	}
	rig.spins = rig.expired_at == rig.now ? rig.spins + 1 : 0;
	rig.expired_at = rig.now;
	ck_assert_msg(rig.spins < 3, "the deadline stays in the past");
	uplink_expire(&rig.up, &rig.self, rig.now);
	take_news();
}

static void
run_until(usec_t end)
{
	for (;;) {
		usec_t at = uplink_deadline(&rig.up);

		if (rig.flight_count > 0)
			at = usec_min(at, rig.flights[next_flight()].at);
		if (at > end)
			break;
		step(at);
	}
	rig.now = end;
}

static void
run_for(usec_t span)
{
	run_until(rig.now + span);
}

static void
start(void)
{
	uplink_start(&rig.up, &rig.self, rig.now);
	take_news();
}

/* ---- what was told ---- */

static size_t
count(enum news_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < rig.told_count; i++)
		n += rig.told[i].news.kind == kind;
	return n;
}

static const struct told *
last(enum news_kind kind)
{
	size_t i = rig.told_count;

	while (i-- > 0)
		if (rig.told[i].news.kind == kind)
			return &rig.told[i];
	ck_abort_msg("no news of kind %d", (int)kind);
	return NULL;
}

static void
resolved(size_t n)
{
	struct addr addrs[SITES];
	struct input in = { .kind = IN_RESOLVED, .sock = SOCK_RESOLVE,
		.addrs = addrs, .count = n, .err = n > 0 ? E_OK : E_NONE };
	size_t i;

	for (i = 0; i < n; i++)
		addrs[i] = rig.sites[i].addr;
	tell(&in);
}

/* A server by its address, registered. */
static void
set_up_registered(void)
{
	set_up(1, "198.51.100.1", NULL);
	memcpy(rig.up.wanted, "ann", 4);
	start();
	run_for(USEC_S);
	ck_assert(rig.up.is_up);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	rig.told_count = 0;
}

/* ---- registration ---- */

START_TEST(three_round_trips_register)
{
	set_up(1, "198.51.100.1", NULL);
	memcpy(rig.up.wanted, "ann", 4);
	rig.up.hidden = true;
	start();
	run_for(3 * RTT - 1);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 0);
	run_for(1);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_str_eq(last(NEWS_REGISTERED)->news.accept->name, "ann");
	ck_assert(rig.up.is_up && !rig.up.session_tcp);
	ck_assert_str_eq(rig.fakes[0].wanted, "ann");
	ck_assert_uint_eq(rig.fakes[0].flags, INIT_HIDDEN);
	ck_assert_mem_eq(rig.fakes[0].client, rig.self.identity.public,
	    KEY_LEN);
	ck_assert_mem_eq(rig.up.key, rig.fakes[0].keys.public, KEY_LEN);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[0].addr));
	ck_assert_uint_eq(rig.self.seen.port, 9001);
	ck_assert_uint_eq(rig.resolves + rig.dial_count, 0);
	tear_down();
}
END_TEST

START_TEST(a_host_name_is_looked_up)
{
	set_up(2, "server.example", NULL);
	start();
	ck_assert_uint_eq(rig.resolves, 1);
	run_for(USEC_S);
	ck_assert_uint_eq(rig.fakes[0].hellos, 0);
	resolved(2);
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

START_TEST(a_name_that_is_not_found_is_looked_up_again)
{
	set_up(1, "server.example", NULL);
	start();
	resolved(0);
	ck_assert_uint_eq(count(NEWS_RESOLVE), 1);
	ck_assert_uint_ge(last(NEWS_RESOLVE)->news.ms, 1000);
	ck_assert_uint_le(last(NEWS_RESOLVE)->news.ms, 1250);
	run_for(1250 * USEC_MS);
	ck_assert_uint_eq(rig.resolves, 2);
	/* And nobody answers at all. */
	run_for(10 * USEC_S);
	ck_assert_uint_eq(count(NEWS_RESOLVE), 2);
	/* A late answer is none. */
	resolved(1);
	ck_assert_uint_eq(rig.fakes[0].hellos, 0);
	tear_down();
}
END_TEST

START_TEST(several_addresses_are_tried_in_turn)
{
	set_up(3, "server.example", NULL);
	rig.sites[0].is_cut = rig.sites[1].is_cut = true;
	rig.sites[0].hole = rig.sites[1].hole = true;
	start();
	resolved(3);
	run_for(USEC_S);
	ck_assert_uint_eq(rig.sites[0].hello_at, t0);
	ck_assert_uint_eq(rig.sites[1].hello_at, t0 + 250 * USEC_MS);
	ck_assert_uint_eq(rig.sites[2].hello_at, t0 + 500 * USEC_MS);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[2].addr));
	tear_down();
}
END_TEST

START_TEST(a_silent_server_is_unreachable_after_10_s)
{
	static const unsigned waits[] = { 1, 2, 4, 8, 15, 30, 30 };
	usec_t began = t0;
	size_t i;

	set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = rig.sites[0].hole = true;
	start();
	for (i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		run_until(began + UPLINK_UNREACHABLE_US - 1);
		ck_assert_uint_eq(count(NEWS_UNREACHABLE), i);
		run_for(1);
		ck_assert_uint_eq(count(NEWS_UNREACHABLE), i + 1);
		ck_assert_uint_ge(rig.told[i].news.ms, 1000 * waits[i]);
		ck_assert_uint_le(rig.told[i].news.ms, 1250 * waits[i]);
		began = rig.up.next_at;
	}
	rig.sites[0].is_cut = false;
	run_for(50 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

START_TEST(tcp_is_tried_600_ms_after_an_unanswered_hello)
{
	set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = true;
	start();
	run_for(2 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 1);
	ck_assert_uint_eq(rig.dials[0].at, t0 + 600 * USEC_MS);
	ck_assert(addr_eq(&rig.dials[0].to, &rig.sites[0].addr));
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(last(NEWS_REGISTERED)->at, t0 + 600 * USEC_MS +
	    4 * RTT);
	ck_assert(rig.up.session_tcp);
	/* Who it is shows nowhere but in whom we dialled. */
	ck_assert(addr_eq(&rig.self.server, &rig.sites[0].addr));
	tear_down();
}
END_TEST

START_TEST(udp_that_answers_in_time_wants_no_tcp)
{
	set_up(1, "198.51.100.1", NULL);
	start();
	run_for(60 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 0);
	tear_down();
}
END_TEST

START_TEST(a_stream_that_is_not_needed_is_closed)
{
	set_up(1, "198.51.100.1", NULL);
	/* TCP is open when UDP answers. */
	rig.sites[0].late = 700 * USEC_MS;
	rig.fakes[0].silence = FAKE_NO_HELLO;
	start();
	run_for(640 * USEC_MS);
	rig.fakes[0].silence = 0;
	run_for(10 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(rig.dial_count, 1);
	ck_assert_int_eq(rig.is_dialled, rig.up.session_tcp);
	tear_down();
}
END_TEST

START_TEST(tcp_goes_on_to_the_next_address_when_one_refuses)
{
	set_up(3, "server.example", NULL);
	rig.sites[0].is_cut = rig.sites[1].is_cut = true;
	rig.sites[2].is_cut = true;
	rig.sites[0].refuses = rig.sites[1].refuses = true;
	start();
	resolved(3);
	run_for(2 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 3);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[2].addr));
	tear_down();
}
END_TEST

START_TEST(tcp_goes_on_to_the_next_address_when_one_says_nothing)
{
	set_up(2, "server.example", NULL);
	rig.sites[0].is_cut = rig.sites[1].is_cut = true;
	rig.sites[0].hole = true;
	start();
	resolved(2);
	run_for(6 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[1].addr));
	tear_down();
}
END_TEST

/* ---- refusals ---- */

START_TEST(a_refused_name_waits_for_another_one)
{
	unsigned before;

	set_up(1, "198.51.100.1", NULL);
	memcpy(rig.up.wanted, "bob", 4);
	rig.fakes[0].accept.status = STATUS_NAME_TAKEN;
	memcpy(rig.fakes[0].accept.name, "bob-2", 6);
	start();
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REFUSED), 1);
	ck_assert_uint_eq(last(NEWS_REFUSED)->news.accept->status,
	    STATUS_NAME_TAKEN);
	ck_assert_str_eq(last(NEWS_REFUSED)->news.accept->name, "bob-2");
	ck_assert_uint_eq(uplink_deadline(&rig.up), USEC_NEVER);
	before = rig.packets;
	run_for(3600 * USEC_S);
	ck_assert_uint_eq(rig.packets, before);
	rig.fakes[0].accept.status = STATUS_OK;
	rig.fakes[0].accept.name[0] = '\0';
	memcpy(rig.up.wanted, "cid", 4);
	start();
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_str_eq(rig.fakes[0].wanted, "cid");
	tear_down();
}
END_TEST

START_TEST(a_full_server_is_asked_again)
{
	set_up(1, "198.51.100.1", NULL);
	rig.fakes[0].accept.status = STATUS_FULL;
	start();
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REFUSED), 1);
	rig.fakes[0].accept.status = STATUS_OK;
	run_for(2 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

/* A server may say what it likes: the name goes into the prompt. */
START_TEST(a_server_that_gives_what_is_no_name_is_not_believed)
{
	static const char *const names[] = { "\x1b[2J", "a b", "a\xff" "b",
		"\xe2\x80\xae" "evil", "" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		set_up(1, "198.51.100.1", NULL);
		rig.fakes[0].accept.status = i & 1 ? STATUS_OK :
		    STATUS_NAME_TAKEN;
		rig.fakes[0].is_verbatim = true;
		memcpy(rig.fakes[0].accept.name, names[i],
		    strlen(names[i]) + 1);
		start();
		run_for(USEC_S);
		ck_assert_uint_eq(count(NEWS_REGISTERED), 0);
		if (count(NEWS_REFUSED) > 0)
			ck_assert_str_eq(
			    last(NEWS_REFUSED)->news.accept->name, "");
		tear_down();
	}
}
END_TEST

/* ---- whom we talk to ---- */

START_TEST(a_pinned_key_is_used_whatever_a_cookie_shows)
{
	struct fake other;

	set_up(1, "198.51.100.1", NULL);
	fake_init(&other, "other");
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[0].keys.public, KEY_LEN);
	rig.fakes[0].shown = &other.keys;
	start();
	run_for(10 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(count(NEWS_KEY_CHANGED), 0);
	tear_down();
}
END_TEST

/* Nothing is ever encrypted to the key that came. */
START_TEST(a_changed_key_stops_us_after_3_s)
{
	struct fake old;

	fake_init(&old, "old");
	set_up(1, "198.51.100.1", old.keys.public);
	start();
	run_for(3 * USEC_S - 1);
	ck_assert_uint_eq(count(NEWS_KEY_CHANGED), 0);
	run_for(2 * USEC_S);
	ck_assert_uint_eq(count(NEWS_KEY_CHANGED), 1);
	ck_assert_mem_eq(rig.up.other, rig.fakes[0].keys.public, KEY_LEN);
	ck_assert_uint_ge(rig.fakes[0].inits, 3);
	ck_assert_uint_eq(rig.fakes[0].rejects, rig.fakes[0].inits);
	ck_assert_uint_eq(uplink_deadline(&rig.up), USEC_NEVER);
	ck_assert_int_eq(rig.up.state, UPLINK_STOPPED);
	run_for(3600 * USEC_S);
	ck_assert_uint_eq(rig.told_count, 1);
	tear_down();
}
END_TEST

START_TEST(a_silent_server_with_a_pin_is_unreachable_and_no_more)
{
	set_up(1, "198.51.100.1", NULL);
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[0].keys.public, KEY_LEN);
	rig.fakes[0].silence = FAKE_NO_INIT;
	start();
	run_for(12 * USEC_S);
	ck_assert_uint_eq(count(NEWS_UNREACHABLE), 1);
	ck_assert_uint_eq(count(NEWS_KEY_CHANGED), 0);
	tear_down();
}
END_TEST

/* Somebody on the way answers faster, under a key of his own. */
START_TEST(whoever_answers_first_cannot_keep_us_from_the_pinned_key)
{
	struct fake thief;
	uint8_t hello[HELLO_LEN] = { PACKET_HELLO }, out[FAKE_PACKET];
	size_t len;

	set_up(1, "198.51.100.1", NULL);
	fake_init(&thief, "thief");
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[0].keys.public, KEY_LEN);
	start();
	memcpy(hello + 4, rig.up.nonce, NONCE_LEN);
	len = fake_take(&thief, &rig.sites[0].addr, hello, sizeof hello, out);
	hand(0, false, out, len);
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

/* The right one of two addresses, whatever stands at the other. */
START_TEST(a_stranger_at_the_first_address_does_not_hide_the_second)
{
	set_up(2, "server.example", NULL);
	rig.up.has_pin = true;
	memcpy(rig.up.pin, rig.fakes[1].keys.public, KEY_LEN);
	start();
	resolved(2);
	run_for(3 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert(addr_eq(&rig.self.server, &rig.sites[1].addr));
	tear_down();
}
END_TEST

START_TEST(a_cookie_for_another_nonce_is_nothing)
{
	uint8_t hello[HELLO_LEN] = { PACKET_HELLO }, out[FAKE_PACKET];
	struct uplink before;
	size_t len;

	set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = true;
	start();
	len = fake_take(&rig.fakes[0], &rig.sites[0].addr, hello,
	    sizeof hello, out);
	before = rig.up;
	hand(0, false, out, len);
	ck_assert_mem_eq(&before, &rig.up, sizeof before);
	tear_down();
}
END_TEST

START_TEST(every_damaged_answer_is_ignored_and_the_true_one_is_not)
{
	struct flight f;
	size_t i;

	set_up(1, "198.51.100.1", NULL);
	start();
	run_for(2 * RTT - 1);
	ck_assert_uint_eq(rig.flight_count, 1);
	f = rig.flights[0];
	ck_assert_uint_eq(f.buf[0], PACKET_ACCEPT);
	for (i = 8; i < f.len; i++) {
		uint8_t copy[FAKE_PACKET];

		memcpy(copy, f.buf, f.len);
		copy[i] ^= 1;
		/* The server's index is not part of the handshake. */
		if (i >= 8 && i < 12)
			continue;
		hand(0, false, copy, f.len);
		ck_assert_int_eq(rig.up.state, UPLINK_SHAKING);
	}
	for (i = 0; i < f.len; i++) {
		hand(0, false, f.buf, i);
		ck_assert_int_eq(rig.up.state, UPLINK_SHAKING);
	}
	run_for(RTT + 1);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

/* Which of our first 8 packets are lost. */
START_TEST(registration_survives_every_pattern_of_loss)
{
	set_up(1, "198.51.100.1", NULL);
	rig.mask = (uint32_t)_i;
	start();
	run_for(10 * USEC_S);
	/* Beats may be lost as well, and a second one begun beside it. */
	ck_assert_uint_ge(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(count(NEWS_UNREACHABLE) + count(NEWS_LOST), 0);
	ck_assert(rig.up.is_up);
	tear_down();
}
END_TEST

START_TEST(a_registration_that_is_never_confirmed_is_none)
{
	set_up(1, "198.51.100.1", NULL);
	rig.fakes[0].silence = FAKE_NO_BEAT;
	start();
	run_for(11 * USEC_S);
	ck_assert_uint_eq(count(NEWS_UNREACHABLE), 1);
	ck_assert(!rig.up.is_up && !rig.up.has_session);
	rig.fakes[0].silence = 0;
	run_for(2 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

/* ---- staying ---- */

START_TEST(a_heartbeat_goes_out_every_20_to_25_s)
{
	unsigned beats;

	set_up_registered();
	beats = rig.fakes[0].beats;
	run_for(1000 * USEC_S);
	ck_assert_uint_ge(rig.fakes[0].beats - beats, 40);
	ck_assert_uint_le(rig.fakes[0].beats - beats, 50);
	ck_assert_uint_eq(rig.told_count, 0);
	tear_down();
}
END_TEST

/* What the server advertises is not always sane. */
START_TEST(no_server_makes_us_beat_all_the_time_or_never)
{
	static const uint8_t spans[][2] = { { 0, 0 }, { 0, 255 }, { 255, 255 },
		{ 255, 1 }, { 1, 1 } };
	size_t i;

	for (i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		set_up(1, "198.51.100.1", NULL);
		rig.fakes[0].accept.beat_min_s = spans[i][0];
		rig.fakes[0].accept.beat_max_s = spans[i][1];
		start();
		run_for(600 * USEC_S);
		ck_assert_uint_ge(rig.fakes[0].beats, 10);
		ck_assert_uint_le(rig.fakes[0].beats, 121);
		tear_down();
	}
}
END_TEST

START_TEST(lost_heartbeats_are_repeated_after_1_2_and_4_s)
{
	usec_t first;
	unsigned n;

	set_up_registered();
	rig.sites[0].is_cut = rig.sites[0].hole = true;
	first = rig.up.beat_at;
	n = rig.packets;
	run_until(first + 3 * USEC_S - 1);
	ck_assert_uint_eq(rig.packets - n, 2);
	ck_assert_uint_eq(rig.sent_at[n % 64], first);
	ck_assert_uint_eq(rig.sent_at[(n + 1) % 64], first + 1 * USEC_S);
	/* In doubt it knocks beside. */
	run_for(1);
	ck_assert_int_eq(rig.up.state, UPLINK_KNOCKING);
	ck_assert(rig.up.is_up);
	run_until(first + 11 * USEC_S - 1);
	ck_assert_uint_eq(count(NEWS_LOST), 0);
	run_for(1);
	ck_assert_uint_eq(count(NEWS_LOST), 1);
	ck_assert(!rig.up.is_up);
	rig.sites[0].is_cut = false;
	run_for(20 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(count(NEWS_LOST), 1);
	tear_down();
}
END_TEST

START_TEST(a_session_in_doubt_that_answers_goes_on)
{
	uint32_t index;

	set_up_registered();
	index = rig.up.own_index;
	rig.fakes[0].silence = FAKE_MUTE;
	run_until(rig.up.beat_at + 4 * USEC_S);
	ck_assert_int_eq(rig.up.state, UPLINK_KNOCKING);
	rig.fakes[0].silence = FAKE_NO_HELLO;
	run_for(4 * USEC_S);
	ck_assert_int_eq(rig.up.state, UPLINK_IDLE);
	ck_assert_uint_eq(rig.up.own_index, index);
	run_for(600 * USEC_S);
	ck_assert_uint_eq(rig.told_count, 0);
	ck_assert(!rig.is_dialled);
	tear_down();
}
END_TEST

START_TEST(a_restarted_server_is_found_again_within_30_s)
{
	usec_t at;

	set_up_registered();
	run_for(100 * USEC_S);
	fake_restart(&rig.fakes[0]);
	at = rig.now;
	while (count(NEWS_REGISTERED) == 0) {
		run_for(100 * USEC_MS);
		ck_assert_uint_le(rig.now - at, 30 * USEC_S);
	}
	ck_assert_uint_eq(count(NEWS_LOST), 0);
	ck_assert_str_eq(rig.fakes[0].wanted, "ann");
	tear_down();
}
END_TEST

START_TEST(a_goodbye_says_when_to_come_back)
{
	uint8_t out[FAKE_PACKET];
	unsigned hellos;

	set_up_registered();
	hellos = rig.fakes[0].hellos;
	fly(0, false, false, out, fake_goodbye(&rig.fakes[0], 7000, out));
	fake_restart(&rig.fakes[0]);
	run_for(ONE_WAY);
	ck_assert_uint_eq(count(NEWS_STOPPED), 1);
	ck_assert_uint_eq(last(NEWS_STOPPED)->news.ms, 7000);
	ck_assert(!rig.up.is_up);
	run_for(7 * USEC_S - 1);
	ck_assert_uint_eq(rig.fakes[0].hellos, hellos);
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

START_TEST(no_goodbye_keeps_us_away_for_more_than_a_minute)
{
	uint8_t out[FAKE_PACKET];

	set_up_registered();
	fly(0, false, false, out, fake_goodbye(&rig.fakes[0], UINT32_MAX,
	    out));
	run_for(62 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	tear_down();
}
END_TEST

START_TEST(keys_are_fresh_every_day)
{
	struct session_keys old;
	uint32_t index;

	set_up_registered();
	old = rig.up.session.keys;
	index = rig.up.own_index;
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LEAVE, 1, "x",
	    1));
	run_for(24 * 3600 * USEC_S - 2 * USEC_S);
	ck_assert_uint_eq(rig.up.own_index, index);
	run_for(3601 * USEC_S);
	ck_assert_uint_ne(rig.up.own_index, index);
	ck_assert_mem_ne(old.send, rig.up.session.keys.send, KEY_LEN);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(count(NEWS_LOST), 0);
	tear_down();
}
END_TEST

/* The old keys are gone, and the new ones were never confirmed. */
START_TEST(a_new_registration_that_is_not_confirmed_leaves_none)
{
	set_up_registered();
	run_until(rig.up.rekey_at - 1);
	rig.fakes[0].silence = FAKE_NO_BEAT;
	run_for(11 * USEC_S);
	ck_assert(!rig.up.has_session);
	ck_assert(!rig.up.is_up);
	rig.fakes[0].silence = 0;
	run_for(30 * USEC_S);
	ck_assert(rig.up.is_up);
	tear_down();
}
END_TEST

START_TEST(doubt_asks_at_once)
{
	unsigned beats;

	set_up_registered();
	run_for(5 * USEC_S);
	beats = rig.fakes[0].beats;
	uplink_doubt(&rig.up, rig.now);
	run_for(ONE_WAY);
	ck_assert_uint_eq(rig.fakes[0].beats, beats + 1);
	tear_down();
}
END_TEST

START_TEST(another_address_seen_is_news)
{
	set_up_registered();
	rig.fakes[0].accept.seen = addr_v4(192, 0, 2, 99, 1234);
	run_for(26 * USEC_S);
	ck_assert_uint_eq(count(NEWS_SEEN), 1);
	ck_assert_uint_eq(rig.self.seen.port, 1234);
	run_for(100 * USEC_S);
	ck_assert_uint_eq(count(NEWS_SEEN), 1);
	tear_down();
}
END_TEST

/* ---- over TCP ---- */

static void
set_up_over_tcp(void)
{
	set_up(1, "198.51.100.1", NULL);
	rig.sites[0].is_cut = true;
	start();
	run_for(2 * USEC_S);
	ck_assert(rig.up.is_up && rig.up.session_tcp);
	rig.told_count = 0;
}

START_TEST(a_session_over_tcp_beats_on_its_stream)
{
	unsigned beats;

	set_up_over_tcp();
	beats = rig.fakes[0].beats;
	run_for(100 * USEC_S);
	ck_assert_uint_ge(rig.fakes[0].beats - beats, 4);
	ck_assert_uint_eq(rig.dial_count, 1);
	ck_assert_uint_eq(rig.told_count, 0);
	tear_down();
}
END_TEST

/* The port of this stream is of no use to any peer. */
START_TEST(the_port_of_the_uplink_is_not_our_tcp_address)
{
	set_up_over_tcp();
	run_for(100 * USEC_S);
	ck_assert_uint_ne(rig.self.seen_tcp.port, 5555);
	rig.self.seen_tcp = addr_v4(192, 0, 2, 7, 7777);
	run_for(100 * USEC_S);
	ck_assert_uint_eq(rig.self.seen_tcp.port, 7777);
	tear_down();
}
END_TEST

START_TEST(a_stream_that_ends_is_dialled_again)
{
	set_up_over_tcp();
	run_for(5 * USEC_S);
	stream_ends(E_IO);
	run_for(2 * USEC_S);
	ck_assert_uint_eq(rig.dial_count, 2);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(count(NEWS_LOST), 0);
	tear_down();
}
END_TEST

START_TEST(udp_that_works_again_is_used)
{
	set_up_over_tcp();
	rig.sites[0].is_cut = false;
	run_for(35 * USEC_S);
	ck_assert(rig.up.is_up && !rig.up.session_tcp);
	ck_assert(!rig.is_dialled);
	ck_assert_uint_eq(rig.self.seen.port, 9001);
	run_for(100 * USEC_S);
	ck_assert_uint_eq(count(NEWS_LOST), 0);
	tear_down();
}
END_TEST

/* A stream of a handshake that is not needed any more takes nothing along. */
START_TEST(a_stream_that_ends_in_a_handshake_leaves_the_session_alone)
{
	set_up_registered();
	rig.sites[0].is_cut = true;
	rig.fakes[0].silence = FAKE_NO_INIT;
	run_until(rig.up.beat_at + 3 * USEC_S + 800 * USEC_MS);
	ck_assert_int_eq(rig.up.state, UPLINK_SHAKING);
	ck_assert(rig.up.is_tcp);
	stream_ends(E_IO);
	rig.sites[0].is_cut = false;
	run_for(4 * USEC_S);
	ck_assert(rig.up.is_up && rig.up.has_session);
	ck_assert_uint_eq(rig.told_count, count(NEWS_UNREACHABLE));
	tear_down();
}
END_TEST

/* ---- calls and pushes ---- */

START_TEST(a_call_is_repeated_until_it_is_answered_once)
{
	uint8_t out[FAKE_PACKET];
	const struct fake_call *call;

	set_up_registered();
	rig.fakes[0].is_forgetful = true;
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LOOKUP, 77,
	    "\x03" "bob", 4));
	drain();
	run_for(USEC_S);
	ck_assert_uint_eq(fake_count(&rig.fakes[0], OP_LOOKUP), 3);
	call = fake_called(&rig.fakes[0], OP_LOOKUP);
	ck_assert_uint_eq(call->len, 4);
	fly(0, false, false, out, fake_reply(&rig.fakes[0], call->id,
	    STATUS_OK, "yes", 3, out));
	fly(0, false, false, out, fake_reply(&rig.fakes[0], call->id,
	    STATUS_GONE, "no", 2, out));
	run_for(10 * USEC_S);
	ck_assert_uint_eq(rig.told_count, 1);
	ck_assert_int_eq(rig.told[0].news.kind, NEWS_REPLY);
	ck_assert_uint_eq(rig.told[0].news.op, OP_LOOKUP);
	ck_assert_uint_eq(rig.told[0].news.tag, 77);
	ck_assert_uint_eq(rig.told[0].news.status, STATUS_OK);
	ck_assert_mem_eq(rig.told[0].body, "yes", 3);
	ck_assert_uint_eq(fake_count(&rig.fakes[0], OP_LOOKUP), 3);
	tear_down();
}
END_TEST

START_TEST(a_call_made_early_leaves_with_the_registration)
{
	set_up(1, "198.51.100.1", NULL);
	fake_answers(&rig.fakes[0], OP_LIST, STATUS_OK, "", 0);
	start();
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LIST, 1, "", 0));
	run_for(USEC_S);
	ck_assert_uint_eq(count(NEWS_REPLY), 1);
	tear_down();
}
END_TEST

START_TEST(a_call_survives_a_restart_of_the_server)
{
	set_up_registered();
	fake_restart(&rig.fakes[0]);
	uplink_doubt(&rig.up, rig.now);
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LIST, 1, "", 0));
	fake_answers(&rig.fakes[0], OP_LIST, STATUS_OK, "", 0);
	run_for(15 * USEC_S);
	ck_assert_uint_eq(count(NEWS_REGISTERED), 1);
	ck_assert_uint_eq(count(NEWS_REPLY), 1);
	ck_assert_uint_eq(count(NEWS_CALL_FAILED), 0);
	tear_down();
}
END_TEST

START_TEST(a_call_that_nobody_answers_fails_after_20_s)
{
	set_up_registered();
	ck_assert(uplink_call(&rig.up, &rig.self, rig.now, OP_LIST, 5, "", 0));
	run_for(20 * USEC_S - 1);
	ck_assert_uint_eq(rig.told_count, 0);
	run_for(1);
	ck_assert_uint_eq(rig.told_count, 1);
	ck_assert_int_eq(rig.told[0].news.kind, NEWS_CALL_FAILED);
	ck_assert_uint_eq(rig.told[0].news.op, OP_LIST);
	ck_assert_uint_eq(rig.told[0].news.tag, 5);
	tear_down();
}
END_TEST

START_TEST(a_push_is_acknowledged_and_told)
{
	uint8_t out[FAKE_PACKET];

	set_up_registered();
	fly(0, false, false, out, fake_push(&rig.fakes[0], PUSH_DENY,
	    "sixteen bytes...\x01", 17, out));
	run_for(RTT);
	ck_assert_uint_eq(count(NEWS_PUSH), 1);
	ck_assert_uint_eq(last(NEWS_PUSH)->news.push, PUSH_DENY);
	ck_assert_uint_eq(last(NEWS_PUSH)->news.body.len, 17);
	ck_assert_mem_eq(last(NEWS_PUSH)->body, "sixteen bytes...\x01", 17);
	ck_assert_uint_eq(rig.fakes[0].acked, rig.fakes[0].pushes);
	tear_down();
}
END_TEST

/* Nothing has changed, but for the room that packets are opened in. */
static void
ck_same(const struct uplink *before)
{
	static struct uplink after;

	after = rig.up;
	memcpy(after.plain, before->plain, sizeof after.plain);
	must(memcmp(before, &after, sizeof after) == 0, "something changed");
}

/* security.md P1: not a bit of the state moves. */
START_TEST(forged_packets_change_nothing)
{
	uint8_t out[FAKE_PACKET];
	struct uplink before;
	size_t len, i;

	set_up_registered();
	len = fake_push(&rig.fakes[0], PUSH_DENY, "sixteen bytes...\x01", 17,
	    out);
	before = rig.up;
	for (i = 0; i < 8 * len; i++) {
		out[i / 8] ^= (uint8_t)(1 << i % 8);
		hand(0, false, out, len);
		out[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_same(&before);
	}
	for (i = 0; i < len; i++)
		hand(0, false, out, i);
	ck_same(&before);
	hand(0, false, out, len);
	ck_assert_uint_eq(rig.told_count, 1);
	/* Nor does the same one again. */
	before = rig.up;
	hand(0, false, out, len);
	ck_same(&before);
	ck_assert_uint_eq(rig.told_count, 1);
	tear_down();
}
END_TEST

START_TEST(the_longest_call_fits_a_datagram)
{
	static const uint8_t body[DGRAM_MAX];
	size_t len;

	set_up_registered();
	for (len = 1100; len <= DGRAM_MAX; len++)
		uplink_call(&rig.up, &rig.self, rig.now, OP_RESUME, len, body,
		    len);
	drain();
	tear_down();
}
END_TEST

/* ---- the end ---- */

START_TEST(leaving_says_goodbye_and_keeps_no_key)
{
	static const uint8_t zeros[KEY_LEN];
	unsigned n;

	set_up_registered();
	uplink_stop(&rig.up, &rig.self, rig.now);
	drain();
	run_for(ONE_WAY);
	ck_assert_uint_eq(rig.fakes[0].goodbyes, 1);
	ck_assert(!rig.up.is_up);
	ck_assert_mem_eq(rig.up.session.keys.send, zeros, KEY_LEN);
	ck_assert_mem_eq(rig.up.session.keys.recv, zeros, KEY_LEN);
	ck_assert_uint_eq(uplink_deadline(&rig.up), USEC_NEVER);
	n = rig.packets;
	run_for(100 * USEC_S);
	ck_assert_uint_eq(rig.packets, n);
	tear_down();
}
END_TEST

static TCase *
case_of(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	suite_add_tcase(s, tc);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *s = suite_create("uplink");
	TCase *tc = case_of(s, "registration");

	tcase_add_test(tc, three_round_trips_register);
	tcase_add_test(tc, a_host_name_is_looked_up);
	tcase_add_test(tc, a_name_that_is_not_found_is_looked_up_again);
	tcase_add_test(tc, several_addresses_are_tried_in_turn);
	tcase_add_test(tc, a_silent_server_is_unreachable_after_10_s);
	tcase_add_test(tc, tcp_is_tried_600_ms_after_an_unanswered_hello);
	tcase_add_test(tc, udp_that_answers_in_time_wants_no_tcp);
	tcase_add_test(tc, a_stream_that_is_not_needed_is_closed);
	tcase_add_test(tc, tcp_goes_on_to_the_next_address_when_one_refuses);
	tcase_add_test(tc,
	    tcp_goes_on_to_the_next_address_when_one_says_nothing);
	tcase_add_loop_test(tc, registration_survives_every_pattern_of_loss,
	    0, 256);
	tcase_add_test(tc, a_registration_that_is_never_confirmed_is_none);
	tc = case_of(s, "refusals");
	tcase_add_test(tc, a_refused_name_waits_for_another_one);
	tcase_add_test(tc, a_full_server_is_asked_again);
	tcase_add_test(tc,
	    a_server_that_gives_what_is_no_name_is_not_believed);
	tc = case_of(s, "keys");
	tcase_add_test(tc, a_pinned_key_is_used_whatever_a_cookie_shows);
	tcase_add_test(tc, a_changed_key_stops_us_after_3_s);
	tcase_add_test(tc,
	    a_silent_server_with_a_pin_is_unreachable_and_no_more);
	tcase_add_test(tc,
	    whoever_answers_first_cannot_keep_us_from_the_pinned_key);
	tcase_add_test(tc,
	    a_stranger_at_the_first_address_does_not_hide_the_second);
	tcase_add_test(tc, a_cookie_for_another_nonce_is_nothing);
	tcase_add_test(tc,
	    every_damaged_answer_is_ignored_and_the_true_one_is_not);
	tc = case_of(s, "staying");
	tcase_add_test(tc, a_heartbeat_goes_out_every_20_to_25_s);
	tcase_add_test(tc, no_server_makes_us_beat_all_the_time_or_never);
	tcase_add_test(tc, lost_heartbeats_are_repeated_after_1_2_and_4_s);
	tcase_add_test(tc, a_session_in_doubt_that_answers_goes_on);
	tcase_add_test(tc, a_restarted_server_is_found_again_within_30_s);
	tcase_add_test(tc, a_goodbye_says_when_to_come_back);
	tcase_add_test(tc, no_goodbye_keeps_us_away_for_more_than_a_minute);
	tcase_add_test(tc, keys_are_fresh_every_day);
	tcase_add_test(tc,
	    a_new_registration_that_is_not_confirmed_leaves_none);
	tcase_add_test(tc, doubt_asks_at_once);
	tcase_add_test(tc, another_address_seen_is_news);
	tc = case_of(s, "tcp");
	tcase_add_test(tc, a_session_over_tcp_beats_on_its_stream);
	tcase_add_test(tc, the_port_of_the_uplink_is_not_our_tcp_address);
	tcase_add_test(tc, a_stream_that_ends_is_dialled_again);
	tcase_add_test(tc, udp_that_works_again_is_used);
	tcase_add_test(tc,
	    a_stream_that_ends_in_a_handshake_leaves_the_session_alone);
	tc = case_of(s, "calls");
	tcase_add_test(tc, a_call_is_repeated_until_it_is_answered_once);
	tcase_add_test(tc, a_call_made_early_leaves_with_the_registration);
	tcase_add_test(tc, a_call_survives_a_restart_of_the_server);
	tcase_add_test(tc, a_call_that_nobody_answers_fails_after_20_s);
	tcase_add_test(tc, a_push_is_acknowledged_and_told);
	tcase_add_test(tc, forged_packets_change_nothing);
	tcase_add_test(tc, the_longest_call_fits_a_datagram);
	tc = case_of(s, "the end");
	tcase_add_test(tc, leaving_says_goodbye_and_keeps_no_key);
	return s;
}
