/* The rooms of the client's engine share this; nobody else includes it.
 *   client.c        the node: four verbs, dispatch
 *   client_net.c    sockets and interfaces
 *   client_map.c    ports at our routers
 *   client_nat.c    what our NATs are like
 *   client_news.c   what the server says
 *   client_do.c     commands
 *   client_peers.c  the table of peers
 *   client_ask.c    asking
 *   client_intro.c  being asked, opening a conversation
 *   client_talk.c   what happens inside a conversation, and its end
 *   client_resume.c finding a peer again
 *   client_tcp.c    the switch to TCP
 *   client_tcpauto.c  when it is tried unasked
 *   client_stream.c TCP connections with peers
 *   client_spray.c  guessing the ports of hard NATs
 *   client_near.c   those of NATs that count
 *   client_tcpspray.c  the same over TCP
 *   client_reroll.c a fresh socket for a clean port
 *   client_rekey.c  fresh keys
 *   client_list.c   who is online
 *   client_trust.c  which key belongs to whom
 *   client_netcheck.c  examining our own network
 *   client_name.c   what peers are called
 *   client_save.c   the files of what is known of keys
 *   client_peek.c   what faces may look at */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include "client.h"
#include "depth.h"
#include "ident.h"
#include "lifetime.h"
#include "natcheck.h"
#include "peer.h"
#include "portmap.h"
#include "spray.h"
#include "uplink.h"

/* A conversation without a sign of life for so long is over. */
#define CLIENT_LOST_US (24 * 3600 * USEC_S)

enum {
	CLIENT_LISTS_MAX = 4,
	STREAMS_HALF_MAX = 8, /* accepted ones that have not proved anything */
	STREAMS_ACCEPTED_MAX = STREAMS_HALF_MAX + PEERS_MAX,
	STREAMS_MAX = DIALS_MAX + STREAMS_ACCEPTED_MAX,
	LIST_PEOPLE_MAX = 65536,
	LIST_PAGES_MAX = 8192,
	OFFERS_MAX = 16,
	PAST_MAX = 2 * REQUESTS_MAX,
	TELL_BLOCKS = 1,      /* tag of calls that are no command's */
};

/* A name came with another key than its own. */
struct offer {
	char name[NAME_SIZE];
	uint8_t key[KEY_LEN];
	bool is_another;     /* than the one that was shown before it */
};

/* An `all` that is being read page by page. */
struct listing {
	uint32_t serial;     /* of the command; 0: free */
	uint8_t command;
	char prefix[NAME_SIZE];
	uint32_t cursor;     /* of the page that was asked for */
	unsigned pages;      /* read so far */
	struct person *people;
	size_t count, cap;
};

/* A TCP connection with a peer, dialled or accepted. */
struct lane {
	int sock;            /* 0: free */
	bool is_open;        /* connected */
	bool is_waiting;     /* to be dialled (again) at again_at */
	bool is_guess;       /* of a salvo: somebody else may be there */
	uint8_t ttl;         /* of the next SYN; 0: the default */
	usec_t dialled_at, again_at;
	usec_t until;        /* open: to prove whose it is */
	struct addr to;      /* the other end */
	uint64_t peer;       /* id of the peer that it belongs to, or 0 */
	struct frame_reader in;
};

/* SYNs at ports that are guessed; see spray.h for the roles and limits. */
struct salvo {
	struct spray row;
	struct addr to;
	bool is_counted;     /* the peer's NAT counts: near ports first */
	bool is_hard;        /* both NATs choose a port for every destination,
	                      * and do not count both */
	uint16_t port;       /* openers: the first of their local ports */
	int count;           /* so many of them */
	uint32_t most;       /* SYNs to be sent */
	struct addr opened_to; /* of the last row that took ports of our NAT */
	uint32_t taken;      /* so many of late; till */
	usec_t taken_until;
	bool is_dialled[SALVO_MAX];
	usec_t dialled_at[SALVO_MAX];
};

