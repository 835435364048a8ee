#include "config.h"

#include "udp.h"

#include "io/refusal.h"
#include "io/sock.h"

#include <assert.h>
#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef HAVE_STRUCT_MMSGHDR
struct mmsghdr {
	struct msghdr msg_hdr;
	unsigned int msg_len;
};
#endif

/* Segmentation offload: datagrams of one size that come from or go to one
 * address pass through the system as one (a train), cut up as late and put
 * together as early as it can. */
#if HAVE_DECL_UDP_GRO && HAVE_DECL_UDP_SEGMENT
enum { HAS_TRAINS = true, TRAIN_IN = 65536, IN_BATCH = 32 };
#else
enum { HAS_TRAINS = false, TRAIN_IN = DGRAM_BUF, IN_BATCH = UDP_BATCH };
#undef UDP_GRO
#undef UDP_SEGMENT
#define UDP_GRO 0
#define UDP_SEGMENT 0
#endif

enum {
	/* Apart by a bit more than a power of 2, or all beginnings would fall
	 * into one set of the cache. */
	IN_STRIDE = TRAIN_IN + 192,
	OUT_BYTES = UDP_BATCH * DGRAM_BUF,
	TRAIN_BYTES = 65000, /* what fits into one IP packet */
	NO_MORE = UDP_BATCH,
	LATEST_BITS = 8,
};

struct udp {
	struct watch watch;
	struct udp_pool *pool;
	int fd;
	int number;
	bool has_no_trains; /* the way out cannot cut them up */
};

/* A datagram that waits to be sent. */
struct out_dgram {
	uint32_t at;      /* in out_bytes */
	uint16_t len;
	uint8_t next;     /* of the same train, or NO_MORE */
};

/* Datagrams of one size from one socket to one address; the last one may be
 * shorter, and is the last then. */
struct out_train {
	struct udp *sock;
	uint32_t bytes;
	uint16_t size;
	uint8_t first, last, count;
	uint8_t ttl;
	bool is_ended;
	union sock_addr to;
	socklen_t to_len;
	union {
		struct cmsghdr head; /* for alignment */
		uint8_t bytes[CMSG_SPACE(sizeof(int)) +
		    CMSG_SPACE(sizeof(uint16_t))];
	} control;
};

struct udp_pool {
	struct loop *loop;
	void (*input)(void *ctx, const struct input *in);
	void *ctx;
	struct udp_stats stats;

	/* What was received and is not fed yet: of one socket. */
	struct udp *in_sock; /* NULL: nothing */
	int in_count, in_at; /* messages; the one to be fed next */
	size_t in_offset;    /* in that one */
	struct mmsghdr in_head[IN_BATCH];
	struct iovec in_vec[IN_BATCH];
	union sock_addr in_from[IN_BATCH];
	union {
		struct cmsghdr head;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} in_control[IN_BATCH];
	uint8_t *in_bytes;

	unsigned int dgrams_count, trains_count;
	size_t out_len;
	struct out_dgram dgrams[UDP_BATCH];
	struct out_train trains[UDP_BATCH];
	uint8_t latest[1 << LATEST_BITS]; /* numbers of trains */
	struct mmsghdr out_head[UDP_BATCH];
	struct iovec out_vec[UDP_BATCH];
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
	/* Untouched pages cost nothing. */
	pool->in_bytes = malloc((size_t)IN_BATCH * IN_STRIDE);
	if (pool->in_bytes == NULL) {
		free(pool);
		return NULL;
	}
	for (int i = 0; i < IN_BATCH; i++) {
		struct msghdr *head = &pool->in_head[i].msg_hdr;

		pool->in_vec[i].iov_base = pool->in_bytes + i * IN_STRIDE;
		pool->in_vec[i].iov_len = TRAIN_IN;
		head->msg_iov = &pool->in_vec[i];
		head->msg_iovlen = 1;
		head->msg_name = &pool->in_from[i];
		head->msg_namelen = sizeof pool->in_from[i];
		head->msg_control = HAS_TRAINS ? &pool->in_control[i] : NULL;
		head->msg_controllen = HAS_TRAINS ?
		    sizeof pool->in_control[i] : 0;
	}
	return pool;
}

void
udp_pool_free(struct udp_pool *pool)
{
	if (pool != NULL)
		free(pool->in_bytes);
	free(pool);
}

