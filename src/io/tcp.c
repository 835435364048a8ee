#include "config.h"

#include "tcp.h"

#include "sock.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined IP_MINTTL && defined IPV6_MINHOPCOUNT
#define HAS_LEAST_HOPS 1
#else
#define HAS_LEAST_HOPS 0
#endif

/* A stream:
 *
 *   DIALLING --connected--> OPEN --tcp_close--> LINGERING --> gone
 *       |                     |
 *       +--fails--> gone      +--ended by the other side--> gone
 */
enum tcp_state { DIALLING, OPEN, LINGERING };

struct tcp {
	struct watch watch;
	struct tcp_pool *pool;
	int fd;
	int number;
	enum tcp_state state;
	bool is_broken;         /* writing failed; reading will say why */
	bool is_deaf;           /* DIALLING: set_least_hops */
	uint8_t *queue;         /* what waits, or NULL */
	uint32_t queue_at, queue_len, queue_cap;
	uint32_t batched;       /* bytes in the batch, about */
	usec_t cut_at;          /* LINGERING */
	struct tcp *next, *prev;/* LINGERING, oldest first */
};

struct tcp_pool {
	struct loop *loop;
	void (*input)(void *ctx, const struct input *in);
	void *ctx;
	struct tcp_stats stats;
	struct alarm cut;
	struct tcp *oldest, *newest; /* LINGERING */
	unsigned int lingering;
	size_t queued;               /* bytes in the queues of all streams */

	/* What was written in this turn, side by side in out_bytes. */
	struct {
		struct tcp *to;
		size_t len;
	} out[TCP_BATCH];
	unsigned int out_count;
	size_t out_len;
	uint8_t out_bytes[TCP_BATCH_BYTES];
	uint8_t read_buf[TCP_READ_MAX];
};

/* ---- how far packets go ---- */

/* Packets from now on begin with so many hops (-1: as many as others). */
static void
set_hops(int fd, uint8_t family, int hops)
{
	if (family == ADDR_V6)
		sock_set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops);
	else
		sock_set(fd, IPPROTO_IP, IP_TTL, hops);
}

/* Nobody is heard who has fewer hops left (RFC 5082). Of what ICMP says of a
 * packet those count that the packet had left, which it quotes. */
static void
set_least_hops(int fd, uint8_t family, int hops)
{
#if HAS_LEAST_HOPS
	if (family == ADDR_V6)
		sock_set(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, hops);
	else
		sock_set(fd, IPPROTO_IP, IP_MINTTL, hops);
#else
	(void)fd;
	(void)family;
	(void)hops;
#endif
}

/* ---- the end of a stream ---- */

static void
drop_queue(struct tcp *t)
{
	t->pool->queued -= t->queue_len;
	free(t->queue);
	t->queue = NULL;
	t->queue_at = t->queue_len = t->queue_cap = 0;
}

/* Nothing of it may be in the batch. */
static void
tcp_free(struct tcp *t)
{
	loop_unwatch(&t->watch);
	close(t->fd);
	drop_queue(t);
	free(t);
}

static void
unlink_lingering(struct tcp *t)
{
	struct tcp_pool *pool = t->pool;

	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		pool->oldest = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	else
		pool->newest = t->prev;
	pool->lingering--;
}

static void
cut_lingering(struct alarm *a, usec_t now)
{
	struct tcp_pool *pool = (struct tcp_pool *)((char *)a -
	    offsetof(struct tcp_pool, cut));

	while (pool->oldest != NULL && pool->oldest->cut_at <= now) {
		struct tcp *t = pool->oldest;

		unlink_lingering(t);
		tcp_free(t);
	}
	if (pool->oldest != NULL)
		loop_set(pool->loop, &pool->cut, pool->oldest->cut_at);
}

static void
link_lingering(struct tcp *t)
{
	struct tcp_pool *pool = t->pool;

	t->state = LINGERING;
	t->cut_at = loop_now(pool->loop) + TCP_LINGER;
	t->prev = pool->newest;
	if (pool->newest != NULL)
		pool->newest->next = t;
	else
		pool->oldest = t;
	pool->newest = t;
	pool->lingering++;
	loop_set(pool->loop, &pool->cut, pool->oldest->cut_at);
}

/* ---- writing ---- */

/* The other side will notice; reading says why. */
static void
break_stream(struct tcp *t)
{
	t->is_broken = true;
	drop_queue(t);
	shutdown(t->fd, SHUT_RDWR);
}

static void
watch_stream(struct tcp *t)
{
	loop_watch(t->pool->loop, &t->watch, t->fd,
	    LOOP_READ | (t->queue_len > 0 ? LOOP_WRITE : 0));
}

/* Room for len more bytes at the end of the queue. */
static bool
make_room(struct tcp *t, size_t len)
{
	uint32_t cap = TCP_QUEUE_FIRST;
	uint8_t *queue;

	if (t->queue_cap - t->queue_at - t->queue_len >= len)
		return true;
	while (cap < t->queue_len + len)
		cap *= 2;
	queue = malloc(cap);
	if (queue == NULL)
		return false;
	if (t->queue_len > 0)
		memcpy(queue, t->queue + t->queue_at, t->queue_len);
	free(t->queue);
	t->queue = queue;
	t->queue_at = 0;
	t->queue_cap = cap;
	return true;
}

