#include "config.h"

#include "upnp.h"

#include "child.h"
#include "core/err.h"
#include "jail.h"
#include "sock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { URL_MAX = 256, TYPE_MAX = 128, ID_MAX = 16 };

/* How a router is asked, as learnt from it. */
struct control {
	char url[URL_MAX]; /* "" : not known */
	char type[TYPE_MAX];
};

/* Openings in a firewall of IPv6, as it calls them; "": none. */
struct pinholes {
	char udp[ID_MAX], tcp[ID_MAX];
};

/* What the child answers. */
struct upnp_answer {
	int err; /* enum err */
	uint32_t lifetime_s;
	struct addr udp, tcp;
	struct control control;
	struct pinholes pinholes;
	char text[80];
};

_Static_assert(sizeof(struct upnp_answer) <= CHILD_ANSWER_MAX,
    "an answer goes through the pipe");

struct upnp {
	struct loop *loop;
	void (*done)(void *ctx, const struct input *in);
	void *ctx;
	struct child *child; /* NULL: idle */
	/* Of the last request; the child has a copy. */
	int sock;
	struct addr local, router;
	uint32_t lifetime_s;
	/* Of the last mapping. */
	struct control control;
	struct addr udp, tcp;
	struct pinholes pinholes;
};

static bool
parse_host(const char *url, struct addr *host)
{
	static const char scheme[] = "http://";
	char text[ADDR_TEXT];
	size_t len;

	if (strncmp(url, scheme, sizeof scheme - 1) != 0)
		return false;
	url += sizeof scheme - 1;
	len = strcspn(url, "/?#");
	if (len >= sizeof text)
		return false;
	memcpy(text, url, len);
	text[len] = '\0';
	return addr_parse(text, 80, host);
}

/* Is it on the network (a /64) of local, and another? */
static bool
is_neighbour(const struct addr *a, const struct addr *local)
{
	return a->family == ADDR_V6 && local->family == ADDR_V6 &&
	    memcmp(a->ip, local->ip, 8) == 0 && !addr_same_ip(a, local);
}

bool
upnp_is_at(const char *url, const struct addr *router,
    const struct addr *local)
{
	struct addr found;

	return parse_host(url, &found) && (addr_same_ip(&found, router) ||
	    is_neighbour(&found, local));
}

#ifdef HAVE_MINIUPNPC

#include <ifaddrs.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>

enum {
	SEARCH_MS = 1000,
	MAP_TRIES = 3,
	/* UPnP IGD: WANIPConnection, table of errors. */
	ERROR_NOT_AUTHORIZED = 606,
	ERROR_CONFLICT = 718,
	ERROR_ONLY_PERMANENT = 725,
};

/* ---- in the child ---- */

/* NAT of IPv4 and the firewall of IPv6 are two services of one device. */
static bool
learn_control(const char *description, const struct upnp *u,
    struct control *out)
{
	struct UPNPUrls urls = { 0 };
	struct IGDdatas data = { 0 };
	const bool is_v6 = u->local.family == ADDR_V6;
	const char *type = is_v6 ? data.IPv6FC.servicetype :
	    data.first.servicetype, *url;
	char own[64];
	bool is_good = UPNP_GetIGDFromUrl(description, &urls, &data, own,
	    sizeof own) == 1;

	if (!is_good)
		return false;
	url = is_v6 ? urls.controlURL_6FC : urls.controlURL;
	is_good = url != NULL && upnp_is_at(url, &u->router, &u->local) &&
	    type[0] != '\0' && (size_t)snprintf(out->url, sizeof out->url,
	    "%s", url) < sizeof out->url;
	snprintf(out->type, sizeof out->type, "%s", type);
	FreeUPNPUrls(&urls);
	return is_good;
}

/* Where the search goes out: with IPv6 by the name of the interface. */
static bool
find_interface(const struct addr *local, char name[static ADDR_TEXT])
{
	struct ifaddrs *all, *i;
	bool is_found = false;

	if (local->family == ADDR_V4) {
		addr_format_ip(local, name);
		return true;
	}
	if (getifaddrs(&all) < 0)
		return false;
	for (i = all; i != NULL && !is_found; i = i->ifa_next) {
		struct addr a = { 0 };

		if (i->ifa_addr != NULL)
			a = sock_get((const union sock_addr *)i->ifa_addr);
		is_found = addr_same_ip(&a, local);
		if (is_found)
			snprintf(name, ADDR_TEXT, "%s", i->ifa_name);
	}
	freeifaddrs(all);
	return is_found;
}

