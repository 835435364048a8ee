#include "client_state.h"

#include <string.h>

/* Is there a NAT (or a firewall of IPv6) between us and the world, and so
 * perhaps a use for a port at the router? A server on this machine is there
 * for tests; one in our own network does not see that NAT. */
static bool
is_wanted(const struct client *c, int family)
{
	const struct self *self = &c->self;
	const struct addr *seen[] = { &c->up.accept.seen, &self->seen,
		&self->seen_other };
	size_t i;

	if (!c->conf.port_mapping || !c->up.was_up || self->port == 0 ||
	    !addr_is_set(&c->routers[family].router))
		return false;
	for (i = 0; i < sizeof seen / sizeof seen[0]; i++) {
		if (addr_class(seen[i]) == ADDR_IS_LOOPBACK)
			return false;
		if (family == SOCK_UDP4 && self_has_ip(self, seen[i]) &&
		    addr_class(seen[i]) == ADDR_IS_PUBLIC)
			return false;
	}
	return true;
}

void
client_map_aim(struct client *c, usec_t now)
{
	int i;

	for (i = 0; i < 2; i++) {
		const struct router *r = &c->routers[i];
		struct addr local = r->local;

		local.port = c->self.port;
		if (is_wanted(c, i))
			portmap_aim(&c->maps[i], &c->self, now, &r->router,
			    &local);
		else
			portmap_aim(&c->maps[i], &c->self, now, NULL, NULL);
	}
}

void
client_map_doubt(struct client *c, usec_t now)
{
	portmap_doubt(&c->maps[0], now);
	portmap_doubt(&c->maps[1], now);
	client_map_aim(c, now);
}

void
client_gateways(struct client *c, usec_t now, const struct input *in)
{
	size_t i;

	memset(c->routers, 0, sizeof c->routers);
	for (i = 0; i + 1 < in->count; i += 2) {
		struct router *r = &c->routers[in->addrs[i + 1].family ==
		    ADDR_V6 ? SOCK_UDP6 : SOCK_UDP4];

		r->router = in->addrs[i];
		r->local = in->addrs[i + 1];
	}
	client_map_aim(c, now);
	/* The addresses of a network come before the way out of it. */
	client_retry(c, now);
}

static void
log_change(const struct client *c, const struct portmap *map)
{
	static const char *const names[] = { [MAPPING_BY_NONE] = "nobody",
		[MAPPING_BY_NATPMP] = "NAT-PMP", [MAPPING_BY_PCP] = "PCP",
		[MAPPING_BY_UPNP] = "UPnP" };
	const struct portmap_lease *l = &map->leases[PORTMAP_UDP];
	char text[ADDR_TEXT];

	if (addr_is_set(&l->external))
		log_info(c->self.log, "port mapping: %s, %s",
		    names[map->protocol], addr_format(&l->external, text));
	else
		log_info(c->self.log, "port mapping: gone");
}

void
client_map_news(struct client *c, usec_t now)
{
	bool has_news = false;
	int i;

	for (i = 0; i < 2; i++) {
		struct portmap *map = &c->maps[i];

		if (!map->has_news)
			continue;
		map->has_news = false;
		has_news = true;
		c->self.mapped[i] = map->leases[PORTMAP_UDP].external;
		c->self.mapped_tcp[i] = map->leases[PORTMAP_TCP].external;
		log_change(c, map);
	}
	if (has_news && !c->is_leaving)
		client_tell_cands(c, now);
}

void
client_map_input(struct client *c, usec_t now, const struct input *in)
{
	const int family = (in->sock - SOCK_MAP4) % 2;
	const usec_t before = c->maps[family].anew_at;

	portmap_input(&c->maps[family], &c->self, now, in);
	/* Most often one router serves both families, and has forgotten what
	 * it gave of either. */
	if (c->maps[family].anew_at < before)
		portmap_hint(&c->maps[!family], &c->self, now);
	client_map_news(c, now);
}

void
client_map_expire(struct client *c, usec_t now)
{
	portmap_expire(&c->maps[0], &c->self, now);
	portmap_expire(&c->maps[1], &c->self, now);
	client_map_news(c, now);
}

usec_t
client_map_deadline(const struct client *c)
{
	return usec_min(portmap_deadline(&c->maps[0]),
	    portmap_deadline(&c->maps[1]));
}

bool
client_map_has_left(const struct client *c)
{
	return portmap_has_left(&c->maps[0]) && portmap_has_left(&c->maps[1]);
}

void
client_map_leave(struct client *c, usec_t now)
{
	portmap_leave(&c->maps[0], &c->self, now);
	portmap_leave(&c->maps[1], &c->self, now);
}
