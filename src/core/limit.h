/* Everything has a limit, and the limit has a name. */
#ifndef LIMIT_H
#define LIMIT_H

enum {
	KEY_LEN = 32,           /* X25519 keys, public and secret */
	NAME_MAX_LEN = 32,      /* bytes of a name, UTF-8 in NFC */
	NAME_SIZE = NAME_MAX_LEN + 1,
	NAME_FOLD_SIZE = 64,
	SKELETON_SIZE = 64,     /* what a name looks like */
	TEXT_MARKS_MAX = 4,     /* combining marks a base character */
	HOST_SIZE = 254,        /* a DNS name with NUL */

	DGRAM_MAX = 1232,       /* a datagram we send: 1280 (IPv6 minimum MTU)
	                           less IPv6 and UDP headers */
	DGRAM_BUF = 2048,       /* a datagram we receive; longer ones are cut
	                           and fail authentication */
	FRAME_MAX = 16384,      /* a packet on a stream, after its length */

	MSG_MAX = 65536,        /* bytes of a message */
	/* Of each conversation: bytes of a stream that may be under way or
	 * incomplete (64 peers: 8 MiB, security.md M7) and bytes that may wait
	 * in the sender. 7/8 of powers of two: flat.h. */
	CHAN_TEXT_WINDOW = 114688,
	CHAN_CONTROL_WINDOW = 14336,
	CHAN_CONTROL_MSG_MAX = 8192,
	CHAN_SEND_MAX = 3670016,
	CHAN_CONTROL_SEND_MAX = 57344,

	KNOWN_PEERS_MAX = 4096, /* keys of people in the trust store */
	KNOWN_SERVERS_MAX = 256,/* keys of servers in it */
	KNOWN_FILE_MAX = 1048576, /* bytes of one of its files */
	KNOWN_LINE_MAX = 512,   /* bytes of a line of it that is an entry */
	KNOWN_REST_MAX = 16384, /* bytes of its comments and strange lines */

	PEERS_MAX = 64,         /* conversations of a client */
	REQUESTS_MAX = 32,      /* pending requests at a client */
	CANDS_MAX = 16,         /* candidate addresses of a peer (P3) */
	PATHS_MAX = 24,         /* addresses under trial or in use, per peer */
	LOCAL_ADDRS_MAX = 16,   /* own interface addresses that are kept */
	RESOLVED_MAX = 8,       /* addresses of a host name that are tried */
	HOPS_MAX = 6,           /* routers on our way out that are looked at */
};

#endif
