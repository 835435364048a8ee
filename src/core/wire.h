/* The formats on the wire; gop2p-protocol(7) is the normative text and says
 * the same in prose. Integers are big-endian; "name" is a length byte and that
 * many bytes; "address" is addr_put's form.
 *
 * Every packet begins with its type. Over UDP a packet is a datagram, over TCP
 * it follows its length as two bytes (frame.h). */
#ifndef WIRE_H
#define WIRE_H

#include "addr.h"
#include "bytes.h"
#include "limit.h"

enum {
	WIRE_VERSION = 1,
	SERVER_PORT = 9000,
	CLIENT_PORT = 9001,
	SERVER_TCP_PORT = 443, /* tried when the other one is not reached */
	PROBE_PORT_OFFSET = 2, /* of the second UDP port, from the first */

	NONCE_LEN = 16,
	COOKIE_LEN = 16,
	TAG_LEN = 16,
	DATA_HEADER = 16,
	RELAY_HEADER = 12,
	KEY_ID_LEN = 8,

	/* Padded so that no unproven address gets back more than 0.4 of what
	 * it sent, IP and UDP headers included (security.md S1). */
	HELLO_LEN = 256,
	COOKIE_PACKET_LEN = 4 + NONCE_LEN + COOKIE_LEN + KEY_LEN,
	INIT_PAYLOAD = 48,
	INIT_LEN = 8 + NONCE_LEN + COOKIE_LEN + 32 + 48 + INIT_PAYLOAD + 16,
	ACCEPT_PAYLOAD_MAX = 80,

	/* Noise messages between peers. */
	INTRO_PAYLOAD = 16,                  /* of message 1, fixed */
	INTRO_MSG1_LEN = 32 + 48 + INTRO_PAYLOAD + 16,
	REQUEST_LEN_MAX = NONCE_LEN + NAME_SIZE + KEY_LEN + INTRO_MSG1_LEN,
	INTRO_MSG2_MAX = 512,
	RESUME_BLOB_MAX = 1024,
};

enum packet_type {
	/* client to server: type, version, 2 zeros, nonce, then zeros to
	 * HELLO_LEN */
	PACKET_HELLO = 1,
	/* server to client: type, version, 2 zeros, the nonce of the HELLO,
	 * cookie, the server's public key */
	PACKET_COOKIE = 2,
	/* client to server: type, version, 2 zeros, the client's index (4), the
	 * nonce, the cookie, message 1 of IK with INIT_PAYLOAD bytes: flags
	 * (1), name, zeros. Prologue: see wire_server_prologue. */
	PACKET_INIT = 3,
	/* server to client: type, version, 2 zeros, the client's index (4), the
	 * server's index (4, 0 when refused), message 2 of IK with struct
	 * wire_accept */
	PACKET_ACCEPT = 4,
	/* both, and between peers: type, 3 zeros, the receiver's index (4),
	 * counter (8), ciphertext of frames (session.h) */
	PACKET_DATA = 5,
	/* client to server to client: type, 3 zeros, route (8), a DATA packet
	 * between peers. The server replaces the route and forwards. */
	PACKET_RELAY = 6,
};

/* ---- registration ---- */

enum { INIT_HIDDEN = 1, INIT_SUBSCRIBE = 2 };

enum status {
	STATUS_OK,
	STATUS_BAD,        /* a request that makes no sense */
	STATUS_VERSION,
	STATUS_NAME_TAKEN,
	STATUS_NAME_BAD,
	STATUS_FULL,       /* the server has no room */
	STATUS_TOO_MANY,   /* from this address */
	STATUS_LIMIT,      /* asked too often */
	STATUS_UNKNOWN,    /* unknown, offline, or does not want to be found */
	STATUS_GONE,       /* was there, is not any more */
	STATUS_STORE,      /* the name cannot be saved at the moment */
	STATUS_COUNT
};

enum { ACCEPT_RELAY = 1 };

/* Payload of ACCEPT: status, flags, name, address, probe port, three times in
 * seconds (1 byte each), number of clients online. */
struct wire_accept {
	uint8_t status;     /* enum status */
	uint8_t flags;      /* ACCEPT_RELAY: this server relays */
	char name[NAME_SIZE]; /* given; or, when refused, a free suggestion */
	struct addr seen;   /* the client's address */
	uint16_t probe_port;/* the second UDP port; 0: none */
	uint8_t beat_min_s, beat_max_s; /* heartbeat, drawn uniformly */
	uint8_t gone_s;     /* silence after which the server drops a client */
	uint32_t online;
};

/* Magic, version, roles and the nonce of the HELLO: PROLOGUE_SERVER_LEN. */
enum {
	PROLOGUE_SERVER_LEN = 16 + NONCE_LEN,
	PROLOGUE_PEER_MAX = 16 + 2 * (1 + NAME_MAX_LEN) + NONCE_LEN,
};
void wire_server_prologue(const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static PROLOGUE_SERVER_LEN]);

/* That of another version, for whom we do not understand any further. */
void wire_server_prologue_of(uint8_t version,
    const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static PROLOGUE_SERVER_LEN]);