/* What was known of the way to a peer who was never heard. */
struct failure {
	char name[NAME_SIZE]; /* "" : none yet */
	struct why why;
	struct why_try tries[PATHS_MAX];
};

/* `netcheck` waits for what is being found out, but not longer. */
#define CLIENT_NETCHECK_US (3 * USEC_S)

/* A plain attempt between two NATs that keep their ports is given so long; then
 * a fresh socket is tried, and another one, up to three. */
#define REROLL_AFTER_US (1200 * USEC_MS)
#define REROLL_AGAIN_US (2 * USEC_S)
#define REROLL_STEP_US (200 * USEC_MS)
enum { REROLL_MAX = 3, REROLL_STEPS = 6 };

struct reroll {
	uint64_t peer;       /* id */
	int extra;           /* the socket, or -1 */
	uint64_t token;      /* of the question for its mapping */
	unsigned steps;      /* questions, then probes */
	usec_t at;           /* of the next one */
};

struct client {
	struct client_conf conf;
	struct self self;
	struct uplink up;
	struct natcheck natcheck;
	struct depth depth;
	struct lifetime lifetime;
	struct spray spray;
	struct router {
		struct addr router, local; /* unset: none */
	} routers[2];            /* by family: SOCK_UDP4, SOCK_UDP6 */
	struct portmap maps[2];
	struct salvo salvo;
	struct reroll reroll;
	struct known *known;
	usec_t wall_at;          /* time of the next two fields */
	uint64_t wall_s;
	bool is_started, is_leaving, has_left;
	enum exit_code exit_code;

	struct peer *peers[PEERS_MAX];
	struct peer *current;
	uint64_t next_id;
	uint32_t serial;         /* of the command being carried out, or 0 */
	uint8_t command;
	uint32_t netcheck_serial;/* of one that waits; 0: none */
	usec_t netcheck_until;

	struct listing lists[CLIENT_LISTS_MAX];
	struct person *online;   /* by subscription, sorted by nothing */
	size_t online_count, online_cap;
	uint64_t online_version; /* counts its changes */
	struct offer offers[OFFERS_MAX]; /* for `trust` */
	unsigned offers_next;
	bool offers_lost;        /* some gave way to others */
	char shown_name[NAME_SIZE]; /* whose number was shown last */
	uint8_t shown_key[KEY_LEN];

	struct lane streams[STREAMS_MAX];
	bool is_listening, is_observing;
	usec_t observe_at;       /* deadline of SOCK_OBSERVE; NEVER: not open */
	uint64_t observe_token;
	struct frame_reader observe_in;

	struct failure failure;  /* the last one */
	uint8_t past[PAST_MAX][NONCE_LEN]; /* requests that ended here */
	unsigned past_next;
	size_t blocks_told;      /* entries of known that the server knows of */
	enum reason refused_for; /* told last, since we were registered */
	bool has_new_peers, has_new_servers; /* not saved yet */
	bool is_unsaved;         /* one of them could not be saved */
	char *save_peers, *save_servers; /* files being saved */
	struct peer *popped;     /* next has handed out a message of his */
	bool wants_flush;        /* links may have something to send */
};

/* ---- client.c ---- */
uint64_t client_wall(const struct client *c, usec_t now);
void client_error(struct client *c, uint32_t serial, uint8_t command,
    enum reason reason, const char *peer);
void client_done(struct client *c, uint32_t serial, uint8_t command, bool ok,
    enum exit_code code);
void client_fail(struct client *c, uint32_t serial, uint8_t command,
    enum reason reason, const char *peer);
enum exit_code client_exit_code(enum reason reason);
struct peer *client_peer_of_packet(struct client *c, const uint8_t *buf,
    size_t len);

/* An EV_MESSAGE of the peer without its text; the message that next has handed
 * out is taken. */
