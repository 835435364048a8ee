/* Scenarios that read like the specification: people with clients in places, a
 * server, what they type, and conditions on what their clients tell them.
 *
 *   struct sim *s = sim_new(test_seed());
 *   sim_server(s);
 *   a = sim_client(s, "ann", behind(&nat_easy));
 *   b = sim_client(s, "bob", behind(&nat_easy));
 *   ck_assert(sim_until(s, registered(a), 5 * USEC_S));
 *   sim_do(a, "connect bob");
 *
 * While a world runs, every rule of rules.c is checked at every event. */
#ifndef SIM_H
#define SIM_H

#include "client.h"
#include "gateway.h"
#include "server.h"
#include "world.h"
#include "../unit/runner.h"

enum {
	USERS_MAX = 64,
	ALIASES_MAX = 16,
	HOMES_MAX = 16,
	SERVERS_MAX = 2,
};

/* Each side 20 ms from the middle: 40 ms to the server and back, 80 ms between
 * two clients ("1 rt"), and 50 us for each way through a LAN. */
#define SIM_ACCESS (20 * USEC_MS)
#define SIM_RT (80 * USEC_MS)
#define SIM_LAN (4 * 50)

/* Beginning of texts that must not be seen on any link. */
#define SIM_MARK "PLAINTEXT"

/* The NATs by name: mapping and filtering, ports preserved if easy. */
extern const struct nat_conf nat_full_cone;  /* EIM, EIF */
extern const struct nat_conf nat_restricted; /* EIM, ADF */
extern const struct nat_conf nat_easy;       /* EIM, APDF: most homes */
extern const struct nat_conf nat_linux;      /* the same, as Linux does it,
                                                poisonable */
extern const struct nat_conf nat_sequential; /* APDM, APDF */
extern const struct nat_conf nat_random;     /* APDM, APDF */
extern const struct nat_conf nat_no_udp;     /* lets only TCP out */

/* ---- places ---- */

enum place_kind { PLACE_OPEN, PLACE_HOME, PLACE_BESIDE, PLACE_CARRIER };

struct user;

struct place {
	enum place_kind kind;
	struct nat_conf nat;     /* of the home, or of the carrier */
	struct user *neighbour;
	bool has_v6, no_v4;
	bool has_gateway;       /* the home's router gives ports */
	struct gateway_conf gateway;
};

struct place in_the_open(void);
struct place behind(const struct nat_conf *nat);

/* In the LAN of somebody else. */
struct place beside(struct user *neighbour);

/* At home behind an easy NAT, behind a carrier's NAT: that of neighbour, if
 * there is one. */
struct place behind_carrier(const struct nat_conf *nat,
    struct user *neighbour);

/* The same with IPv6 beside, or instead. */
struct place with_ipv6(struct place place);
struct place ipv6_only(struct place place);

/* The same with a router that gives ports. */
struct place with_gateway(struct place place, struct gateway_conf conf);

/* ---- people ---- */

/* An event as a client told it. */
struct record {
	usec_t at;          /* of the world */
	struct event ev;    /* text, list and report are copied */
	char *text;
	struct why *why;    /* report, without what was tried */
	struct person *people; /* of list */
};

struct user {
	struct sim *sim;
	uint32_t id;
	char name[NAME_SIZE];   /* as it was first */
	char alias[ALIASES_MAX][NAME_SIZE]; /* every name it had */
	size_t aliases;
	struct host *host;
	struct net *lan, *wan;  /* where it is; where its router is */
	struct router *router;  /* NULL in the open */
	struct router *homes[HOMES_MAX]; /* where it has lived, this included */
	size_t home_count;
	struct node *node;
	struct client *client;  /* NULL while it does not run */
	struct client_conf conf;/* for the next start */
	struct known known;
	struct keypair identity;
	unsigned starts;
	bool has_exited;        /* by itself, since it was started */
	uint32_t serial;
	uint64_t wants;         /* users whom it asked, by id */
	uint64_t agreed;        /* users to whom it may send */
	struct record *records;
	size_t count, capacity;
	uint64_t probes, probe_bytes; /* datagrams to others than servers */
	size_t mark;            /* conditions look at records from here on */
};

/* A message that somebody typed. */
struct message {
	struct user *from, *to;
	unsigned start;         /* of the sender: which of its processes */
	uint64_t id;
	char peer[NAME_SIZE];   /* as it was called then */
	char *text;
	size_t len;
	bool received, delivered, undelivered;
};

struct box {
	const char *name;       /* host name */
	struct host *host;
	struct node *node;
	struct server *server;  /* NULL while it does not run */
	struct server_conf conf;
	unsigned starts;
};

struct sim {
	uint64_t seed;
	struct world *w;
	struct user *users[USERS_MAX];
	size_t user_count;
	struct box servers[SERVERS_MAX];
	struct message *messages;
	size_t message_count, message_capacity;
	struct rules *rules;
	uint64_t events;        /* told so far, by all */
	unsigned homes;         /* built so far */
	bool is_traced;         /* every act and log line to standard error */
	uint32_t lost_share;    /* of UDP between clients */
	bool is_udp_blocked, is_tcp_blocked; /* between clients */
	bool is_patient;        /* a broken rule does not fail the test */
	void (*tap)(void *ctx, const struct pkt *p); /* sees what is sent */
	void *tap_ctx;
};

