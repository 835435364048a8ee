#include "player.h"

#include "bench.h"
#include "err.h"

#include <stdlib.h>
#include <string.h>

void
player_init(struct player *p, struct rng *rng, uint32_t index)
{
	memset(p, 0, sizeof *p);
	keypair_make(&p->keys, rng);
	p->index = index;
}

void
player_fini(struct player *p)
{
	free(p->noise);
	p->noise = NULL;
}

size_t
player_hello(struct player *p, struct rng *rng, uint8_t *out)
{
	struct wr w = wr_of(out, HELLO_LEN), nonce;

	rng_fill(rng, p->nonce, sizeof p->nonce);
	nonce = wr_of(p->nonce, sizeof p->nonce);
	put_u32(&nonce, p->index);
	put_u8(&w, PACKET_HELLO);
	put_u8(&w, WIRE_VERSION);
	put_u16(&w, 0);
	put_bytes(&w, p->nonce, sizeof p->nonce);
	put_zeros(&w, HELLO_LEN - w.len);
	return w.len;
}

size_t
player_answer_cookie(struct player *p, struct rng *rng,
    const uint8_t server_key[static KEY_LEN], const uint8_t *cookie_packet,
    uint8_t *out)
{
	uint8_t prologue[PROLOGUE_SERVER_LEN];
	uint8_t payload[INIT_PAYLOAD] = { 0 };
	struct wr w = wr_of(out, INIT_LEN);
	size_t len;

	put_u8(&w, PACKET_INIT);
	put_u8(&w, WIRE_VERSION);
	put_u16(&w, 0);
	put_u32(&w, p->index);
	put_bytes(&w, p->nonce, sizeof p->nonce);
	put_bytes(&w, cookie_packet + 4 + NONCE_LEN, COOKIE_LEN);
	if (p->noise == NULL)
		p->noise = malloc(sizeof *p->noise);
	if (p->noise == NULL)
		bench_die("no memory");
	wire_server_prologue(p->nonce, prologue);
	noise_init(p->noise, NOISE_IK, true, prologue, sizeof prologue,
	    &p->keys, server_key);
	if (noise_write(p->noise, rng, payload, sizeof payload, out + w.len,
	    INIT_LEN - w.len, &len) != E_OK)
		bench_die("a handshake cannot begin");
	return w.len + len;
}

bool
player_accept(struct player *p, const uint8_t *packet, size_t len)
{
	uint8_t payload[ACCEPT_PAYLOAD_MAX];
	struct rd r = rd_of(packet, len);
	struct wire_accept accept;
	size_t payload_len;

	get_u32(&r);
	get_u32(&r);
	p->server = get_u32(&r);
	if (r.bad || packet[0] != PACKET_ACCEPT || p->noise == NULL ||
	    noise_try_read(p->noise, r.p, r.len, payload, sizeof payload,
	    &payload_len) != E_OK)
		return false;
	r = rd_of(payload, payload_len);
	if (!wire_get_accept(&r, &accept) || accept.status != STATUS_OK)
		return false;
	memcpy(p->name, accept.name, sizeof p->name);
	session_small_init(&p->session, p->noise);
	noise_fini(p->noise);
	free(p->noise);
	p->noise = NULL;
	return true;
}

/* Frames are written behind the header, and sealed in place. */
static struct wr
begin(uint8_t *out)
{
	return wr_of(out + DATA_HEADER, DGRAM_MAX - SESSION_OVERHEAD);
}

static size_t
seal(struct player *p, const struct wr *w, uint8_t *out)
{
	size_t len;

	if (w->bad || session_seal(&p->session.keys, p->server,
	    p->session.keys.next, w->p, w->len, out, DGRAM_MAX, &len) != E_OK)
		bench_die("a packet cannot be sealed");
	return len;
}

size_t
player_beat(struct player *p, uint8_t *out)
{
	struct wr w = begin(out);
	size_t frame = wire_begin_frame(&w, SF_HEARTBEAT);

	put_u32(&w, (uint32_t)p->session.keys.next);
	put_u64(&w, 0);
	wire_end_frame(&w, frame);
	return seal(p, &w, out);
}

size_t
player_call(struct player *p, enum op op, const struct wr *body, uint8_t *out)
{
	struct wr w = begin(out);
	size_t frame = wire_begin_frame(&w, SF_CALL);

	put_u32(&w, ++p->call);
	put_u8(&w, (uint8_t)op);
	put_bytes(&w, body->p, body->len);
	wire_end_frame(&w, frame);
	return seal(p, &w, out);
}

size_t
player_ack(struct player *p, uint32_t push, uint8_t *out)
{
	struct wr w = begin(out);
	size_t frame = wire_begin_frame(&w, SF_PUSH_ACK);

	put_u32(&w, push);
	wire_end_frame(&w, frame);
	return seal(p, &w, out);
}

bool
player_index(const uint8_t *packet, size_t len, uint32_t *index)
{
	struct rd r = rd_of(packet, len);

	/* A COOKIE has the nonce where the others have the index. */
	get_u32(&r);
	*index = get_u32(&r);
	return !r.bad && packet[0] >= PACKET_COOKIE &&
	    packet[0] <= PACKET_DATA;
}

bool
player_open(struct player *p, uint8_t *packet, size_t len, struct rd *frames)
{
	uint64_t counter;
	size_t plain;

	if (session_small_open(&p->session, packet, len, packet + DATA_HEADER,
	    len, &plain, &counter) != E_OK)
		return false;
	*frames = rd_of(packet + DATA_HEADER, plain);
	return true;
}
