/* UDP in batches: many datagrams a system call, those of one conversation as
 * one packet where the system can (GSO, GRO), no allocation and no clock
 * reading per datagram. */
#ifndef UDP_H
#define UDP_H

#include "core/act.h"
#include "core/limit.h"
#include "io/loop.h"

enum {
	UDP_BATCH = 64,              /* datagrams that wait to be sent */
	UDP_TURN = 128,              /* datagrams that are fed in a turn */
	UDP_BUFFER = 4 * 1024 * 1024,/* of a socket in the kernel, each way */
};

/* All UDP sockets of a host: their buffers, and where their inputs go (IN_DGRAM
 * and what ICMP says). */
struct udp_pool;

struct udp;

struct udp_stats {
	uint64_t received, sent;
	uint64_t lost; /* could not be sent: no room, no route, forbidden */
};

/* NULL without memory. */
struct udp_pool *udp_pool_new(struct loop *l,
    void (*input)(void *ctx, const struct input *in), void *ctx);

/* All sockets must be closed. */
void udp_pool_free(struct udp_pool *pool);
const struct udp_stats *udp_pool_stats(const struct udp_pool *pool);

/* A socket bound to local, called number in its inputs; NULL and errno if that
 * fails. If local is a multicast group it is joined at at (sock_group). */
struct udp *udp_open(struct udp_pool *pool, int number,
    const struct addr *local, const struct addr *at);
struct addr udp_local(const struct udp *u);

/* Nothing of this socket may be waiting in the batch. */
void udp_close(struct udp *u);

/* Feeds what was received and went beyond UDP_TURN; true if there is still
 * more. To be called once a turn, until then nothing else is read. */
bool udp_go_on(struct udp_pool *pool);

/* Puts a datagram into the batch; ttl 0 is the default. What cannot be sent is
 * lost. The batch must have room. */
void udp_send(struct udp *u, const struct addr *to, uint8_t ttl,
    const void *buf, size_t len);

/* True if the batch has room for a datagram of len bytes. */
bool udp_has_room(const struct udp_pool *pool, size_t len);

/* Sends the batch; IN_NO_ROUTE comes from within. */
void udp_flush(struct udp_pool *pool);

#endif