struct event *client_message_event(struct client *c, struct peer *p);
void client_pop(struct client *c, usec_t now);

/* ---- client_do.c ---- */

/* The command fails for a reason of its own. */
void client_fail_text(struct client *c, const char *code, const char *text,
    enum exit_code exit_code);

/* ---- client_net.c ---- */
void client_open_udp(struct client *c, int sock, uint16_t port);

/* IN_OPENED of a UDP socket, IN_NETIF. */
void client_opened(struct client *c, usec_t now, const struct input *in);
void client_extra_opened(struct client *c, usec_t now,
    const struct input *in);
void client_netif(struct client *c, usec_t now, const struct input *in);

/* ---- client_map.c ---- */

/* IN_GATEWAYS; what concerns SOCK_MAP4 to SOCK_EAR6. */
void client_gateways(struct client *c, usec_t now, const struct input *in);
void client_map_input(struct client *c, usec_t now, const struct input *in);
void client_map_expire(struct client *c, usec_t now);
usec_t client_map_deadline(const struct client *c);

/* Our place or the server's view of us changed; or just may have, and so may
 * the router. */
void client_map_aim(struct client *c, usec_t now);
void client_map_doubt(struct client *c, usec_t now);

/* Peers learn what the routers gave or took. */
void client_map_news(struct client *c, usec_t now);

/* Gives all back, which ends in a bounded time. */
void client_map_leave(struct client *c, usec_t now);
bool client_map_has_left(const struct client *c);

/* ---- client_nat.c ---- */

/* We are registered, or seen at another address. */
void client_nat_start(struct client *c, usec_t now);

/* Our own addresses are other ones: the next answer of the server tells the
 * rest. */
void client_nat_doubt(struct client *c, usec_t now);

/* True if it was about its sockets and questions. IN_OPENED of an extra;
 * IN_EXPIRED. */
bool client_nat_opened(struct client *c, usec_t now, const struct input *in);
bool client_nat_observed(struct client *c, usec_t now,
    const struct news *news);
void client_nat_hop(struct client *c, const struct input *in);

/* OP_ECHO was answered, or not. */
void client_nat_echoed(struct client *c, usec_t now, const struct news *news);
bool client_nat_has(const struct client *c, int extra);
void client_nat_expire(struct client *c, usec_t now);
usec_t client_nat_deadline(const struct client *c);

/* ---- client_news.c ---- */
void client_take_news(struct client *c, usec_t now);

/* Every peer learns our candidates, and what our NAT is like. */
void client_tell_cands(struct client *c, usec_t now);

/* Why a call had no success. */
enum reason client_reason_of(const struct client *c, const struct news *news);

/* Nobody answers any more: every command that waits for the server ends. */
void client_drop_calls(struct client *c, usec_t now);
void client_tell_server(struct client *c, enum server_state state,
    enum reason reason, uint64_t ms);

/* ---- client_peers.c ---- */

/* Of a state, or -1 for any: of two with one name the one that has come
 * farther, a pending request last. */
struct peer *client_peer_by_name(struct client *c, const char *name,
    int state);
struct peer *client_peer_by_id(struct client *c, uint64_t id);
struct peer *client_peer_by_key(struct client *c, const uint8_t *key,
    int state);
struct peer *client_peer_add(struct client *c, const char *name,
    enum peer_state state);

/* Its calls are forgotten. */
void client_peer_drop(struct client *c, struct peer *p);

/* A request with that nonce has ended here, not long ago. */
bool client_is_past(const struct client *c, const uint8_t *nonce);

/* ---- client_ask.c ---- */
void client_connect(struct client *c, usec_t now, const char *name);

/* LOOKUP was answered. */
void client_looked_up(struct client *c, usec_t now, struct peer *p,
    struct rd body);

/* Our user wants what the peer asks for: its request is allowed, and ours goes
 * on as that. */
void client_take_theirs(struct client *c, usec_t now, struct peer *ours,
    struct peer *theirs);

