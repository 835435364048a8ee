#include "client_state.h"

#include "err.h"

#include <string.h>

static void
fatal(struct client *c, usec_t now, enum reason reason, enum exit_code code)
{
	struct event *e = outbox_event(&c->self.out, EV_ERROR);

	e->reason = reason;
	e->code = reason_token(reason);
	e->text = reason_text(reason);
	e->len = strlen(e->text);
	e->exit_code = code;
	client_exit(c, now, code);
}

void
client_open_udp(struct client *c, int sock, uint16_t port)
{
	struct addr any = addr_any(sock == SOCK_UDP6 ? ADDR_V6 : ADDR_V4,
	    port);

	outbox_open(&c->self.out, sock, &any);
}

static void
start_uplink(struct client *c, usec_t now)
{
	client_tell_server(c, SERVER_REGISTERING, REASON_NONE, 0);
	uplink_start(&c->up, &c->self, now);
}

/* IPv4 first, then IPv6 on the same port; then the server. A taken port is an
 * error only if it was asked for. */
void
client_extra_opened(struct client *c, usec_t now, const struct input *in)
{
	self_extra_opened(&c->self, in->sock - SOCK_EXTRA, in->err);
	if (!client_nat_opened(c, now, in) &&
	    !client_reroll_opened(c, now, in))
		client_spray_opened(c, now, in);
}

void
client_opened(struct client *c, usec_t now, const struct input *in)
{
	struct self *self = &c->self;

	if (in->sock == SOCK_UDP4 && c->conf.local_port_asked &&
	    (in->err == E_TAKEN || in->err == E_DENIED)) {
		fatal(c, now, in->err == E_TAKEN ? REASON_PORT_TAKEN :
		    REASON_PORT_DENIED, EXIT_CODE_RUNTIME);
		return;
	}
	if (in->sock == SOCK_UDP4 && in->err == E_TAKEN) {
		c->conf.local_port = 0;
		client_open_udp(c, SOCK_UDP4, 0);
		return;
	}
	if (in->sock == SOCK_UDP4 || in->sock == SOCK_UDP6) {
		self->is_open[in->sock] = in->err == E_OK;
		if (in->err == E_OK && self->port == 0)
			self->port = in->to.port;
	}
	if (in->sock == SOCK_UDP4) {
		if (in->err == E_OK && c->conf.local_port == 0) {
			struct event *e = outbox_event(&self->out, EV_NOTICE);

			e->addr = in->to;
			e->code = "port";
		}
		client_open_udp(c, SOCK_UDP6, self->port);
		return;
	}
	if (in->sock != SOCK_UDP6)
		return;
	if (!self->is_open[SOCK_UDP4] && !self->is_open[SOCK_UDP6]) {
		fatal(c, now, in->err == E_TAKEN ? REASON_PORT_TAKEN :
		    REASON_NETWORK, EXIT_CODE_RUNTIME);
		return;
	}
	start_uplink(c, now);
}

void
client_netif(struct client *c, usec_t now, const struct input *in)
{
	struct self *self = &c->self;
	size_t count = in->count < LOCAL_ADDRS_MAX ? in->count :
	    LOCAL_ADDRS_MAX;
	bool is_same = count == self->locals_count && (count == 0 ||
	    memcmp(self->locals, in->addrs,
	    count * sizeof *in->addrs) == 0);
	int i;

	if (is_same)
		return;
	if (count > 0)
		memcpy(self->locals, in->addrs, count * sizeof *in->addrs);
	self->locals_count = count;
	if (!c->is_started)
		return;
	client_map_doubt(c, now);
	client_nat_doubt(c, now);
	uplink_doubt(&c->up, now);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && c->peers[i]->state == PEER_OPEN)
			link_doubt(&c->peers[i]->link, now);
	client_tell_cands(c, now);
}
