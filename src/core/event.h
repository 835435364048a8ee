/* What the client's engine tells its faces. A face draws, prints or encodes
 * events; it never asks the network. The comment behind each kind names the
 * fields that are set beyond peer. */
#ifndef EVENT_H
#define EVENT_H

#include "addr.h"
#include "advice.h"
#include "limit.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
	EV_REGISTERED,    /* peer (own name), key (own), addr (as the server
	                     sees it), old_name (wanted name, if another was
	                     given), ms */
	EV_SERVER,        /* server: state, reason, addr, ms (retry in) */
	EV_CLIENTS,       /* list, count; text: the prefix asked for */
	EV_CLIENT,        /* presence: peer, old_name (renamed), key_id,
	                     known (there is a contact of that name),
	                     lookalike */
	EV_REQUEST,       /* peer asks: key, known, verified, ms (expires in),
	                     lookalike */
	EV_REQUEST_ENDED, /* reason */
	EV_REQUESTS,      /* list, count: answer to `requests` */
	EV_CONNECTING,    /* step; detail; "asking": key, lookalike */
	EV_CONNECTED,     /* key, known, verified, transport, addr, ms,
	                     lookalike */
	EV_TRANSPORT,     /* transport, addr, reason (0: chosen),
	                     loss_permille (of UDP, if that is LOSSY) */
	EV_CURRENT,       /* peer is the current one now ("" : none), after
	                     old_name */
	EV_QUEUED,        /* own message id was taken: text, len */
	EV_MESSAGE,       /* id, text, len */
	EV_DELIVERED,     /* id */
	EV_UNDELIVERED,   /* id, reason, text, len */
	EV_DENIED,        /* peer denied our request */
	EV_FAILED,        /* reason, detail: no conversation came about */
	EV_DISCONNECTED,  /* reason: a conversation ended */
	EV_LINK,          /* link state of a peer changed: link, ms (silence) */
	EV_KEY_CHANGED,   /* key (the pinned one), new_key */
	EV_SERVER_KEY_CHANGED, /* addr, key (the pinned one), new_key */
	EV_VERIFY,        /* key, own key in new_key, verified, text: the
	                     60-digit safety number, to be shown, unless ok:
	                     a yes or no to it was taken; reason KEY_CHANGED:
	                     the key is not the one that the name has */
	EV_STATUS,        /* own name in old_name, key, server, addr of it,
	                     count: not delivered; peer and report: the current
	                     conversation, then the others, by id from 0 */
	EV_WHY,           /* report */
	EV_NETCHECK,      /* report with own half only */
	EV_RENAMED,       /* peer: own name now, old_name */
	EV_NOTICE,        /* text: one sentence */
	EV_HELP,          /* text: what `help` prints */
	EV_ERROR,         /* command, code (stable token), text; serial */
	EV_DONE,          /* command, ok, exit_code; serial */
	EV_EXIT,          /* the engine has ended: exit_code */
};

enum transport {
	TRANSPORT_NONE,
	TRANSPORT_UDP,
	TRANSPORT_TCP,
	TRANSPORT_RELAY,
};

enum server_state {
	SERVER_RESOLVING,
	SERVER_REGISTERING,
	SERVER_REGISTERED,
	SERVER_LOST,      /* was registered, is trying again */
	SERVER_UNREACHABLE,
	SERVER_LEFT,
};

enum presence { PRESENCE_ARRIVED = 1, PRESENCE_RENAMED = 2, PRESENCE_LEFT = 3 };

enum link_state { LINK_OK, LINK_QUIET, LINK_LOST };

/* Exit codes of design.md section 4. */
enum exit_code {
	EXIT_CODE_OK = 0,
	EXIT_CODE_RUNTIME = 1,
	EXIT_CODE_USAGE = 2,
	EXIT_CODE_SERVER = 3,
	EXIT_CODE_DENIED = 4,
	EXIT_CODE_NO_PATH = 5,
	EXIT_CODE_KEY = 6,
};

