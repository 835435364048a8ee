#include "client_state.h"

#include <string.h>

/* TCP is tried without being asked for, behind the conversation,
 *   - beside UDP where no UDP reaches the server from one side,
 *   - while messages flow and every UDP path loses too much of them,
 *   - while an attempt at UDP has left us on the relay.
 * Both sides notice; that with the lower key begins, the other only if nothing
 * has come of it for a while. What was of no use is not repeated for long, and
 * nothing is done against somebody who asked for UDP. */

void
client_try_tcp(struct client *c, usec_t now, struct peer *p)
{
	p->is_tcp_only = p->seen.port == 0;
	if (p->is_tcp_only || c->self.is_tcp_only)
		client_tcp_start(c, now, p, false);
}

/* Two NATs of which no port can be told. */
static bool
is_vain(const struct client *c, const struct peer *p)
{
	return nat_mapping_of(c->self.nat) == NAT_APDM &&
	    nat_mapping_of(p->nat) == NAT_APDM &&
	    (c->self.nat_step == 0 || p->nat_step == 0);
}

/* Since when TCP may do better; USEC_NEVER: it need not. */
static usec_t
wanted_since(const struct client *c, usec_t now, const struct peer *p)
{
	const struct path *use = p->link.use, *lossy;

	/* Nearly always: nothing to think about. */
	if (use == NULL || use->transport == TRANSPORT_TCP ||
	    (use->transport == TRANSPORT_UDP && !use->is_lossy))
		return USEC_NEVER;
	if (p->state != PEER_OPEN || !p->is_connected || !c->up.is_up ||
	    p->tcp.state != TCPSWITCH_IDLE || client_has_tcp(p) ||
	    p->link.preferred != TRANSPORT_NONE || is_vain(c, p))
		return USEC_NEVER;
	lossy = link_lossy(&p->link);
	if (lossy != NULL && link_is_active(&p->link, now))
		return lossy->lossy_at;
	return use->transport == TRANSPORT_RELAY && !p->punch.is_on ?
	    p->udp_failed_at : USEC_NEVER;
}

void
client_tcp_consider(struct client *c, usec_t now, struct peer *p)
{
	usec_t since = wanted_since(c, now, p);
	bool lower = memcmp(c->self.identity.public, p->key, KEY_LEN) < 0;

	p->consider_at = USEC_NEVER;
	if (since == USEC_NEVER)
		return;
	if (!lower)
		since += TCPSWITCH_YIELD_US;
	p->consider_at = since > p->auto_at ? since : p->auto_at;
	if (p->consider_at > now)
		return;
	p->consider_at = USEC_NEVER;
	client_tcp_start(c, now, p, false);
}
