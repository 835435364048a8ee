#include "config.h"

#include "refusal.h"

#include "io/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#ifdef HAVE_LINUX_ERRQUEUE_H
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

/* True if an ICMP message says that a destination cannot be reached. One that
 * was too big says nothing of the destination. */
static bool
is_unreachable(const struct sock_extended_err *e)
{
	if (e->ee_origin == SO_EE_ORIGIN_ICMP)
		return e->ee_type == ICMP_DEST_UNREACH &&
		    e->ee_code != ICMP_FRAG_NEEDED;
	return e->ee_origin == SO_EE_ORIGIN_ICMP6 &&
	    e->ee_type == ICMP6_DST_UNREACH;
}

static bool
is_expired(const struct sock_extended_err *e)
{
	if (e->ee_origin == SO_EE_ORIGIN_ICMP)
		return e->ee_type == ICMP_TIME_EXCEEDED &&
		    e->ee_code == ICMP_EXC_TTL;
	return e->ee_origin == SO_EE_ORIGIN_ICMP6 &&
	    e->ee_type == ICMP6_TIME_EXCEEDED &&
	    e->ee_code == ICMP6_TIME_EXCEED_TRANSIT;
}

/* Whose message it was: what stands behind the error. */
static struct addr
offender(const struct cmsghdr *c)
{
	const size_t at = CMSG_LEN(sizeof(struct sock_extended_err));
	union sock_addr s = { .any.sa_family = AF_UNSPEC };
	size_t len = c->cmsg_len > at ? c->cmsg_len - at : 0;
	struct addr by;

	memcpy(&s, CMSG_DATA(c) + sizeof(struct sock_extended_err),
	    len < sizeof s ? len : sizeof s);
	by = sock_get(&s);
	by.port = 0;
	return by;
}

/* True if the message says something of the way. */
static bool
take(struct msghdr *head, struct refusal *r)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(head); c != NULL; c = CMSG_NXTHDR(head, c)) {
		struct sock_extended_err e;

		if (!(c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof e);
		r->has_expired = is_expired(&e);
		r->by = offender(c);
		if (r->has_expired || is_unreachable(&e))
			return true;
	}
	return false;
}

bool
refusal_read(int fd, struct refusal *r)
{
	union sock_addr s = { .any.sa_family = AF_UNSPEC };
	char control[256];
	struct msghdr head = { .msg_name = &s, .msg_namelen = sizeof s,
		.msg_control = control, .msg_controllen = sizeof control };

	memset(r, 0, sizeof *r);
	if (recvmsg(fd, &head, MSG_ERRQUEUE) < 0)
		return errno == EINTR;
	if (take(&head, r))
		r->to = sock_get(&s);
	return true;
}

void
refusal_want(int fd, enum addr_family family)
{
	if (family == ADDR_V6)
		sock_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	else
		sock_set(fd, IPPROTO_IP, IP_RECVERR, 1);
}

#else

bool
refusal_read(int fd, struct refusal *r)
{
	(void)fd;
	(void)r;
	return false;
}

void
refusal_want(int fd, enum addr_family family)
{
	(void)fd;
	(void)family;
}

#endif
