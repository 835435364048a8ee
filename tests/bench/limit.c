#include "config.h"

#include "target.h"

#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, PACKET = 2048, BUFFER = 4 << 20, LENGTH = 2 };

struct keys {
	uint8_t send[KEY_LEN], recv[KEY_LEN];
	uint32_t index, peer; /* in packets that come, that go; 0: empty */
};

static struct mmsghdr heads[BATCH];
static struct iovec vecs[BATCH];
static struct sockaddr_in from[BATCH];
static uint8_t room[LENGTH + BATCH * PACKET];
static uint8_t (*const bytes)[PACKET] = (uint8_t (*)[PACKET])(room + LENGTH);
static struct keys *all; /* by index, as a hash table half full */
static uint32_t all_mask;
static struct sockaddr_in routes[LIMIT_ROUTES];

/* Each makes the answer in place of packet i, for from[i]; its length, or 0
 * for none. */
typedef size_t answer_fn(int i, size_t len);

static size_t
echo(int i, size_t len)
{
	(void)i;
	return len < LIMIT_ECHO_LEN ? len : LIMIT_ECHO_LEN;
}

static struct keys *
find(uint32_t index)
{
	uint32_t at = index * 0x9e3779b1u & all_mask;

	while (all[at].index != index && all[at].index != 0)
		at = (at + 1) & all_mask;
	return &all[at];
}

/* Opens a packet, and answers with that many bytes; 0: as many as came. */
static size_t
open_and_seal(int i, size_t len, size_t answer)
{
	uint8_t *packet = bytes[i], *body = packet + DATA_HEADER;
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };
	unsigned long long size;
	struct keys *k;
	uint32_t index;

	if (len < SESSION_OVERHEAD)
		return 0;
	memcpy(&index, packet + 4, sizeof index);
	k = find(ntohl(index));
	for (int n = 0; n < 8; n++)
		nonce[4 + n] = packet[15 - n];
	if (crypto_aead_chacha20poly1305_ietf_decrypt(body, &size, NULL, body,
	    len - DATA_HEADER, packet, DATA_HEADER, nonce, k->recv) != 0)
		return 0;
	/* The answer has the counter of the question. */
	index = htonl(k->peer);
	memcpy(packet + 4, &index, sizeof index);
	crypto_aead_chacha20poly1305_ietf_encrypt(body, &size, body,
	    answer != 0 ? answer : size, packet, DATA_HEADER, NULL, nonce,
	    k->send);
	return DATA_HEADER + size;
}

static size_t
beat(int i, size_t len)
{
	return open_and_seal(i, len, LIMIT_BEAT_LEN);
}

static size_t
ping(int i, size_t len)
{
	return open_and_seal(i, len, 0);
}

static size_t
relay(int i, size_t len)
{
	struct sockaddr_in *own, *other;
	uint32_t route;

	if (len < RELAY_HEADER)
		return 0;
	memcpy(&route, bytes[i] + 8, sizeof route);
	route = ntohl(route) % LIMIT_ROUTES;
	own = &routes[route];
	other = &routes[route ^ 1];
	if (own->sin_port == 0)
		*own = from[i];
	if (own->sin_addr.s_addr != from[i].sin_addr.s_addr ||
	    own->sin_port != from[i].sin_port || other->sin_port == 0)
		return 0;
	bytes[i][11] ^= 1;
	from[i] = *other;
	return len;
}

