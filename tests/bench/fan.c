#include "config.h"

#include "fan.h"

#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET = 2048, BUFFER = 4 << 20, LENGTH = 2 };

struct fan {
	int fd;      /* the socket, or an epoll of connections */
	struct sockaddr_in to;
	int *streams; /* by machine, 0: none; NULL: UDP */
	uint32_t machines;
	struct mmsghdr in[FAN_BATCH], out[FAN_BATCH];
	struct iovec in_vec[FAN_BATCH], out_vec[FAN_BATCH];
	uint8_t in_bytes[FAN_BATCH][PACKET], out_bytes[FAN_BATCH][PACKET];
	union {
		struct cmsghdr head; /* for alignment */
		uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} source[FAN_BATCH];
	unsigned int count; /* in the batch */
};

static void
prepare(struct fan *f, int i)
{
	struct msghdr *out = &f->out[i].msg_hdr;
	struct cmsghdr *c = &f->source[i].head;

	f->in_vec[i] = (struct iovec){ f->in_bytes[i], PACKET };
	f->in[i].msg_hdr.msg_iov = &f->in_vec[i];
	f->in[i].msg_hdr.msg_iovlen = 1;
	f->out_vec[i].iov_base = f->out_bytes[i];
	out->msg_iov = &f->out_vec[i];
	out->msg_iovlen = 1;
	out->msg_name = &f->to;
	out->msg_namelen = sizeof f->to;
	out->msg_control = c;
	out->msg_controllen = sizeof f->source[i];
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
}

static struct fan *
new_fan(void)
{
	struct fan *f = calloc(1, sizeof *f);

	if (f == NULL)
		bench_die("no memory");
	f->to.sin_family = AF_INET;
	f->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return f;
}

struct fan *
fan_new(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct fan *f = new_fan();
	const int size = BUFFER;

	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (f->fd < 0 || bind(f->fd, (struct sockaddr *)&any, sizeof any) != 0)
		bench_die("no socket");
	setsockopt(f->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(f->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	for (int i = 0; i < FAN_BATCH; i++)
		prepare(f, i);
	return f;
}

void
fan_free(struct fan *f)
{
	for (uint32_t i = 0; i < f->machines; i++)
		if (f->streams[i] != 0)
			close(f->streams[i]);
	free(f->streams);
	close(f->fd);
	free(f);
}

void
fan_aim(struct fan *f, uint16_t port)
{
	fan_flush(f);
	f->to.sin_port = htons(port);
}

static struct in_addr
addr_of(uint32_t machine)
{
	if (machine >= FAN_MACHINES)
		bench_die("no such machine");
	return (struct in_addr){ htonl(0x7f010000 + machine) };
}

static void
send_dgram(struct fan *f, uint32_t machine, const void *buf, size_t len)
{
	const unsigned int i = f->count++;
	struct in_pktinfo info = { .ipi_spec_dst = addr_of(machine) };

	memcpy(CMSG_DATA(&f->source[i].head), &info, sizeof info);
	memcpy(f->out_bytes[i], buf, len);
	f->out_vec[i].iov_len = len;
	if (f->count == FAN_BATCH)
		fan_flush(f);
}

void
fan_flush(struct fan *f)
{
	unsigned int done = 0;

	while (done < f->count) {
		int n = sendmmsg(f->fd, f->out + done, f->count - done, 0);

		if (n > 0)
			done += (unsigned int)n;
		else if (errno != EINTR && errno != ECONNREFUSED)
			bench_die("a datagram cannot be sent");
	}
	f->count = 0;
}

static int
receive_dgrams(struct fan *f, int wait_ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	int n;

	fan_flush(f);
	n = recvmmsg(f->fd, f->in, FAN_BATCH, MSG_DONTWAIT, NULL);
	if (n > 0 || wait_ms == 0 || poll(&p, 1, wait_ms) <= 0)
		return n > 0 ? n : 0;
	n = recvmmsg(f->fd, f->in, FAN_BATCH, MSG_DONTWAIT, NULL);
	return n > 0 ? n : 0;
}

/* ---- connections ---- */

struct fan *
fan_new_tcp(uint32_t machines)
{
	struct fan *f = new_fan();

	f->fd = epoll_create1(EPOLL_CLOEXEC);
	f->streams = calloc(machines, sizeof *f->streams);
	if (f->fd < 0 || f->streams == NULL)
		bench_die("no memory");
	f->machines = machines;
	return f;
}

static int
stream_of(struct fan *f, uint32_t machine)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
		.sin_addr = addr_of(machine) };
	struct epoll_event e = { .events = EPOLLIN };
	const int on = 1;
	int fd;

	if (machine >= f->machines)
		bench_die("no such machine");
	if (f->streams[machine] != 0)
		return f->streams[machine];
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	e.data.fd = fd;
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ||
	    connect(fd, (struct sockaddr *)&f->to, sizeof f->to) != 0 ||
	    epoll_ctl(f->fd, EPOLL_CTL_ADD, fd, &e) != 0)
		bench_die("a connection cannot be made");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	f->streams[machine] = fd;
	return fd;
}

static void
send_frame(struct fan *f, uint32_t machine, const void *buf, size_t len)
{
	const ssize_t size = (ssize_t)(LENGTH + len);
	uint8_t frame[LENGTH + PACKET] = { (uint8_t)(len >> 8), (uint8_t)len };

	memcpy(frame + LENGTH, buf, len);
	if (send(stream_of(f, machine), frame, (size_t)size, 0) != size)
		bench_die("a frame cannot be sent");
}

/* One packet of each connection that has any: nothing that is measured has
 * more under way. */
static int
receive_frames(struct fan *f, int wait_ms)
{
	struct epoll_event e[FAN_BATCH];
	int n = epoll_wait(f->fd, e, FAN_BATCH, wait_ms);

	for (int i = 0; i < n; i++) {
		ssize_t len = recv(e[i].data.fd, f->in_bytes[i], PACKET, 0);

		if (len < LENGTH)
			bench_die("a connection was closed");
		f->in[i].msg_len = (unsigned int)(len - LENGTH);
	}
	return n > 0 ? n : 0;
}

/* ---- either ---- */

void
fan_send(struct fan *f, uint32_t machine, const void *buf, size_t len)
{
	if (len > PACKET)
		bench_die("the packet is too long");
	if (f->streams != NULL)
		send_frame(f, machine, buf, len);
	else
		send_dgram(f, machine, buf, len);
}

int
fan_receive(struct fan *f, int wait_ms)
{
	return f->streams != NULL ? receive_frames(f, wait_ms) :
	    receive_dgrams(f, wait_ms);
}

uint8_t *
fan_packet(struct fan *f, int i, size_t *len)
{
	*len = f->in[i].msg_len;
	return f->in_bytes[i] + (f->streams != NULL ? LENGTH : 0);
}
