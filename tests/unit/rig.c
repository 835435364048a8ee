#include "rig.h"

#include "err.h"
#include "runner.h"

#include <string.h>

struct rig rig;

void
rig_set_up(size_t sites, const char *host, const uint8_t *pin)
{
	static const char *const labels[] = { "one", "two", "three", "four" };
	size_t i;

	memset(&rig, 0, sizeof rig);
	rig.now = RIG_START;
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

void
rig_tear_down(void)
{
	uplink_fini(&rig.up);
	outbox_fini(&rig.self.out);
}

/* ---- the way ---- */

struct flight *
rig_fly(int site, bool is_up, bool is_tcp, const void *buf, size_t len)
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
	rig.no_route |= rig.sites[site].has_no_route ? 1u << site : 0;
	if (!rig.sites[site].is_cut && !rig.sites[site].has_no_route)
		rig_fly(site, true, false, act->buf, act->len);
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
	f = rig_fly(site, false, true, "", 0);
	f->is_connect = true;
	f->at = rig.now + RTT;
}

void
rig_drain(void)
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
				rig_fly(rig.tcp_site, true, true, act.buf + 2,
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
	rig_drain();
}

static void
tell(const struct input *in)
{
	uplink_input(&rig.up, &rig.self, rig.now, in);
	take_news();
}

/* What could not be sent is told after what wanted to. */
static void
tell_no_routes(void)
{
	struct input in = { .kind = IN_NO_ROUTE, .sock = SOCK_UDP4 };
	uint32_t sites = rig.no_route;

	rig.no_route = 0;
	for (size_t i = 0; i < rig.site_count; i++)
		if (sites >> i & 1) {
			in.from = rig.sites[i].addr;
			tell(&in);
		}
}

/* A packet reaches the uplink. */
void
rig_hand(int site, bool is_tcp, const uint8_t *buf, size_t len)
{
	uplink_packet(&rig.up, &rig.self, rig.now, is_tcp ? NULL :
	    &rig.sites[site].addr, buf, len);
	take_news();
}

void
rig_stream_ends(int err)
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
			rig_fly(f->site, false, f->is_tcp, out, len);
	} else
		rig_hand(f->site, f->is_tcp, f->buf, f->len);
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
	tell_no_routes();
}

void
rig_run_until(usec_t end)
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

void
rig_run_for(usec_t span)
{
	rig_run_until(rig.now + span);
}

void
rig_start(void)
{
	uplink_start(&rig.up, &rig.self, rig.now);
	take_news();
}

/* ---- what was told ---- */

size_t
rig_count(enum news_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < rig.told_count; i++)
		n += rig.told[i].news.kind == kind;
	return n;
}

const struct told *
rig_last(enum news_kind kind)
{
	size_t i = rig.told_count;

	while (i-- > 0)
		if (rig.told[i].news.kind == kind)
			return &rig.told[i];
	ck_abort_msg("no news of kind %d", (int)kind);
	return NULL;
}

void
rig_resolved(size_t n)
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
void
rig_set_up_registered(void)
{
	rig_set_up(1, "198.51.100.1", NULL);
	memcpy(rig.up.wanted, "ann", 4);
	rig_start();
	rig_run_for(USEC_S);
	ck_assert(rig.up.is_up);
	ck_assert_uint_eq(rig_count(NEWS_REGISTERED), 1);
	rig.told_count = 0;
}