/* Magic, version, roles, the requester's and the target's name as in the
 * request, the nonce of the request. Returns the length. */
size_t wire_peer_prologue(const char *requester, const char *target,
    const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static PROLOGUE_PEER_MAX]);

void wire_put_accept(struct wr *w, const struct wire_accept *a);
bool wire_get_accept(struct rd *r, struct wire_accept *a);

/* A name of 1 to NAME_MAX_LEN bytes (0 where it may be absent). wire_get_name
 * sets r->bad for a longer one or one with a NUL; it does not check the rules
 * for names (name_check does). */
void wire_put_name(struct wr *w, const char *name);
void wire_get_name(struct rd *r, char out[static NAME_SIZE]);

/* ---- frames between client and server: type (1), length (2), body ----
 *
 * The address of a client that is registered over TCP is told to its peers with
 * port 0: the port of that connection is of no use to them. */

enum server_frame {
	/* to the server */
	SF_HEARTBEAT = 0x41,  /* seq (4), presence cursor (8; 0: none yet) */
	SF_OBSERVE = 0x42,    /* token (8), enum observe (1); answered by
	                         SF_OBSERVED. Does not move the client's
	                         registered address; HEARTBEAT and CALL do, see
	                         PUSH_PROVE. */
	SF_CALL = 0x43,       /* id (4), enum op (1), body. Repeated with the
	                         same id until answered; doing it twice has the
	                         same effect as once. */
	SF_PUSH_ACK = 0x44,   /* push id (4) */
	/* both ways */
	SF_GOODBYE = 0x45,    /* come back after so many ms (4); 0xffffffff:
	                         never. A client's is answered with one. */
	/* to the client */
	SF_HEARTBEAT_ACK = 0x51, /* seq (4), address seen, presence head (8),
	                            clients online (4) */
	SF_OBSERVED = 0x52,   /* token (8), address seen; ticket (8), if one
	                         was asked for */
	SF_REPLY = 0x53,      /* id (4), status (1), body */
	SF_PUSH = 0x54,       /* push id (4), enum push (1), body; repeated
	                         until acknowledged */
};

enum observe {
	OBSERVE_PLAIN = 0,
	OBSERVE_OTHER_PORT = 1, /* answer from the other UDP port */
	OBSERVE_TICKET = 2,     /* with a ticket for that address */
};

enum op {
	/* prefix (name, may be empty), cursor (4, 0 at first). Reply: next
	 * cursor (4, LIST_END at the end), presence head (8), then entries:
	 * name, key id (8), online for so many seconds (4). A page may be empty
	 * and not the last. */
	OP_LIST = 1,
	/* name. Reply: name, key (32), online for so many seconds (4), flags
	 * (1): LOOKUP_TCP, it is registered over TCP. */
	OP_LOOKUP = 2,
	/* name. Reply: the name in its normal form; on STATUS_NAME_TAKEN a free
	 * suggestion. */
	OP_RENAME = 3,
	/* 1 or 0. Reply: presence head (8). */
	OP_SUBSCRIBE = 4,
	/* 1: not listed, found by exact name only; 0: listed. */
	OP_HIDE = 5,
	/* nonce (16), target's name, target's key (32), message 1. Reply:
	 * empty; STATUS_UNKNOWN when the name is not online with that key. */
	OP_REQUEST = 6,
	/* nonce (16), message 2. Reply: the requester's address, route (8, 0:
	 * no relay): "START". */
	OP_ALLOW = 7,
	/* nonce (16), 1: and block the key. */
	OP_DENY = 8,
	/* nonce (16): the requester does not want any more. */
	OP_CANCEL = 9,
	/* key (32), flags (1: RESUME_NO_RELAY), DATA packet. Reply: 1 if both
	 * have named each other since they registered, then address and route
	 * (8) of the peer, and the packet was forwarded; else 0. */
	OP_RESUME = 10,
	/* key (32): the conversation is over, the route ends. */
	OP_LEAVE = 11,
	/* The caller's name may be given to others from now on. */
	OP_RELEASE = 12,
	/* key (32), 1 or 0: requests from that key are not delivered. */
	OP_BLOCK = 13,
	/* token (8), address, the ticket for it (8): one OBSERVED with the
	 * token and that address goes there. Reply: empty; STATUS_GONE where
	 * the ticket is not, or no longer, good. */
	OP_ECHO = 14,
};

#define LIST_END 0xffffffffu

/* Of message 1, message 2 and RESUME; TCP: the requester is registered so. */
enum { REQUEST_NO_RELAY = 1, REQUEST_TCP = 2 };
enum { LOOKUP_TCP = 1 };

