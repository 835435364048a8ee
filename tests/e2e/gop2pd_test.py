"""gop2pd as an operator meets it: its start, its mistakes, its signals. On
loopback; nothing is installed."""

import contextlib
import errno
import os
import signal
import socket
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
import tap
from drive import Client, Here, Program, Stage
from loopback import free_port, start


def refused(program, code):
    """The one line with which it stopped."""
    assert program.exit_code() == code, program.story()
    assert len(program.errors) >= 1, program.story()
    return program.errors[-1]


@tap.case
def says_where_it_listens_and_which_key_it_has():
    with Stage() as stage:
        port = free_port()
        server = start(stage, port=port)
        server.expect_error("new key ")
        server.expect_error("listening on 127.0.0.1:%d " % port)
        server.expect_error("probe port %d " % (port + 2))
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0


@tap.case
def keeps_its_key_and_its_files_to_itself():
    with Stage() as stage:
        keys = []
        for _ in range(2):
            server = start(stage)
            line = server.expect_error(" key ")
            keys.append(line.split(" key ")[1].split(",")[0])
            server.expect_error("listening")
            server.signal(signal.SIGINT)
            assert server.exit_code() == 0
        assert keys[0] == keys[1], keys
        state = os.path.join(stage.home, "state")
        assert os.stat(state).st_mode & 0o777 == 0o700
        for name in os.listdir(state):
            mode = os.stat(os.path.join(state, name)).st_mode & 0o777
            assert mode == 0o600, (name, oct(mode))


@tap.case
def says_what_to_do_when_the_port_is_taken():
    with Stage() as stage, socket.socket(type=socket.SOCK_DGRAM) as udp:
        port = free_port()
        udp.bind(("127.0.0.1", port))
        server = start(stage, port=port)
        line = refused(server, 1)
        assert str(port) in line and "--port" in line, line
        assert "in use" in line, line
        assert len([e for e in server.errors if "error" in e]) == 1, line


@tap.case
def goes_on_without_the_probe_port_and_says_so():
    with Stage() as stage, socket.socket(type=socket.SOCK_DGRAM) as udp:
        port = free_port()
        udp.bind(("127.0.0.1", port + 2))
        server = start(stage, port=port)
        server.expect_error("listening on 127.0.0.1:%d " % port)
        line = server.expect_error("probe port")
        assert "in use" in line and "--probe-port" in line, line
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0
        assert len([e for e in server.errors if "probe" in e]) == 1


@tap.case
def goes_on_without_the_second_tcp_port_and_says_so():
    with Stage() as stage, socket.socket() as tcp:
        port, taken = free_port(), free_port()
        tcp.bind(("127.0.0.1", taken))
        tcp.listen()
        server = start(stage, "--tcp-port", str(taken), port=port)
        server.expect_error("listening on 127.0.0.1:%d " % port)
        line = server.expect_error("second TCP port")
        assert "in use" in line and "tcp-port" in line, line
        stage.client(Here, "Ann", "127.0.0.1:%d" % port)
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0
        assert len([e for e in server.errors if "second" in e]) == 1
        server = start(stage, "--tcp-port", str(free_port()), port=port)
        server.expect_error("second port ")


@tap.case
def says_what_to_do_when_its_folder_is_in_use():
    with Stage() as stage:
        start(stage).expect_error("listening")
        line = refused(start(stage), 1)
        assert "--state" in line, line


@tap.case
def says_what_to_do_when_its_folder_is_not_safe():
    with Stage() as stage:
        state = os.path.join(stage.home, "open")
        os.mkdir(state)
        os.chmod(state, 0o777)
        line = refused(start(stage, state="open"), 1)
        assert "chmod 700" in line, line


@tap.case
def says_what_to_do_when_its_folder_cannot_be():
    with Stage() as stage:
        with open(os.path.join(stage.home, "file"), "w", encoding="utf-8"):
            pass
        line = refused(start(stage, state="file"), 1)
        assert "is not a folder" in line and "--state" in line, line


@tap.case
def says_what_to_do_when_its_key_is_not_safe_or_damaged():
    with Stage() as stage:
        server = start(stage)
        server.expect_error("listening")
        server.signal(signal.SIGTERM)
        server.exit_code()
        key = os.path.join(stage.home, "state", "key")
        os.chmod(key, 0o640)
        assert "chmod 600" in refused(start(stage), 1)
        os.chmod(key, 0o600)
        os.truncate(key, 200)
        assert "restore it" in refused(start(stage), 1)


