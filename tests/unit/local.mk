# To add a module: a line in UNIT_TESTS and two lines below it.
if HAVE_CHECK
check_LIBRARIES += librunner.a
librunner_a_SOURCES = %D%/runner.c %D%/runner.h
librunner_a_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
UNIT_LIBS = librunner.a $(CORE_LIBS) $(CHECK_LIBS)

UNIT_TESTS = \
	%D%/check_bytes \
	%D%/check_rng \
	%D%/check_addr \
	%D%/check_log \
	%D%/check_map \
	%D%/check_heap \
	%D%/check_bucket \
	%D%/check_text \
	%D%/check_text_vectors \
	%D%/check_name \
	%D%/check_skeleton \
	%D%/check_conf
check_PROGRAMS += $(UNIT_TESTS)

%C%_check_bytes_SOURCES = %D%/check_bytes.c
%C%_check_bytes_LDADD = $(UNIT_LIBS)
%C%_check_rng_SOURCES = %D%/check_rng.c
%C%_check_rng_LDADD = $(UNIT_LIBS)
%C%_check_addr_SOURCES = %D%/check_addr.c
%C%_check_addr_LDADD = $(UNIT_LIBS)
%C%_check_log_SOURCES = %D%/check_log.c
%C%_check_log_LDADD = $(UNIT_LIBS)
%C%_check_map_SOURCES = %D%/check_map.c
%C%_check_map_LDADD = $(UNIT_LIBS)
%C%_check_heap_SOURCES = %D%/check_heap.c
%C%_check_heap_LDADD = $(UNIT_LIBS)
%C%_check_bucket_SOURCES = %D%/check_bucket.c
%C%_check_bucket_LDADD = $(UNIT_LIBS)
%C%_check_text_SOURCES = %D%/check_text.c %D%/text_props.c %D%/text_props.h
%C%_check_text_LDADD = $(UNIT_LIBS)
%C%_check_text_vectors_SOURCES = %D%/check_text_vectors.c \
	%D%/text_props.c %D%/text_props.h %D%/vectors.c %D%/vectors.h
%C%_check_text_vectors_LDADD = $(UNIT_LIBS) $(JANSSON_LIBS)
%C%_check_name_SOURCES = %D%/check_name.c
%C%_check_name_LDADD = $(UNIT_LIBS)
%C%_check_skeleton_SOURCES = %D%/check_skeleton.c
%C%_check_skeleton_LDADD = $(UNIT_LIBS)
%C%_check_conf_SOURCES = %D%/check_conf.c
%C%_check_conf_LDADD = $(UNIT_LIBS)

# Secrecy. noise_vectors also runs by hand on any FILE of its format.
UNIT_TESTS += \
	%D%/check_crypt \
	%D%/check_noise \
	%D%/noise_vectors \
	%D%/check_wycheproof \
	%D%/check_session \
	%D%/check_cookie \
	%D%/check_ident \
	%D%/check_lines \
	%D%/check_known \
	%D%/check_knownfile
%C%_check_crypt_SOURCES = %D%/check_crypt.c
%C%_check_crypt_LDADD = $(UNIT_LIBS)
%C%_check_noise_SOURCES = %D%/check_noise.c
%C%_check_noise_LDADD = $(UNIT_LIBS)
%C%_check_wycheproof_SOURCES = %D%/check_wycheproof.c %D%/vectors.c %D%/vectors.h
%C%_check_wycheproof_LDADD = $(UNIT_LIBS) $(JANSSON_LIBS)
%C%_check_session_SOURCES = %D%/check_session.c
%C%_check_session_LDADD = $(UNIT_LIBS)
%C%_check_cookie_SOURCES = %D%/check_cookie.c
%C%_check_cookie_LDADD = $(UNIT_LIBS)
%C%_check_ident_SOURCES = %D%/check_ident.c
%C%_check_ident_LDADD = $(UNIT_LIBS)
%C%_check_lines_SOURCES = %D%/check_lines.c
%C%_check_lines_LDADD = $(UNIT_LIBS)
%C%_check_known_SOURCES = %D%/check_known.c
%C%_check_known_LDADD = $(UNIT_LIBS)
%C%_check_knownfile_SOURCES = %D%/check_knownfile.c
%C%_check_knownfile_LDADD = $(UNIT_LIBS)
%C%_noise_vectors_SOURCES = %D%/noise_vectors.c %D%/vectors.c %D%/vectors.h
%C%_noise_vectors_LDADD = $(CORE_LIBS) $(JANSSON_LIBS)

