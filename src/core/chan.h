/* Reliable messages between two peers: streams of whole messages, in order and
 * exactly once, over packets that may be lost, doubled, reordered, and travel
 * over changing paths. Loss recovery and congestion control after RFC 9002.
 *
 * The owner (a session with its paths) encrypts and sends. Every packet it
 * sends has a number that never comes twice and only rises, whatever keys and
 * path it uses; packets without frames of the chan take numbers from the same
 * space. One wake-up:
 *
 *   for each packet that proved authentic and is not a replay:
 *       chan_frame for each FRAME_ACK, FRAME_STREAM and FRAME_WINDOW in it;
 *       if none failed, chan_packet_received.
 *   chan_expire if chan_deadline <= now
 *   take messages (chan_next_message, chan_pop_message) and delivered marks
 *   while a path is up and chan_wants_send: chan_build, encrypt, send
 *
 * Frames (type, then integers as varints):
 *   ACK     largest number, delay in us, further ranges, length of the first
 *           less 1, then for each: gap less 2, length less 1, as in RFC 9000
 *           section 19.3. Numbers of all packets received, of any kind.
 *   STREAM  stream, offset, length (> 0), bytes. A stream is a row of messages,
 *           each its length and its bytes.
 *   WINDOW  stream, offset up to which the application has taken messages
 *           (always the end of a message), offset up to which there is room.
 *           Before the first one the room is CHAN_TEXT_WINDOW (CONTROL:
 *           CHAN_CONTROL_WINDOW).
 * STREAM and WINDOW are ack-eliciting, ACK is not.
 *
 * Nothing is allocated while nothing is under way. */
#ifndef CHAN_H
#define CHAN_H

#include "acks.h"
#include "recovery.h"
#include "recvbuf.h"
#include "sendbuf.h"
#include "wire.h"

enum {
	/* A buffer smaller than this is too small for chan_build. */
	CHAN_BUILD_MIN = 64,
	/* What the owner adds to a packet: counted against the window. */
	CHAN_OVERHEAD = DATA_HEADER + TAG_LEN,
};

struct chan_stream {
	struct sendbuf out;
	struct recvbuf in;
};

struct chan_stats {
	uint64_t bytes_out, bytes_in;     /* of STREAM data, repeats included */
	uint64_t packets_out;             /* ack-eliciting */
	uint64_t packets_lost;
	uint32_t loss_permille;           /* of late */
	usec_t rtt, rtt_min;              /* 0: not measured yet */
	uint32_t window;                  /* bytes that may be under way */
};

struct chan {
	struct chan_stream streams[STREAM_COUNT];
	struct acks acks;
	struct recovery recovery;
	usec_t tried_at;     /* time of the last chan_build or chan_expire */
	uint64_t next_pn;    /* numbers below are taken */
	uint64_t bytes_out, bytes_in;
	bool is_last_tracked; /* the last build must be acknowledged */
};

/* rtt_hint: round trip of the path, 0 if unknown. */
void chan_init(struct chan *c, usec_t rtt_hint);
void chan_fini(struct chan *c);

/* Queues a message, copied. *id (may be NULL) counts from 1 for each stream.
 * E_BAD: no bytes, or over MSG_MAX (on STREAM_CONTROL: CHAN_CONTROL_MSG_MAX).
 * E_FULL: CHAN_SEND_MAX (CHAN_CONTROL_SEND_MAX) bytes wait, or no memory. */
int chan_send(struct chan *c, unsigned stream, const void *msg, size_t len,
    uint64_t *id);

/* True if a packet should leave now: an ack that is due, data that window and
 * pace allow, or a probe. */
bool chan_wants_send(const struct chan *c, usec_t now);

/* Writes the frames of one packet (cap >= CHAN_BUILD_MIN) and takes it as sent
 * at now with number pn, which is above all before. Returns their length; 0:
 * there is nothing to send or no memory; pn stays free. May be called without
 * chan_wants_send, to fill up a packet that leaves anyway; an ack that is
 * pending is then told early. */
size_t chan_build(struct chan *c, usec_t now, uint64_t pn, uint8_t *buf,
    size_t cap, bool *is_ack_eliciting);

/* The frames of the last chan_build (which was not 0) were sent on another path
 * as well, with number pn, which is above all before. An ack of either counts,
 * once. At most one copy of a build. */
void chan_also(struct chan *c, uint64_t pn);

/* One frame of a packet; r stands behind the type and is left behind the frame.
 * next_pn: the lowest packet number that this end has not used. E_BAD: the peer
 * breaks the protocol (malformed, acknowledges what was never sent, sends
 * beyond its window, contradicts itself): the session must end. E_FULL:
 * no room for it now: drop the rest of the packet and do not call
 * chan_packet_received, the peer will send it again. */
int chan_frame(struct chan *c, usec_t now, uint64_t next_pn, uint8_t type,
    struct rd *r);

/* Packet pn (<= VAR_MAX) arrived and all its frames (also those of others) were
 * processed; is_ack_eliciting if it had a frame other than FRAME_PADDING,
 * FRAME_ACK and those that need no ack (FRAME_PING, FRAME_PONG,
 * FRAME_CLOSE). */
void chan_packet_received(struct chan *c, usec_t now, uint64_t pn,
    bool is_ack_eliciting);

/* The next message of a stream, if one is complete; valid until the next call
 * that changes c. chan_pop_message takes it: the peer will be told that it is
 * delivered. Streams must be read whenever packets came. */
bool chan_next_message(const struct chan *c, unsigned stream,
    const uint8_t **msg, size_t *len);
void chan_pop_message(struct chan *c, unsigned stream);

/* The next message of ours that the peer's application has taken: each id
 * once, in order. */
bool chan_next_delivered(struct chan *c, unsigned stream, uint64_t *id);

/* Messages that are not delivered, oldest first: *at is 0 before the first
 * call, *id stays as it was; *msg is valid until the next call that changes
 * c. */
bool chan_next_undelivered(const struct chan *c, unsigned stream, uint64_t *at,
    uint64_t *id, const uint8_t **msg, size_t *len);

/* True while a message of ours is not delivered. */
bool chan_has_undelivered(const struct chan *c, unsigned stream);

/* True while something waits for an ack of the peer, or for being sent. */
bool chan_has_unacked(const struct chan *c);

/* When chan_expire should be called; USEC_NEVER: nothing to wait for. */
usec_t chan_deadline(const struct chan *c);
void chan_expire(struct chan *c, usec_t now);

/* Packets travel over another path from now on: window, pace and round trip
 * (rtt_hint, 0 if unknown) start again, and packets sent before teach nothing
 * about the new path. is_old_dead: what is under way counts as lost, is sent
 * again at once, and nobody is blamed. */
void chan_path_changed(struct chan *c, usec_t now, usec_t rtt_hint,
    bool is_old_dead);

void chan_stats(const struct chan *c, struct chan_stats *out);

#endif