/* Keeps what the system did not take. */
static void
enqueue(struct tcp *t, const uint8_t *buf, size_t len)
{
	if (!make_room(t, len)) {
		/* Half a frame may have gone out already. */
		break_stream(t);
		return;
	}
	memcpy(t->queue + t->queue_at + t->queue_len, buf, len);
	t->queue_len += (uint32_t)len;
	t->pool->queued += len;
	watch_stream(t);
}

/* Writes what the system takes; returns how much. */
static size_t
write_some(struct tcp *t, const uint8_t *buf, size_t len)
{
	ssize_t n = send(t->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0)
		return (size_t)n;
	if (errno != EAGAIN && errno != EINTR)
		break_stream(t);
	return 0;
}

static void
push(struct tcp *t, const uint8_t *buf, size_t len)
{
	size_t n = 0;

	if (t->is_broken)
		return;
	if (t->queue_len == 0)
		n = write_some(t, buf, len);
	if (n < len && !t->is_broken)
		enqueue(t, buf + n, len - n);
}

bool
tcp_has_room(const struct tcp_pool *pool, size_t len)
{
	return pool->out_count < TCP_BATCH &&
	    len <= TCP_BATCH_BYTES - pool->out_len;
}

void
tcp_flush(struct tcp_pool *pool)
{
	const uint8_t *p = pool->out_bytes;
	unsigned int i = 0;

	while (i < pool->out_count) {
		struct tcp *t = pool->out[i].to;
		size_t len = 0;

		for (; i < pool->out_count && pool->out[i].to == t; i++)
			len += pool->out[i].len;
		t->batched = 0;
		push(t, p, len);
		p += len;
	}
	pool->out_count = 0;
	pool->out_len = 0;
}

size_t
tcp_queue_limit(size_t queued)
{
	const size_t left = queued < TCP_QUEUES_MAX ?
	    TCP_QUEUES_MAX - queued : 0;
	const size_t share = left / TCP_QUEUES_SHARE;

	return share < ACT_WRITE_QUEUE ? share : ACT_WRITE_QUEUE;
}

void
tcp_write(struct tcp *t, const void *buf, size_t len)
{
	struct tcp_pool *pool = t->pool;

	assert(tcp_has_room(pool, len));
	if (t->state != OPEN || t->is_broken ||
	    t->queue_len + t->batched > tcp_queue_limit(pool->queued)) {
		pool->stats.dropped++;
		return;
	}
	memcpy(pool->out_bytes + pool->out_len, buf, len);
	pool->out[pool->out_count].to = t;
	pool->out[pool->out_count].len = len;
	pool->out_count++;
	pool->out_len += len;
	t->batched += (uint32_t)len;
}

static void
write_queue(struct tcp *t)
{
	size_t n;

	if (t->queue_len == 0)
		return;
	n = write_some(t, t->queue + t->queue_at, t->queue_len);
	if (t->is_broken)
		return;
	t->queue_at += (uint32_t)n;
	t->queue_len -= (uint32_t)n;
	t->pool->queued -= n;
	if (t->queue_len > 0)
		return;
	drop_queue(t);
	watch_stream(t);
	if (t->state == LINGERING)
		shutdown(t->fd, SHUT_WR);
}

/* ---- streams ---- */

static void
report(struct tcp *t, enum in_kind kind, int error)
{
	struct tcp_pool *pool = t->pool;
	const struct input in = { .kind = kind, .sock = t->number,
		.err = sock_err(error),
		.text = error != 0 ? strerror(error) : NULL };

	tcp_free(t);
	pool->input(pool->ctx, &in);
}

static void
has_opened(struct tcp *t)
{
	t->state = OPEN;
	sock_set(t->fd, IPPROTO_TCP, TCP_NODELAY, 1);
#ifdef TCP_USER_TIMEOUT
	sock_set(t->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_STALL_MS);
#endif
	watch_stream(t);
}

static void
dial_ready(struct tcp *t)
{
	struct tcp_pool *pool = t->pool;
	struct input in = { .kind = IN_CONNECTED, .sock = t->number };
	int error = 0;
	socklen_t len = sizeof error;

	getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error != 0) {
		report(t, IN_CONNECTED, error);
		return;
	}
	in.from = tcp_remote(t);
	in.to = tcp_local(t);
	if (!addr_is_set(&in.from))
		return;
	/* TCP lets a socket connect to itself. */
	if (addr_eq(&in.from, &in.to)) {
		report(t, IN_CONNECTED, ECONNREFUSED);
		return;
	}
	if (t->is_deaf)
		set_least_hops(t->fd, in.from.family, 0);
	has_opened(t);
	pool->input(pool->ctx, &in);
}

/* Returns what read does; -1 with EAGAIN when there is nothing yet. */
static ssize_t
read_some(struct tcp *t)
{
	ssize_t n = recv(t->fd, t->pool->read_buf, TCP_READ_MAX, MSG_DONTWAIT);

	if (n < 0 && errno == EINTR)
		errno = EAGAIN;
	return n;
}

