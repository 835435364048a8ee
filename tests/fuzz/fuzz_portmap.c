/* A router that says anything at any time, on both sockets: no address that
 * leads nowhere is ever ours, and no number of answers makes a storm of
 * requests. An input is a row of messages: a byte that says on which socket and
 * whether it repeats what was asked of it, one for the time until then, the
 * length, and what it says. */
#include "fuzz.h"

#include "portmap.h"

#include <string.h>

enum { SOCK = 1, EAR = 2, ON_EAR = 1, BY_UPNP = 2, AS_ASKED = 4, PACE_MS = 40,
	TURNS_MAX = 1000 };

struct world {
	struct self self;
	struct portmap p;
	struct addr router;
	usec_t now;
	size_t asked;
	uint8_t last[PCP_MAP_LEN]; /* the last request for a mapping of PCP */
};

static void
drain(struct world *w)
{
	struct act act;

	while (outbox_next(&w->self.out, &act)) {
		w->asked += act.kind == ACT_SEND || act.kind == ACT_UPNP;
		if (act.kind == ACT_SEND && act.len == PCP_MAP_LEN)
			memcpy(w->last, act.buf, PCP_MAP_LEN);
	}
}

static void
check(const struct world *w)
{
	for (int i = 0; i < PORTMAP_PORTS; i++) {
		const struct portmap_lease *l = &w->p.leases[i];
		enum addr_class class = addr_class(&l->external);

		if (!addr_is_set(&l->external))
			continue;
		assert(class == ADDR_IS_PUBLIC || class == ADDR_IS_PRIVATE ||
		    class == ADDR_IS_SHARED);
		assert(l->external.port != 0);
		assert(l->until > w->now || l->ask_at != USEC_NEVER);
	}
}

static void
run(struct world *w, usec_t duration)
{
	const usec_t end = w->now + duration;
	int turns = 0;

	while (portmap_deadline(&w->p) <= end) {
		assert(++turns < TURNS_MAX);
		if (portmap_deadline(&w->p) > w->now)
			w->now = portmap_deadline(&w->p);
		portmap_expire(&w->p, &w->self, w->now);
		drain(w);
	}
	w->now = end;
}

static void
say(struct world *w, uint8_t how, const uint8_t *what, size_t len)
{
	uint8_t buf[256];
	struct input in = { .kind = IN_DGRAM, .from = w->router, .buf = buf,
		.len = len, .sock = how & ON_EAR ? EAR : SOCK };

	memcpy(buf, what, len);
	/* Nobody guesses a nonce. */
	if (how & AS_ASKED && len >= 42)
		memcpy(buf + 24, w->last + 24, 18);
	if (how & BY_UPNP) {
		in.kind = IN_UPNP;
		in.sock = SOCK;
		in.err = len > 0 ? what[0] % 4 : 0;
		in.id = len > 1 ? what[1] : 0;
		in.from = len > 7 ? addr_v4(what[2], what[3], what[4], what[5],
		    what[6]) : (struct addr) { 0 };
		in.to = in.from;
	}
	portmap_input(&w->p, &w->self, w->now, &in);
	drain(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct addr local = addr_v4(192, 168, 1, 2, 9001);
	const struct input opened = { .kind = IN_OPENED, .sock = SOCK };
	const uint8_t seed[RNG_SEED_LEN] = { 7 };
	struct rd r = rd_of(data, size);
	struct world w = { .now = USEC_S,
		.router = addr_v4(192, 168, 1, 1, PCP_PORT) };
	usec_t began = w.now;
	size_t said = 0;

	assert(outbox_init(&w.self.out, 256, 65536));
	rng_init(&w.self.rng, seed);
	portmap_init(&w.p, SOCK, EAR);
	portmap_aim(&w.p, &w.self, w.now, &w.router, &local);
	portmap_input(&w.p, &w.self, w.now, &opened);
	while (r.len > 2) {
		uint8_t how = get_u8(&r), pause = get_u8(&r);
		size_t len = get_u8(&r);

		if (len > r.len)
			len = r.len;
		run(&w, pause * PACE_MS * USEC_MS);
		say(&w, how, get_bytes(&r, len), len);
		said++;
		check(&w);
	}
	/* A search takes 16 requests, and what is refused or ends at once makes
	 * another; beyond that all goes by the clock. */
	assert(w.asked <= 64 + 4 * said + 4 * ((w.now - began) / USEC_S));
	outbox_fini(&w.self.out);
	return 0;
}