# Server.
UNIT_TESTS += \
	%D%/check_frame \
	%D%/check_site \
	%D%/check_registry \
	%D%/check_echo \
	%D%/check_presence \
	%D%/check_rendezvous \
	%D%/check_relay \
	%D%/check_gate \
	%D%/check_ledger \
	%D%/check_stream \
	%D%/check_server
SERVER_TEST = %D%/guest.c %D%/guest.h
%C%_check_frame_SOURCES = %D%/check_frame.c
%C%_check_frame_LDADD = $(UNIT_LIBS)
%C%_check_site_SOURCES = %D%/check_site.c
%C%_check_site_LDADD = $(UNIT_LIBS)
%C%_check_registry_SOURCES = %D%/check_registry.c
%C%_check_registry_LDADD = $(UNIT_LIBS)
%C%_check_echo_SOURCES = %D%/check_echo.c $(SERVER_TEST)
%C%_check_echo_LDADD = $(UNIT_LIBS)
%C%_check_presence_SOURCES = %D%/check_presence.c $(SERVER_TEST)
%C%_check_presence_LDADD = $(UNIT_LIBS)
%C%_check_rendezvous_SOURCES = %D%/check_rendezvous.c $(SERVER_TEST)
%C%_check_rendezvous_LDADD = $(UNIT_LIBS)
%C%_check_relay_SOURCES = %D%/check_relay.c $(SERVER_TEST)
%C%_check_relay_LDADD = $(UNIT_LIBS)
%C%_check_gate_SOURCES = %D%/check_gate.c $(SERVER_TEST)
%C%_check_gate_LDADD = $(UNIT_LIBS)
%C%_check_ledger_SOURCES = %D%/check_ledger.c $(SERVER_TEST)
%C%_check_ledger_LDADD = $(UNIT_LIBS)
%C%_check_stream_SOURCES = %D%/check_stream.c $(SERVER_TEST)
%C%_check_stream_LDADD = $(UNIT_LIBS)
%C%_check_server_SOURCES = %D%/check_server.c $(SERVER_TEST)
%C%_check_server_LDADD = $(UNIT_LIBS)

# What both faces share.
UNIT_TESTS += \
	%D%/check_command \
	%D%/check_keys \
	%D%/check_history \
	%D%/check_edit
%C%_check_command_SOURCES = %D%/check_command.c
%C%_check_command_LDADD = $(UNIT_LIBS)
%C%_check_keys_SOURCES = %D%/check_keys.c
%C%_check_keys_LDADD = $(UNIT_LIBS)
%C%_check_history_SOURCES = %D%/check_history.c
%C%_check_history_LDADD = $(UNIT_LIBS)
%C%_check_edit_SOURCES = %D%/check_edit.c
%C%_check_edit_LDADD = $(UNIT_LIBS)

# The faces.
FACE_UNIT_LIBS = librunner.a $(FACE_LIBS) $(CHECK_LIBS)
UNIT_TESTS += \
	%D%/check_json \
	%D%/check_say \
	%D%/check_paint \
	%D%/check_agenda
%C%_check_json_SOURCES = %D%/check_json.c
%C%_check_json_LDADD = $(FACE_UNIT_LIBS)
%C%_check_say_SOURCES = %D%/check_say.c
%C%_check_say_LDADD = $(FACE_UNIT_LIBS)
%C%_check_paint_SOURCES = %D%/check_paint.c
%C%_check_paint_LDADD = $(FACE_UNIT_LIBS)
%C%_check_agenda_SOURCES = %D%/check_agenda.c
%C%_check_agenda_LDADD = $(FACE_UNIT_LIBS)

# The full-screen client without its terminal.
SCENE = %D%/scene.c %D%/scene.h
STATES = $(SCENE) %D%/states.c %D%/states.h
TUI_UNIT_LIBS = librunner.a $(TUI_LIBS) $(CHECK_LIBS)
TUI_UNIT_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
UNIT_TESTS += \
	%D%/check_grid \
	%D%/check_layout \
	%D%/check_keymap \
	%D%/check_model \
	%D%/check_typing \
	%D%/check_prefs \
	%D%/check_hostile \
	%D%/check_qr \
	%D%/check_views
