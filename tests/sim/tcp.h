/* TCP, as far as anybody notices: SYNs and their retransmission, simultaneous
 * open, resets, a reliable stream over links that lose packets, half-open
 * connections, TIME_WAIT. No congestion control, a fixed window, go-back-N.
 *
 *   SYN_SENT --SYN+ACK--> OPEN        SYN_SENT --SYN--> SYN_RCVD
 *   (listener) --SYN--> SYN_RCVD      SYN_RCVD --ACK--> OPEN
 *   OPEN --close, FIN--> (no node) --both FINs acknowledged--> TIME_WAIT, gone
 */
#ifndef TCP_H
#define TCP_H

#include "inside.h"

enum tcp_state { SYN_SENT, SYN_RCVD, OPEN, TIME_WAIT };

struct tcp {
	uint64_t id;
	struct host *host;
	struct node *node;   /* NULL: closed by it, or it has ended */
	int sock;            /* -1: not accepted yet */
	int listener;        /* -1: dialled */
	struct addr local, remote;
	enum tcp_state state;
	uint8_t ttl;         /* of the next packet; 0: the default */
	bool is_deaf;        /* to what is said of the first packet */
	uint32_t iss, irs;
	uint8_t *buf;        /* what is not acknowledged, or not sent */
	size_t len;
	uint64_t una;        /* offset of buf[0] in our stream */
	uint64_t nxt, high;  /* sent up to; after a FIN one more */
	uint64_t got;        /* bytes (and FIN) of the peer's stream */
	bool fin_wanted, fin_acked, fin_got, fin_first;
	unsigned tries, dups;
	usec_t rto, timer, dialled_at;
	uint64_t timed;      /* offset whose acknowledgement gives the rtt */
	usec_t timed_at;     /* 0: none */
};

struct tcp *tcp_find(const struct host *h, const struct addr *local,
    const struct addr *remote);
struct sock *tcp_listener(const struct host *h, const struct addr *to);

/* A connection of n: sock -1: not accepted yet, listener -1: dialled. */
struct tcp *tcp_add(struct node *n, int sock, int listener,
    const struct addr *local, const struct addr *remote);
void tcp_drop(struct tcp *t);

void tcp_emit(struct tcp *t, uint8_t flags, uint64_t offset,
    const uint8_t *data, size_t len);
void tcp_emit_ack(struct tcp *t);
void tcp_answer_reset(struct host *h, const struct pkt *p);

/* Sends what the window allows; FIN comes after the last byte. */
void tcp_push(struct tcp *t);

/* What a round trip takes, by a packet that was sent once. */
void tcp_measured(struct tcp *t, usec_t rtt);

/* The one timer; an earlier one is forgotten. */
void tcp_arm(struct tcp *t, usec_t after);

/* True while something sent is not acknowledged. */
bool tcp_is_waiting(const struct tcp *t);

/* The node hears of it. */
void tcp_tell(struct tcp *t, enum in_kind kind, int err, const void *buf,
    size_t len);

/* It is over, for the node (which is told) and for us. */
void tcp_fail(struct tcp *t, int err);

/* The handshake is done: connected or accepted. */
void tcp_become_open(struct tcp *t);

/* The node is rid of it; the host is not yet. */
void tcp_orphan(struct tcp *t);

/* Goes to TIME_WAIT, or away, once both FINs are acknowledged. */
void tcp_finish(struct tcp *t);

#endif
