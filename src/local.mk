# The order of the sources is the layering: a file of the core includes only
# its own header and those of modules listed above it (tests/layers.sh).
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	%D%/core/usec.h \
	%D%/core/limit.h \
	%D%/core/err.h \
	%D%/core/bytes.h %D%/core/bytes.c \
	%D%/core/rng.h %D%/core/rng.c \
	%D%/core/addr.h %D%/core/addr.c \
	%D%/core/log.h %D%/core/log.c \
	%D%/core/map.h %D%/core/map.c \
	%D%/core/heap.h %D%/core/heap.c \
	%D%/core/bucket.h %D%/core/bucket.c \
	%D%/core/text.h %D%/core/text.c \
	%D%/core/script.h %D%/core/script.c \
	%D%/core/name.h %D%/core/name.c \
	%D%/core/skeleton.h %D%/core/skeleton.c \
	%D%/core/lines.h %D%/core/lines.c \
	%D%/core/conf.h %D%/core/conf.c \
	%D%/core/reason.h %D%/core/reason.c \
	%D%/core/advice.h %D%/core/advice.c \
	%D%/core/event.h %D%/core/act.h \
	%D%/core/outbox.h %D%/core/outbox.c \
	%D%/core/wire.h %D%/core/wire.c \
	%D%/core/outlook.h %D%/core/outlook.c \
	%D%/core/frame.h %D%/core/frame.c \
	%D%/core/natpmp.h %D%/core/natpmp.c \
	%D%/core/pcp.h %D%/core/pcp.c \
	%D%/core/crypt.h %D%/core/crypt.c \
	%D%/core/noise.h %D%/core/noise.c \
	%D%/core/ident.h %D%/core/ident.c \
	%D%/core/known.h %D%/core/known.c \
	%D%/core/knownfile.h %D%/core/knownfile.c \
	%D%/core/session.h %D%/core/session.c \
	%D%/core/cookie.h %D%/core/cookie.c \
	%D%/core/rtt.h %D%/core/rtt.c \
	%D%/core/ranges.h %D%/core/ranges.c \
	%D%/core/flat.h %D%/core/flat.c \
	%D%/core/sendbuf.h %D%/core/sendbuf.c \
	%D%/core/recvbuf.h %D%/core/recvbuf.c \
	%D%/core/acks.h %D%/core/acks.c \
	%D%/core/congest.h %D%/core/congest.c \
	%D%/core/recovery.h %D%/core/recovery.c \
	%D%/core/chan.h %D%/core/chan.c \
	%D%/core/ports.h %D%/core/ports.c \
	%D%/core/keep.h %D%/core/keep.c \
	%D%/core/guesses.h %D%/core/guesses.c \
	%D%/core/self.h %D%/core/self.c \
	%D%/core/cand.h %D%/core/cand.c \
	%D%/core/path.h %D%/core/path.c \
	%D%/core/calls.h %D%/core/calls.c \
	%D%/core/uplink.h %D%/core/uplink_state.h \
	%D%/core/uplink.c %D%/core/uplink_join.c %D%/core/uplink_look.c \
	%D%/core/natcheck.h %D%/core/natcheck.c \
	%D%/core/depth.h %D%/core/depth.c \
	%D%/core/lifetime.h %D%/core/lifetime.c \
	%D%/core/portmap.h \
	%D%/core/portmap_ask.h %D%/core/portmap_ask.c \
	%D%/core/portmap_lease.h %D%/core/portmap_lease.c \
	%D%/core/portmap_hear.h %D%/core/portmap_hear.c \
	%D%/core/portmap.c \
	%D%/core/link.h %D%/core/link_state.h \
	%D%/core/link.c %D%/core/link_paths.c \
	%D%/core/punch.h %D%/core/punch.c \
	%D%/core/spray.h %D%/core/spray.c \
	%D%/core/tcpswitch.h \
	%D%/core/peer.h %D%/core/peer.c \
	%D%/core/command.h %D%/core/command.c \
	%D%/core/backdrop.h %D%/core/backdrop.c \
	%D%/core/keys.h %D%/core/keys.c %D%/core/keys_name.c \
	%D%/core/textbuf.h %D%/core/textbuf.c \
	%D%/core/history.h %D%/core/history.c \
	%D%/core/recall.h %D%/core/recall.c \
	%D%/core/choices.h %D%/core/choices.c \
	%D%/core/paste.h %D%/core/paste.c \
	%D%/core/kills.h %D%/core/kills.c \
	%D%/core/edit.h %D%/core/edit.c \
	%D%/core/client.h %D%/core/client_state.h \
	%D%/core/client.c \
	%D%/core/client_net.c %D%/core/client_news.c \
	%D%/core/client_map.c %D%/core/client_nat.c \
	%D%/core/client_do.c \
	%D%/core/client_peers.c \
	%D%/core/client_ask.c %D%/core/client_intro.c \
	%D%/core/client_talk.c %D%/core/client_resume.c \
	%D%/core/client_tcp.c %D%/core/client_tcpauto.c \
	%D%/core/client_stream.c \
	%D%/core/client_spray.c %D%/core/client_near.c \
	%D%/core/client_tcpspray.c \
	%D%/core/client_reroll.c \
	%D%/core/client_rekey.c \
	%D%/core/client_list.c \
	%D%/core/client_trust.c \
	%D%/core/client_netcheck.c %D%/core/client_name.c \
	%D%/core/client_save.c \
	%D%/core/client_peek.c

