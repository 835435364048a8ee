/* Results of functions that can fail for more than one reason: 0 or one of
 * these. The header of the function says which ones. */
#ifndef ERR_H
#define ERR_H

enum err {
	E_OK = 0,
	E_SHORT = -1,  /* input ends too early */
	E_BAD = -2,    /* input breaks the format */
	E_AUTH = -3,   /* not authentic */
	E_REPLAY = -4, /* seen before, or too old to tell */
	E_STATE = -5,  /* not now */
	E_FULL = -6,   /* a table or a buffer has no room */
	E_LIMIT = -7,  /* over a rate or a quota */
	E_DENIED = -8, /* refused by policy */
	E_AGAIN = -9,  /* nothing to do at the moment */
	E_NONE = -10,  /* no such thing */
	E_TAKEN = -11, /* somebody else has it */
	E_IO = -12,    /* the edge could not carry it out */
};

#endif
