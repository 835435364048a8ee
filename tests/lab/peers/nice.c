/* ICE as libnice does it. Prints "local TEXT" when all candidates are
 * gathered, reads the other's TEXT from standard input, prints "ready TIME"
 * when its component is ready.
 *
 * usage: nice STUN_SERVER controlling|controlled */
#include <nice/agent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static NiceAgent *agent;
static guint stream;

static void
gathered(NiceAgent *a, guint id, gpointer loop)
{
	gchar *sdp = nice_agent_generate_local_sdp(a);

	(void)id;
	(void)loop;
	for (char *p = sdp; *p != '\0'; p++)
		if (*p == '\n')
			*p = '|';
	printf("local %s\n", sdp);
	fflush(stdout);
	g_free(sdp);
}

static void
changed(NiceAgent *a, guint id, guint component, guint state, gpointer loop)
{
	(void)a;
	(void)id;
	(void)component;
	(void)loop;
	if (state == NICE_COMPONENT_STATE_CONNECTED ||
	    state == NICE_COMPONENT_STATE_READY)
		printf("ready %.6f\n", (double)g_get_real_time() / 1e6);
	if (state == NICE_COMPONENT_STATE_FAILED)
		printf("failed\n");
	fflush(stdout);
}

static void
received(NiceAgent *a, guint id, guint component, guint len, gchar *buf,
    gpointer data)
{
	(void)a, (void)id, (void)component, (void)len, (void)buf, (void)data;
}

static gboolean
said(GIOChannel *in, GIOCondition condition, gpointer loop)
{
	gchar *line = NULL;

	(void)condition;
	if (g_io_channel_read_line(in, &line, NULL, NULL, NULL) !=
	    G_IO_STATUS_NORMAL) {
		g_main_loop_quit(loop);
		return FALSE;
	}
	for (char *p = line; *p != '\0'; p++)
		if (*p == '|')
			*p = '\n';
	if (nice_agent_parse_remote_sdp(agent, line) < 0)
		printf("failed\n");
	g_free(line);
	return TRUE;
}

int
main(int argc, char **argv)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	if (argc != 3)
		return 2;
	agent = nice_agent_new(g_main_loop_get_context(loop),
	    NICE_COMPATIBILITY_RFC5245);
	g_object_set(agent, "stun-server", argv[1], "stun-server-port", 3478,
	    "controlling-mode", strcmp(argv[2], "controlling") == 0,
	    "upnp", FALSE, "ice-tcp", FALSE, NULL);
	g_signal_connect(agent, "candidate-gathering-done",
	    G_CALLBACK(gathered), loop);
	g_signal_connect(agent, "component-state-changed",
	    G_CALLBACK(changed), loop);
	stream = nice_agent_add_stream(agent, 1);
	nice_agent_set_stream_name(agent, stream, "application");
	nice_agent_attach_recv(agent, stream, 1,
	    g_main_loop_get_context(loop), received, NULL);
	nice_agent_gather_candidates(agent, stream);
	g_io_add_watch(g_io_channel_unix_new(0), G_IO_IN | G_IO_HUP, said,
	    loop);
	g_main_loop_run(loop);
	return 0;
}
