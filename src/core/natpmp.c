#include "natpmp.h"

enum {
	VERSION = 0,
	ANSWER = 128,           /* added to the opcode, section 3.1 */
	EPOCH_SLACK_S = 2,      /* section 3.6 */
};

void
natpmp_ask_address(uint8_t out[static NATPMP_ADDRESS_LEN])
{
	out[0] = VERSION;
	out[1] = NATPMP_ADDRESS;
}

void
natpmp_ask_map(enum natpmp_op op, uint16_t internal, uint16_t external,
    uint32_t lifetime_s, uint8_t out[static NATPMP_MAP_LEN])
{
	struct wr w = wr_of(out, NATPMP_MAP_LEN);

	put_u8(&w, VERSION);
	put_u8(&w, (uint8_t)op);
	put_zeros(&w, 2);
	put_u16(&w, internal);
	put_u16(&w, external);
	put_u32(&w, lifetime_s);
}

static void
read_address(struct rd *r, struct natpmp_answer *a)
{
	uint8_t ip[4];

	get_copy(r, ip, sizeof ip);
	a->external = addr_v4(ip[0], ip[1], ip[2], ip[3], 0);
}

static void
read_map(struct rd *r, struct natpmp_answer *a)
{
	a->internal_port = get_u16(r);
	a->external_port = get_u16(r);
	a->lifetime_s = get_u32(r);
}

bool
natpmp_read(const void *buf, size_t len, struct natpmp_answer *out)
{
	struct rd r = rd_of(buf, len);
	struct natpmp_answer a = { 0 };
	uint8_t version = get_u8(&r), op = get_u8(&r);

	if (version != VERSION || op < ANSWER || op > ANSWER + NATPMP_MAP_TCP)
		return false;
	a.op = (enum natpmp_op)(op - ANSWER);
	a.result = get_u16(&r);
	a.epoch_s = get_u32(&r);
	if (a.result == NATPMP_OK && a.op == NATPMP_ADDRESS)
		read_address(&r, &a);
	else if (a.result == NATPMP_OK)
		read_map(&r, &a);
	if (r.bad)
		return false;
	*out = a;
	return true;
}

bool
natpmp_has_restarted(uint32_t then_s, usec_t then, uint32_t now_s, usec_t now)
{
	uint64_t gone_s = now > then ? (now - then) / USEC_S : 0;
	/* Its clock may be slower than ours by one part in eight. */
	uint64_t least = then_s + gone_s - gone_s / 8;

	return (uint64_t)now_s + EPOCH_SLACK_S < least;
}
