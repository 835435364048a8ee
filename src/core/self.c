#include "self.h"

#include "frame.h"

#include <string.h>

int
self_sock(const struct self *self, const struct addr *to)
{
	int sock = to->family == ADDR_V6 ? SOCK_UDP6 : SOCK_UDP4;

	return self->is_open[sock] ? sock : -1;
}

void
self_send(struct self *self, const struct addr *to, uint8_t ttl,
    const void *buf, size_t len)
{
	int sock = self_sock(self, to);

	if (sock >= 0)
		outbox_send_copy(&self->out, sock, to, ttl, buf, len);
}

void
self_write(struct self *self, int sock, const void *buf, size_t len)
{
	uint8_t *p = outbox_reserve(&self->out, len + FRAME_HEADER);

	if (p == NULL)
		return;
	frame_put(p, len);
	memcpy(p + FRAME_HEADER, buf, len);
	outbox_write(&self->out, sock, len + FRAME_HEADER);
}
