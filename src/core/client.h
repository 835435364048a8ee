/* The client's engine: everything a face can ask for, and the four verbs. It
 * knows everything and draws nothing. Pure: see act.h for its world. */
#ifndef CLIENT_H
#define CLIENT_H

#include "act.h"
#include "addr.h"
#include "command.h"
#include "event.h"
#include "known.h"
#include "limit.h"
#include "log.h"
#include "noise.h"
#include "rng.h"

/* Files of the profile that the engine writes with ACT_SAVE. */
#define CLIENT_FILE_PEERS "known_peers"
#define CLIENT_FILE_SERVERS "known_servers"

struct client_conf {
	const char *server_host;   /* name or literal; borrowed for ever */
	uint16_t server_port;
	uint16_t local_port;       /* 0: any */
	bool local_port_asked;     /* then a taken one is an error */
	char name[NAME_SIZE];      /* wanted; "" : a random one */
	bool hidden;               /* found by exact name only */
	bool no_relay;             /* never through the server */
	bool lan;                  /* try private addresses of any peer */
	bool port_mapping;         /* ask routers for ports */
	bool subscribe;            /* arrivals and departures as EV_CLIENT */
	struct keypair identity;   /* copied; wiped by client_free */
	const struct log *log;     /* borrowed; may be NULL */
};

struct client;

/* A client that has not done anything yet. known is the trust store as loaded;
 * it is owned by the caller and changed by the client. seed keys all its
 * randomness. wall_s is the time of day at `now`, seconds since the Epoch, for
 * dates in the trust store. NULL without memory. */
struct client *client_new(const struct client_conf *conf, struct known *known,
    const uint8_t seed[static RNG_SEED_LEN], usec_t now, uint64_t wall_s);
void client_free(struct client *c);

/* Wipes every key. For a child process, which has a copy of them: it can do
 * nothing with the client any more. */
void client_forget(struct client *c);

/* The four verbs (act.h). The first expire starts the client. */
void client_input(struct client *c, usec_t now, const struct input *in);
void client_expire(struct client *c, usec_t now);
bool client_next(struct client *c, usec_t now, struct act *out);
usec_t client_deadline(const struct client *c);
extern const struct node_ops client_ops;

/* Carries out a command. Every command ends with exactly one EV_DONE that has
 * its serial, at once or later; errors come as EV_ERROR before it. `exit` ends
 * with EV_EXIT. serial is the face's, not 0. */
void client_do(struct client *c, usec_t now, const struct command *cmd,
    uint32_t serial);

/* Leaves: tells the server and every peer, reports what is undelivered
 * (EV_UNDELIVERED), gives ports back that routers gave (PORTMAP_LEAVE_US at
 * most), then EV_EXIT with code. */
void client_exit(struct client *c, usec_t now, enum exit_code code);

/* A server that does not answer is tried at once, not when its time has
 * come. */
void client_retry(struct client *c, usec_t now);

/* For prompts, completion and status lines. */
const char *client_name(const struct client *c);
enum server_state client_server_state(const struct client *c);

/* Name of the current peer, or "". */
const char *client_current(const struct client *c);

/* The link of a peer ("" : the current one): transport in use and its address
 * (of the server for a relay). TRANSPORT_NONE while there is none. */
enum transport client_link(const struct client *c, const char *peer,
    struct addr *addr);

/* How far the way to a peer has come, for status lines. */
struct client_path {
	struct why why;
	bool is_open;      /* both agreed */
	bool is_punching;  /* probes are under way, so many for punch_ms */
	bool is_switching; /* to TCP */
	bool has_relay;    /* the server passes packets on */
	uint32_t punch_ms, probes;
	uint32_t heard_ms; /* since the last sign of life */
	uint32_t resumes;  /* times that a lost path was asked for again */
	uint32_t resume_ms;/* until the next time; 0: that is not known */
};

/* Of a peer ("" : the current one); false if there is no such peer. The tries
 * are borrowed until the client is called again. */
bool client_path(const struct client *c, usec_t now, const char *peer,
    struct client_path *out);

/* Who is online, in no order, if client_conf.subscribe was set; borrowed until
 * the client is called again. version changes with every change. */
const struct person *client_online(const struct client *c, size_t *count,
    uint64_t *version);

/* Messages that were taken and are not delivered yet, over all peers. */
size_t client_undelivered(const struct client *c);

/* Names that begin with prefix (compared by their folded form): online,
 * pending and known ones, sorted, each once. Returns how many there are; at
 * most max are copied. */
size_t client_names(const struct client *c, const char *prefix,
    char (*out)[NAME_SIZE], size_t max);

#endif