%C%_check_grid_SOURCES = %D%/check_grid.c
%C%_check_grid_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_grid_LDADD = $(TUI_UNIT_LIBS)
%C%_check_layout_SOURCES = %D%/check_layout.c
%C%_check_layout_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_layout_LDADD = $(TUI_UNIT_LIBS)
%C%_check_keymap_SOURCES = %D%/check_keymap.c
%C%_check_keymap_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_keymap_LDADD = $(TUI_UNIT_LIBS)
%C%_check_model_SOURCES = %D%/check_model.c $(SCENE)
%C%_check_model_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_model_LDADD = $(TUI_UNIT_LIBS)
%C%_check_hostile_SOURCES = %D%/check_hostile.c $(SCENE) \
	%D%/text_props.c %D%/text_props.h
%C%_check_hostile_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_hostile_LDADD = $(TUI_UNIT_LIBS)
%C%_check_typing_SOURCES = %D%/check_typing.c $(SCENE)
%C%_check_typing_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_typing_LDADD = $(TUI_UNIT_LIBS)
%C%_check_prefs_SOURCES = %D%/check_prefs.c $(SCENE)
%C%_check_prefs_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_prefs_LDADD = $(TUI_UNIT_LIBS)
%C%_check_qr_SOURCES = %D%/check_qr.c $(SCENE)
%C%_check_qr_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_qr_LDADD = $(TUI_UNIT_LIBS)
%C%_check_views_SOURCES = %D%/check_views.c $(STATES)
%C%_check_views_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_views_LDADD = $(TUI_UNIT_LIBS)

# And with it.
METER = %D%/meter.c %D%/meter.h $(STATES) tui/screen.h tui/screen.c
METER_CFLAGS = $(AM_CFLAGS) $(CURSES_CFLAGS)
METER_LIBS = $(TUI_UNIT_LIBS) $(CURSES_LIBS)
if TUI
UNIT_TESTS += %D%/check_screen
%C%_check_screen_SOURCES = %D%/check_screen.c $(METER)
%C%_check_screen_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_check_screen_CFLAGS = $(METER_CFLAGS)
%C%_check_screen_LDADD = $(METER_LIBS)
endif

# Transport.
UNIT_TESTS += \
	%D%/check_rtt \
	%D%/check_ranges \
	%D%/check_flat \
	%D%/check_sendbuf \
	%D%/check_recvbuf \
	%D%/check_acks \
	%D%/check_congest \
	%D%/check_recovery \
	%D%/check_chan \
	%D%/check_chan_paths \
	%D%/check_chan_hostile
%C%_check_rtt_SOURCES = %D%/check_rtt.c
%C%_check_rtt_LDADD = $(UNIT_LIBS)
%C%_check_ranges_SOURCES = %D%/check_ranges.c
%C%_check_ranges_LDADD = $(UNIT_LIBS)
%C%_check_flat_SOURCES = %D%/check_flat.c
%C%_check_flat_LDADD = $(UNIT_LIBS)
%C%_check_sendbuf_SOURCES = %D%/check_sendbuf.c
%C%_check_sendbuf_LDADD = $(UNIT_LIBS)
%C%_check_recvbuf_SOURCES = %D%/check_recvbuf.c
%C%_check_recvbuf_LDADD = $(UNIT_LIBS)
%C%_check_acks_SOURCES = %D%/check_acks.c
%C%_check_acks_LDADD = $(UNIT_LIBS)
%C%_check_congest_SOURCES = %D%/check_congest.c
%C%_check_congest_LDADD = $(UNIT_LIBS)
%C%_check_recovery_SOURCES = %D%/check_recovery.c
%C%_check_recovery_LDADD = $(UNIT_LIBS)
%C%_check_chan_SOURCES = %D%/check_chan.c %D%/pair.c %D%/pair.h
%C%_check_chan_LDADD = $(UNIT_LIBS)
%C%_check_chan_paths_SOURCES = %D%/check_chan_paths.c %D%/pair.c %D%/pair.h
%C%_check_chan_paths_LDADD = $(UNIT_LIBS)
# Its malloc fails when the test wants it.
%C%_check_chan_paths_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=realloc
%C%_check_chan_hostile_SOURCES = %D%/check_chan_hostile.c
%C%_check_chan_hostile_LDADD = $(UNIT_LIBS)

