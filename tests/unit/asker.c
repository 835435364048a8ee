#include "asker.h"

#include "runner.h"

#include <string.h>

struct asker r;

void
drain(void)
{
	struct act act;

	while (outbox_next(&r.self.out, &act)) {
		struct asked *a = &r.asked[r.count++];

		ck_assert_uint_le(r.count, ACTS);
		ck_assert(act.sock == SOCK || (act.sock == EAR &&
		    (act.kind == ACT_OPEN || act.kind == ACT_CLOSE)));
		ck_assert_uint_le(act.len, sizeof a->buf);
		*a = (struct asked) { .kind = act.kind, .sock = act.sock,
			.at = r.now, .len = act.len, .from = act.from,
			.to = act.to, .id = act.id };
		if (act.len > 0)
			memcpy(a->buf, act.buf, act.len);
	}
}

/* Lets time pass, wake-up for wake-up. */
void
run_until(usec_t until)
{
	while (portmap_deadline(&r.p) <= until) {
		usec_t at = portmap_deadline(&r.p);

		ck_assert_uint_ge(at + 1, r.now);
		r.now = at > r.now ? at : r.now;
		portmap_expire(&r.p, &r.self, r.now);
		drain();
	}
	r.now = until;
}

void
run(usec_t duration)
{
	run_until(r.now + duration);
}

static void
tell(enum in_kind kind, int err)
{
	struct input in = { .kind = kind, .sock = SOCK, .err = err };

	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
}

void
begin(const char *router, const char *local)
{
	const uint8_t seed[RNG_SEED_LEN] = { 1 };

	memset(&r, 0, sizeof r);
	rng_init(&r.self.rng, seed);
	r.now = 1000 * USEC_S;
	ck_assert(outbox_init(&r.self.out, ACTS, 65536));
	memset(r.self.identity.secret, 7, KEY_LEN);
	ck_assert(addr_parse(router, 5351, &r.router));
	ck_assert(addr_parse(local, 9001, &r.local));
	portmap_init(&r.p, SOCK, EAR);
	portmap_aim(&r.p, &r.self, r.now, &r.router, &r.local);
	drain();
	ck_assert_uint_ge(r.count, 1);
	ck_assert_int_eq(r.asked[0].kind, ACT_OPEN);
	ck_assert_int_eq(r.asked[0].sock, SOCK);
	ck_assert(addr_same_ip(&r.asked[0].from, &r.local));
	ck_assert_uint_eq(r.asked[0].from.port, 0);
	r.count = 0;
	tell(IN_OPENED, E_OK);
	run(0);
}

void
begin_v4(void)
{
	begin("192.168.1.1", "192.168.1.2");
}

void
end(void)
{
	outbox_fini(&r.self.out);
}

/* ---- what it asks ---- */

bool
is_pmp(const struct asked *a, enum natpmp_op op)
{
	return a->kind == ACT_SEND && a->buf[0] == 0 && a->buf[1] == op;
}

bool
is_pcp(const struct asked *a, uint8_t protocol)
{
	return a->kind == ACT_SEND && a->len == PCP_MAP_LEN &&
	    a->buf[0] == 2 && a->buf[36] == protocol;
}

size_t
count_pmp(enum natpmp_op op)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += is_pmp(&r.asked[i], op);
	return n;
}

size_t
count_pcp(uint8_t protocol)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += is_pcp(&r.asked[i], protocol);
	return n;
}

size_t
count_upnp(void)
{
	size_t n = 0;

	for (size_t i = 0; i < r.count; i++)
		n += r.asked[i].kind == ACT_UPNP;
	return n;
}

/* ---- what it hears ---- */

void
hear_on(int sock, const char *from, const void *buf, size_t len)
{
	struct input in = { .kind = IN_DGRAM, .sock = sock, .buf = buf,
		.len = len };

	ck_assert(addr_parse(from, 5351, &in.from));
	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
}

void
answer_from(const char *from, const void *buf, size_t len)
{
	hear_on(SOCK, from, buf, len);
}

void
answer(const void *buf, size_t len)
{
	answer_from("192.168.1.1", buf, len);
}

void
answer_hex(const char *hex)
{
	uint8_t buf[128];

	answer(buf, unhex(hex, buf, sizeof buf));
}