/* Somebody on a list: of those online, or of pending requests. */
struct person {
	char name[NAME_SIZE];
	uint8_t key_id[8];  /* first bytes of SHA-256 of the key */
	uint32_t since_s;   /* online (or asking) for so many seconds */
	bool known, verified, blocked;
	char lookalike[NAME_SIZE]; /* as in struct event */
	char fold[NAME_FOLD_SIZE]; /* of those online: name_fold */
};

/* How it stands with a port of ours at the router. */
enum mapping_state {
	MAPPING_OFF,      /* not wanted, no router, or no NAT between */
	MAPPING_ASKING,
	MAPPING_OPEN,
	MAPPING_REFUSED,  /* the router could, and does not */
	MAPPING_NONE,     /* it speaks none of the protocols */
};

enum mapping_protocol {
	MAPPING_BY_NONE,
	MAPPING_BY_NATPMP,
	MAPPING_BY_PCP,
	MAPPING_BY_UPNP,
};

/* For `why`, `status` and netcheck. */
enum { MAPPING_V4, MAPPING_V6, MAPPING_FAMILIES };
struct mapping_report {
	enum mapping_state state;
	enum mapping_protocol protocol;
	struct addr udp, tcp;    /* outside; unset: none */
	uint32_t lifetime_s;     /* what is left of it */
};

/* One address that was tried, for `why`. */
struct why_try {
	enum transport transport;
	struct addr addr;
	uint8_t kind;      /* enum cand_kind */
	uint32_t sent, received;
	uint32_t first_ms, last_ms; /* since the attempt began */
};

/* All that is known of a path to a peer, for `why`, `status`, netcheck. */
struct why {
	enum transport transport;   /* in use */
	struct addr addr;
	uint32_t rtt_us, loss_permille;
	uint32_t udp_loss_permille; /* if that is why it is not used, or 0 */
	uint32_t attempt_ms;        /* how long the last attempt took */
	uint32_t attempts;
	enum reason reason;         /* why it is not direct; 0 if it is */
	struct addr own_public, peer_public;
	uint8_t own_nat, peer_nat;  /* nat_mapping_of, nat_filter_of */
	int16_t own_step;           /* from one port of ours to the next, where
	                               they are counted; else 0 */
	uint8_t own_depth;          /* routers up to our last NAT; 0: unknown */
	struct addr hops[HOPS_MAX]; /* those routers; unset: one is silent */
	uint16_t alive_s, dead_s;   /* an idle mapping lives so long, and not so
	                               long; zeros: not measured; 0: longer */
	uint16_t beat_s;            /* between two heartbeats, at most */
	struct mapping_report mappings[MAPPING_FAMILIES]; /* at our routers */
	uint32_t guessed_udp, guessed_tcp; /* probes and SYNs at guesses */
	uint32_t refused_tcp;       /* of the SYNs, on the way */
	enum reason tcp_reason;     /* why TCP failed last; 0: it did not */
	uint32_t advice;            /* a bit for each enum advice */
	const struct why_try *tries;
	size_t tries_count;
};

struct event {
	enum event_kind kind;
	char peer[NAME_SIZE];
	char old_name[NAME_SIZE];
	char lookalike[NAME_SIZE]; /* a contact with another key whose name
	                              is or looks the same, or "" */
	uint8_t key[KEY_LEN], new_key[KEY_LEN];
	uint8_t key_id[8];
	bool known, verified, ok;
	enum transport transport;
	enum server_state server;
	enum presence presence;
	enum link_state link;
	struct addr addr;
	enum reason reason;
	enum exit_code exit_code;
	uint8_t command;    /* enum command_id */
	uint32_t serial;    /* of the command that this answers, or 0 */
	uint64_t ms;
	uint32_t loss_permille;
	uint64_t id;
	const char *text;   /* borrowed until the next act is taken; from a
	                       peer it is exact: clean it before showing */
	size_t len;
	const char *code;   /* a constant token such as "name-taken" */
	char detail[160];   /* plain text, already harmless */
	const struct person *list;
	size_t count;
	const struct why *report;
};

#endif