# Traversal.
UNIT_TESTS += \
	%D%/check_natpmp \
	%D%/check_pcp \
	%D%/check_portmap \
	%D%/check_portmap_hostile \
	%D%/check_cand \
	%D%/check_outlook \
	%D%/check_path \
	%D%/check_natcheck \
	%D%/check_depth \
	%D%/check_lifetime \
	%D%/check_punch \
	%D%/check_spray \
	%D%/check_ports \
	%D%/check_keep \
	%D%/check_link \
	%D%/check_peer
%C%_check_natpmp_SOURCES = %D%/check_natpmp.c
%C%_check_natpmp_LDADD = $(UNIT_LIBS)
%C%_check_pcp_SOURCES = %D%/check_pcp.c
%C%_check_pcp_LDADD = $(UNIT_LIBS)
%C%_check_portmap_SOURCES = %D%/check_portmap.c %D%/asker.c %D%/asker.h
%C%_check_portmap_LDADD = $(UNIT_LIBS)
%C%_check_portmap_hostile_SOURCES = %D%/check_portmap_hostile.c \
	%D%/asker.c %D%/asker.h
%C%_check_portmap_hostile_LDADD = $(UNIT_LIBS)
%C%_check_outlook_SOURCES = %D%/check_outlook.c
%C%_check_outlook_LDADD = $(UNIT_LIBS)
%C%_check_cand_SOURCES = %D%/check_cand.c
%C%_check_cand_LDADD = $(UNIT_LIBS)
%C%_check_path_SOURCES = %D%/check_path.c
%C%_check_path_LDADD = $(UNIT_LIBS)
%C%_check_natcheck_SOURCES = %D%/check_natcheck.c
%C%_check_natcheck_LDADD = $(UNIT_LIBS)
%C%_check_depth_SOURCES = %D%/check_depth.c
%C%_check_depth_LDADD = $(UNIT_LIBS)
%C%_check_lifetime_SOURCES = %D%/check_lifetime.c
%C%_check_lifetime_LDADD = $(UNIT_LIBS)
%C%_check_punch_SOURCES = %D%/check_punch.c
%C%_check_punch_LDADD = $(UNIT_LIBS)
%C%_check_spray_SOURCES = %D%/check_spray.c
%C%_check_spray_LDADD = $(UNIT_LIBS)
%C%_check_ports_SOURCES = %D%/check_ports.c
%C%_check_ports_LDADD = $(UNIT_LIBS)
%C%_check_keep_SOURCES = %D%/check_keep.c
%C%_check_keep_LDADD = $(UNIT_LIBS)
%C%_check_link_SOURCES = %D%/check_link.c
%C%_check_link_LDADD = $(UNIT_LIBS)
%C%_check_peer_SOURCES = %D%/check_peer.c
%C%_check_peer_LDADD = $(UNIT_LIBS)

# The client's engine.
UNIT_TESTS += \
	%D%/check_calls \
	%D%/check_uplink \
	%D%/check_uplink_stay \
	%D%/check_client \
	%D%/check_client_agree \
	%D%/check_client_hostile \
	%D%/check_client_list \
	%D%/check_client_stay \
	%D%/check_client_trust \
	%D%/check_secrets
%C%_check_calls_SOURCES = %D%/check_calls.c
%C%_check_calls_LDADD = $(UNIT_LIBS)
UPLINK_RIG = %D%/rig.c %D%/rig.h %D%/fake.c %D%/fake.h
%C%_check_uplink_SOURCES = %D%/check_uplink.c $(UPLINK_RIG)
%C%_check_uplink_LDADD = $(UNIT_LIBS)
%C%_check_uplink_stay_SOURCES = %D%/check_uplink_stay.c $(UPLINK_RIG)
%C%_check_uplink_stay_LDADD = $(UNIT_LIBS)
%C%_check_client_SOURCES = %D%/check_client.c %D%/lone.c %D%/lone.h \
	%D%/fake.c %D%/fake.h
