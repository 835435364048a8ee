/* Ports at a router that speaks UPnP (Internet Gateway Device), through
 * miniupnpc in a child process: with IPv4 its NAT passes them on, with IPv6 its
 * firewall lets them in (WANIPv6FirewallControl). What the router says is
 * parsed in the child, without files, within bounds of time and memory. Only
 * the router itself is believed: a device elsewhere that answers the search is
 * not even asked who it is. */
#ifndef UPNP_H
#define UPNP_H

#include "core/act.h"
#include "io/loop.h"

/* No answer is later than this. */
#define UPNP_LIMIT (15 * USEC_S)

struct upnp;

/* One asks for one family, one thing at a time. done gets IN_UPNP (act.h). NULL
 * without memory. */
struct upnp *upnp_new(struct loop *l,
    void (*done)(void *ctx, const struct input *in), void *ctx);

/* Carries out an ACT_UPNP; one that had no answer yet gets none any more. False
 * if there will be no answer: with the reason in why, a constant. */
bool upnp_ask(struct upnp *u, const struct act *act, const char **why);

/* Giving back goes on without us for as long as it needs. */
void upnp_free(struct upnp *u);

/* Is an http URL one of our router? With IPv6 we know it by another address
 * than it gives itself: every neighbour could be it, and has nothing from
 * being believed, for what it opens is our own address. */
bool upnp_is_at(const char *url, const struct addr *router,
    const struct addr *local);

#endif