@tap.case
def says_what_to_do_when_its_names_are_damaged():
    with Stage() as stage:
        os.mkdir(os.path.join(stage.home, "state"), 0o700)
        names = os.path.join(stage.home, "state", "names.db")
        with open(names, "wb") as file:
            file.write(b"garbage " * 1000)
        os.chmod(names, 0o600)
        line = refused(start(stage), 1)
        assert "names.db is damaged" in line, line


@tap.case
def says_what_to_do_when_its_names_are_not_safe_or_of_another_time():
    with Stage() as stage:
        server = start(stage)
        server.expect_error("listening")
        server.signal(signal.SIGTERM)
        server.exit_code()
        names = os.path.join(stage.home, "state", "names.db")
        os.chmod(names, 0o666)
        assert "chmod go-w" in refused(start(stage), 1)
        os.chmod(names, 0o600)
        os.rename(names, names + ".away")
        os.symlink(names + ".away", names)
        assert "put the file itself there" in refused(start(stage), 1)
        os.remove(names)
        os.mkdir(names)
        assert "move it away" in refused(start(stage), 1)
        os.rmdir(names)
        for change, hint in (("CREATE TABLE names (x)", "move it away"),
                             ("PRAGMA user_version = 9", "a later gop2pd")):
            with contextlib.closing(sqlite3.connect(names)) as db:
                db.execute(change)
                db.commit()
            os.chmod(names, 0o600)
            assert hint in refused(start(stage), 1)
            os.remove(names)


@tap.case
def refuses_what_is_no_option_or_no_value():
    with Stage() as stage:
        for words, hint in ((["--prot", "1"], "--port"),
                            (["-p", "0"], "1 to 65535"),
                            (["-p", "65536"], "1 to 65535"),
                            (["-p", "abc"], "1 to 65535"),
                            (["-p"], "needs a value"),
                            (["--listen", "localhost"], "IP address"),
                            (["--listen", "127.0.0.1,127.0.0.2"], "second"),
                            (["--config", "/nonexistent"], "No such file"),
                            (["-p", "9000", "--probe-port", "9000"],
                             "must not be"),
                            (["\x1b[2J"], "--help")):
            server = stage.start(Program, Here, "server",
                                 stage.program("gop2pd"), *words)
            line = refused(server, 2)
            assert hint in line and line.isprintable(), (words, line)
            assert len(server.errors) == 1, server.errors


@tap.case
def prints_help_and_version_and_makes_no_file():
    with Stage() as stage:
        for word, what in (("--help", "--max-clients"), ("-V", "gop2pd ")):
            program = stage.start(Program, Here, "reader",
                                  stage.program("gop2pd"), word)
            assert program.exit_code() == 0
            assert what in "\n".join(program.lines)
        assert os.listdir(os.path.join(stage.home, "reader")) == []


@tap.case
def configuration_is_read_again_and_a_mistake_is_told():
    with Stage() as stage:
        config = os.path.join(stage.home, "conf")

        def configure(text):
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
        configure("relay = no\n")
        server = start(stage, "--config", config)
        server.expect_error("listening")
        configure("relay = yes\nrelay-user = 1000000\n")
        server.signal(signal.SIGHUP)
        server.expect_error("read the configuration again")
        assert not any("next start" in e for e in server.errors)
        configure("port = 9\ntcp-port = 443\nmax-clients = 7\n")
        server.signal(signal.SIGHUP)
        line = server.expect_error("next start")
        assert "tcp-port" in line and "max-clients" in line, line
        assert " port" not in line, line  # the command line counts more
        configure("# fine\nrelays = yes\n")
        server.signal(signal.SIGHUP)
        line = server.expect_error("stays as it was")
        assert "conf:2: " in line and '"relay"' in line, line
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0
        assert "conf:2: " in refused(start(stage, "--config", config), 2)


