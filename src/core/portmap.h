/* A port of ours, opened at one router: with IPv4 by NAT-PMP or PCP, in the
 * firewall of IPv6 by PCP, with both by UPnP, which the world speaks for us.
 * All are asked at once; the first to give a port for UDP is asked for TCP,
 * too, and to renew both.
 *
 *   OFF -> ASKING -> OPEN -> ASKING (expired)
 *             '-> REFUSED or NONE -> ASKING (after a time)
 *   any -> leaving -> OFF
 *
 * Only packets from the router itself count, and of PCP only those with our
 * nonce. A forged one could make us offer a false address; peers probe it
 * within the limits of every candidate (cand.h), and nothing more. What a
 * router announces to everybody only makes us ask again (portmap_hear.h). */
#ifndef PORTMAP_H
#define PORTMAP_H

#include "pcp.h"
#include "self.h"

/* RFC 6886 section 3.1: a first wait of 250 ms that doubles, 9 tries. */
#define PORTMAP_PMP_US (250 * USEC_MS)
enum { PORTMAP_PMP_TRIES = 9 };
/* RFC 6887 section 8.1.1: a first wait of 3 s that doubles. */
#define PORTMAP_PCP_US (3 * USEC_S)
enum { PORTMAP_PCP_TRIES = 5 };
/* UPnP begins to look for the router when nobody has answered for so long, and
 * does not take longer than that. */
#define PORTMAP_UPNP_AFTER_US (1 * USEC_S)
#define PORTMAP_UPNP_US (20 * USEC_S)
/* How often a router is asked whether it still is what it was. */
#define PORTMAP_LOOK_US (600 * USEC_S)
enum { PORTMAP_LOOKS = 3 };
/* Who gave nothing is asked again after this time at the latest. */
#define PORTMAP_AGAIN_US (1800 * USEC_S)
#define PORTMAP_AGAIN_MIN_US (60 * USEC_S)
/* How long giving back may take. */
#define PORTMAP_LEAVE_US (1 * USEC_S)
/* RFC 6887 section 11.2.1: no renewal sooner than this after another; what does
 * not last for two is nothing. */
#define PORTMAP_RENEW_MIN_US (4 * USEC_S)
enum { PORTMAP_LIFETIME_MIN_S = 8 };
/* RFC 6887 section 14.1.3: those who hear an announcement answer it within
 * this time, each at another moment. */
#define PORTMAP_HEARD_US (5 * USEC_S)
/* However often a router says that it has started. */
#define PORTMAP_ANEW_US (10 * USEC_S)

enum portmap_port { PORTMAP_UDP, PORTMAP_TCP, PORTMAP_PORTS };

struct portmap_lease {
	struct addr external; /* set while it is ours */
	usec_t until;         /* it ends; USEC_NEVER without external */
	usec_t ask_at;        /* the next request for it */
	unsigned tries;       /* unanswered ones */
};

/* A question that is repeated at growing intervals. */
struct portmap_ask {
	usec_t at;
	unsigned tries;
};

struct portmap {
	enum mapping_state state;
	enum mapping_protocol protocol; /* who is asked for leases */
	bool is_leaving, has_socket;
	bool has_news;         /* for the owner: external addresses changed */
	int sock, ear;         /* ear: where it announces */
	struct addr router;    /* unset: none; its port is NATPMP_PORT */
	struct addr local;     /* ours, with our port */
	struct portmap_lease leases[PORTMAP_PORTS];

	/* The search. */
	struct portmap_ask pmp, pcp;
	usec_t upnp_at;
	usec_t upnp_until;     /* an answer is awaited; NEVER: none */
	bool has_stray;        /* UPnP gave what another one had given */
	usec_t choose_at;      /* take NAT-PMP unless PCP answers before */
	bool is_refused, is_pcp_out;
	usec_t pause_us;       /* what the refusal says */
	struct addr outside;   /* of the router, by NAT-PMP; unset: unknown */
	usec_t again_at;

	/* The router's clock, by protocol. */
	bool has_epoch;
	uint32_t epoch_s;
	usec_t epoch_at;
	usec_t look_at;
	unsigned looks;        /* unanswered ones */
	usec_t doubt_until;    /* no other doubt before */
	usec_t anew_at;        /* all is asked for once more */
	usec_t anew_after;     /* not before */
	usec_t leave_until;
};

/* The numbers of the sockets that it opens: to the router, and one on which
 * routers announce what they are. */
void portmap_init(struct portmap *p, int sock, int ear);

/* The router and our address towards it (port: ours), or NULL, NULL: there is
 * none, or no port is wanted. Begins anew if anything changed. */
void portmap_aim(struct portmap *p, struct self *self, usec_t now,
    const struct addr *router, const struct addr *local);

/* Something happened to the network: is the router still what it was? */
void portmap_doubt(struct portmap *p, usec_t now);

/* The router may have forgotten what it gave: it is asked once more, at some
 * moment within PORTMAP_HEARD_US. */
void portmap_hint(struct portmap *p, struct self *self, usec_t now);

/* IN_OPENED, IN_DGRAM and IN_UNREACHABLE of its sockets, IN_UPNP. */
void portmap_input(struct portmap *p, struct self *self, usec_t now,
    const struct input *in);
void portmap_expire(struct portmap *p, struct self *self, usec_t now);
usec_t portmap_deadline(const struct portmap *p);

/* Gives everything back, which takes until portmap_has_left: at most
 * PORTMAP_LEAVE_US. */
void portmap_leave(struct portmap *p, struct self *self, usec_t now);
bool portmap_has_left(const struct portmap *p);

void portmap_report(const struct portmap *p, usec_t now,
    struct mapping_report *out);

#endif