const struct udp_stats *
udp_pool_stats(const struct udp_pool *pool)
{
	return &pool->stats;
}

/* ---- receiving ---- */

static int
receive(int fd, struct mmsghdr *heads)
{
#ifdef HAVE_RECVMMSG
	return recvmmsg(fd, heads, IN_BATCH, MSG_DONTWAIT, NULL);
#else
	int n;

	for (n = 0; n < IN_BATCH; n++) {
		ssize_t len = recvmsg(fd, &heads[n].msg_hdr, MSG_DONTWAIT);

		if (len < 0)
			break;
		heads[n].msg_len = (unsigned int)len;
	}
	return n > 0 ? n : -1;
#endif
}

/* The size of the datagrams in a message, which is one or a train. */
static size_t
size_in(struct msghdr *head, size_t len)
{
	struct cmsghdr *c = HAS_TRAINS ? CMSG_FIRSTHDR(head) : NULL;
	int size = 0;

	for (; c != NULL; c = CMSG_NXTHDR(head, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&size, CMSG_DATA(c), sizeof size);
	return size > 0 ? (size_t)size : len;
}

/* Feeds from the message in turn; returns how many datagrams. */
static int
feed_message(struct udp_pool *pool, int most)
{
	const int i = pool->in_at;
	struct msghdr *head = &pool->in_head[i].msg_hdr;
	const size_t len = pool->in_head[i].msg_len;
	const size_t size = size_in(head, len);
	struct input in = { .kind = IN_DGRAM, .sock = pool->in_sock->number,
		.from = sock_get(&pool->in_from[i]) };
	int fed = 0;

	do {
		const size_t left = len - pool->in_offset;

		in.buf = pool->in_bytes + i * IN_STRIDE + pool->in_offset;
		in.len = left < size ? left : size;
		pool->in_offset += in.len;
		if (in.len > DGRAM_BUF)
			in.len = DGRAM_BUF;
		pool->input(pool->ctx, &in);
	} while (++fed < most && pool->in_offset < len);
	if (pool->in_offset < len)
		return fed;
	pool->in_offset = 0;
	pool->in_at++;
	head->msg_namelen = sizeof pool->in_from[i];
	head->msg_controllen = HAS_TRAINS ? sizeof pool->in_control[i] : 0;
	return fed;
}

bool
udp_go_on(struct udp_pool *pool)
{
	int left = UDP_TURN;

	while (pool->in_sock != NULL && left > 0) {
		const int fed = feed_message(pool, left);

		left -= fed;
		pool->stats.received += (unsigned int)fed;
		if (pool->in_at == pool->in_count)
			pool->in_sock = NULL;
	}
	return pool->in_sock != NULL;
}

static void
read_refusals(struct udp *u)
{
	struct refusal r;

	for (int i = 0; i < UDP_BATCH && refusal_read(u->fd, &r); i++) {
		struct input in = { .sock = u->number, .from = r.to,
			.kind = r.has_expired ? IN_EXPIRED : IN_UNREACHABLE,
			.to = r.by };

		if (addr_is_set(&in.from))
			u->pool->input(u->pool->ctx, &in);
	}
}

/* One batch a wake-up, so that a busy socket does not starve the others. */
static void
udp_ready(struct watch *w, int events)
{
	struct udp *u = (struct udp *)w;
	struct udp_pool *pool = u->pool;
	int n;

	(void)events;
	/* The batch before goes on in the turns; this one can wait. */
	if (pool->in_sock != NULL)
		return;
	n = receive(u->fd, pool->in_head);
	if (n < 0) {
		/* Ready, but not with a datagram. */
		read_refusals(u);
		return;
	}
	pool->in_sock = u;
	pool->in_count = n;
	pool->in_at = 0;
	pool->in_offset = 0;
	udp_go_on(pool);
}

/* ---- sending ---- */

bool
udp_has_room(const struct udp_pool *pool, size_t len)
{
	return pool->dgrams_count < UDP_BATCH &&
	    len <= OUT_BYTES - pool->out_len;
}

static bool
may_join(const struct out_train *t, const struct udp *u,
    const union sock_addr *to, socklen_t to_len, uint8_t ttl, size_t len)
{
	return t->sock == u && !t->is_ended && t->ttl == ttl &&
	    len > 0 && len <= t->size && t->bytes + len <= TRAIN_BYTES &&
	    t->to_len == to_len && memcmp(&t->to, to, to_len) == 0;
}

/* Where the number of the last train to an address is kept. Addresses that
 * share a place begin new trains in turn, and lose nothing else by it. */
static uint8_t *
latest_to(struct udp_pool *pool, const struct addr *to)
{
	uint32_t word[4], mixed;

	_Static_assert(sizeof word == sizeof to->ip, "an address");
	memcpy(word, to->ip, sizeof word);
	mixed = word[0] ^ word[1] ^ word[2] ^ word[3] ^ to->port;
	return &pool->latest[mixed * 0x9e3779b1u >> (32 - LATEST_BITS)];
}

/* The train that a datagram may join, which is none but the last one to its
 * address, or it would overtake. NULL: a new one. */
static struct out_train *
find_train(struct udp_pool *pool, uint8_t latest, const struct udp *u,
    const union sock_addr *to, socklen_t to_len, uint8_t ttl, size_t len)
{
	struct out_train *t = &pool->trains[latest];

	if (!HAS_TRAINS || u->has_no_trains || latest >= pool->trains_count)
		return NULL;
	return may_join(t, u, to, to_len, ttl, len) ? t : NULL;
}

static struct out_train *
new_train(struct udp_pool *pool, struct udp *u, const union sock_addr *to,
    socklen_t to_len, uint8_t ttl, size_t len)
{
	struct out_train *t = &pool->trains[pool->trains_count++];

	t->sock = u;
	t->bytes = 0;
	t->size = (uint16_t)len;
	t->count = 0;
	t->first = t->last = NO_MORE;
	t->ttl = ttl;
	t->is_ended = false;
	t->to = *to;
	t->to_len = to_len;
	return t;
}

void
udp_send(struct udp *u, const struct addr *to, uint8_t ttl, const void *buf,
    size_t len)
{
	struct udp_pool *pool = u->pool;
	const uint8_t i = (uint8_t)pool->dgrams_count;
	union sock_addr s;
	const socklen_t s_len = sock_put(to, &s);
	struct out_train *t;
	uint8_t *latest;

	assert(udp_has_room(pool, len) && len <= DGRAM_BUF);
	if (s_len == 0) {
		pool->stats.lost++;
		return;
	}
	latest = latest_to(pool, to);
	t = find_train(pool, *latest, u, &s, s_len, ttl, len);
	if (t == NULL) {
		*latest = (uint8_t)pool->trains_count;
		t = new_train(pool, u, &s, s_len, ttl, len);
	}
	if (t->count > 0)
		pool->dgrams[t->last].next = i;
	else
		t->first = i;
	t->last = i;
	t->count++;
	t->bytes += (uint32_t)len;
	t->is_ended = len < t->size;
	pool->dgrams[i] = (struct out_dgram){ .at = (uint32_t)pool->out_len,
		.len = (uint16_t)len, .next = NO_MORE };
	memcpy(pool->out_bytes + pool->out_len, buf, len);
	pool->out_len += len;
	pool->dgrams_count++;
}

static struct cmsghdr *
put_control(struct cmsghdr *c, int level, int type, const void *value,
    size_t len)
{
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
	return (struct cmsghdr *)((uint8_t *)c + CMSG_SPACE(len));
}

/* The TTL, and the size of the datagrams if there are several. */
static void
set_control(struct out_train *t, struct msghdr *head)
{
	const bool is_v6 = t->to.any.sa_family == AF_INET6;
	struct cmsghdr *c = &t->control.head;
	const int ttl = t->ttl;

	if (ttl != 0)
		c = put_control(c, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		    is_v6 ? IPV6_HOPLIMIT : IP_TTL, &ttl, sizeof ttl);
	if (t->count > 1)
		c = put_control(c, IPPROTO_UDP, UDP_SEGMENT, &t->size,
		    sizeof t->size);
	head->msg_controllen = (size_t)((uint8_t *)c - t->control.bytes);
	head->msg_control = head->msg_controllen > 0 ? t->control.bytes : NULL;
}

/* Writes a message for a train, its parts from vec on; returns their end. */
static struct iovec *
write_train(struct udp_pool *pool, struct out_train *t, struct msghdr *head,
    struct iovec *vec)
{
	*head = (struct msghdr){ .msg_name = &t->to, .msg_namelen = t->to_len,
		.msg_iov = vec, .msg_iovlen = t->count };
	set_control(t, head);
	for (uint8_t i = t->first; i != NO_MORE; i = pool->dgrams[i].next) {
		vec->iov_base = pool->out_bytes + pool->dgrams[i].at;
		vec->iov_len = pool->dgrams[i].len;
		vec++;
	}
	return vec;
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

/* Sends the datagrams of a train that cannot go as one. */
static void
send_apart(struct udp_pool *pool, const struct out_train *t)
{
	struct out_train one = *t;

	one.count = 1;
	for (uint8_t i = t->first; i != NO_MORE; i = pool->dgrams[i].next) {
		struct iovec vec = {
			.iov_base = pool->out_bytes + pool->dgrams[i].at,
			.iov_len = pool->dgrams[i].len };
		struct msghdr head = { .msg_name = &one.to,
			.msg_namelen = one.to_len, .msg_iov = &vec,
			.msg_iovlen = 1 };

		set_control(&one, &head);
		if (sendmsg(t->sock->fd, &head, MSG_DONTWAIT | MSG_NOSIGNAL) <
		    0)
			pool->stats.lost++;
		else
			pool->stats.sent++;
	}
}

/* Unless that was what ICMP had said of an earlier datagram. */
static void
tell_no_route(struct udp_pool *pool, const struct out_train *t)
{
	const struct input in = { .kind = IN_NO_ROUTE,
		.sock = t->sock->number, .from = sock_get(&t->to) };

	if (!sock_has_route(&in.from))
		pool->input(pool->ctx, &in);
}

/* The second attempt at a train failed, too. */
static void
give_up(struct udp_pool *pool, struct out_train *t)
{
	const int error = errno;

	if (error == ENETUNREACH || error == ENETDOWN)
		tell_no_route(pool, t);
	if (t->count == 1) {
		pool->stats.lost++;
		return;
	}
	/* A device that cannot do checksums. All other reasons are of this
	 * path, such as one that takes smaller packets only. */
	if (error == EIO)
		t->sock->has_no_trains = true;
	send_apart(pool, t);
}

/* Sends trains of one socket. */
static void
send_run(struct udp_pool *pool, struct out_train *trains, unsigned int count)
{
	const int fd = trains[0].sock->fd;
	struct iovec *vec = pool->out_vec;
	unsigned int done = 0;
	bool is_second = false;

	for (unsigned int i = 0; i < count; i++)
		vec = write_train(pool, &trains[i], &pool->out_head[i].msg_hdr,
		    vec);
	while (done < count) {
		int n = send_some(fd, pool->out_head + done, count - done);

		if (n > 0) {
			while (n-- > 0)
				pool->stats.sent += trains[done++].count;
			is_second = false;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			/* The queue is full: more would not fit either. */
			while (done < count)
				pool->stats.lost += trains[done++].count;
		} else if (!is_second) {
			/* What ICMP said of an earlier datagram is reported
			 * by this call, and this one was not sent. */
			is_second = true;
		} else {
			give_up(pool, &trains[done++]);
			is_second = false;
		}
	}
}

void
udp_flush(struct udp_pool *pool)
{
	unsigned int end;

	for (unsigned int i = 0; i < pool->trains_count; i = end) {
		end = i + 1;
		while (end < pool->trains_count &&
		    pool->trains[end].sock == pool->trains[i].sock)
			end++;
		send_run(pool, pool->trains + i, end - i);
	}
	pool->dgrams_count = pool->trains_count = 0;
	pool->out_len = 0;
}

/* ---- sockets ---- */

struct udp *
udp_open(struct udp_pool *pool, int number, const struct addr *local,
    const struct addr *at)
{
	struct udp *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->fd = addr_class(local) == ADDR_IS_MULTICAST ?
	    sock_group(local, at) : sock_bound(SOCK_DGRAM, local);
	if (u->fd < 0) {
		free(u);
		return NULL;
	}
	sock_set(u->fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	sock_set(u->fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER);
	if (HAS_TRAINS)
		sock_set(u->fd, IPPROTO_UDP, UDP_GRO, 1);
	refusal_want(u->fd, local->family);
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
	if (u->pool->in_sock == u)
		u->pool->in_sock = NULL;
	loop_unwatch(&u->watch);
	close(u->fd);
	free(u);
}