@tap.case
def name_stays_its_owners_through_a_violent_end():
    with Stage() as stage:
        port = free_port()
        address = "127.0.0.1:%d" % port
        server = start(stage, port=port)
        server.expect_error("listening")
        ann = stage.client(Here, "Ann", address)
        server.kill()
        ann.say("exit")
        assert ann.exit_code() == 0
        start(stage, port=port).expect_error("listening")
        thief = stage.start(Client, Here, "thief", stage.program("gop2p"),
                            "--json", "-s", address, "-n", "ANN")
        thief.expect("error", code="name-taken")
        assert thief.exit_code() == 1
        stage.client(Here, "Ann", address)


@tap.case
def serves_with_nothing_but_what_it_needs():
    """Every forbidden call would be its end."""
    with Stage() as stage:
        config = os.path.join(stage.home, "conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write("sandbox = strict\n")
        port = free_port()
        server = start(stage, "--config", config, port=port)
        server.until(lambda: [e for e in server.errors
                              if "listening" in e or "sandbox = yes" in e],
                     "its start or its refusal")
        if any("sandbox = yes" in e for e in server.errors):
            tap.comment("not here: " + server.errors[-1])
            return
        address = "127.0.0.1:%d" % port
        ann = stage.client(Here, "Ann", address)
        bob = stage.client(Here, "Bob", address)
        ann.say("connect Bob")
        bob.expect("request")
        bob.do("allow Ann")
        ann.do("msg hello")
        bob.expect("message", text="hello")
        ann.do("tcp")
        ann.do("rename Anna")
        server.signal(signal.SIGHUP)
        server.expect_error("read the configuration again")
        for client in (ann, bob):
            client.say("exit")
            assert client.exit_code() == 0
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0


def call(port):
    """A connection, which may be cut off before we know of it."""
    caller = socket.socket()
    caller.settimeout(30)
    try:
        caller.connect(("127.0.0.1", port))
    except ConnectionResetError:
        pass
    return caller


@tap.case
def goes_on_when_it_runs_out_of_descriptors():
    with Stage() as stage:
        port = free_port()
        server = stage.start(
            Program, Here, "server", "sh", "-c", 'ulimit -n 40; exec "$@"',
            "sh", stage.program("gop2pd"), "-p", str(port), "--listen",
            "127.0.0.1", "--state", os.path.join(stage.home, "state"))
        server.expect_error("listening")
        callers = [call(port) for _ in range(100)]
        # Those that there is no room for are told so at once.
        for caller in callers[60:]:
            try:
                assert caller.recv(1) == b""
            except ConnectionError:
                pass
            except OSError as error:
                assert error.errno == errno.ENOTCONN, error
        stage.client(Here, "Ann", "127.0.0.1:%d" % port)
        for caller in callers:
            caller.close()
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0


@tap.case
def says_what_to_do_when_there_are_too_few_descriptors():
    with Stage() as stage:
        def limited(count):
            return stage.start(
                Program, Here, "server", "sh", "-c",
                'ulimit -n %d; exec "$@"' % count, "sh",
                stage.program("gop2pd"), "-p", str(free_port()),
                "--listen", "127.0.0.1", "--state",
                os.path.join(stage.home, "state"))
        line = refused(limited(8), 1)
        assert "Too many open files" in line and "ulimit -n" in line, line
        server = limited(14)
        assert "landlock" in server.expect_error("not locked up by")
        server.expect_error("listening")
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0
        server = limited(100)
        server.expect_error("listening")
        line = server.expect_error("max-streams")
        assert "100 files" in line and "4096" in line, line
        server.signal(signal.SIGTERM)
        assert server.exit_code() == 0


@tap.case
def supervisor_is_told_when_it_is_ready_alive_and_stopping():
    with Stage() as stage, socket.socket(socket.AF_UNIX,
                                         socket.SOCK_DGRAM) as ear:
        ear.settimeout(30)
        ear.bind(os.path.join(stage.home, "notify"))
        given = stage.env

        def env(who):
            return dict(given(who), NOTIFY_SOCKET=ear.getsockname(),
                        WATCHDOG_USEC="100000", JOURNAL_STREAM="1:1")
        stage.env = env
        server = start(stage)
        heard = []
        while not {b"READY=1", b"WATCHDOG=1"} <= set(heard):
            heard.append(ear.recv(4096))
        server.signal(signal.SIGTERM)
        while b"STOPPING=1" not in heard:
            heard.append(ear.recv(4096))
        assert server.exit_code() == 0


tap.run()