static void
open_ready(struct tcp *t, int events)
{
	struct tcp_pool *pool = t->pool;
	struct input in = { .kind = IN_BYTES, .sock = t->number,
		.buf = pool->read_buf };
	ssize_t n;

	if (events & LOOP_WRITE)
		write_queue(t);
	if (!(events & LOOP_READ))
		return;
	n = read_some(t);
	if (n > 0) {
		in.len = (size_t)n;
		pool->input(pool->ctx, &in);
	} else if (n == 0) {
		report(t, IN_CLOSED, t->is_broken ? EPIPE : 0);
	} else if (errno != EAGAIN) {
		report(t, IN_CLOSED, errno);
	}
}

/* Reads on, or the system would answer what comes in with a reset, which
 * destroys what the other side has not read yet. */
static void
lingering_ready(struct tcp *t, int events)
{
	ssize_t n;

	if (events & LOOP_WRITE)
		write_queue(t);
	n = read_some(t);
	if (n > 0 || (n < 0 && errno == EAGAIN))
		return;
	if (n == 0 && t->queue_len > 0) {
		loop_watch(t->pool->loop, &t->watch, t->fd, LOOP_WRITE);
		return;
	}
	unlink_lingering(t);
	tcp_free(t);
}

static void
tcp_ready(struct watch *w, int events)
{
	struct tcp *t = (struct tcp *)w;

	switch (t->state) {
	case DIALLING:
		dial_ready(t);
		return;
	case OPEN:
		open_ready(t, events);
		return;
	case LINGERING:
		lingering_ready(t, events);
		return;
	}
}

static struct tcp *
tcp_new(struct tcp_pool *pool, int number, int fd)
{
	struct tcp *t = calloc(1, sizeof *t);

	if (t == NULL) {
		close(fd);
		errno = ENOMEM;
		return NULL;
	}
	t->pool = pool;
	t->fd = fd;
	t->number = number;
	t->watch.ready = tcp_ready;
	return t;
}

struct tcp *
tcp_adopt(struct tcp_pool *pool, int number, int fd)
{
	struct tcp *t = tcp_new(pool, number, fd);

	if (t != NULL)
		has_opened(t);
	return t;
}

struct tcp *
tcp_dial(struct tcp_pool *pool, int number, uint8_t ttl,
    const struct addr *local, const struct addr *to)
{
	const bool is_bound = local != NULL && addr_is_set(local);
	const bool is_deaf = HAS_LEAST_HOPS && ttl != 0;
	union sock_addr s;
	socklen_t len = sock_put(to, &s);
	struct tcp *t;
	int fd, error;

	fd = is_bound ? sock_bound(SOCK_STREAM, local) :
	    sock_new(SOCK_STREAM, to->family);
	if (fd < 0)
		return NULL;
	if (is_deaf) {
		set_hops(fd, to->family, ttl);
		set_least_hops(fd, to->family, ttl);
	}
	if (connect(fd, &s.any, len) < 0 && errno != EINPROGRESS) {
		error = errno;
		close(fd);
		errno = error;
		return NULL;
	}
	if (is_deaf)
		set_hops(fd, to->family, -1);
	t = tcp_new(pool, number, fd);
	if (t == NULL)
		return NULL;
	t->state = DIALLING;
	t->is_deaf = is_deaf;
	loop_watch(pool->loop, &t->watch, fd, LOOP_WRITE);
	return t;
}

struct addr
tcp_local(const struct tcp *t)
{
	return sock_local(t->fd);
}

struct addr
tcp_remote(const struct tcp *t)
{
	return sock_remote(t->fd);
}

void
tcp_close(struct tcp *t)
{
	tcp_flush(t->pool);
	if (t->state == DIALLING || t->is_broken) {
		tcp_free(t);
		return;
	}
	link_lingering(t);
	if (t->queue_len == 0)
		shutdown(t->fd, SHUT_WR);
}

void
tcp_cut(struct tcp *t)
{
	const struct linger at_once = { .l_onoff = 1 };

	tcp_flush(t->pool);
	setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	tcp_free(t);
}

/* ---- all streams ---- */

struct tcp_pool *
tcp_pool_new(struct loop *l, void (*input)(void *ctx, const struct input *in),
    void *ctx)
{
	struct tcp_pool *pool = calloc(1, sizeof *pool);

	if (pool == NULL)
		return NULL;
	pool->loop = l;
	pool->input = input;
	pool->ctx = ctx;
	pool->cut.fire = cut_lingering;
	return pool;
}

void
tcp_pool_free(struct tcp_pool *pool)
{
	if (pool == NULL)
		return;
	while (pool->oldest != NULL) {
		struct tcp *t = pool->oldest;

		unlink_lingering(t);
		tcp_free(t);
	}
	loop_set(pool->loop, &pool->cut, USEC_NEVER);
	free(pool);
}

const struct tcp_stats *
tcp_pool_stats(const struct tcp_pool *pool)
{
	return &pool->stats;
}

unsigned int
tcp_lingering(const struct tcp_pool *pool)
{
	return pool->lingering;
}
