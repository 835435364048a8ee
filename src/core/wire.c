#include "wire.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char peer_magic[16] = "gop2p/1 peer";

void
wire_server_prologue_of(uint8_t version,
    const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static PROLOGUE_SERVER_LEN])
{
	char magic[PROLOGUE_SERVER_LEN] = "";

	snprintf(magic, sizeof magic, "gop2p/%u server", version);
	memcpy(out, magic, PROLOGUE_SERVER_LEN - NONCE_LEN);
	memcpy(out + PROLOGUE_SERVER_LEN - NONCE_LEN, nonce, NONCE_LEN);
}

void
wire_server_prologue(const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static PROLOGUE_SERVER_LEN])
{
	wire_server_prologue_of(WIRE_VERSION, nonce, out);
}

size_t
wire_peer_prologue(const char *requester, const char *target,
    const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static PROLOGUE_PEER_MAX])
{
	struct wr w = wr_of(out, PROLOGUE_PEER_MAX);

	put_bytes(&w, peer_magic, sizeof peer_magic);
	wire_put_name(&w, requester);
	wire_put_name(&w, target);
	put_bytes(&w, nonce, NONCE_LEN);
	return w.len;
}

void
wire_put_name(struct wr *w, const char *name)
{
	size_t len = strnlen(name, NAME_MAX_LEN);

	put_u8(w, (uint8_t)len);
	put_bytes(w, name, len);
}

void
wire_get_name(struct rd *r, char out[static NAME_SIZE])
{
	size_t len = get_u8(r);
	const uint8_t *p;

	memset(out, 0, NAME_SIZE);
	if (len > NAME_MAX_LEN) {
		r->bad = true;
		return;
	}
	p = get_bytes(r, len);
	if (p == NULL)
		return;
	if (memchr(p, '\0', len) != NULL) {
		r->bad = true;
		return;
	}
	memcpy(out, p, len);
}

void
wire_put_accept(struct wr *w, const struct wire_accept *a)
{
	put_u8(w, a->status);
	put_u8(w, a->flags);
	wire_put_name(w, a->name);
	addr_put(w, &a->seen);
	put_u16(w, a->probe_port);
	put_u8(w, a->beat_min_s);
	put_u8(w, a->beat_max_s);
	put_u8(w, a->gone_s);
	put_u32(w, a->online);
}

bool
wire_get_accept(struct rd *r, struct wire_accept *a)
{
	a->status = get_u8(r);
	a->flags = get_u8(r);
	wire_get_name(r, a->name);
	a->seen = addr_get(r);
	a->probe_port = get_u16(r);
	a->beat_min_s = get_u8(r);
	a->beat_max_s = get_u8(r);
	a->gone_s = get_u8(r);
	a->online = get_u32(r);
	return !r->bad;
}

size_t
wire_begin_frame(struct wr *w, uint8_t type)
{
	put_u8(w, type);
	put_u16(w, 0);
	return w->len;
}

void
wire_end_frame(struct wr *w, size_t begin)
{
	size_t len = w->len - begin;

	if (w->bad || len > UINT16_MAX) {
		w->bad = true;
		return;
	}
	w->p[begin - 2] = (uint8_t)(len >> 8);
	w->p[begin - 1] = (uint8_t)len;
}

bool
wire_next_frame(struct rd *r, uint8_t *type, struct rd *body)
{
	size_t len;
	const uint8_t *p;

	if (r->bad || r->len == 0)
		return false;
	*type = get_u8(r);
	len = get_u16(r);
	p = get_bytes(r, len);
	if (r->bad)
		return false;
	*body = rd_of(p, len);
	return true;
}

void
wire_key_id(const uint8_t key[static KEY_LEN], uint8_t out[static KEY_ID_LEN])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, key, KEY_LEN);
	memcpy(out, hash, KEY_ID_LEN);
}

const char *
wire_status_text(uint8_t status)
{
	static const char *const words[STATUS_COUNT] = {
		[STATUS_OK] = "ok",
		[STATUS_BAD] = "malformed",
		[STATUS_VERSION] = "other version",
		[STATUS_NAME_TAKEN] = "name taken",
		[STATUS_NAME_BAD] = "bad name",
		[STATUS_FULL] = "server full",
		[STATUS_TOO_MANY] = "too many from one address",
		[STATUS_LIMIT] = "too often",
		[STATUS_UNKNOWN] = "unknown",
		[STATUS_GONE] = "gone",
		[STATUS_STORE] = "store failed",
	};

	return status < STATUS_COUNT ? words[status] : "unknown status";
}
