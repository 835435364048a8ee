/* What would make a link direct that is not: for `why` and for faces. */
#ifndef ADVICE_H
#define ADVICE_H

enum advice {
	ADVICE_MAP_OWN,   /* a port at our router */
	ADVICE_MAP_PEER,
	ADVICE_UDP_OWN,   /* no UDP gets out here */
	ADVICE_UDP_PEER,
	ADVICE_IPV6_OWN,  /* the peer has it */
	ADVICE_IPV6_PEER,
	ADVICE_IPV6_BOTH,
	ADVICE_TCP,       /* was not tried yet */
	ADVICE_COUNT
};

/* For programs; never changes. */
const char *advice_token(enum advice advice);

/* A sentence for people. */
const char *advice_text(enum advice advice);

#endif
