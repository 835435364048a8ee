#include "config.h"

#include "sock.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

socklen_t
sock_put(const struct addr *a, union sock_addr *out)
{
	memset(out, 0, sizeof *out);
	switch ((enum addr_family)a->family) {
	case ADDR_V4:
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(a->port);
		memcpy(&out->v4.sin_addr, a->ip, 4);
		return sizeof out->v4;
	case ADDR_V6:
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(a->port);
		out->v6.sin6_scope_id = a->scope;
		memcpy(&out->v6.sin6_addr, a->ip, 16);
		return sizeof out->v6;
	case ADDR_NONE:
		break;
	}
	return 0;
}

struct addr
sock_get(const union sock_addr *s)
{
	struct addr a = { 0 };
	const uint8_t *ip;

	if (s->any.sa_family == AF_INET) {
		ip = (const uint8_t *)&s->v4.sin_addr;
		return addr_v4(ip[0], ip[1], ip[2], ip[3],
		    ntohs(s->v4.sin_port));
	}
	if (s->any.sa_family != AF_INET6)
		return a;
	a = addr_v6(s->v6.sin6_addr.s6_addr, ntohs(s->v6.sin6_port));
	if (a.family == ADDR_V6 && IN6_IS_ADDR_LINKLOCAL(&s->v6.sin6_addr))
		a.scope = s->v6.sin6_scope_id;
	return a;
}

struct addr
sock_local(int fd)
{
	union sock_addr s = { .any.sa_family = AF_UNSPEC };
	socklen_t len = sizeof s;

	getsockname(fd, &s.any, &len);
	return sock_get(&s);
}

struct addr
sock_remote(int fd)
{
	union sock_addr s = { .any.sa_family = AF_UNSPEC };
	socklen_t len = sizeof s;

	getpeername(fd, &s.any, &len);
	return sock_get(&s);
}

int
sock_err(int error)
{
	switch (error) {
	case 0:
		return E_OK;
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return E_DENIED;
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
	case ENETDOWN:
		return E_NONE;
	case EADDRINUSE:
	case EADDRNOTAVAIL:
		return E_TAKEN;
	default:
		return E_IO;
	}
}

void
sock_set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof value);
}

int
sock_new(int type, enum addr_family family)
{
	const int domain = family == ADDR_V6 ? AF_INET6 : AF_INET;
	int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (domain == AF_INET6)
		sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (type == SOCK_STREAM) {
		/* A listener and connections to several peers share one port;
		 * Linux wants both options on each of them, whatever the order
		 * in which they are bound. */
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
#ifdef SO_REUSEPORT
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
#endif
	}
	return fd;
}

static int
close_failed(int fd)
{
	const int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int
sock_bound(int type, const struct addr *local)
{
	union sock_addr s;
	socklen_t len = sock_put(local, &s);
	int fd = sock_new(type, local->family);

	if (fd < 0 || bind(fd, &s.any, len) == 0)
		return fd;
	return close_failed(fd);
}

static int
join(int fd, const union sock_addr *group, const union sock_addr *at)
{
	struct ip_mreq v4 = { .imr_multiaddr = group->v4.sin_addr,
		.imr_interface = at->v4.sin_addr };
	struct ipv6_mreq v6 = { .ipv6mr_multiaddr = group->v6.sin6_addr,
		.ipv6mr_interface = group->v6.sin6_scope_id };

	if (group->any.sa_family == AF_INET)
		return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4,
		    sizeof v4);
	return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6);
}

int
sock_group(const struct addr *group, const struct addr *at)
{
	union sock_addr s, own;
	socklen_t len = sock_put(group, &s);
	int fd = sock_new(SOCK_DGRAM, group->family);

	if (fd < 0)
		return -1;
	sock_put(at, &own);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
#ifdef SO_REUSEPORT
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
#endif
	if (bind(fd, &s.any, len) == 0 && join(fd, &s, &own) == 0)
		return fd;
	return close_failed(fd);
}

bool
sock_has_route(const struct addr *to)
{
	union sock_addr s;
	const socklen_t len = sock_put(to, &s);
	int fd = sock_new(SOCK_DGRAM, to->family);
	bool has_route;

	if (fd < 0)
		return false;
	has_route = connect(fd, &s.any, len) == 0;
	close(fd);
	return has_route;
}

bool
sock_has_network(void)
{
	/* Anybody out there. */
	static const uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	const struct addr far4 = addr_v4(198, 51, 100, 1, 9);
	const struct addr far6 = addr_v6(six, 9);

	return sock_has_route(&far4) || sock_has_route(&far6);
}

bool
sock_has_ipv6(void)
{
	int fd = sock_new(SOCK_DGRAM, ADDR_V6);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
