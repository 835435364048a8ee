/* What UDP and TCP share: addresses in the system's form, errors in ours,
 * sockets with their options. */
#ifndef SOCK_H
#define SOCK_H

#include "core/addr.h"
#include "core/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

union sock_addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* The system's form of an address; returns its length, 0 for no address. */
socklen_t sock_put(const struct addr *a, union sock_addr *out);

/* And back; no address for other families. */
struct addr sock_get(const union sock_addr *s);

/* The address a socket is bound to, and the one it is connected to. */
struct addr sock_local(int fd);
struct addr sock_remote(int fd);

/* E_DENIED (refused, reset), E_NONE (unreachable, timed out), E_TAKEN (address
 * in use) or E_IO for an errno; 0 for 0. */
int sock_err(int error);

/* A non-blocking socket of a type (SOCK_DGRAM, SOCK_STREAM) for a family, IPv6
 * without IPv4 in it. TCP sockets share their address with others of this user.
 * Returns the descriptor, or -1 and errno. */
int sock_new(int type, enum addr_family family);

/* The same, bound to local. */
int sock_bound(int type, const struct addr *local);

/* One for datagrams to a multicast group and its port, which others may use at
 * the same time, joined where our own address is at (IPv6: at group->scope). */
int sock_group(const struct addr *group, const struct addr *at);

/* True if the system knows a way there, and if it knows one out to the rest of
 * the world. Nothing is sent. */
bool sock_has_route(const struct addr *to);
bool sock_has_network(void);

/* True if the system has IPv6. */
bool sock_has_ipv6(void);

/* Sets an integer option; options that are missing are done without. */
void sock_set(int fd, int level, int option, int value);

#endif