/* To a server that may have been started anew: it is the same request. */
void client_ask_again(struct client *c, usec_t now, struct peer *p);

/* Somebody with whom we talk is heard again: nothing has to be asked. */
void client_is_back(struct client *c, usec_t now, const struct peer *p);

/* ---- client_intro.c ---- */

/* A call about the peer, which is dropped if there is no room for it. */
void client_peer_call(struct client *c, usec_t now, struct peer *p,
    enum op op, const void *body, size_t len);
void client_allow(struct client *c, usec_t now, struct peer *p);
void client_deny(struct client *c, usec_t now, struct peer *p, bool block);
void client_intro_push(struct client *c, usec_t now, enum push push,
    struct rd *body);
void client_intro_reply(struct client *c, usec_t now,
    const struct news *news);
void client_intro_expire(struct client *c, usec_t now, struct peer *p);

/* The server is told that we do not want it any more: what we asked for, or
 * what we allowed. */
void client_take_back(struct client *c, usec_t now, struct peer *p);

/* The introduction ended without a conversation: tells, drops. */
void client_refuse(struct client *c, usec_t now, struct peer *p,
    enum reason reason);

/* ---- client_talk.c ---- */

/* Starts talking. */
void client_begin(struct client *c, usec_t now, struct peer *p,
    const struct addr *seen, uint64_t route);
void client_end(struct client *c, usec_t now, struct peer *p,
    enum reason reason);
void client_report_undelivered(struct client *c, struct peer *p,
    enum reason reason);
void client_attend(struct client *c, usec_t now, struct peer *p);
void client_talk_expire(struct client *c, usec_t now, struct peer *p);
usec_t client_talk_deadline(const struct client *c, const struct peer *p);
bool client_is_direct(const struct peer *p);

/* The server's word on where the peer is, and the route: every way is tried. */
void client_reach(struct client *c, usec_t now, struct peer *p,
    const struct addr *seen, uint64_t route);
void client_set_current(struct client *c, struct peer *p);

/* ---- client_save.c ---- */

/* Written in the same wake-up, when nothing else waits. */
void client_save_known(struct client *c);

/* A key was not pinned: the file has no room for it. */
void client_tell_full(struct client *c, const char *whose, const char *file);
void client_save_changed(struct client *c);

/* IN_SAVED: what failed is told, and done again later. */
void client_saved(struct client *c, const struct input *in);

/* ---- client_name.c ---- */
void client_name_told(struct client *c, usec_t now, struct peer *p,
    struct rd *body);
void client_name_found(struct client *c, usec_t now, struct peer *p,
    const struct news *news);
void client_name_expire(struct client *c, usec_t now, struct peer *p);

/* ---- client_resume.c ---- */
void client_resume_push(struct client *c, usec_t now, struct rd *body);
void client_resume_reply(struct client *c, usec_t now,
    const struct news *news);

/* As soon as the server is there; and when the way that it gave led nowhere:
 * after a pause that grows. */
void client_want_resume(struct client *c, usec_t now, struct peer *p);
void client_seek_patiently(struct client *c, usec_t now, struct peer *p);
void client_send_resume(struct client *c, usec_t now, struct peer *p);

/* ---- client_peek.c ---- */

/* p may be NULL: the own half. */
void client_why(const struct client *c, usec_t now, const struct peer *p,
    struct why *out);

/* The same to be told as a report: it lasts as long as an event does. */
const struct why *client_keep_why(struct client *c, struct why *why);

/* ---- client_spray.c ---- */
void client_spray_opened(struct client *c, usec_t now,
    const struct input *in);
void client_spray_expire(struct client *c, usec_t now);
usec_t client_spray_deadline(const struct client *c);

/* In another way from now on, or not any more. */
void client_spray_begin(struct client *c, usec_t now, struct peer *p,
    enum spray_role role);