enum push {
	/* nonce (16), requester's name, target's name as asked for,
	 * message 1 */
	PUSH_REQUEST = 1,
	/* nonce (16), the allower's address, route (8), message 2 */
	PUSH_ALLOW = 2,
	/* nonce (16), enum push_end (1): to the requester */
	PUSH_DENY = 3,
	/* nonce (16), enum push_end (1): to the target */
	PUSH_ENDED = 4,
	/* the peer's key (32), address, route (8), DATA packet */
	PUSH_RESUME = 5,
	/* number of the first (8), then events: enum presence (1), name, old
	 * name (empty unless renamed), key id (8). The client acknowledges and
	 * names its cursor in heartbeats; a first number above its cursor means
	 * that it missed some and must list again. */
	PUSH_PRESENCE = 6,
	/* empty: sent to the source of a HEARTBEAT or CALL over UDP that is not
	 * the client's address, beside the answer. Its PUSH_ACK from there
	 * makes it the client's address, to which pushes and relayed packets
	 * go. Until
	 * then answers have at most 3 times the size of what they answer. Not
	 * repeated by itself. */
	PUSH_PROVE = 7,
};

enum push_end { END_DENIED = 1, END_GONE = 2, END_CANCELLED = 3 };

/* ---- frames between peers: type (1), body (self-delimiting) ---- */

enum peer_frame {
	FRAME_PADDING = 0,
	FRAME_PING = 1,   /* token (8) */
	FRAME_PONG = 2,   /* token (8), the address the PING came from */
	FRAME_ACK = 3,    /* chan.h */
	FRAME_STREAM = 4, /* chan.h */
	FRAME_WINDOW = 5, /* chan.h */
	FRAME_CLOSE = 6,  /* enum reason (1): the conversation is over */
};

/* Streams between peers (chan.h). */
enum { STREAM_CONTROL = 0, STREAM_TEXT = 1, STREAM_COUNT = 2 };

/* What a side knows of its NAT, in one byte: enum nat_mapping, and enum
 * nat_filter in the upper four bits (RFC 4787 sections 4.1 and 5). */
enum nat_mapping {
	NAT_UNKNOWN = 0,
	NAT_NONE = 1,     /* its address is its own */
	NAT_EIM = 2,      /* endpoint-independent, as far as two ports show */
	NAT_APDM = 3,     /* another port for every destination */
};

enum nat_filter {
	FILTER_UNKNOWN = 0,
	FILTER_OPEN = 1,  /* lets in other ports of an address sent to, if not
	                     everything */
	FILTER_APDF = 2,  /* only whom it was sent to, port and all */
};

static inline enum nat_mapping
nat_mapping_of(uint8_t nat)
{
	return (enum nat_mapping)(nat & 3);
}

static inline enum nat_filter
nat_filter_of(uint8_t nat)
{
	return (enum nat_filter)(nat >> 4 & 3);
}

/* Messages on the control stream: type (1), body. */
enum control {
	/* generation (4), the sender's NAT (1), its step from one mapping to
	 * the next (2, signed, 0: none known), count (1), candidates: enum
	 * cand_kind (1), address. Replaces those of a lower generation. */
	CONTROL_CANDS = 1,
	/* The sender's TCP: attempt (4), port listened on (2), count (1),
	 * candidates as above. The one who starts an attempt sends it first;
	 * the other dials, answers with its own of the same attempt, and then
	 * the first dials. */
	CONTROL_TCP = 2,
	/* attempt (4), reason (1): no TCP came about, or is not wanted */
	CONTROL_TCP_FAILED = 3,
	/* 1 UDP, 2 TCP: use this transport from now on */
	CONTROL_PREFER = 4,
	/* A fresh handshake under the present keys: epoch (4), the sender's new
	 * index (4), message 1 or 2 of IK with an empty payload. */
	CONTROL_REKEY1 = 5,
	CONTROL_REKEY2 = 6,
	/* name: the sender is called so now */
	CONTROL_NAME = 7,
	/* port (2): the mapping that the sender's NAT made towards us is near
	 * this one */
	CONTROL_NEAR = 8,
	/* lowest (2), highest (2), mask (2), value (2): the sender's NAT gives
	 * it no other ports than those between, whose bits under the mask are
	 * those of the value. */
	CONTROL_PORTS = 9,
};

enum cand_kind {
	CAND_LAN = 1,     /* an interface's own address */
	CAND_SEEN = 2,    /* the server saw it (server-reflexive) */
	CAND_GUESS = 3,   /* public IP with the local port */
	CAND_PEER = 4,    /* the peer saw it (peer-reflexive) */
	CAND_MAPPED = 5,  /* by NAT-PMP, PCP or UPnP */
	CAND_RELAY = 6,
	CAND_TCP = 7,     /* the server saw it over TCP: message 2 only */
};

/* Writes a frame header of the server's form and returns where the body
 * begins; wire_end_frame fills in the length. */
size_t wire_begin_frame(struct wr *w, uint8_t type);
void wire_end_frame(struct wr *w, size_t begin);

/* Reads the next frame: its type, and its body as a reader of its own. False
 * at the end or when it is damaged (then r->bad). */
bool wire_next_frame(struct rd *r, uint8_t *type, struct rd *body);

/* Key id: the first KEY_ID_LEN bytes of SHA-256 of the key. */
void wire_key_id(const uint8_t key[static KEY_LEN],
    uint8_t out[static KEY_ID_LEN]);

/* The word for a status in a log line. */
const char *wire_status_text(uint8_t status);

#endif
