/* Lines that people enter, and those of the history: a command, or a clean
 * complaint. */
#include "fuzz.h"

#include "command.h"
#include "history.h"
#include "name.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static void
check_command(const struct command *cmd, const char *line, size_t len)
{
	char name[NAME_SIZE];

	assert(cmd->id < COMMAND_COUNT && cmd->topic < COMMAND_COUNT);
	assert(cmd->name[0] == '\0' || name_check(cmd->name,
	    strlen(cmd->name), name) == NAME_OK);
	assert(cmd->len <= MSG_MAX);
	assert(cmd->len == 0
	    || (cmd->text >= line && cmd->text + cmd->len <= line + len));
}

static void
check_error(const struct command_error *err)
{
	size_t len = strnlen(err->text, sizeof(err->text));
	char clean[8 * COMMAND_ERROR_SIZE];

	assert(len > 0 && len < sizeof(err->text) && err->code != NULL);
	assert(text_clean_line(err->text, len, clean, sizeof(clean)) == len);
	assert(memcmp(clean, err->text, len) == 0);
}

static void
check_history(const char *line, size_t len)
{
	struct history h;
	char *packed;

	history_init(&h);
	history_unpack(&h, line, len);
	if (h.count > 0) {
		packed = malloc(2 * h.bytes + 1);
		assert(packed != NULL);
		len = history_pack(&h.lines[0], packed, 2 * h.bytes + 1);
		history_unpack(&h, packed, len);
		/* It is equal to the last, so it is not kept. */
		assert(h.count == 1);
		free(packed);
	}
	history_fini(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	struct command cmd;
	struct command_error err;
	struct command_gap gap;

	if (command_parse(line, size, &cmd, &err))
		check_command(&cmd, line, size);
	else
		check_error(&err);
	gap = command_gap(line, size);
	assert(gap.from <= size);
	check_history(line, size);
	return 0;
}
