"""Whatever is wrong with options, settings and files: one line that says what,
and what to do next. On loopback."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
import tap
from drive import Here, Program, Stage
from loopback import free_port, start as start_server

LONG = "x" * 5000
NOWHERE = "127.0.0.1:1"  # nobody serves there


def run(stage, program, *options, env=None):
    """A program that ends by itself, or is ended when it has started."""
    with subprocess.Popen([stage.program(program), *options],
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE,
                          env=dict(stage.env("Ann"), **(env or {}))) as one:
        errors = one.communicate(timeout=120)[1]
    return one.returncode, errors.decode()


def refused(stage, program, *options, code=2, hint="", env=None):
    """It ends with that status and one line, which has the hint in it."""
    status, errors = run(stage, program, *options, env=env)
    lines = [line for line in errors.splitlines()
             if " warning: " not in line and " info: " not in line]
    what = (program, [o[:40] for o in options], status, errors)
    assert status == code and len(lines) == 1, what
    assert lines[0].isprintable() and len(lines[0]) < 400, what
    assert hint in lines[0], what


def without(stage, program, *options, closed=(), stdout=None):
    """The same with some of its three files closed, or another output."""
    words = [stage.program(program), *options]
    shell = 'exec "$@"' + "".join(
        " %d%s&-" % (fd, "<" if fd == 0 else ">") for fd in closed)
    with subprocess.Popen(["sh", "-c", shell, "sh", *words],
                          stdin=subprocess.PIPE,
                          stdout=stdout or subprocess.PIPE,
                          stderr=subprocess.PIPE,
                          env=stage.env("Ann")) as one:
        errors = one.communicate(b"status\n", timeout=120)[1]
    return one.returncode, errors.decode()


def put(path, content, mode=0o600):
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


@tap.case
def options_of_both_that_make_no_sense():
    with Stage() as stage:
        for program in "gop2p", "gop2pd":
            for options, hint in (
                    (("-p",), "--port needs a value: --port PORT"),
                    (("--config",), "--config FILE"),
                    (("-p", ""), "1 to 65535"),
                    (("-p", "-1"), "1 to 65535"),
                    (("-p", "1x"), "1 to 65535"),
                    (("-p", "9" * 30), "1 to 65535"),
                    (("-p", LONG), "1 to 65535"),
                    (("--no-relay=1",), "--no-relay takes no value"),
                    (("--no-server",), "--help"),
                    (("--" + LONG,), "--help"),
                    (("",), "--help"),
                    (("-",), "--help"),
                    (("extra",), "--help"),
                    ((b"\xff\x1b[31m",), "--help"),
                    (("--config", ""), "1 to 1023"),
                    (("--config", LONG), "1 to 1023"),
                    (("--config", "/"), "directory"),
                    (("--config", "/dev/zero"), "too large")):
                refused(stage, program, *options, hint=hint)


@tap.case
def options_of_the_client_that_make_no_sense():
    with Stage() as stage:
        for server in "", ":1", "h:0", "h:70000", "h:x", "[::1", "a b", LONG:
            refused(stage, "gop2p", "-s", server, hint="HOST:PORT")
        for server in b"\xff", b"a\nb", b"h\x1b[2J":
            refused(stage, "gop2p", "-s", server, hint="HOST:PORT")
        for options, hint in (
                (("-n", ""), "1 to"), (("-n", "a b"), "space"),
                (("-n", LONG), "1 to"), (("-n", "x" * 33), "32 bytes"),
                (("-n", b"\xff"), "UTF-8"), (("-n", "a\x1b[m"), "UTF-8"),
                (("-n", "\u0430b"), "alphabets"), (("-n", "/x"), "'/'"),
                (("--profile", ""), "1 to 64"), (("--profile", "."), "'.'"),
                (("--profile", "a/b"), "letters"),
                (("--profile", LONG), "1 to 64"),
                (("--linger", "-1"), "30s"), (("--linger", "x"), "30s"),
                (("--linger", "9" * 12), "30s"), (("--linger", ""), "30s")):
            refused(stage, "gop2p", "-s", NOWHERE, *options, hint=hint)


@tap.case
def options_of_the_screen_that_make_no_sense():
    with Stage() as stage:
        try:
            stage.program("gop2p-tui")
        except FileNotFoundError:
            return tap.comment("configured without gop2p-tui")
        for options, hint in (
                (("--theme", "pink"), "auto, dark, light, mono or contrast"),
                (("--notify", "x"), "off, bell, osc9 or osc777"),
                (("--json",), "--help"), (("--theme",), "--theme NAME"),
                (("-n", "a b"), "space"), ((), "gop2p is the client for")):
            refused(stage, "gop2p-tui", "-s", NOWHERE, *options, hint=hint)


@tap.case
def settings_that_make_no_sense():
    with Stage() as stage:
        for program in "gop2p", "gop2pd":
            path = os.path.join(stage.home, program + ".conf")
            for text, hint in (
                    (b"port\n", ":1: "), (b"port =\n", "no value"),
                    (b"= 1\n", ":1: "), (b"# x\n\nport = 0\n", ":3: "),
                    (b"port = 1\nport = 2\n", "line 1 already"),
                    (b"relay = maybe\n", "yes or no"),
                    (b"[section]\n", "KEY = VALUE"),
                    (b"help = yes\n", "no setting"),
                    (b"\xff\xfe\n", "KEY = VALUE"), (b"p\0rt = 1\n", ":1: "),
                    (LONG.encode() + b" = 1\n", "no setting"),
                    (b"\x7fELF\2\1\1\0\0\n" * 10, ":1: ")):
                put(path, text)
                refused(stage, program, "--config", path, hint=hint)


@tap.case
def environment_that_makes_no_sense():
    with Stage() as stage:
        for name, value, hint in (
                ("GOP2P_SERVER", "a:b:c", "GOP2P_SERVER"),
                ("GOP2P_PORT", "x", "GOP2P_PORT"),
                ("GOP2P_NAME", b"\xff", "GOP2P_NAME"),
                ("GOP2P_RELAY", "perhaps", "yes or no")):
            refused(stage, "gop2p", env={name: value}, hint=hint)
        for name in "XDG_DATA_HOME", "XDG_STATE_HOME":
            refused(stage, "gop2p", "-s", NOWHERE, code=1, hint="set " + name,
                    env={name: "/proc/nowhere"})
            refused(stage, "gop2p", "-s", NOWHERE, code=1, hint="set " + name,
                    env={name: "/dev/null"})


@tap.case
def files_of_a_profile_that_make_no_sense():
    with Stage() as stage:
        folder = os.path.join(stage.env("Ann")["HOME"], ".local", "share",
                              "gop2p")

        def refuses(hint):
            refused(stage, "gop2p", "-s", NOWHERE, code=1, hint=hint)

        key = os.path.join(folder, "key")
        for content in b"", b"\0" * 100, b"gop2p\n", os.urandom(256):
            put(key, content)
            refuses("move it away")
        put(key, b"x" * 100000)
        refuses("move it away")
        put(key, b"x", 0o644)
        refuses("chmod 600")
        os.chmod(folder, 0o755)
        refuses("chmod 700")
        os.chmod(folder, 0o700)
        os.remove(key)
        os.symlink("/etc/passwd", key)
        refuses("put the file itself there")
        os.remove(key)
        os.mkdir(key)
        refuses("move it away")
        os.rmdir(key)
        os.mkfifo(key, 0o600)
        refuses("move it away")
        os.remove(key)
        for name in "known_peers", "known_servers":
            path = os.path.join(folder, name)
            put(path, b"\0\1\2\n" * 100)
            refuses("move it away")
            put(path, b"a" * 2000000)
            refuses("move it away")
            os.remove(path)
            os.mkdir(path)
            refuses("move it away")
            os.rmdir(path)


@tap.case
def output_that_cannot_be_written_is_told():
    with Stage() as stage, open("/dev/full", "wb") as full:
        port = free_port()
        start_server(stage, port=port).expect_error("listening")
        server = ("-s", "127.0.0.1:%d" % port, "-p", str(free_port()))
        for words in (("gop2p", *server), ("gop2p", "--json", *server),
                      ("gop2p", "--help"), ("gop2p", "-V"),
                      ("gop2pd", "--help"), ("gop2pd", "-V")):
            for how, hint in (({"stdout": full}, "No space left"),
                              ({"closed": (1,)}, "Bad file descriptor")):
                status, errors = without(stage, *words, **how)
                assert status == 1, (words, how, status, errors)
                assert errors.count("\n") == 1, (words, how, errors)
                assert "standard output" in errors, (words, how, errors)
                assert hint in errors, (words, how, errors)


@tap.case
def what_is_closed_is_no_file_of_ours():
    with Stage() as stage:
        port = free_port()
        server = stage.start(
            Program, Here, "server", "sh", "-c",
            'exec "$@" 0<&- 1>&- 2>&-', "sh", stage.program("gop2pd"), "-p",
            str(port), "--listen", "127.0.0.1", "--state",
            os.path.join(stage.home, "state"))
        options = ("-s", "127.0.0.1:%d" % port, "-p", str(free_port()))
        ann = stage.client(Here, "Bob", options[1])
        for fd in range(3):
            path = "/proc/%d/fd/%d" % (server.process.pid, fd)
            assert os.readlink(path) == "/dev/null", (fd, os.readlink(path))
        assert without(stage, "gop2p", *options, closed=(0,)) == (0, "")
        assert without(stage, "gop2p", *options, closed=(0, 1, 2))[0] == 1
        ann.do("exit")


@tap.case
def slips_in_the_lists_of_keys_lose_nothing():
    with Stage() as stage:
        folder = os.path.join(stage.env("Ann")["HOME"], ".local", "share",
                              "gop2p")
        slips = b"# mine\nhello\nx y z\n" + b"\xff\n" + b"q" * 600 + b"\n"
        put(os.path.join(folder, "known_peers"), slips)
        port = free_port()
        start_server(stage, port=port).expect_error("listening")
        ann = stage.client(Here, "Ann", "127.0.0.1:%d" % port,
                           "-p", str(free_port()))
        assert len(ann.errors) == 4, ann.errors
        for number, line in zip((2, 3, 4, 5), ann.errors):
            assert "known_peers:%d: " % number in line, line
            assert line.isprintable() and len(line) < 400, line
        ann.do("exit")


@tap.case
def state_of_the_server_that_makes_no_sense():
    with Stage() as stage:
        state = os.path.join(stage.home, "state")
        options = ("-p", str(free_port()), "--listen", "127.0.0.1")

        def refuses(hint, folder=state):
            refused(stage, "gop2pd", *options, "--state", folder, code=1,
                    hint=hint)

        refuses("--state FOLDER", "/proc/nowhere")
        refuses("--state FOLDER", "/dev/null")
        for name, content, hint in (
                ("key", b"", "move it away"),
                ("key", os.urandom(100), "move it away"),
                ("key", b"x" * 5000, "move it away"),
                ("names.db", b"garbage " * 1000, "move it away"),
                ("names.db", os.urandom(9000), "move it away")):
            path = os.path.join(state, name)
            put(path, content)
            refuses(hint)
            os.remove(path)
        for listen in "x", "999.1.1.1", "localhost", "1.2.3.4:5":
            refused(stage, "gop2pd", "--listen", listen, hint="IP address")


tap.run()
