/* An uplink, the servers that it may find, and the time between them: a step
 * takes what comes first, a packet or a deadline. */
#ifndef RIG_H
#define RIG_H

#include "fake.h"
#include "uplink.h"

enum { SITES = 4, FLIGHT_MAX = 256, TOLD_MAX = 512, DIALS_SEEN = 64 };

#define RIG_START (1000 * USEC_S)
#define ONE_WAY (20 * USEC_MS)
#define RTT (2 * ONE_WAY)

struct site {
	struct addr addr;
	struct fake *fake;
	bool is_cut;          /* no UDP gets through */
	bool has_no_route;    /* nor leaves */
	bool refuses, hole;   /* TCP */
	usec_t late;          /* what it says takes so much longer */
	unsigned hellos;      /* UDP */
	usec_t hello_at;      /* the first */
};

/* A packet under way. */
struct flight {
	usec_t at;
	int site;             /* to it, or from it */
	bool is_up, is_tcp, is_connect;
	unsigned dial;        /* TCP: of which connection */
	size_t len;
	uint8_t buf[FAKE_PACKET];
};

struct told {
	usec_t at;
	struct news news;
	uint8_t body[256];
};

extern struct rig {
	struct self self;
	struct uplink up;
	usec_t now;
	struct fake fakes[SITES];
	struct site sites[SITES];
	size_t site_count;
	struct flight flights[FLIGHT_MAX];
	size_t flight_count;
	struct told told[TOLD_MAX];
	size_t told_count;
	struct { usec_t at; struct addr to; } dials[DIALS_SEEN];
	unsigned dial_count;  /* the last one is the one that counts */
	bool is_dialled, is_open;
	int tcp_site;
	uint32_t no_route;    /* bit i: a packet to site i was not sent */
	unsigned resolves, packets;
	usec_t expired_at;
	unsigned spins;       /* in a row at that time */
	uint32_t mask;        /* bit i: packet i is lost */
	uint64_t sent_at[64]; /* of the last packets by UDP */
} rig; /* one, for each case runs in a process of its own */

/* So many servers and an uplink to this one, not yet started; or one that is
 * registered, with nothing told. pin may be NULL. */
void rig_set_up(size_t sites, const char *host, const uint8_t *pin);
void rig_set_up_registered(void);
void rig_tear_down(void);

/* Starts the uplink; lets time go by, with all that happens in it. */
void rig_start(void);
void rig_run_for(usec_t span);
void rig_run_until(usec_t end);

/* Carries out what the uplink wants by now. */
void rig_drain(void);

/* A packet leaves for a site, or from it; or reaches the uplink at once. */
struct flight *rig_fly(int site, bool is_up, bool is_tcp, const void *buf,
    size_t len);
void rig_hand(int site, bool is_tcp, const uint8_t *buf, size_t len);

/* Tells the uplink the first n addresses, or the end of its stream. */
void rig_resolved(size_t n);
void rig_stream_ends(int err);

/* What the uplink told: how often, and the last, which must be there. */
size_t rig_count(enum news_kind kind);
const struct told *rig_last(enum news_kind kind);

#endif