%C%_check_client_LDADD = $(UNIT_LIBS)
%C%_check_client_agree_SOURCES = %D%/check_client_agree.c %D%/lone.c \
	%D%/lone.h %D%/fake.c %D%/fake.h
%C%_check_client_agree_LDADD = $(UNIT_LIBS)
%C%_check_client_hostile_SOURCES = %D%/check_client_hostile.c \
	%D%/lone.c %D%/lone.h %D%/fake.c %D%/fake.h
%C%_check_client_hostile_LDADD = $(UNIT_LIBS)
%C%_check_client_list_SOURCES = %D%/check_client_list.c %D%/lone.c \
	%D%/lone.h %D%/fake.c %D%/fake.h
%C%_check_client_list_LDADD = $(UNIT_LIBS)
%C%_check_secrets_SOURCES = %D%/check_secrets.c \
	%D%/lone.c %D%/lone.h %D%/fake.c %D%/fake.h
%C%_check_secrets_LDADD = $(UNIT_LIBS)
%C%_check_client_stay_SOURCES = %D%/check_client_stay.c %D%/lone.c \
	%D%/lone.h %D%/fake.c %D%/fake.h
%C%_check_client_stay_LDADD = $(UNIT_LIBS)
%C%_check_client_trust_SOURCES = %D%/check_client_trust.c \
	%D%/lone.c %D%/lone.h %D%/fake.c %D%/fake.h
%C%_check_client_trust_LDADD = $(UNIT_LIBS)

# The edge: on loopback, in real time.
UNIT_TESTS += \
	%D%/check_loop \
	%D%/check_host \
	%D%/check_tcp \
	%D%/check_gateways \
	%D%/check_upnp \
	%D%/check_jail \
	%D%/check_args \
	%D%/check_folder \
	%D%/check_profile \
	%D%/check_names \
	%D%/check_daemon \
	%D%/check_looks \
	%D%/check_settings
EDGE_LIBS = librunner.a $(IO_LIBS) $(CHECK_LIBS) $(MINIUPNPC_LIBS)
%C%_check_loop_SOURCES = %D%/check_loop.c
%C%_check_loop_LDADD = $(EDGE_LIBS)
%C%_check_host_SOURCES = %D%/check_host.c %D%/toy.c %D%/toy.h
%C%_check_host_LDADD = $(EDGE_LIBS)
%C%_check_tcp_SOURCES = %D%/check_tcp.c %D%/toy.c %D%/toy.h
%C%_check_tcp_LDADD = $(EDGE_LIBS)
%C%_check_gateways_SOURCES = %D%/check_gateways.c
%C%_check_gateways_LDADD = $(EDGE_LIBS)
%C%_check_upnp_SOURCES = %D%/check_upnp.c
%C%_check_upnp_LDADD = $(EDGE_LIBS)
%C%_check_jail_SOURCES = %D%/check_jail.c
%C%_check_jail_LDADD = $(EDGE_LIBS)
%C%_check_args_SOURCES = %D%/check_args.c
%C%_check_args_LDADD = $(EDGE_LIBS)
%C%_check_folder_SOURCES = %D%/check_folder.c %D%/scratch.c %D%/scratch.h
%C%_check_folder_LDADD = $(EDGE_LIBS)
%C%_check_profile_SOURCES = %D%/check_profile.c %D%/scratch.c %D%/scratch.h
%C%_check_profile_LDADD = $(EDGE_LIBS)
%C%_check_names_SOURCES = %D%/check_names.c %D%/scratch.c %D%/scratch.h
%C%_check_names_LDADD = $(EDGE_LIBS)
%C%_check_daemon_SOURCES = %D%/check_daemon.c %D%/scratch.c %D%/scratch.h
%C%_check_daemon_LDADD = $(EDGE_LIBS)
%C%_check_looks_SOURCES = %D%/check_looks.c
%C%_check_looks_LDADD = $(EDGE_LIBS) $(ICU_LIBS)
%C%_check_settings_SOURCES = %D%/check_settings.c %D%/scratch.c %D%/scratch.h
%C%_check_settings_LDADD = $(EDGE_LIBS)
endif
