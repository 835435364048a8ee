#include "pairs.h"

#include "bench.h"

#include <string.h>

enum { HEARD_MAX = 16, BODY_MAX = 1024, WAIT_MS = 1000 };

/* Frames that came and nobody has waited for yet. */
struct heard {
	struct player *player; /* NULL: free */
	uint8_t type;
	size_t len;
	uint8_t body[BODY_MAX];
};

struct desk {
	struct fan *fan;
	struct player *players;
	uint32_t count;
	struct heard heard[HEARD_MAX];
};

static void
keep(struct desk *d, struct player *p, uint8_t type, const struct rd *body)
{
	for (int i = 0; i < HEARD_MAX; i++) {
		struct heard *h = &d->heard[i];

		if (h->player != NULL || body->len > BODY_MAX)
			continue;
		h->player = p;
		h->type = type;
		h->len = body->len;
		memcpy(h->body, body->p, body->len);
		return;
	}
}

static void
listen_once(struct desk *d)
{
	int n = fan_receive(d->fan, WAIT_MS);

	if (n == 0)
		bench_die("gop2pd does not answer a call");
	for (int i = 0; i < n; i++) {
		struct rd frames, body;
		uint32_t index;
		uint8_t type, *packet;
		size_t len;

		packet = fan_packet(d->fan, i, &len);
		if (!player_index(packet, len, &index) || index == 0 ||
		    index > d->count || !player_open(&d->players[index - 1],
		    packet, len, &frames))
			continue;
		while (wire_next_frame(&frames, &type, &body))
			keep(d, &d->players[index - 1], type, &body);
	}
}

/* Waits for a frame of a type whose fifth byte (status of a reply, kind of a
 * push) is that; the number before it, and the reader behind it. */
static uint32_t
await(struct desk *d, struct player *p, uint8_t type, uint8_t fifth,
    struct rd *body)
{
	for (;;) {
		for (int i = 0; i < HEARD_MAX; i++) {
			struct heard *h = &d->heard[i];
			uint32_t number;

			if (h->player != p || h->type != type)
				continue;
			*body = rd_of(h->body, h->len);
			number = get_u32(body);
			if (get_u8(body) != fifth)
				continue;
			h->player = NULL;
			return number;
		}
		listen_once(d);
	}
}

static void
call(struct desk *d, struct player *p, enum op op, const struct wr *body,
    struct rd *reply)
{
	uint8_t packet[DGRAM_MAX];

	fan_send(d->fan, p->index, packet, player_call(p, op, body, packet));
	while (await(d, p, SF_REPLY, STATUS_OK, reply) != p->call)
		continue;
}

/* Waits for a push, and acknowledges it. */
static void
await_push(struct desk *d, struct player *p, enum push kind, struct rd *body)
{
	uint8_t packet[DGRAM_MAX];
	uint32_t id = await(d, p, SF_PUSH, (uint8_t)kind, body);

	fan_send(d->fan, p->index, packet, player_ack(p, id, packet));
	fan_flush(d->fan);
}

static void
introduce(struct desk *d, struct player *a, struct player *b,
    uint64_t routes[static 2])
{
	uint8_t buf[512], nonce[NONCE_LEN] = { 0 };
	struct wr w = wr_of(nonce, 4);
	struct rd r;

	put_u32(&w, a->index);
	w = wr_of(buf, sizeof buf);
	put_bytes(&w, nonce, sizeof nonce);
	wire_put_name(&w, b->name);
	put_bytes(&w, b->keys.public, KEY_LEN);
	put_zeros(&w, INTRO_MSG1_LEN); /* which only b could read */
	call(d, a, OP_REQUEST, &w, &r);
	await_push(d, b, PUSH_REQUEST, &r);
	w = wr_of(buf, sizeof buf);
	put_bytes(&w, nonce, sizeof nonce);
	put_zeros(&w, 200);
	call(d, b, OP_ALLOW, &w, &r);
	addr_get(&r);
	routes[1] = get_u64(&r);
	await_push(d, a, PUSH_ALLOW, &r);
	get_bytes(&r, NONCE_LEN);
	addr_get(&r);
	routes[0] = get_u64(&r);
	if (r.bad || routes[0] == 0 || routes[1] == 0)
		bench_die("no route");
}

void
pairs_introduce(struct fan *fan, struct player *players, uint32_t count,
    const struct target *t, uint64_t *routes)
{
	static struct desk d;

	d = (struct desk){ .fan = fan, .players = players,
		.count = count * 2 };
	fan_aim(fan, t->port);
	for (uint32_t i = 0; i < count; i++)
		introduce(&d, &players[2 * i], &players[2 * i + 1],
		    &routes[2 * i]);
}

static size_t
put_packet(uint8_t *out, uint64_t route, size_t size)
{
	struct wr w = wr_of(out, DGRAM_MAX);

	put_u8(&w, PACKET_RELAY);
	put_zeros(&w, 3);
	put_u64(&w, route);
	put_u8(&w, PACKET_DATA);
	put_zeros(&w, size - w.len);
	return w.len;
}

void
pairs_greet(struct fan *fan, const struct player *players, uint32_t count,
    const struct target *t, const uint64_t *routes)
{
	uint8_t packet[DGRAM_MAX];

	fan_aim(fan, t->port);
	for (uint32_t i = 0; i < count * 2; i++)
		fan_send(fan, players[i].index, packet,
		    put_packet(packet, routes[i], 64));
	while (fan_receive(fan, 100) > 0)
		continue;
}

static bool
begin(struct load *l)
{
	struct pairs_load *p = (struct pairs_load *)l;
	const uint32_t from = p->sent++ / p->train % l->count * 2;
	uint8_t packet[DGRAM_MAX];

	fan_send(l->fan, l->players[from].index, packet,
	    put_packet(packet, p->routes[from], p->size));
	return true;
}

static bool
take(struct load *l, uint8_t *packet, size_t len)
{
	const struct pairs_load *p = (const struct pairs_load *)l;

	return len == p->size && packet[0] == PACKET_RELAY;
}

void
pairs_load(struct pairs_load *p, struct fan *fan, struct player *players,
    uint32_t count, const uint64_t *routes)
{
	*p = (struct pairs_load){ .load = { .begin = begin, .take = take,
		.fan = fan, .players = players, .count = count,
		.window = 256 }, .routes = routes, .size = 1200,
		.train = 1 };
}
