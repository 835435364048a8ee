#include "config.h"

#include "udp.h"

#include "sock.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef HAVE_LINUX_ERRQUEUE_H
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#endif

enum { OUT_BYTES = UDP_BATCH * DGRAM_BUF };

#if !defined HAVE_RECVMMSG || !defined HAVE_SENDMMSG
struct mmsghdr {
	struct msghdr msg_hdr;
	unsigned int msg_len;
};
#endif

struct udp {
	struct watch watch;
	struct udp_pool *pool;
	int fd;
	int number;
};

struct udp_pool {
	struct loop *loop;
	void (*input)(void *ctx, const struct input *in);
	void *ctx;
	struct udp_stats stats;

	struct mmsghdr in_head[UDP_BATCH];
	struct iovec in_vec[UDP_BATCH];
	union sock_addr in_from[UDP_BATCH];
	uint8_t in_bytes[UDP_BATCH][DGRAM_BUF];

	/* What waits to be sent: side by side in out_bytes, in order. */
	unsigned int out_count;
	size_t out_len;
	struct udp *out_sock[UDP_BATCH];
	struct mmsghdr out_head[UDP_BATCH];
	struct iovec out_vec[UDP_BATCH];
	union sock_addr out_to[UDP_BATCH];
	union {
		struct cmsghdr head; /* for alignment */
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} out_ttl[UDP_BATCH];
	uint8_t out_bytes[OUT_BYTES];
};

struct udp_pool *
udp_pool_new(struct loop *l, void (*input)(void *ctx, const struct input *in),
    void *ctx)
{
	struct udp_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		return NULL;
	pool->loop = l;
	pool->input = input;
	pool->ctx = ctx;
	for (int i = 0; i < UDP_BATCH; i++) {
		struct msghdr *head = &pool->in_head[i].msg_hdr;

		pool->in_vec[i].iov_base = pool->in_bytes[i];
		pool->in_vec[i].iov_len = DGRAM_BUF;
		head->msg_iov = &pool->in_vec[i];
		head->msg_iovlen = 1;
		head->msg_name = &pool->in_from[i];
		head->msg_namelen = sizeof pool->in_from[i];
		pool->out_head[i].msg_hdr.msg_iov = &pool->out_vec[i];
		pool->out_head[i].msg_hdr.msg_iovlen = 1;
		pool->out_head[i].msg_hdr.msg_name = &pool->out_to[i];
	}
	return pool;
}

void
udp_pool_free(struct udp_pool *pool)
{
	free(pool);
}

const struct udp_stats *
udp_pool_stats(const struct udp_pool *pool)
{
	return &pool->stats;
}

/* ---- receiving ---- */

#ifdef HAVE_LINUX_ERRQUEUE_H

/* True if an ICMP message says that a destination cannot be reached. One whose
 * TTL ran out was meant to, and one that was too big says nothing of the
 * destination. */
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
says_unreachable(struct msghdr *head)
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
		if (is_unreachable(&e))
			return true;
	}
	return false;
}

/* Takes one message of the error queue; false when it is empty. */
static bool
read_error(struct udp *u)
{
	union sock_addr to;
	char control[256];
	struct msghdr head = { .msg_name = &to, .msg_namelen = sizeof to,
		.msg_control = control, .msg_controllen = sizeof control };
	struct input in = { .kind = IN_UNREACHABLE, .sock = u->number };

	if (recvmsg(u->fd, &head, MSG_ERRQUEUE) < 0)
		return errno == EINTR;
	if (!says_unreachable(&head))
		return true;
	in.from = sock_get(&to);
	u->pool->input(u->pool->ctx, &in);
	return true;
}

