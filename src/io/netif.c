#include "config.h"

#include "netif.h"

#include "gateways.h"
#include "sock.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LINUX_RTNETLINK_H
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#endif

#define SETTLE (USEC_S / 20)    /* one change is several messages */
#define POLL (5 * USEC_S)       /* where the system gives no word */

struct netif {
	struct watch watch;
	struct alarm alarm;
	struct loop *loop;
	struct netif_calls calls;
	int fd; /* -1: poll */
	bool was_told;
	size_t count, gateways_count;
	struct addr addrs[NETIF_MAX];
	struct addr gateways[GATEWAYS_MAX];
};

static int
compare(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;
	int order;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	order = memcmp(x->ip, y->ip, sizeof x->ip);
	if (order != 0)
		return order;
	return x->scope < y->scope ? -1 : x->scope > y->scope;
}

static size_t
take_addrs(const struct ifaddrs *list, bool want_loopback,
    struct addr out[static NETIF_MAX])
{
	size_t count = 0;

	for (; list != NULL && count < NETIF_MAX; list = list->ifa_next) {
		union sock_addr s = { .any.sa_family = AF_UNSPEC };
		struct addr a;

		if (list->ifa_addr == NULL || !(list->ifa_flags & IFF_UP))
			continue;
		if (list->ifa_addr->sa_family == AF_INET)
			memcpy(&s, list->ifa_addr, sizeof s.v4);
		else if (list->ifa_addr->sa_family == AF_INET6)
			memcpy(&s, list->ifa_addr, sizeof s.v6);
		a = sock_get(&s);
		a.port = 0;
		if (addr_is_set(&a) && want_loopback ==
		    (addr_class(&a) == ADDR_IS_LOOPBACK))
			out[count++] = a;
	}
	return count;
}

size_t
netif_read(struct addr out[static NETIF_MAX])
{
	struct ifaddrs *list;
	size_t count, kept = 0;

	if (getifaddrs(&list) < 0)
		return 0;
	count = take_addrs(list, false, out);
	if (count == 0)
		count = take_addrs(list, true, out);
	freeifaddrs(list);
	qsort(out, count, sizeof *out, compare);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || compare(&out[i], &out[i - 1]) != 0)
			out[kept++] = out[i];
	return kept;
}

static bool
is_same(const struct addr *a, size_t a_count, const struct addr *b,
    size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (compare(&a[i], &b[i]) != 0)
			return false;
	return true;
}

static void
look_at_addrs(struct netif *n)
{
	struct addr addrs[NETIF_MAX];
	size_t count = netif_read(addrs);

	if (n->was_told && is_same(addrs, count, n->addrs, n->count))
		return;
	n->count = count;
	memcpy(n->addrs, addrs, sizeof addrs);
	n->calls.addrs(n->calls.ctx, n->addrs, n->count);
}

static void
look_at_gateways(struct netif *n)
{
	struct addr pairs[GATEWAYS_MAX];
	size_t count = gateways_read(pairs);

	if (n->was_told &&
	    is_same(pairs, count, n->gateways, n->gateways_count))
		return;
	n->gateways_count = count;
	memcpy(n->gateways, pairs, sizeof pairs);
	n->calls.gateways(n->calls.ctx, n->gateways, n->gateways_count);
}

static void
look(struct alarm *a, usec_t now)
{
	struct netif *n = (struct netif *)((char *)a -
	    offsetof(struct netif, alarm));

	if (n->fd < 0)
		loop_set(n->loop, &n->alarm, now + POLL);
	look_at_addrs(n);
	look_at_gateways(n);
	n->was_told = true;
}

/* What the messages say is read from the system afterwards. */
static void
netif_ready(struct watch *w, int events)
{
	struct netif *n = (struct netif *)w;
	char scratch[8192];

	(void)events;
	for (int i = 0; i < 64; i++)
		if (recv(n->fd, scratch, sizeof scratch, MSG_DONTWAIT) < 0 &&
		    errno == EAGAIN)
			break;
	if (n->alarm.loop == NULL)
		loop_set(n->loop, &n->alarm, loop_now(n->loop) + SETTLE);
}

static int
open_notices(void)
{
#ifdef HAVE_LINUX_RTNETLINK_H
	const struct sockaddr_nl to = { .nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
		    RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
		    RTMGRP_IPV6_ROUTE };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    NETLINK_ROUTE);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
#endif
	return -1;
}

struct netif *
netif_new(struct loop *l, const struct netif_calls *calls)
{
	struct netif *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	n->loop = l;
	n->calls = *calls;
	n->fd = open_notices();
	n->watch.ready = netif_ready;
	n->alarm.fire = look;
	if (n->fd >= 0)
		loop_watch(l, &n->watch, n->fd, LOOP_READ);
	loop_set(l, &n->alarm, loop_now(l));
	return n;
}

void
netif_free(struct netif *n)
{
	if (n == NULL)
		return;
	loop_set(n->loop, &n->alarm, USEC_NEVER);
	loop_unwatch(&n->watch);
	if (n->fd >= 0)
		close(n->fd);
	free(n);
}
