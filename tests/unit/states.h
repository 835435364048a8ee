/* Every state of the screen, as a scene. */
#ifndef STATES_H
#define STATES_H

#include "scene.h"

struct state {
	const char *name;
	void (*make)(struct scene *s);
};

enum { STATES = 24, STATES_OTHERS = 4 };
extern const struct state states[STATES];

/* The one of that name, of a scene that was just begun. */
void states_enter(struct scene *s, const char *name);

/* What they are made of: others who are online, Ann in a chat with one of
 * them, and its round trip. */
extern const char *const states_others[STATES_OTHERS];
void states_at_bob(struct scene *s, enum transport transport);
void states_rtt(struct scene *s, uint32_t ms);

#endif
