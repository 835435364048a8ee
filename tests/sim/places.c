#include "sim.h"

#include <stdio.h>
#include <string.h>

const struct nat_conf nat_full_cone = { .filter = NAT_EI };
const struct nat_conf nat_restricted = { .filter = NAT_AD };
const struct nat_conf nat_easy = {
	.filter = NAT_APD,
	.hairpin = NAT_HAIRPIN_NO,
	.udp_fresh = 30 * USEC_S,
	.udp_timer = 120 * USEC_S,
};
const struct nat_conf nat_linux = {
	.filter = NAT_APD,
	.hairpin = NAT_HAIRPIN_NO,
	.stray = NAT_STRAY_POISON,
	.udp_fresh = 30 * USEC_S,
	.udp_timer = 120 * USEC_S,
	.tcp_loose = true,
	.tcp_window = true,
};
const struct nat_conf nat_sequential = {
	.mapping = NAT_APD,
	.filter = NAT_APD,
	.alloc = NAT_SEQUENTIAL,
	.hairpin = NAT_HAIRPIN_NO,
	.cross_per_s = 5,
	.udp_timer = 120 * USEC_S,
};
const struct nat_conf nat_random = {
	.mapping = NAT_APD,
	.filter = NAT_APD,
	.alloc = NAT_RANDOM,
	.hairpin = NAT_HAIRPIN_NO,
	.udp_timer = 120 * USEC_S,
};
const struct nat_conf nat_no_udp = {
	.filter = NAT_APD,
	.hairpin = NAT_HAIRPIN_NO,
	.no_udp = true,
};

struct place
in_the_open(void)
{
	return (struct place) { .kind = PLACE_OPEN };
}

struct place
behind(const struct nat_conf *nat)
{
	return (struct place) { .kind = PLACE_HOME, .nat = *nat };
}

struct place
beside(struct user *neighbour)
{
	return (struct place) { .kind = PLACE_BESIDE, .neighbour = neighbour };
}

struct place
behind_carrier(const struct nat_conf *nat, struct user *neighbour)
{
	return (struct place) { .kind = PLACE_CARRIER, .nat = *nat,
		.neighbour = neighbour };
}

struct place
with_ipv6(struct place place)
{
	place.has_v6 = true;
	return place;
}

struct place
ipv6_only(struct place place)
{
	place.has_v6 = place.no_v4 = true;
	return place;
}

struct place
with_gateway(struct place place, struct gateway_conf conf)
{
	place.has_gateway = true;
	place.gateway = conf;
	return place;
}

/* ---- building ---- */

static struct addr
v6_of(unsigned home, uint8_t host)
{
	uint8_t ip[16] = { 0x2a, 0x02, (uint8_t)(home >> 8), (uint8_t)home };

	ip[15] = host;
	return addr_v6(ip, 0);
}

/* A home of its own: everybody's LAN looks the same. */
static void
build_home(struct user *u, struct nat_conf conf, struct net *wan,
    struct addr public, usec_t delay)
{
	struct world *w = u->sim->w;

	conf.inside = addr_v4(192, 168, 1, 1, 0);
	conf.pool[0] = public;
	conf.pool_count = 1;
	u->lan = world_net(w, 0);
	u->wan = wan;
	u->router = world_router(w, u->lan, wan, &conf, cable_access(delay));
}

static struct addr
public_addr(unsigned home)
{
	return addr_v4(85, 2, (uint8_t)home, 1, 0);
}

static struct net *
build_carrier(struct sim *s, struct nat_conf conf)
{
	struct net *net = world_net(s->w, 1);

	const struct addr hop = addr_v4(100, 64, 0, 254, 0);

	net_hops(net, &hop);
	conf.inside = addr_v4(100, 64, 0, 1, 0);
	conf.pool[0] = addr_v4(85, 3, (uint8_t)s->homes, 1, 0);
	conf.pool_count = 1;
	world_router(s->w, net, world_internet(s->w), &conf,
	    cable_access(SIM_ACCESS / 2));
	return net;
}

static void
build_gateway(struct user *u, struct gateway_conf conf, struct addr public)
{
	conf.inside = addr_v4(192, 168, 1, 1, 0);
	conf.outside = public;
	gateway_serve(u->router, &conf);
}

static void
plug_in(struct user *u, const struct place *place, struct addr v4,
    struct addr v6, struct cable cable)
{
	host_plug(u->host, u->lan, place->no_v4 ? NULL : &v4,
	    place->has_v6 ? &v6 : NULL, cable);
}

void
place_user(struct user *u, const struct place *place)
{
	struct sim *s = u->sim;
	unsigned home = ++s->homes;
	const struct user *n = place->neighbour;
	struct addr carried = addr_v4(100, 64, 0, (uint8_t)(10 + home), 0);

	switch (place->kind) {
	case PLACE_OPEN:
		u->lan = world_internet(s->w);
		plug_in(u, place, public_addr(home), v6_of(home, 2),
		    cable_access(SIM_ACCESS));
		return;
	case PLACE_HOME:
		build_home(u, place->nat, world_internet(s->w),
		    public_addr(home), SIM_ACCESS);
		break;
	case PLACE_BESIDE:
		u->lan = n->lan;
		u->wan = n->wan;
		u->router = n->router;
		plug_in(u, place, addr_v4(192, 168, 1, (uint8_t)(10 + home), 0),
		    v6_of(home, 2), cable_lan());
		return;
	case PLACE_CARRIER:
		build_home(u, nat_easy, n != NULL ? n->wan :
		    build_carrier(s, place->nat),
		    carried, SIM_ACCESS / 2);
		break;
	}
	if (place->has_gateway)
		build_gateway(u, place->gateway, place->kind == PLACE_HOME ?
		    public_addr(home) : carried);
	plug_in(u, place, addr_v4(192, 168, 1, 2, 0), v6_of(home, 2),
	    cable_lan());
}
