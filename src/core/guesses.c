#include "guesses.h"

void
guesses_note(struct guesses *g, usec_t now, uint64_t token, uint16_t port)
{
	struct guess_sent *sent = &g->list[g->next];

	g->next = (g->next + 1) % GUESSES_MAX;
	*sent = (struct guess_sent){ .token = token, .at = now, .port = port };
}

bool
guesses_take(struct guesses *g, uint64_t token, uint16_t port, usec_t *at)
{
	int i;

	for (i = 0; token != 0 && i < GUESSES_MAX; i++) {
		struct guess_sent *sent = &g->list[i];

		if (sent->token != token || sent->port != port)
			continue;
		sent->token = 0;
		*at = sent->at;
		return true;
	}
	return false;
}
