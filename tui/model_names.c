#include "tui/model.h"

#include "core/ident.h"
#include "core/name.h"
#include "core/wire.h"

#include <stdio.h>
#include <string.h>

/* Two keys under one name are told apart by the first group of the key. */
static void
put_label(const char *name, const uint8_t *key_id, bool with_key,
    char out[static LABEL_SIZE])
{
	char id[IDENT_SHORT_SIZE];

	ident_short(key_id, id);
	if (with_key)
		snprintf(out, LABEL_SIZE, "%s~%.4s", name, id);
	else
		snprintf(out, LABEL_SIZE, "%s", name);
}

static bool
is_other(const struct chat *c, const char *name, const uint8_t *key_id)
{
	uint8_t id[KEY_ID_LEN];

	if (c == NULL || !c->has_key || !name_same(c->name, name))
		return false;
	wire_key_id(c->key, id);
	return memcmp(id, key_id, KEY_ID_LEN) != 0;
}

static bool
is_double(const struct model *m, const char *name,
    const uint8_t *key_id)
{
	for (int i = 1; i < MODEL_CHATS_MAX; i++)
		if (is_other(m->chats[i], name, key_id))
			return true;
	return false;
}

void
model_label(const struct model *m, const char *name,
    const uint8_t key_id[static KEY_ID_LEN], char out[static LABEL_SIZE])
{
	put_label(name, key_id, is_double(m, name, key_id), out);
}

bool
model_has_chat(const struct model *m, const struct folk *f)
{
	return model_find(m, f->name) != NULL &&
	    !is_double(m, f->name, f->key_id);
}

void
model_chat_label(const struct model *m, const struct chat *c,
    char out[static LABEL_SIZE])
{
	uint8_t id[KEY_ID_LEN] = { 0 };

	if (c->has_key)
		wire_key_id(c->key, id);
	put_label(c->name, id, c->has_key && is_double(m, c->name, id),
	    out);
}

static struct chat *
by_key(const struct model *m, const uint8_t *key)
{
	for (int i = 1; i < MODEL_CHATS_MAX; i++)
		if (m->chats[i] != NULL && m->chats[i]->has_key &&
		    memcmp(m->chats[i]->key, key, KEY_LEN) == 0)
			return m->chats[i];
	return NULL;
}

/* Whatever it is called now, a key has its chat. Another key that had the name
 * keeps what was said, and is not written to any more. */
struct chat *
model_chat_of(struct model *m, const char *name,
    const uint8_t key[static KEY_LEN])
{
	struct chat *c = by_key(m, key), *old = model_find(m, name);

	if (old != NULL && old != c && old->has_key) {
		old->is_former = true;
		old = NULL;
	}
	if (c == NULL)
		c = old != NULL ? old : model_open(m, name);
	if (c == m->chats[0])
		return c;
	memcpy(c->name, name, NAME_SIZE);
	c->is_former = false;
	chat_set_key(c, key);
	return c;
}
