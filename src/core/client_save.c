#include "client_state.h"

#include "err.h"
#include "knownfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The buffers of a save must stay as they are until it was taken: files are
 * written when nothing else waits, however often they changed meanwhile. */
void
client_save_changed(struct client *c)
{
	size_t len;

	/* What failed is tried again with the next one, and at the end. */
	if (c->is_unsaved &&
	    (c->has_new_peers || c->has_new_servers || c->is_leaving)) {
		c->has_new_peers = c->has_new_servers = true;
		c->is_unsaved = false;
	}
	if (c->has_new_peers) {
		free(c->save_peers);
		c->save_peers = knownfile_write_peers(c->known, &len);
		if (c->save_peers != NULL)
			outbox_save(&c->self.out, CLIENT_FILE_PEERS, 0,
			    c->save_peers, len);
	}
	if (c->has_new_servers) {
		free(c->save_servers);
		c->save_servers = knownfile_write_servers(c->known, &len);
		if (c->save_servers != NULL)
			outbox_save(&c->self.out, CLIENT_FILE_SERVERS, 0,
			    c->save_servers, len);
	}
	c->has_new_peers = c->has_new_servers = false;
}

void
client_save_known(struct client *c)
{
	c->has_new_peers = true;
}

static void
notice(struct client *c, const char *code, const char *text)
{
	const size_t len = strlen(text);
	struct event *e = outbox_event(&c->self.out, EV_NOTICE);
	const uint8_t *kept = outbox_keep(&c->self.out, text, len);

	e->code = code;
	e->text = (const char *)kept;
	e->len = kept != NULL ? len : 0;
}

void
client_tell_full(struct client *c, const char *whose, const char *file)
{
	char text[512];

	snprintf(text, sizeof text, "the key of %s cannot be remembered, so "
	    "nobody will notice if it changes: the file %s of the profile is "
	    "full; leave, and delete lines of it that are not needed", whose,
	    file);
	notice(c, "known-full", text);
}

void
client_saved(struct client *c, const struct input *in)
{
	char text[512];

	if (in->err == E_OK)
		return;
	c->is_unsaved = true;
	snprintf(text, sizeof text, "what is known of keys is not saved%s%s",
	    in->text != NULL ? ": " : "", in->text != NULL ? in->text : "");
	notice(c, "not-saved", text);
}
