#include "face/complete.h"

#include "core/command.h"

#include <string.h>

static enum edit_result
offer_names(struct edit *e, const struct client *c, size_t from)
{
	char names[CHOICES_MAX][NAME_SIZE], prefix[NAME_SIZE];
	const char *texts[CHOICES_MAX];
	size_t count, len = e->text.at - from;

	if (len > NAME_MAX_LEN)
		return EDIT_REFUSED;
	memcpy(prefix, e->text.s + from, len);
	prefix[len] = '\0';
	count = client_names(c, prefix, names, CHOICES_MAX);
	if (count > CHOICES_MAX)
		count = CHOICES_MAX;
	for (size_t i = 0; i < count; i++)
		texts[i] = names[i];
	return edit_offer(e, from, texts, count);
}

enum edit_result
complete(struct edit *e, const struct client *c)
{
	static const char *const answers[] = { "yes", "no" };
	const char *texts[COMMAND_MATCHES_MAX];
	const struct textbuf *b = &e->text;
	struct command_gap gap = command_gap(b->s, b->at);
	size_t len = b->at - gap.from, count = 0;

	switch (gap.kind) {
	case COMMAND_GAP_NONE:
		break;
	case COMMAND_GAP_NAME:
		return offer_names(e, c, gap.from);
	case COMMAND_GAP_COMMAND:
		count = command_matches(b->s + gap.from, len, texts);
		break;
	case COMMAND_GAP_ANSWER:
		for (size_t i = 0; i < 2; i++)
			if (strncmp(answers[i], b->s + gap.from, len) == 0)
				texts[count++] = answers[i];
		break;
	}
	return edit_offer(e, gap.from, texts, count);
}
