#include "self.h"

#include "err.h"
#include "frame.h"

#include <string.h>

bool
self_has_ip(const struct self *self, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < self->locals_count; i++)
		if (addr_same_ip(&self->locals[i], addr))
			return true;
	return false;
}

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

int
self_extra_open(struct self *self)
{
	struct addr any = addr_any(ADDR_V4, 0);
	int i;

	for (i = 0; i < EXTRAS_MAX; i++) {
		if (self->extras[i] != EXTRA_FREE)
			continue;
		self->extras[i] = EXTRA_OPENING;
		outbox_open(&self->out, SOCK_EXTRA + i, &any);
		return i;
	}
	return -1;
}

void
self_extra_opened(struct self *self, int n, int err)
{
	if (n >= 0 && n < EXTRAS_MAX && self->extras[n] == EXTRA_OPENING)
		self->extras[n] = err == E_OK ? EXTRA_OPEN : EXTRA_FREE;
}

void
self_extra_close(struct self *self, int n)
{
	if (n < 0 || self->extras[n] == EXTRA_FREE)
		return;
	outbox_close(&self->out, SOCK_EXTRA + n);
	self->extras[n] = EXTRA_FREE;
}
