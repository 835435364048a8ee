#include "tcp.h"

#include <string.h>

enum { DUPS = 3 };

static void
on_ack(struct tcp *t, const struct pkt *p)
{
	uint32_t delta = p->ack - (t->iss + 1 + (uint32_t)t->una);
	usec_t now = t->host->world->now;
	size_t bytes = delta < t->len ? delta : t->len;

	if (!(p->flags & PKT_ACK) || delta > t->high - t->una || t->fin_acked)
		return;
	if (delta == 0) {
		if (p->len == 0 && tcp_is_waiting(t) && ++t->dups == DUPS) {
			t->nxt = t->una;
			t->timed_at = 0;
			tcp_push(t);
		}
		return;
	}
	t->len -= bytes;
	if (t->len > 0)
		memmove(t->buf, t->buf + bytes, t->len);
	t->una += bytes;
	t->fin_acked = delta > bytes;
	if (t->nxt < t->una)
		t->nxt = t->una;
	t->dups = t->tries = 0;
	if (t->timed_at != 0 && t->una >= t->timed) {
		tcp_measured(t, now - t->timed_at);
		t->timed_at = 0;
	}
	t->timer = 0;
	if (tcp_is_waiting(t))
		tcp_arm(t, t->rto);
}

static void
on_data(struct tcp *t, const struct pkt *p)
{
	bool fin = p->flags & PKT_FIN;

	if (p->len == 0 && !fin)
		return;
	if (p->seq == t->irs + 1 + (uint32_t)t->got && !t->fin_got) {
		if (p->len > 0)
			tcp_tell(t, IN_BYTES, E_OK, p->data, p->len);
		t->got += p->len;
		if (fin) {
			t->got++;
			t->fin_got = true;
		}
	}
	tcp_emit_ack(t);
	if (fin && t->fin_got && t->node != NULL) {
		tcp_tell(t, IN_CLOSED, E_OK, NULL, 0);
		tcp_orphan(t);
	}
}

static void
on_open(struct tcp *t, const struct pkt *p)
{
	if (p->flags & PKT_RST) {
		if (p->seq == t->irs + 1 + (uint32_t)t->got)
			tcp_fail(t, E_DENIED);
		return;
	}
	if (p->flags & PKT_SYN) {
		tcp_emit_ack(t);
		return;
	}
	/* Nobody is there to read: a kernel resets. */
	if (t->node == NULL && p->len > 0) {
		tcp_answer_reset(t->host, p);
		tcp_drop(t);
		return;
	}
	on_ack(t, p);
	tcp_push(t);
	on_data(t, p);
	tcp_finish(t);
}

static void
on_syn_sent(struct tcp *t, const struct pkt *p)
{
	bool acks = (p->flags & PKT_ACK) && p->ack == t->iss + 1;

	if (p->flags & PKT_RST) {
		if (acks)
			tcp_fail(t, E_DENIED);
		return;
	}
	if ((p->flags & PKT_ACK) && !acks) {
		tcp_answer_reset(t->host, p);
		return;
	}
	if (!(p->flags & PKT_SYN))
		return;
	t->irs = p->seq;
	if (acks) {
		tcp_become_open(t);
		tcp_emit_ack(t);
		return;
	}
	t->state = SYN_RCVD;
	t->tries = 0;
	tcp_emit(t, PKT_SYN | PKT_ACK, 0, NULL, 0);
	tcp_arm(t, USEC_S);
}

static void
on_syn_rcvd(struct tcp *t, const struct pkt *p)
{
	if (p->flags & PKT_RST) {
		tcp_fail(t, E_DENIED);
		return;
	}
	if ((p->flags & PKT_SYN) && p->seq != t->irs) {
		tcp_emit_ack(t);
		return;
	}
	if ((p->flags & PKT_ACK) && p->ack == t->iss + 1) {
		tcp_become_open(t);
		if (p->flags & PKT_SYN)
			tcp_emit_ack(t);
		else
			on_open(t, p);
		return;
	}
	if (p->flags & PKT_SYN)
		tcp_emit(t, PKT_SYN | PKT_ACK, 0, NULL, 0);
}

/* Where the listener gets a SYN that a dialled socket waits for, its answer
 * begins with the number of that socket's SYN. */
static void
accept_syn(const struct sock *s, const struct pkt *p, const uint32_t *iss)
{
	struct tcp *t = tcp_add(s->node, -1, s->sock, &p->dst, &p->src);

	if (iss != NULL)
		t->iss = *iss;
	t->state = SYN_RCVD;
	t->irs = p->seq;
	tcp_emit(t, PKT_SYN | PKT_ACK, 0, NULL, 0);
	tcp_arm(t, USEC_S);
}

void
tcp_receive(struct host *h, const struct pkt *p)
{
	struct tcp *t = tcp_find(h, &p->dst, &p->src);
	const struct sock *l = tcp_listener(h, &p->dst);
	bool is_first = (p->flags & PKT_SYN) && !(p->flags & PKT_ACK);
	uint32_t iss = t != NULL ? t->iss : 0;
	bool is_taken = false;

	if (t != NULL && is_first && l != NULL &&
	    (t->state == TIME_WAIT ||
	    (t->state == SYN_SENT && h->syn_to_listener))) {
		is_taken = t->state == SYN_SENT;
		tcp_fail(t, E_TAKEN);
		t = NULL;
	}
	if (t == NULL) {
		if (is_first && l != NULL)
			accept_syn(l, p, is_taken ? &iss : NULL);
		else
			tcp_answer_reset(h, p);
		return;
	}
	switch (t->state) {
	case SYN_SENT:
		on_syn_sent(t, p);
		return;
	case SYN_RCVD:
		on_syn_rcvd(t, p);
		return;
	case OPEN:
		on_open(t, p);
		return;
	case TIME_WAIT:
		/* RFC 1337: a reset does not end it, nor is it answered. */
		if (p->flags & PKT_FIN)
			tcp_emit_ack(t);
		return;
	}
}

/* Errors end only what is not open yet (Linux). */
void
tcp_refused(struct host *h, const struct pkt *p)
{
	struct tcp *t = tcp_find(h, &p->about_src, &p->about_dst);

	if (t != NULL && t->state == SYN_SENT && !t->is_deaf)
		tcp_fail(t, p->error == PKT_PORT ? E_DENIED : E_NONE);
}
