#include "client_state.h"

/* Does something that the report is about become known in a moment? */
static bool
is_examining(const struct client *c, usec_t now)
{
	struct mapping_report map;

	if (!c->up.is_up)
		return false;
	portmap_report(&c->maps[SOCK_UDP4], now, &map);
	return natcheck_is_on(&c->natcheck, now) ||
	    map.state == MAPPING_ASKING;
}

static void
report(struct client *c, usec_t now)
{
	struct event *e;
	struct why why;

	client_why(c, now, NULL, &why);
	why.reason = c->up.session_tcp ? REASON_UDP_BLOCKED : REASON_NONE;
	e = outbox_event(&c->self.out, EV_NETCHECK);
	e->report = client_keep_why(c, &why);
	e->server = client_server_state(c);
	e->addr = c->self.server;
	client_done(c, c->netcheck_serial, COMMAND_NETCHECK, true,
	    EXIT_CODE_OK);
	c->netcheck_serial = 0;
}

void
client_netcheck(struct client *c, usec_t now)
{
	if (c->netcheck_serial != 0)
		report(c, now);
	c->netcheck_serial = c->serial;
	c->netcheck_until = now + CLIENT_NETCHECK_US;
	client_netcheck_expire(c, now);
}

void
client_netcheck_expire(struct client *c, usec_t now)
{
	if (c->netcheck_serial != 0 && (c->is_leaving ||
	    c->netcheck_until <= now || !is_examining(c, now)))
		report(c, now);
}

usec_t
client_netcheck_deadline(const struct client *c)
{
	return c->netcheck_serial != 0 ? c->netcheck_until : USEC_NEVER;
}