static bool
find_router(const struct upnp *u, struct control *out)
{
	char interface[ADDR_TEXT];
	struct UPNPDev *all, *d;
	bool is_found = false;
	int error;

	if (!find_interface(&u->local, interface))
		return false;
	/* No daemon between: its socket is a file. */
	all = upnpDiscover(SEARCH_MS, interface, "", UPNP_LOCAL_PORT_ANY,
	    u->local.family == ADDR_V6, 2, &error);
	for (d = all; d != NULL && !is_found; d = d->pNext)
		is_found = upnp_is_at(d->descURL, &u->router, &u->local) &&
		    learn_control(d->descURL, u, out);
	freeUPNPDevlist(all);
	return is_found;
}

static int
add_mapping(const struct upnp *u, const struct control *c, const char *proto,
    uint16_t port, uint32_t lifetime_s)
{
	char outer[8], inner[8], lease[12], local[ADDR_TEXT];

	snprintf(outer, sizeof outer, "%u", port);
	snprintf(inner, sizeof inner, "%u", u->local.port);
	snprintf(lease, sizeof lease, "%u", lifetime_s);
	return UPNP_AddPortMapping(c->url, c->type, outer, inner,
	    addr_format_ip(&u->local, local), "gop2p", proto, NULL, lease);
}

/* The port that we had or our own, else others near it. */
static int
map(const struct upnp *u, const char *proto, const struct addr *had,
    struct upnp_answer *out, struct addr *external)
{
	uint16_t port = addr_is_set(had) ? had->port : u->local.port;
	int error = ERROR_CONFLICT;

	for (int i = 0; i < MAP_TRIES && error == ERROR_CONFLICT; i++) {
		external->port = (uint16_t)(port + 100 * i);
		if (external->port < 1024)
			continue;
		error = add_mapping(u, &out->control, proto, external->port,
		    out->lifetime_s);
		if (error != ERROR_ONLY_PERMANENT)
			continue;
		out->lifetime_s = 0;
		error = add_mapping(u, &out->control, proto, external->port,
		    0);
	}
	return error;
}

static void
fail(struct upnp_answer *out, int err, const char *text)
{
	out->err = err;
	snprintf(out->text, sizeof out->text, "%s", text != NULL ? text :
	    "the router refuses");
}

static void
map_both(const struct upnp *u, struct upnp_answer *out)
{
	char ip[40] = "";
	struct addr external;
	int error;

	if (out->control.url[0] == '\0' && !find_router(u, &out->control)) {
		fail(out, E_NONE, "the router does not speak UPnP");
		return;
	}
	if (UPNP_GetExternalIPAddress(out->control.url, out->control.type,
	    ip) != UPNPCOMMAND_SUCCESS || !addr_parse(ip, 1, &external)) {
		fail(out, E_DENIED, "the router has no address");
		return;
	}
	out->udp = out->tcp = external;
	out->lifetime_s = u->lifetime_s;
	error = map(u, "UDP", &u->udp, out, &out->udp);
	if (error != UPNPCOMMAND_SUCCESS)
		fail(out, error > 0 ? E_DENIED : E_IO, strupnperror(error));
	else if (map(u, "TCP", &u->tcp, out, &out->tcp) !=
	    UPNPCOMMAND_SUCCESS)
		out->tcp = (struct addr) { 0 };
}

static void
unmap(const struct control *c, const char *proto, const struct addr *external)
{
	char port[8];

	if (!addr_is_set(external))
		return;
	snprintf(port, sizeof port, "%u", external->port);
	UPNP_DeletePortMapping(c->url, c->type, port, proto, NULL);
}

/* ---- the firewall of IPv6 ---- */

/* Anybody may come to our port; again: as long as that, from now on. */
static int
add_pinhole(const struct upnp *u, const struct control *c, const char *proto,
    char id[static ID_MAX])
{
	char port[8], lease[12], local[ADDR_TEXT];

	snprintf(port, sizeof port, "%u", u->local.port);
	snprintf(lease, sizeof lease, "%u", u->lifetime_s);
	return UPNP_AddPinhole(c->url, c->type, "empty", "0",
	    addr_format_ip(&u->local, local), port, proto, lease, id);
}

