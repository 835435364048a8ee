# The full-screen client. All but screen.c, tui.c and main.c is pure: it knows
# no terminal, no loop and no clock.
noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = \
	%D%/style.h %D%/style.c \
	%D%/grid.h %D%/grid.c \
	%D%/backlog.h %D%/backlog.c \
	%D%/flow.h %D%/flow.c \
	%D%/page.h %D%/page.c \
	%D%/layout.h %D%/layout.c \
	%D%/alert.h %D%/alert.c \
	%D%/qr.h %D%/qr.c \
	%D%/keymap.h %D%/keymap.c \
	%D%/prefs.h %D%/prefs.c \
	%D%/chat.h %D%/chat.c \
	%D%/model.h %D%/model.c \
	%D%/model_event.c %D%/model_tell.c %D%/model_verify.c \
	%D%/model_prefs.c %D%/model_names.c %D%/model_wish.c \
	%D%/model_term.c \
	%D%/model_key.c %D%/model_act.c \
	%D%/model_slash.c %D%/model_local.c %D%/model_help.c \
	%D%/compose.h %D%/compose.c \
	%D%/drafts.h %D%/drafts.c \
	%D%/view.h %D%/view.c %D%/view_chat.c %D%/view_list.c \
	%D%/view_side.c %D%/view_status.c %D%/view_input.c %D%/view_over.c
libtui_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libtui_a_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)

TUI_LIBS = libtui.a $(FACE_LIBS) $(QRENCODE_LIBS)

if TUI
bin_PROGRAMS += gop2p-tui
gop2p_tui_SOURCES = %D%/main.c %D%/tui.h %D%/tui.c %D%/screen.h %D%/screen.c
gop2p_tui_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
gop2p_tui_CFLAGS = $(AM_CFLAGS) $(CURSES_CFLAGS)
gop2p_tui_LDADD = libtui.a libface.a $(IO_LIBS) $(JANSSON_LIBS) \
	$(MINIUPNPC_LIBS) \
	$(CURSES_LIBS) $(QRENCODE_LIBS)
endif
