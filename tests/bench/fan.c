#include "config.h"

#include "fan.h"

#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET = 2048, BUFFER = 4 << 20 };

struct fan {
	int fd;
	struct sockaddr_in to;
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

struct fan *
fan_new(void)
{
	struct fan *f = calloc(1, sizeof *f);
	const int size = BUFFER;
	struct sockaddr_in any = { .sin_family = AF_INET };

	if (f == NULL)
		bench_die("no memory");
	f->to.sin_family = AF_INET;
	f->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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
	close(f->fd);
	free(f);
}

void
fan_aim(struct fan *f, uint16_t port)
{
	fan_flush(f);
	f->to.sin_port = htons(port);
}

void
fan_send(struct fan *f, uint32_t machine, const void *buf, size_t len)
{
	const unsigned int i = f->count++;
	struct in_pktinfo info = { 0 };

	if (len > PACKET || machine >= FAN_MACHINES)
		bench_die("no such machine");
	info.ipi_spec_dst.s_addr = htonl(0x7f010000 + machine);
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

int
fan_receive(struct fan *f, int wait_ms)
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

uint8_t *
fan_packet(struct fan *f, int i, size_t *len)
{
	*len = f->in[i].msg_len;
	return f->in_bytes[i];
}