static _Noreturn void
serve(int fd, answer_fn *answer)
{
	struct mmsghdr out[BATCH];

	for (int i = 0; i < BATCH; i++) {
		heads[i].msg_hdr = (struct msghdr){ .msg_iov = &vecs[i],
			.msg_iovlen = 1, .msg_name = &from[i],
			.msg_namelen = sizeof from[i] };
		vecs[i] = (struct iovec){ bytes[i], PACKET };
	}
	for (;;) {
		unsigned int count = 0, done = 0;
		int n = recvmmsg(fd, heads, BATCH, MSG_WAITFORONE, NULL);

		for (int i = 0; i < n; i++) {
			vecs[i].iov_len = answer(i, heads[i].msg_len);
			if (vecs[i].iov_len > 0)
				out[count++] = heads[i];
		}
		while (done < count) {
			int sent = sendmmsg(fd, out + done, count - done, 0);

			done += sent > 0 ? (unsigned int)sent : 1;
		}
		for (int i = 0; i < n; i++)
			vecs[i].iov_len = PACKET;
	}
}

/* Answers what is ready on a connection, one frame. */
static void
answer_stream(int fd, answer_fn *answer)
{
	uint8_t *frame = bytes[0] - LENGTH;
	ssize_t len = recv(fd, frame, PACKET - LENGTH, 0);
	size_t size;

	if (len <= LENGTH) {
		close(fd);
		return;
	}
	size = answer(0, (size_t)len - LENGTH);
	frame[0] = (uint8_t)(size >> 8);
	frame[1] = (uint8_t)size;
	send(fd, frame, LENGTH + size, MSG_NOSIGNAL);
}

static _Noreturn void
serve_streams(int listener, answer_fn *answer)
{
	struct epoll_event all_ready[BATCH], e = { .events = EPOLLIN };
	int poll = epoll_create1(0);
	const int on = 1;

	e.data.fd = listener;
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int n = epoll_wait(poll, all_ready, BATCH, -1);

		for (int i = 0; i < n; i++) {
			if (all_ready[i].data.fd != listener) {
				answer_stream(all_ready[i].data.fd, answer);
				continue;
			}
			e.data.fd = accept(listener, NULL, NULL);
			setsockopt(e.data.fd, IPPROTO_TCP, TCP_NODELAY, &on,
			    sizeof on);
			epoll_ctl(poll, EPOLL_CTL_ADD, e.data.fd, &e);
		}
	}
}

static int
open_socket(int type, uint16_t *port)
{
	struct sockaddr_in local = { .sin_family = AF_INET };
	socklen_t len = sizeof local;
	const int size = BUFFER;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&local, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&local, &len) != 0 ||
	    (type == SOCK_STREAM && listen(fd, SOMAXCONN) != 0))
		bench_die("no socket");
	*port = ntohs(local.sin_port);
	if (type == SOCK_STREAM)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return fd;
}

static void
copy_keys(const struct player *players, uint32_t count)
{
	uint32_t size = 1;

	while (size < count * 2)
		size *= 2;
	all = calloc(size, sizeof *all);
	if (all == NULL)
		bench_die("no memory");
	all_mask = size - 1;
	for (uint32_t i = 0; i < count; i++) {
		const struct player *p = &players[i];
		struct keys *k = find(p->server);

		memcpy(k->send, p->session.keys.recv, KEY_LEN);
		memcpy(k->recv, p->session.keys.send, KEY_LEN);
		k->index = p->server;
		k->peer = p->index;
	}
}

struct target
limit_start(enum limit kind, const struct player *players, uint32_t count)
{
	static answer_fn *const answers[] = {
		[LIMIT_ECHO] = echo, [LIMIT_BEAT] = beat, [LIMIT_PING] = ping,
		[LIMIT_STREAM_BEAT] = beat, [LIMIT_RELAY] = relay
	};
	const bool is_stream = kind == LIMIT_STREAM_BEAT;
	struct target t = { 0 };
	int fd = open_socket(is_stream ? SOCK_STREAM : SOCK_DGRAM, &t.port);

	t.pid = fork();
	if (t.pid < 0)
		bench_die("no process");
	if (t.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		bench_pin(0);
		if (count > 0)
			copy_keys(players, count);
		if (is_stream)
			serve_streams(fd, answers[kind]);
		serve(fd, answers[kind]);
	}
	close(fd);
	return t;
}
