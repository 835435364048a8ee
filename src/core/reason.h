/* Why something ended or did not come about: a stable token for programs, a
 * sentence for people, and what they can do. */
#ifndef REASON_H
#define REASON_H

enum reason {
	REASON_NONE,
	/* requests and conversations */
	REASON_DENIED,        /* the peer said no */
	REASON_TIMEOUT,       /* nobody answered in 60 s */
	REASON_UNKNOWN_NAME,  /* nobody online has that name */
	REASON_GONE,          /* the peer left */
	REASON_CANCELLED,     /* by whoever asked */
	REASON_ALLOWED,       /* the request became a conversation */
	REASON_CLOSED,        /* the peer ended the conversation */
	REASON_LEFT,          /* we ended it */
	REASON_LOST,          /* no path for too long */
	REASON_KEY_CHANGED,   /* the name is used with another key */
	REASON_BLOCKED,       /* by our own block list */
	REASON_BUSY,          /* too many requests or conversations */
	REASON_RATE,          /* asked too often */
	REASON_PROTOCOL,      /* the peer broke the rules */
	REASON_SELF,          /* that is us */
	/* paths */
	REASON_NO_PATH,       /* nothing got through, and no relay */
	REASON_RELAY_OFF,     /* the server does not relay */
	REASON_RELAY_REFUSED, /* --no-relay here or there */
	REASON_NAT_HARD,      /* both NATs change ports for every peer */
	REASON_NAT_HALF,      /* one does, and the other lets nobody else in */
	REASON_NO_DIRECT,     /* probes were sent, none came through */
	REASON_UDP_BLOCKED,   /* no UDP comes through at all */
	REASON_TCP_FAILED,    /* no TCP connection within 10 s */
	REASON_PATH_LOST,     /* the path in use went silent */
	REASON_PATH_BETTER,   /* a better path was found */
	REASON_ASKED,         /* `tcp` or `udp` was typed */
	/* server */
	REASON_SERVER_SILENT, /* no answer for 10 s */
	REASON_SERVER_STOPPED,/* it said goodbye */
	REASON_SERVER_FULL,
	REASON_SERVER_KEY,    /* its key is not the pinned one */
	REASON_SERVER_VERSION,/* it speaks another version */
	REASON_SERVER_STORE,  /* it cannot save names at the moment */
	REASON_RESOLVE,       /* the host name was not found */
	REASON_NAME_TAKEN,
	REASON_NAME_BAD,
	REASON_PORT_TAKEN,    /* our own port is in use */
	REASON_EXIT,          /* we are leaving */
	REASON_NETWORK,       /* no network here */
	REASON_RENEWED,       /* a new conversation takes its place */
	REASON_LOSSY,         /* the direct path loses too much */
	REASON_TCP_HARD,      /* TCP: both NATs change ports for every peer */
	REASON_TCP_PORTS,     /* TCP: a NAT has no ports left to guess with */
	REASON_PORT_DENIED,   /* our own port is not for us */
	REASON_COUNT
};

/* "name-taken": for programs; never changes. */
const char *reason_token(enum reason reason);

/* "another client uses that name": half a sentence for people. */
const char *reason_text(enum reason reason);

/* What to do next, a sentence; "" where nothing helps. */
const char *reason_remedy(enum reason reason);

#endif
