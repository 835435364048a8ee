/* One portmap on a network that the test plays: what it asks is noted, and the
 * test answers. There is one in a process. */
#ifndef ASKER_H
#define ASKER_H

#include "err.h"
#include "natpmp.h"
#include "portmap.h"

enum { SOCK = 7, EAR = 8, ACTS = 1024 };

/* One portmap, and what it asked since the last look. */
struct asker {
	struct self self;
	struct portmap p;
	usec_t now;
	struct addr router, local;
	struct asked {
		enum act_kind kind;
		int sock;
		usec_t at;
		uint8_t buf[PCP_MAP_LEN];
		size_t len;
		struct addr from, to;
		uint32_t id;
	} asked[ACTS];
	size_t count;
};

extern struct asker r;

/* At port 9001, with its socket open, and its first requests made. */
void begin(const char *router, const char *local);
void begin_v4(void);
void end(void);

/* Notes what it wants; lets time pass, wake-up for wake-up. */
void drain(void);
void run_until(usec_t until);
void run(usec_t duration);

/* ---- what it asks ---- */

bool is_pmp(const struct asked *a, enum natpmp_op op);
bool is_pcp(const struct asked *a, uint8_t protocol);
size_t count_pmp(enum natpmp_op op);
size_t count_pcp(uint8_t protocol);
size_t count_upnp(void);

/* ---- what it hears ---- */

/* from: with its port unless that is 5351; 192.168.1.1 where there is none. */
void hear_on(int sock, const char *from, const void *buf, size_t len);
void answer_from(const char *from, const void *buf, size_t len);
void answer(const void *buf, size_t len);
void answer_hex(const char *hex);

/* Its external address is 203.0.113.last, elsewhere 203.0.113.7. */
void pmp_address(uint32_t epoch_s, uint8_t last);
void pmp_map(uint8_t op, uint16_t result, uint32_t epoch_s, uint16_t port,
    uint32_t lifetime_s);

/* To the last such request. */
void pcp_answer_from(const char *from, uint8_t protocol, uint8_t result,
    uint32_t epoch_s, uint32_t lifetime_s);
void pcp_answer(uint8_t protocol, uint8_t result, uint32_t epoch_s,
    uint32_t lifetime_s);
void upnp_answer(int err, const char *udp, const char *tcp,
    uint32_t lifetime_s);

/* ---- where that leads ---- */

void has_mapping(enum mapping_protocol protocol, const char *udp);
void is_in_state(enum mapping_state state);

/* Both ports are given, and noted requests and news forgotten. */
void map_by_pmp(void);
void map_by_pcp(void);

#endif
