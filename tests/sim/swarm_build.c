#include "swarm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const swarm_class_names[SWARM_CLASSES] = {
	[SWARM_LINKS] = "links", [SWARM_NATS] = "nats",
	[SWARM_CRASHES] = "crashes", [SWARM_MOVES] = "moves",
	[SWARM_SLEEP] = "sleep", [SWARM_SERVER] = "server",
	[SWARM_HOSTILE] = "hostile", [SWARM_TCP] = "tcp",
	[SWARM_EXITS] = "exits",
};

struct swarm *
swarm_new(uint64_t seed, uint32_t without, bool is_traced)
{
	struct swarm *w = calloc(1, sizeof *w);

	assert(w != NULL);
	w->s = sim_new(seed);
	w->s->is_patient = true;
	w->s->is_traced |= is_traced;
	rng_init_test(&w->rng, seed, "swarm");
	w->without = without;
	w->server_back = USEC_NEVER;
	for (size_t i = 0; i < USERS_MAX; i++)
		w->users[i].back = w->users[i].wakes = w->users[i].uncut =
		    USEC_NEVER;
	return w;
}

void
swarm_free(struct swarm *w)
{
	sim_free(w->s);
	rng_fini(&w->rng);
	free(w);
}

bool
swarm_chance(struct swarm *w, uint32_t in)
{
	return rng_below(&w->rng, in) == 0;
}

bool
swarm_has(const struct swarm *w, enum swarm_class class)
{
	return !(w->without >> class & 1);
}

static struct nat_conf
random_nat(struct swarm *w)
{
	struct nat_conf conf = { .hairpin = NAT_HAIRPIN_NO };

	/* Two thirds are easy, as in the field (nat.md section 2). */
	if (swarm_chance(w, 3))
		conf.mapping = (enum nat_scope)rng_below(&w->rng, 3);
	conf.filter = (enum nat_scope)rng_below(&w->rng, 3);
	conf.alloc = (enum nat_alloc)rng_below(&w->rng, 5);
	conf.step = (int)rng_below(&w->rng, 3) + 1;
	conf.cross_per_s = rng_below(&w->rng, 20);
	conf.stray = (enum nat_stray)rng_below(&w->rng, 4);
	if (swarm_chance(w, 3))
		conf.hairpin = (enum nat_hairpin)rng_below(&w->rng, 3);
	if (swarm_chance(w, 3))
		conf.udp_fresh = 30 * USEC_S;
	conf.udp_timer = rng_range(&w->rng, 30, 300) * USEC_S;
	conf.no_refresh_in = swarm_chance(w, 4);
	conf.syn_hold = swarm_chance(w, 4) ? 6 * USEC_S : 0;
	conf.syn_strict = swarm_chance(w, 8);
	conf.tcp_loose = swarm_chance(w, 2);
	conf.tcp_window = swarm_chance(w, 2);
	conf.quiet = swarm_chance(w, 3);
	conf.no_udp = swarm_chance(w, 12);
	return conf;
}

static struct gateway_conf
make_gateway(struct swarm *w)
{
	return (struct gateway_conf) { .natpmp = swarm_chance(w, 2),
		.pcp = swarm_chance(w, 2), .upnp = swarm_chance(w, 2),
		.refuses = swarm_chance(w, 6),
		.lifetime_max_s = swarm_chance(w, 2) ? 120 : 0,
		.port_from = swarm_chance(w, 3) ? 40000 : 0 };
}

struct place
swarm_place(struct swarm *w)
{
	struct sim *s = w->s;
	struct nat_conf nat = random_nat(w);
	struct user *other = s->user_count > 0 ?
	    s->users[rng_below(&w->rng, (uint32_t)s->user_count)] : NULL;
	struct place place;

	switch (rng_below(&w->rng, 10)) {
	case 0:
		place = in_the_open();
		break;
	case 1:
		place = other != NULL && other->router != NULL ?
		    beside(other) : behind(&nat);
		break;
	case 2:
		place = behind_carrier(&nat, NULL);
		break;
	default:
		place = behind(&nat);
	}
	place.has_v6 = swarm_chance(w, 4);
	if ((place.kind == PLACE_HOME || place.kind == PLACE_CARRIER) &&
	    swarm_chance(w, 3))
		place = with_gateway(place, make_gateway(w));
	return place;
}

/* Most links are good; some are very bad. */
static void
random_link(struct swarm *w, struct cable *c)
{
	bool is_bad = swarm_chance(w, 4);
	uint32_t worst = is_bad ? 20 * PER_CENT : PER_CENT;

	c->delay = rng_range(&w->rng, USEC_MS, 120 * USEC_MS);
	if (!swarm_has(w, SWARM_LINKS))
		return;
	c->jitter = rng_below(&w->rng, 30000);
	c->loss = rng_below(&w->rng, worst);
	c->dup = rng_below(&w->rng, worst / 4);
	c->reorder = rng_below(&w->rng, worst / 4);
	c->corrupt = rng_below(&w->rng, worst / 8);
	if (swarm_chance(w, 6))
		c->rate = rng_below(&w->rng, 200000) + 20000;
	if (swarm_chance(w, 6))
		c->mtu = 1280;
}

void
swarm_build(struct swarm *w)
{
	struct sim *s = w->s;
	uint32_t people = 2 + rng_below(&w->rng, 4);
	struct nat_conf wall = { .filter = NAT_APD };
	char name[NAME_SIZE];

	if (swarm_chance(w, 10))
		s->servers[0].conf.probe_port = 0;
	sim_server(s);
	for (uint32_t i = 0; i < people; i++) {
		struct user *u;

		snprintf(name, sizeof name, "guest-%u", w->names++);
		u = sim_user(s, name, swarm_place(w));
		random_link(w, u->router != NULL ? router_cable(u->router) :
		    host_cable(u->host, 0));
		if (swarm_chance(w, 10))
			host_firewall(u->host, &wall);
		host_syn_to_listener(u->host, swarm_chance(w, 8));
		host_hears_ttl(u->host, swarm_chance(w, 8));
		host_silent(u->host, swarm_chance(w, 4));
		u->conf.subscribe = swarm_chance(w, 2);
		u->conf.hidden = swarm_chance(w, 8);
		u->conf.no_relay = swarm_chance(w, 15);
		user_start(u);
	}
	w->ends = rng_range(&w->rng, 60, 240) * USEC_S;
}