struct sim *sim_new(uint64_t seed);
void sim_free(struct sim *s);

/* The server at server.example (85.1.1.1 and 2a01::1, port 9000), or a second
 * one at other.example; conf may be changed before. */
struct server *sim_server(struct sim *s);
struct server *sim_start_server(struct sim *s, size_t i);

/* Ends it in good order (it has two seconds), or pulls the plug. */
void sim_stop_server(struct sim *s, size_t i);
void sim_kill_server(struct sim *s, size_t i);

/* Somebody whose client does not run yet; and one whose client does. */
struct user *sim_user(struct sim *s, const char *name, struct place place);
struct user *sim_client(struct sim *s, const char *name, struct place place);

/* Where somebody lives from now on: builds what is missing. place.c. */
void place_user(struct user *u, const struct place *place);

/* Starts the client with what was saved; ends it without a word. */
void user_start(struct user *u);
void user_kill(struct user *u, enum node_end end);

/* Types a line. Returns the serial of the command; fails the test if it makes
 * no sense or the client does not run. */
uint32_t sim_do(struct user *u, const char *line);

/* Types a message of that length to the current peer. */
uint32_t sim_msg(struct user *u, const char *text, size_t len);

/* The same, which may make no sense: 0 then. */
uint32_t sim_try(struct user *u, const char *text, size_t len);

/* The client is told to leave (SIGTERM). */
void sim_leave(struct user *u);

/* The usual beginning: both registered, a asked, b allowed. Returns the time of
 * `allow`. */
usec_t sim_introduce(struct user *a, struct user *b);

/* Two people and a server, all of it running; and both introduced, a having
 * asked, with a direct path. */
struct pair {
	struct sim *s;
	struct user *a, *b;
};
struct pair sim_pair(const struct nat_conf *a, const struct nat_conf *b);
struct pair sim_friends(const struct nat_conf *a, const struct nat_conf *b);

/* From now on no UDP (TCP) passes between clients; to the server it does. */
void sim_block_udp(struct sim *s);
void sim_block_tcp(struct sim *s);
void sim_unblock(struct sim *s);

/* From now on so many of a million UDP packets between clients are lost. */
void sim_lose_udp(struct sim *s, uint32_t share);

/* Carries a machine over into another's home: another network, router and
 * address; nodes on it go on. */
void sim_move(struct user *u, struct user *to);

/* ---- time ---- */

usec_t sim_now(const struct sim *s);
void sim_run(struct sim *s, usec_t duration);

/* A condition on what clients have told and are. */
struct cond {
	bool (*holds)(const struct cond *c);
	struct user *a, *b;
	enum event_kind kind;
	const char *text;
	size_t n;
};

/* Lets time pass until the condition holds; false if it does not within that
 * time. Fails the test when a rule of the world is broken. */
bool sim_until(struct sim *s, struct cond cond, usec_t within);

/* The same, and says whether it never holds during that time. */
bool sim_never(struct sim *s, struct cond cond, usec_t during);

struct cond registered(struct user *a);
struct cond asked(struct user *a, struct user *by);
struct cond connected(struct user *a, struct user *b);   /* both say so */
struct cond direct(struct user *a, struct user *b);      /* UDP, both */
struct cond relayed(struct user *a, struct user *b);
struct cond on_tcp(struct user *a, struct user *b);
struct cond apart(struct user *a, struct user *b);       /* no links */
struct cond heard(struct user *a, const char *text);
struct cond heard_count(struct user *a, size_t n);
struct cond all_delivered(struct user *a);
struct cond told(struct user *a, enum event_kind kind);
struct cond told_about(struct user *a, enum event_kind kind, struct user *b);
struct cond ended(struct user *a, uint32_t serial);      /* EV_DONE */
struct cond gone(struct user *a);                        /* its client */
struct cond lists(struct user *a, struct user *b);       /* last EV_CLIENTS */

/* ---- what was told ---- */

/* Conditions and the calls below forget what was before. */
void user_mark(struct user *u);

/* The last record of a kind since the mark, or NULL; of the n-th. */
const struct record *user_last(const struct user *u, enum event_kind kind);
const struct record *user_nth(const struct user *u, enum event_kind kind,
    size_t n);
size_t user_count(const struct user *u, enum event_kind kind);

/* The end of a command, or NULL. */
const struct record *user_result(const struct user *u, uint32_t serial);

/* True for every name that it has had. */
bool user_is_called(const struct user *u, const char *name);

/* The transport in use towards b; TRANSPORT_NONE also if it does not run. */
enum transport user_link(const struct user *a, const struct user *b);

/* When a first used that transport towards b; USEC_NEVER if it did not. */
usec_t user_first(const struct user *a, const struct user *b,
    enum transport transport);

/* When both did. */
usec_t both_first(const struct user *a, const struct user *b,
    enum transport transport);

/* Whether list of the last EV_CLIENTS names somebody. */
bool user_lists(const struct user *u, const char *name);

#endif