static void
want_errors(struct udp *u, enum addr_family family)
{
	if (family == ADDR_V6)
		sock_set(u->fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	else
		sock_set(u->fd, IPPROTO_IP, IP_RECVERR, 1);
}

#else

static bool
read_error(struct udp *u)
{
	(void)u;
	return false;
}

static void
want_errors(struct udp *u, enum addr_family family)
{
	(void)u;
	(void)family;
}

#endif

static int
receive(int fd, struct mmsghdr *heads)
{
#ifdef HAVE_RECVMMSG
	return recvmmsg(fd, heads, UDP_BATCH, MSG_DONTWAIT, NULL);
#else
	int n;

	for (n = 0; n < UDP_BATCH; n++) {
		ssize_t len = recvmsg(fd, &heads[n].msg_hdr, MSG_DONTWAIT);

		if (len < 0)
			break;
		heads[n].msg_len = (unsigned int)len;
	}
	return n > 0 ? n : -1;
#endif
}

/* One batch a wake-up, so that a busy socket does not starve the others. */
static void
udp_ready(struct watch *w, int events)
{
	struct udp *u = (struct udp *)w;
	struct udp_pool *pool = u->pool;
	int n = receive(u->fd, pool->in_head);

	(void)events;
	if (n < 0) {
		/* Ready, but not with a datagram. */
		for (int i = 0; i < UDP_BATCH && read_error(u); i++)
			continue;
		return;
	}
	pool->stats.received += (unsigned int)n;
	for (int i = 0; i < n; i++) {
		const struct input in = { .kind = IN_DGRAM, .sock = u->number,
			.from = sock_get(&pool->in_from[i]),
			.buf = pool->in_bytes[i],
			.len = pool->in_head[i].msg_len };

		pool->in_head[i].msg_hdr.msg_namelen = sizeof pool->in_from[i];
		pool->input(pool->ctx, &in);
	}
}

/* ---- sending ---- */

bool
udp_has_room(const struct udp_pool *pool, size_t len)
{
	return pool->out_count < UDP_BATCH &&
	    len <= OUT_BYTES - pool->out_len;
}

/* Sets the TTL of one datagram. */
static void
put_ttl(struct udp_pool *pool, unsigned int i, bool is_v6, int ttl)
{
	struct cmsghdr *c = &pool->out_ttl[i].head;

	c->cmsg_level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = is_v6 ? IPV6_HOPLIMIT : IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof ttl);
	memcpy(CMSG_DATA(c), &ttl, sizeof ttl);
	pool->out_head[i].msg_hdr.msg_control = c;
	pool->out_head[i].msg_hdr.msg_controllen = sizeof pool->out_ttl[i];
}

void
udp_send(struct udp *u, const struct addr *to, uint8_t ttl, const void *buf,
    size_t len)
{
	struct udp_pool *pool = u->pool;
	const unsigned int i = pool->out_count;
	struct msghdr *head = &pool->out_head[i].msg_hdr;

	assert(udp_has_room(pool, len));
	head->msg_namelen = sock_put(to, &pool->out_to[i]);
	if (head->msg_namelen == 0) {
		pool->stats.lost++;
		return;
	}
	head->msg_control = NULL;
	head->msg_controllen = 0;
	if (ttl != 0)
		put_ttl(pool, i, to->family == ADDR_V6, ttl);
	pool->out_vec[i].iov_base = pool->out_bytes + pool->out_len;
	pool->out_vec[i].iov_len = len;
	memcpy(pool->out_bytes + pool->out_len, buf, len);
	pool->out_sock[i] = u;
	pool->out_len += len;
	pool->out_count++;
}

static int
send_some(int fd, struct mmsghdr *heads, unsigned int count)
{
#ifdef HAVE_SENDMMSG
	return sendmmsg(fd, heads, count, MSG_DONTWAIT | MSG_NOSIGNAL);
#else
	(void)count;
	return sendmsg(fd, &heads[0].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ?
	    -1 : 1;
#endif
}

/* Sends datagrams of one socket. */
static void
send_run(struct udp_pool *pool, int fd, struct mmsghdr *heads,
    unsigned int count)
{
	unsigned int done = 0;
	bool is_second = false;

	while (done < count) {
		int n = send_some(fd, heads + done, count - done);

		if (n > 0) {
			done += (unsigned int)n;
			pool->stats.sent += (unsigned int)n;
			is_second = false;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			/* The queue is full: more would not fit either. */
			pool->stats.lost += count - done;
			return;
		} else if (!is_second) {
			/* What ICMP said of an earlier datagram is reported
			 * by this call, and this datagram was not sent. */
			is_second = true;
		} else {
			pool->stats.lost++;
			done++;
			is_second = false;
		}
	}
}

void
udp_flush(struct udp_pool *pool)
{
	unsigned int end;

	for (unsigned int i = 0; i < pool->out_count; i = end) {
		end = i + 1;
		while (end < pool->out_count &&
		    pool->out_sock[end] == pool->out_sock[i])
			end++;
		send_run(pool, pool->out_sock[i]->fd, pool->out_head + i,
		    end - i);
	}
	pool->out_count = 0;
	pool->out_len = 0;
}

/* ---- sockets ---- */

struct udp *
udp_open(struct udp_pool *pool, int number, const struct addr *local)
{
	struct udp *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->fd = sock_bound(SOCK_DGRAM, local);
	if (u->fd < 0) {
		free(u);
		return NULL;
	}
	sock_set(u->fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	sock_set(u->fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER);
	want_errors(u, local->family);
	u->pool = pool;
	u->number = number;
	u->watch.ready = udp_ready;
	loop_watch(pool->loop, &u->watch, u->fd, LOOP_READ);
	return u;
}

struct addr
udp_local(const struct udp *u)
{
	return sock_local(u->fd);
}

void
udp_close(struct udp *u)
{
	loop_unwatch(&u->watch);
	close(u->fd);
	free(u);
}
