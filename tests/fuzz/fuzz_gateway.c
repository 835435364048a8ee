/* What a router answers: whatever it says, it is read within its bounds, and
 * what was read says the same when it is asked for again. */
#include "fuzz.h"

#include "natpmp.h"
#include "pcp.h"

#include <string.h>

static void
pmp(const uint8_t *data, size_t size)
{
	struct natpmp_answer a;

	if (!natpmp_read(data, size, &a))
		return;
	assert(a.op <= NATPMP_MAP_TCP && size >= 8);
	assert(a.result == NATPMP_OK || (a.lifetime_s == 0 &&
	    a.external_port == 0 && !addr_is_set(&a.external)));
	assert(!natpmp_has_restarted(a.epoch_s, 0, a.epoch_s, 0));
}

static void
pcp(const uint8_t *data, size_t size)
{
	struct addr client = addr_v4(192, 168, 1, 2, 9001);
	uint8_t ask[PCP_MAP_LEN];
	struct pcp_answer a;

	if (!pcp_read(data, size, &a))
		return;
	assert(size >= PCP_HEADER_LEN && size <= PCP_LEN_MAX);
	assert(a.version == 2 || a.result == PCP_VERSION);
	assert(a.op == PCP_MAP || a.op == PCP_ANNOUNCE);
	assert(!pcp_has_restarted(a.epoch_s, 0, a.epoch_s, 0));
	if (!addr_is_set(&a.map.external))
		return;
	pcp_ask_map(&client, &a.map, ask);
	/* From the nonce to the ports it is the answer. */
	assert(memcmp(ask + PCP_HEADER_LEN, data + PCP_HEADER_LEN,
	    PCP_NONCE_LEN + 1) == 0);
	assert(memcmp(ask + PCP_HEADER_LEN + 16, data + PCP_HEADER_LEN + 16,
	    20) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pmp(data, size);
	pcp(data, size);
	return 0;
}
