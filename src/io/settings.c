#include "config.h"

#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 65536, VARIABLE_MAX = 64 };

/* Reads at most FILE_MAX bytes; -1 and errno if there are more or it fails. */
static ssize_t
read_whole(const char *path, char *buf)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n = 0, len = 0;

	if (fd < 0)
		return -1;
	while (len <= FILE_MAX) {
		n = read(fd, buf + len, (size_t)(FILE_MAX + 1 - len));
		if (n <= 0)
			break;
		len += n;
	}
	if (n >= 0 && len > FILE_MAX)
		errno = EFBIG;
	close(fd);
	return n < 0 || len > FILE_MAX ? -1 : len;
}

bool
settings_read_file(const struct conf_option *table, const char *path,
    bool must_be, void *conf, char why[static WHY_SIZE])
{
	struct conf_error err = { 0 };
	char *text = malloc(FILE_MAX + 1);
	ssize_t len = text != NULL ? read_whole(path, text) : -1;
	bool is_good = len >= 0;

	if (!is_good && errno == ENOENT && !must_be)
		is_good = true;
	else if (!is_good)
		why_say(why, 0, "cannot read the configuration %s: %s", path,
		    strerror(errno));
	else if (!conf_read(table, text, (size_t)len, conf, &err))
		is_good = why_say(why, false, "%s:%u: %s", path,
		    (unsigned int)err.line, err.text);
	free(text);
	return is_good;
}

static void
name_of_variable(const char *prefix, const char *key,
    char out[static VARIABLE_MAX])
{
	snprintf(out, VARIABLE_MAX, "%s%s", prefix, key);
	for (char *p = out; *p != '\0'; p++) {
		if (*p == '-')
			*p = '_';
		else if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	}
}

bool
settings_read_environment(const struct conf_option *table, const char *prefix,
    void *conf, char why[static WHY_SIZE])
{
	struct conf_error err = { 0 };
	char name[VARIABLE_MAX];

	for (; table->name != NULL; table++) {
		const char *value;

		if ((table->place & CONF_IN_FILE) == 0)
			continue;
		name_of_variable(prefix, table->name, name);
		value = getenv(name);
		if (value == NULL || value[0] == '\0')
			continue;
		if (!conf_set(table, (struct slice){ value, strlen(value) },
		    conf, &err))
			return why_say(why, false, "%s: %s", name, err.text);
	}
	return true;
}