void
pmp_address(uint32_t epoch_s, uint8_t last)
{
	uint8_t buf[12];
	struct wr w = wr_of(buf, sizeof buf);

	put_u32(&w, 0x00800000);
	put_u32(&w, epoch_s);
	put_u32(&w, 0xcb007100u + last);
	answer(buf, w.len);
}

void
pmp_map(uint8_t op, uint16_t result, uint32_t epoch_s, uint16_t port,
    uint32_t lifetime_s)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);

	put_u8(&w, 0);
	put_u8(&w, 128 + op);
	put_u16(&w, result);
	put_u32(&w, epoch_s);
	put_u16(&w, 9001);
	put_u16(&w, port);
	put_u32(&w, lifetime_s);
	answer(buf, w.len);
}

/* To the last request of PCP for that protocol, at 203.0.113.7 or (IPv6) as it
 * was asked for. */
void
pcp_answer_from(const char *from, uint8_t protocol, uint8_t result,
    uint32_t epoch_s, uint32_t lifetime_s)
{
	uint8_t buf[PCP_MAP_LEN];
	struct wr w = wr_of(buf, sizeof buf);
	size_t i = r.count;

	while (i > 0 && !is_pcp(&r.asked[i - 1], protocol))
		i--;
	ck_assert_uint_gt(i, 0);
	memcpy(buf, r.asked[i - 1].buf, sizeof buf);
	buf[1] |= 0x80;
	buf[3] = result;
	w.len = 4;
	put_u32(&w, lifetime_s);
	put_u32(&w, epoch_s);
	put_zeros(&w, 12);
	if (r.local.family == ADDR_V4) {
		w.len = 44;
		put_zeros(&w, 10);
		put_u16(&w, 0xffff);
		put_u32(&w, 0xcb007107);
	} else
		memcpy(buf + 44, r.local.ip, 16);
	answer_from(from, buf, sizeof buf);
}

void
pcp_answer(uint8_t protocol, uint8_t result, uint32_t epoch_s,
    uint32_t lifetime_s)
{
	pcp_answer_from("192.168.1.1", protocol, result, epoch_s, lifetime_s);
}

void
upnp_answer(int err, const char *udp, const char *tcp, uint32_t lifetime_s)
{
	struct input in = { .kind = IN_UPNP, .sock = SOCK, .err = err,
		.id = lifetime_s };

	if (udp != NULL)
		ck_assert(addr_parse(udp, 1, &in.from));
	if (tcp != NULL)
		ck_assert(addr_parse(tcp, 1, &in.to));
	portmap_input(&r.p, &r.self, r.now, &in);
	drain();
}

void
has_mapping(enum mapping_protocol protocol, const char *udp)
{
	struct mapping_report m;
	struct addr want;

	portmap_report(&r.p, r.now, &m);
	ck_assert_int_eq(m.state, MAPPING_OPEN);
	ck_assert_int_eq(m.protocol, protocol);
	ck_assert(addr_parse(udp, 1, &want));
	ck_assert(addr_eq(&m.udp, &want));
}

void
is_in_state(enum mapping_state state)
{
	struct mapping_report m;

	portmap_report(&r.p, r.now, &m);
	ck_assert_int_eq(m.state, state);
	ck_assert(!addr_is_set(&m.udp) && !addr_is_set(&m.tcp));
}

void
map_by_pmp(void)
{
	begin_v4();
	pmp_address(1000, 7);
	run(250 * USEC_MS);
	pmp_map(NATPMP_MAP_UDP, 0, 1000, 9001, 7200);
	pmp_map(NATPMP_MAP_TCP, 0, 1000, 9001, 7200);
	has_mapping(MAPPING_BY_NATPMP, "203.0.113.7:9001");
	r.count = 0;
	r.p.has_news = false;
}

void
map_by_pcp(void)
{
	begin_v4();
	pcp_answer(PCP_UDP, 0, 1000, 7200);
	run(0);
	pcp_answer(PCP_TCP, 0, 1000, 7200);
	has_mapping(MAPPING_BY_PCP, "203.0.113.7:9001");
	r.count = 0;
	r.p.has_news = false;
}
