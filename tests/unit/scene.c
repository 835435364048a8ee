#include "scene.h"

#include "runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char drawn[1 << 20];
static char *command_text;

void
scene_init(struct scene *s, int rows, int cols)
{
	memset(s, 0, sizeof(*s));
	s->now = SCENE_NOW;
	s->wall_s = SCENE_WALL;
	must(model_init(&s->m, s->now), "no memory");
	snprintf(s->m.host, sizeof(s->m.host), "rv.example.net:9000");
	model_key(&s->m, s->now, s->wall_s, (struct key){ KEYS_FOCUS_IN, 0 });
	scene_resize(s, rows, cols);
}

void
scene_fini(struct scene *s)
{
	model_fini(&s->m);
	grid_fini(&s->grid);
	free(command_text);
	command_text = NULL;
}

void
scene_wait(struct scene *s, usec_t us)
{
	s->wall_s += (int64_t)((s->now + us) / USEC_S - s->now / USEC_S);
	s->now += us;
	model_keys_expire(&s->m, s->now, s->wall_s);
	model_expire(&s->m, s->now);
}

struct event
scene_event(enum event_kind kind, const char *peer)
{
	struct event ev = { .kind = kind, .ok = true };

	snprintf(ev.peer, sizeof(ev.peer), "%s", peer);
	/* Everybody has a key of his own. */
	for (size_t i = 0; i < KEY_LEN; i++)
		ev.key[i] = (uint8_t)(peer[0] + (int)i);
	return ev;
}

void
scene_tell(struct scene *s, const struct event *ev)
{
	model_event(&s->m, s->now, s->wall_s, ev);
}

void
scene_registered(struct scene *s)
{
	struct event ev = scene_event(EV_SERVER, "");

	ev.server = SERVER_REGISTERED;
	scene_tell(s, &ev);
	ev = scene_event(EV_REGISTERED, "Ann");
	ev.addr = addr_v4(203, 0, 113, 5, 61822);
	scene_tell(s, &ev);
}

void
scene_online(struct scene *s, const char *const *names, size_t count)
{
	struct person people[64] = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct event ev = scene_event(EV_CLIENT, names[i]);

		snprintf(people[i].name, NAME_SIZE, "%s", names[i]);
		wire_key_id(ev.key, people[i].key_id);
	}
	model_people(&s->m, people, count, s->m.folk_version + 1);
}

void
scene_asking(struct scene *s, const char *name)
{
	struct event ev = scene_event(EV_CONNECTING, name);

	ev.code = "asking";
	scene_tell(s, &ev);
}

void
scene_request(struct scene *s, const char *name)
{
	struct event ev = scene_event(EV_REQUEST, name);

	ev.ms = 60000;
	scene_tell(s, &ev);
}

void
scene_connected(struct scene *s, const char *name, enum transport transport)
{
	struct event ev = scene_event(EV_CONNECTED, name);

	ev.transport = transport;
	ev.addr = transport == TRANSPORT_RELAY ?
	    addr_v4(192, 0, 2, 1, 9000) : addr_v4(198, 51, 100, 7, 41234);
	ev.ms = 1300;
	scene_tell(s, &ev);
}

void
scene_message(struct scene *s, const char *from, const char *text)
{
	struct event ev = scene_event(EV_MESSAGE, from);

	ev.text = text;
	ev.len = strlen(text);
	scene_tell(s, &ev);
}

void
scene_sent(struct scene *s, const char *to, const char *text, uint64_t id,
    bool delivered)
{
	struct event ev = scene_event(EV_QUEUED, to);

	ev.id = id;
	ev.text = text;
	ev.len = strlen(text);
	scene_tell(s, &ev);
	ev.kind = EV_DELIVERED;
	if (delivered)
		scene_tell(s, &ev);
}

static void
tell_number(struct scene *s, const char *name, bool is_verdict)
{
	struct event ev = scene_event(EV_VERIFY, name);

	ev.ok = is_verdict;
	ev.verified = true;
	ev.text = "12345 67890 12345 67890 12345 67890 "
	    "54321 09876 54321 09876 54321 09876";
	ev.len = strlen(ev.text);
	scene_tell(s, &ev);
}

void
scene_number(struct scene *s, const char *name)
{
	tell_number(s, name, false);
}

void
scene_verified(struct scene *s, const char *name)
{
	tell_number(s, name, true);
}

void
scene_key(struct scene *s, const char *name)
{
	struct key key;

	must(keys_parse(name, &key), "no key is called %s", name);
	model_key(&s->m, s->now, s->wall_s, key);
	model_arrange(&s->m);
}

void
scene_type(struct scene *s, const char *text)
{
	for (; *text != '\0'; text++)
		model_key(&s->m, s->now, s->wall_s,
		    (struct key){ (uint8_t)*text, 0 });
	model_arrange(&s->m);
}

struct command
scene_command(struct scene *s)
{
	struct deed d;

	free(command_text);
	command_text = NULL;
	while (model_next(&s->m, &d)) {
		command_text = d.text;
		if (d.kind == DEED_COMMAND)
			return d.cmd;
		free(d.text);
		command_text = NULL;
	}
	return (struct command){ .id = COMMAND_NONE };
}

void
scene_resize(struct scene *s, int rows, int cols)
{
	model_resize(&s->m, rows, cols);
}

const char *
scene_draw(struct scene *s)
{
	size_t len = 0;

	model_arrange(&s->m);
	must(grid_resize(&s->grid, s->m.rows, s->m.cols), "no memory");
	view_draw(&s->m, s->now, s->wall_s, &s->grid);
	drawn[0] = '\0';
	for (int row = 0; row < s->grid.rows; row++) {
		len += grid_text(&s->grid, row, drawn + len,
		    sizeof(drawn) - len - 1);
		drawn[len++] = '\n';
		drawn[len] = '\0';
	}
	return drawn;
}

bool
scene_shows(struct scene *s, const char *text)
{
	return strstr(scene_draw(s), text) != NULL;
}

void
scene_line_is(const struct scene *s, const char *want)
{
	ck_assert_str_eq(s->m.edit.text.s, want);
}

void
scene_next_is(struct scene *s, enum command_id id, const char *name)
{
	struct command cmd = scene_command(s);

	ck_assert_int_eq(cmd.id, id);
	ck_assert_str_eq(cmd.name, name);
}
