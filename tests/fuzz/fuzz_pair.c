/* Two chans over paths on which every fate of every packet is a byte of the
 * input. In the end every message has arrived once, in order and unaltered
 * (pair.c checks it). */
#include "fuzz.h"

#include "pair.h"

static void
act(struct pair *p)
{
	int from = (int)pair_draw(p, 2);
	struct pair_end *e = &p->end[from];

	switch (pair_draw(p, 8)) {
	case 0:
		e->path = 1 - e->path;
		chan_path_changed(&e->chan, p->now,
		    pair_draw(p, 256) * USEC_MS, pair_draw(p, 2) == 0);
		break;
	case 1:
		e->copies = !e->copies;
		break;
	case 2:
		e->is_slow = !e->is_slow;
		break;
	case 3:
		pair_send(p, from, STREAM_CONTROL, 1 + pair_draw(p, 8));
		break;
	default:
		pair_send(p, from, STREAM_TEXT, 1 + pair_draw(p, 16));
	}
	pair_run(p, p->now + pair_draw(p, 256) * 2 * USEC_MS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool is_complete;
	struct pair p;

	pair_init(&p, 1);
	p.bytes = data;
	p.byte_count = size;
	for (int i = 0; i < PAIR_PATHS; i++) {
		p.path[i].delay = pair_draw(&p, 256) * USEC_MS;
		p.path[i].jitter = 100 * USEC_MS;
		p.path[i].loss_permille = 300;
		p.path[i].twice_permille = 200;
	}
	p.len_max += pair_draw(&p, 256) * 4;
	for (int i = 0; i < 20 && p.byte_count > 0; i++)
		act(&p);
	p.end[0].is_slow = p.end[1].is_slow = false;
	/* No faults any more. */
	p.byte_count = 0;
	is_complete = pair_run(&p, p.now + 100 * USEC_S);
	assert(is_complete);
	pair_fini(&p);
	return 0;
}