void client_spray_end(struct client *c, usec_t now);

/* Closes what a conversation that is over has left open. */
void client_spray_tidy(struct client *c);
bool client_spray_is_on(const struct client *c, const struct peer *p);

/* Lets the peer in by an extra socket, within the limit of the rate: a packet
 * that opens our NATs and ends behind them. */
void client_spray_hole(struct client *c, usec_t now, struct peer *p, int sock);

/* The attempt that failed just now is worth another one soon. */
bool client_spray_may_repeat(const struct peer *p);

/* Whether a path goes over that extra socket. */
bool client_extra_is_used(const struct client *c, int sock);

/* Whether guessing for that peer may begin: one at a time, and a pause before
 * the next peer's turn (nat.md 6.3). */
bool client_spray_is_free(const struct client *c, usec_t now,
    const struct peer *p);

/* ---- client_near.c ---- */

/* Whether a NAT that counts may be found by its order; whether both count. */
bool client_near_hopes(const struct client *c, const struct peer *p);
bool client_near_both(const struct client *c, const struct peer *p);

/* The socket of a sample, which is a hole for the peer as well. */
bool client_near_has(const struct client *c, int extra);
bool client_near_opened(struct client *c, usec_t now,
    const struct input *in);
bool client_near_observed(struct client *c, usec_t now,
    const struct news *news);
usec_t client_near_consider(struct client *c, usec_t now, struct peer *p);
void client_near_expire(struct client *c, usec_t now);

/* CONTROL_NEAR came. */
void client_near_told(struct client *c, usec_t now, struct peer *p,
    struct rd *body);

/* ---- client_tcpspray.c ---- */
void client_salvo_begin(struct client *c, usec_t now, struct peer *p);
void client_salvo_end(struct client *c, usec_t now, const struct peer *p);

/* Both NATs count: nothing but a row against a row will do, and soon, before
 * others have taken the ports. */
bool client_salvo_matches(const struct client *c, const struct peer *p);

/* Rows that have missed are followed by others, for which both sides tell fresh
 * ports: ours is told; theirs came. */
void client_match_expire(struct client *c, usec_t now, struct peer *p);
void client_match_told(struct client *c, usec_t now, struct peer *p);
void client_match_heard(struct client *c, usec_t now, struct peer *p);

/* True if it was for one of its sockets. */
bool client_salvo_input(struct client *c, usec_t now,
    const struct input *in);
void client_salvo_expire(struct client *c, usec_t now);

/* ---- client_reroll.c ---- */
void client_reroll_init(struct reroll *r);

/* An attempt at a direct path begins. */
void client_reroll_plan(struct peer *p, usec_t now);

/* True if it was its socket, or its question. */
bool client_reroll_opened(struct client *c, usec_t now,
    const struct input *in);
bool client_reroll_observed(struct client *c, usec_t now,
    const struct news *news);
void client_reroll_expire(struct client *c, usec_t now);
usec_t client_reroll_deadline(const struct client *c);

/* ---- client_rekey.c ---- */
void client_rekey_control(struct client *c, usec_t now, struct peer *p,
    uint8_t type, struct rd *body);
void client_rekey_expire(struct client *c, usec_t now, struct peer *p);
usec_t client_rekey_deadline(const struct peer *p);

/* ---- client_tcp.c ---- */
void client_tcp_start(struct client *c, usec_t now, struct peer *p,
    bool is_asked);
void client_tcp_control(struct client *c, usec_t now, struct peer *p,
    uint8_t type, struct rd *body);
void client_tcp_expire(struct client *c, usec_t now);
usec_t client_tcp_deadline(const struct client *c);
void client_tcp_observed(struct client *c, usec_t now,
    const struct news *news);
/* A request is under way: what a switch needs to know is learnt now. Unlearn:
 * the stream to the server that showed it is closed, if nobody needs it. */