# The server and its parts.
libcore_a_SOURCES += \
	%D%/core/server.h \
	%D%/core/fifo.h %D%/core/fifo.c \
	%D%/core/site.h %D%/core/site.c \
	%D%/core/registry.h %D%/core/registry.c \
	%D%/core/presence.h %D%/core/presence.c \
	%D%/core/push.h %D%/core/push.c \
	%D%/core/relay.h %D%/core/relay.c \
	%D%/core/rendezvous.h %D%/core/rendezvous.c \
	%D%/core/block.h %D%/core/block.c \
	%D%/core/stream.h %D%/core/stream.c \
	%D%/core/hub.h %D%/core/hub.c \
	%D%/core/gate.h %D%/core/gate.c \
	%D%/core/ledger.h %D%/core/ledger.c \
	%D%/core/introduce.h %D%/core/introduce.c \
	%D%/core/enroll.h %D%/core/enroll.c \
	%D%/core/answer.h %D%/core/answer.c \
	%D%/core/intake.h %D%/core/intake.c \
	%D%/core/server.c

CORE_LIBS = libcore.a $(SODIUM_LIBS) $(UTF8PROC_LIBS)

# What the clients show.
noinst_LIBRARIES += libface.a
libface_a_SOURCES = \
	%D%/face/str.h %D%/face/str.c \
	%D%/face/json.h %D%/face/json.c \
	%D%/face/words.h %D%/face/words.c \
	%D%/face/rows.h %D%/face/rows.c \
	%D%/face/report.h %D%/face/report.c \
	%D%/face/warn.h %D%/face/warn.c \
	%D%/face/say.h %D%/face/say.c \
	%D%/face/paint.h %D%/face/paint.c \
	%D%/face/agenda.h %D%/face/agenda.c \
	%D%/face/complete.h %D%/face/complete.c \
	%D%/face/line.h %D%/face/line_state.h %D%/face/line.c \
	%D%/face/line_tty.c %D%/face/line_script.c

FACE_LIBS = libface.a $(CORE_LIBS) $(JANSSON_LIBS)

# The edge: what touches the machine.
noinst_LIBRARIES += libio.a
libio_a_SOURCES = \
	%D%/io/clock.h %D%/io/clock.c \
	%D%/io/why.h %D%/io/why.c \
	%D%/io/loop.h %D%/io/loop.c \
	%D%/io/sock.h %D%/io/sock.c \
	%D%/io/refusal.h %D%/io/refusal.c \
	%D%/io/udp.h %D%/io/udp.c \
	%D%/io/tcp.h %D%/io/tcp.c \
	%D%/io/listen.h %D%/io/listen.c \
	%D%/io/child.h %D%/io/child.c \
	%D%/io/resolve.h %D%/io/resolve.c \
	%D%/io/gateways.h %D%/io/gateways.c \
	%D%/io/netif.h %D%/io/netif.c \
	%D%/io/jail.h %D%/io/jail.c \
	%D%/io/upnp.h %D%/io/upnp.c \
	%D%/io/saver.h %D%/io/saver.c \
	%D%/io/table.h %D%/io/table.c \
	%D%/io/results.h %D%/io/results.c \
	%D%/io/host.h %D%/io/host.c \
	%D%/io/args.h %D%/io/args.c \
	%D%/io/settings.h %D%/io/settings.c \
	%D%/io/app.h %D%/io/app.c \
	%D%/io/folder.h %D%/io/folder.c \
	%D%/io/keyfile.h %D%/io/keyfile.c \
	%D%/io/xdg.h %D%/io/xdg.c \
	%D%/io/profile.h %D%/io/profile.c \
	%D%/io/names.h %D%/io/names.c \
	%D%/io/logsink.h %D%/io/logsink.c \
	%D%/io/notify.h %D%/io/notify.c \
	%D%/io/looks.h %D%/io/looks.c \
	%D%/io/harden.h %D%/io/harden.c \
	%D%/io/sandbox.h %D%/io/sandbox.c \
	%D%/io/term.h %D%/io/term.c

IO_LIBS = libio.a $(CORE_LIBS) $(EV_LIBS) $(SQLITE_LIBS)

if HAVE_ICU
noinst_PROGRAMS += %D%/io/looks_make
%C%_io_looks_make_SOURCES = %D%/io/looks_make.c
%C%_io_looks_make_LDADD = $(ICU_LIBS)
%D%/io/looks.$(OBJEXT): %D%/io/looks_table.inc
%D%/io/looks_table.inc: %D%/io/looks_make$(EXEEXT)
	$(AM_V_GEN)./$< >$@.new && mv $@.new $@
CLEANFILES += %D%/io/looks_table.inc
endif

bin_PROGRAMS += gop2pd gop2p
gop2pd_SOURCES = %D%/gop2pd.c %D%/gop2pd_options.h %D%/gop2pd_options.c
gop2pd_LDADD = $(IO_LIBS) $(SECCOMP_LIBS)
gop2p_SOURCES = %D%/gop2p.c
gop2p_LDADD = libface.a $(IO_LIBS) $(JANSSON_LIBS) $(MINIUPNPC_LIBS)