static void
open_both(const struct upnp *u, struct upnp_answer *out)
{
	int is_on = 0, is_allowed = 0, error;

	if (out->control.url[0] == '\0' && !find_router(u, &out->control)) {
		fail(out, E_NONE, "the router has no firewall for UPnP");
		return;
	}
	error = UPNP_GetFirewallStatus(out->control.url, out->control.type,
	    &is_on, &is_allowed);
	if (error != UPNPCOMMAND_SUCCESS || !is_on || !is_allowed) {
		fail(out, error < 0 ? E_IO : E_DENIED,
		    "the router opens nothing");
		return;
	}
	out->lifetime_s = u->lifetime_s;
	error = add_pinhole(u, &out->control, "17", out->pinholes.udp);
	if (error != UPNPCOMMAND_SUCCESS) {
		fail(out, error > 0 ? E_DENIED : E_IO, strupnperror(error));
		return;
	}
	out->udp = u->local;
	if (add_pinhole(u, &out->control, "6", out->pinholes.tcp) ==
	    UPNPCOMMAND_SUCCESS)
		out->tcp = u->local;
}

static void
close_pinhole(const struct control *c, const char *id)
{
	if (id[0] != '\0')
		UPNP_DeletePinhole(c->url, c->type, id);
}

static size_t
work(void *arg, void *answer)
{
	const struct upnp *u = arg;
	struct upnp_answer out = { .control = u->control };

	jail_enter((unsigned int)(UPNP_LIMIT / USEC_S));
	if (u->lifetime_s > 0 && u->local.family == ADDR_V6) {
		open_both(u, &out);
	} else if (u->lifetime_s > 0) {
		map_both(u, &out);
	} else if (u->local.family == ADDR_V6) {
		close_pinhole(&u->control, u->pinholes.udp);
		close_pinhole(&u->control, u->pinholes.tcp);
	} else {
		unmap(&u->control, "UDP", &u->udp);
		unmap(&u->control, "TCP", &u->tcp);
	}
	memcpy(answer, &out, sizeof out);
	return sizeof out;
}

/* ---- in the parent ---- */

/* What was learnt serves next time, unless it did not help. */
static void
answered(void *ctx, const void *answer, size_t len)
{
	struct upnp *u = ctx;
	struct upnp_answer out = { .err = E_IO,
		.text = "the router does not answer" };
	struct input in = { .kind = IN_UPNP, .sock = u->sock };

	u->child = NULL;
	if (answer != NULL && len == sizeof out)
		memcpy(&out, answer, sizeof out);
	out.text[sizeof out.text - 1] = '\0';
	out.control.url[URL_MAX - 1] = out.control.type[TYPE_MAX - 1] = '\0';
	out.pinholes.udp[ID_MAX - 1] = out.pinholes.tcp[ID_MAX - 1] = '\0';
	if (out.err != E_OK)
		memset(&out.control, 0, sizeof out.control);
	u->control = out.control;
	u->udp = out.udp;
	u->tcp = out.tcp;
	u->pinholes = out.pinholes;
	in.err = out.err;
	in.from = out.udp;
	in.to = out.tcp;
	in.id = out.lifetime_s;
	in.text = out.err != E_OK ? out.text : NULL;
	u->done(u->ctx, &in);
}

static bool
start(struct upnp *u)
{
	const struct child_job job = { .work = work, .arg = u,
		.done = answered, .ctx = u, .limit = UPNP_LIMIT,
		.keep_fd = -1, .outlives = u->lifetime_s == 0 };

	u->child = child_start(u->loop, &job);
	return u->child != NULL;
}

#else

static bool
start(struct upnp *u)
{
	(void)u;
	return false;
}

#endif

struct upnp *
upnp_new(struct loop *l, void (*done)(void *ctx, const struct input *in),
    void *ctx)
{
	struct upnp *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->loop = l;
	u->done = done;
	u->ctx = ctx;
	return u;
}

static void
drop_child(struct upnp *u)
{
	if (u->child == NULL)
		return;
	if (u->lifetime_s == 0)
		child_abandon(u->child);
	else
		child_cancel(u->child);
	u->child = NULL;
}

/* What is known of one router is nothing to another. */
static void
forget_others(struct upnp *u, const struct addr *router)
{
	if (addr_same_ip(&u->router, router))
		return;
	memset(&u->control, 0, sizeof u->control);
	memset(&u->pinholes, 0, sizeof u->pinholes);
	u->udp = u->tcp = (struct addr) { 0 };
}

bool
upnp_ask(struct upnp *u, const struct act *act, const char **why)
{
	drop_child(u);
	forget_others(u, &act->to);
	u->sock = act->sock;
	u->local = act->from;
	u->router = act->to;
	u->lifetime_s = act->id;
#ifndef HAVE_MINIUPNPC
	*why = "this build does not speak UPnP";
#else
	*why = "there is no process for UPnP";
	if (u->lifetime_s == 0 && u->control.url[0] == '\0') {
		*why = "nothing is mapped by UPnP";
		return false;
	}
#endif
	return start(u);
}

void
upnp_free(struct upnp *u)
{
	if (u == NULL)
		return;
	drop_child(u);
	free(u);
}