void client_tcp_prepare(struct client *c, usec_t now, struct peer *p);
void client_tcp_unlearn(struct client *c);
void client_tcp_drop(struct client *c, usec_t now, struct peer *p);
void client_tcp_fini(struct client *c);

/* A stream that proved itself ends the attempt. */
void client_tcp_won(struct client *c, usec_t now, struct peer *p);
bool client_has_tcp(const struct peer *p);

/* The round trip to the peer, as far as it is known. */
usec_t client_tcp_rtt(const struct client *c, const struct peer *p);

/* What happens to SOCK_OBSERVE. */
void client_tcp_observe(struct client *c, usec_t now, const struct input *in);

/* ---- client_tcpauto.c ---- */

/* Both agreed: where no UDP reaches the server from one side. */
void client_try_tcp(struct client *c, usec_t now, struct peer *p);

/* Begins an attempt if one is due; else p->consider_at says when. */
void client_tcp_consider(struct client *c, usec_t now, struct peer *p);

/* ---- client_stream.c ---- */
struct lane *client_stream(struct client *c, int sock);
struct lane *client_stream_add(struct client *c, int sock);
void client_stream_close(struct client *c, struct lane *s);

/* One that is connected, whether or not it has proved itself. */
bool client_has_stream(const struct client *c, const struct peer *p);

/* A guess of ours was answered: it has to show whose it is. False if there is
 * no room. */
bool client_stream_guessed(struct client *c, usec_t now, struct peer *p,
    int sock, const struct addr *to);

/* The stream ends, and the path over it as well. */
void client_stream_end(struct client *c, usec_t now, struct lane *s);

/* Ends those of a peer whose path went silent. */
void client_streams_reap(struct client *c, usec_t now, struct peer *p);
void client_stream_dial(struct client *c, usec_t now, struct lane *s);

/* An open stream proved nothing in time. */
void client_stream_late(struct client *c, usec_t now, struct lane *s);

/* A number for a socket to dial from, or 0. */
int client_stream_free(struct client *c);

/* Ends streams of a peer: all, or those that carry nothing (those that are
 * connected only if so said). */
void client_streams_close(struct client *c, struct peer *p, bool all,
    bool connected);
void client_tcp_input(struct client *c, usec_t now, const struct input *in);

/* ---- client_trust.c ---- */

/* What the trust store says of name and key; p gets the flags. False if the
 * key is blocked. */
bool client_look_up_trust(struct client *c, struct peer *p);
/* Whose key this is, from now on. */
void client_pin(struct client *c, usec_t now, struct peer *p);
void client_tell_key_changed(struct client *c, const struct peer *p);

/* Whom somebody of that name and key can be taken for, or "". */
void client_lookalike(const struct client *c, const char *name,
    const uint8_t id[static KEY_ID_LEN], char out[static NAME_SIZE]);
void client_verify(struct client *c, usec_t now, const struct command *cmd);
void client_trust(struct client *c, usec_t now, const struct command *cmd);
void client_block(struct client *c, usec_t now, const struct command *cmd,
    bool on);

/* The server learns whom we block, from c->blocks_told on. */
void client_tell_blocks(struct client *c, usec_t now);
void client_block_reply(struct client *c, usec_t now,
    const struct news *news);

/* ---- client_netcheck.c ---- */

/* The report is told at once, or when what it is about is known; and in any
 * case once for each command, at the latest when the client leaves. */
void client_netcheck(struct client *c, usec_t now);
void client_netcheck_expire(struct client *c, usec_t now);
usec_t client_netcheck_deadline(const struct client *c);

/* ---- client_list.c ---- */
void client_list(struct client *c, usec_t now, const char *prefix);
void client_list_reply(struct client *c, usec_t now,
    const struct news *news);

/* Reads who is online, for client_names. */
void client_list_own(struct client *c, usec_t now);
void client_list_fini(struct client *c);
void client_presence(struct client *c, usec_t now, struct rd *body);

#endif
