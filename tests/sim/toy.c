#include "toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
hear(void *node, usec_t now, const struct input *in)
{
	struct toy *t = node;
	struct heard *h = &t->heard[t->heard_count++];

	ck_assert_uint_le(t->heard_count, TOY_HEARD);
	h->in = *in;
	h->at = now;
	if (in->kind == IN_BYTES) {
		t->stream = realloc(t->stream, t->stream_len + in->len);
		memcpy(t->stream + t->stream_len, in->buf, in->len);
		t->stream_len += in->len;
	} else if (in->buf != NULL && in->len < TOY_TEXT) {
		memcpy(h->text, in->buf, in->len);
	}
	if (in->count > 0)
		h->first = in->addrs[0];
	if (in->kind == IN_DGRAM && t->echoes) {
		struct act act = { .kind = ACT_SEND, .sock = in->sock,
			.to = in->from, .buf = in->buf, .len = in->len };

		ck_assert_uint_lt(t->count, TOY_ACTS);
		memcpy(t->bytes[t->count], in->buf, in->len);
		act.buf = t->bytes[t->count];
		t->acts[t->count++] = act;
	}
}

static void
expire(void *node, usec_t now)
{
	struct toy *t = node;

	ck_assert_uint_ge(now, t->deadline);
	t->deadline = USEC_NEVER;
	t->expired++;
}

static bool
next(void *node, usec_t now, struct act *out)
{
	struct toy *t = node;

	(void)now;
	if (t->next == t->count) {
		t->next = t->count = 0;
		return false;
	}
	*out = t->acts[t->next++];
	return true;
}

static usec_t
deadline(const void *node)
{
	return ((const struct toy *)node)->deadline;
}

static const struct node_ops toy_ops = { hear, expire, next, deadline };

struct toy *
toy_new(struct world *w, struct host *h, const char *name)
{
	struct toy *t = calloc(1, sizeof *t);

	ck_assert_ptr_nonnull(t);
	t->deadline = USEC_NEVER;
	t->node = world_node(w, h, name, &toy_ops, t, 0);
	return t;
}

void
toy_free(struct toy *t)
{
	free(t->stream);
	free(t);
}

void
toy_do(struct toy *t, const struct act *act)
{
	ck_assert_uint_lt(t->count, TOY_ACTS);
	t->acts[t->count++] = *act;
	node_settle(t->node);
}

void
toy_open(struct toy *t, int sock, struct addr local)
{
	struct act act = { .kind = ACT_OPEN, .sock = sock, .from = local };

	toy_do(t, &act);
}

void
toy_listen(struct toy *t, int sock, struct addr local)
{
	struct act act = { .kind = ACT_LISTEN, .sock = sock, .from = local };

	toy_do(t, &act);
}

void
toy_send(struct toy *t, int sock, struct addr to, const char *text)
{
	struct act act = { .kind = ACT_SEND, .sock = sock, .to = to,
		.buf = (const uint8_t *)text, .len = strlen(text) };

	toy_do(t, &act);
}

void
toy_send_ttl(struct toy *t, int sock, struct addr to, uint8_t ttl)
{
	struct act act = { .kind = ACT_SEND, .sock = sock, .to = to,
		.ttl = ttl, .buf = (const uint8_t *)"low", .len = 3 };

	toy_do(t, &act);
}

void
toy_dial(struct toy *t, int sock, struct addr local, struct addr to)
{
	struct act act = { .kind = ACT_DIAL, .sock = sock, .from = local,
		.to = to };

	toy_do(t, &act);
}

void
toy_write(struct toy *t, int sock, const void *buf, size_t len)
{
	struct act act = { .kind = ACT_WRITE, .sock = sock, .buf = buf,
		.len = len };

	toy_do(t, &act);
}

void
toy_close(struct toy *t, int sock)
{
	struct act act = { .kind = ACT_CLOSE, .sock = sock };

	toy_do(t, &act);
}

size_t
toy_count(const struct toy *t, enum in_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < t->heard_count; i++)
		count += t->heard[i].in.kind == kind;
	return count;
}

const struct heard *
toy_heard(const struct toy *t, enum in_kind kind, size_t i)
{
	for (size_t k = 0; k < t->heard_count; k++)
		if (t->heard[k].in.kind == kind && i-- == 0)
			return &t->heard[k];
	return NULL;
}

/* ---- the stage ---- */

struct addr
server_addr(uint16_t port)
{
	return addr_v4(85, 1, 1, 1, port);
}

struct addr
ann_addr(uint16_t port)
{
	return addr_v4(85, 1, 2, 1, port);
}

struct addr
bob_addr(uint16_t port)
{
	return addr_v4(85, 1, 3, 1, port);
}

struct addr
any_port(uint16_t port)
{
	return addr_any(ADDR_V4, port);
}

static struct toy *
household(struct world *w, const char *name, struct nat_conf conf,
    struct addr public, struct router **nat)
{
	struct net *lan = world_net(w, 0);
	struct addr inside = addr_v4(192, 168, 1, 2, 0);
	struct host *h = world_host(w, name);
	struct toy *t;

	conf.inside = addr_v4(192, 168, 1, 1, 0);
	conf.pool[0] = public;
	conf.pool_count = 1;
	*nat = world_router(w, lan, world_internet(w), &conf,
	    cable_access(20 * USEC_MS));
	host_plug(h, lan, &inside, NULL, cable_lan());
	t = toy_new(w, h, name);
	toy_open(t, 0, any_port(9001));
	return t;
}

struct stage
stage_new(const struct nat_conf *conf)
{
	static const struct nat_conf plain;
	const struct addr at = server_addr(0);
	struct stage s = { .w = world_new(test_seed()) };
	struct host *h = world_host(s.w, "server");

	if (conf == NULL)
		conf = &plain;
	host_plug(h, world_internet(s.w), &at, NULL, (struct cable) { 0 });
	s.server = toy_new(s.w, h, "server");
	toy_open(s.server, 0, any_port(9000));
	world_name(s.w, "server.example", &at, 1, 20 * USEC_MS);
	s.ann = household(s.w, "ann", *conf, ann_addr(0), &s.ann_nat);
	s.bob = household(s.w, "bob", *conf, bob_addr(0), &s.bob_nat);
	world_run(s.w, 0);
	return s;
}

void
stage_free(struct stage *s)
{
	toy_free(s->server);
	toy_free(s->ann);
	toy_free(s->bob);
	world_free(s->w);
}
