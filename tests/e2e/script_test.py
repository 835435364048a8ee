"""gop2p without a terminal, as scripts use it. On loopback."""

import json
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
import tap
from drive import Here, Stage
from loopback import free_port, start as start_server


class Scene:
    """A server, and Bob, who is a program that answers."""

    def __init__(self, stage, bob=True):
        self.stage = stage
        self.port = free_port()
        self.server = start_server(stage, port=self.port)
        self.server.expect_error("listening")
        self.at = "127.0.0.1:%d" % self.port
        if bob:
            self.bob = stage.client(Here, "Bob", self.at,
                                    "-p", str(free_port()))

    def script(self, who, lines, *options):
        """Starts a gop2p whose input is these lines and then ends."""
        process = subprocess.Popen(
            [self.stage.program("gop2p"), "-s", self.at, "-n", who,
             "-p", str(free_port()), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.stage.env(who))
        try:
            process.stdin.write(lines.encode())
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended already
        process.stdin = None
        return process


def end(process):
    """Its exit status and what it wrote."""
    out, errors = process.communicate(timeout=120)
    return process.returncode, out.decode(), errors.decode()


def run(stage, *options, lines=b"", env=None):
    """A gop2p that ends by itself."""
    done = subprocess.run([stage.program("gop2p"), *options], input=lines,
                          capture_output=True, timeout=120,
                          env=dict(stage.env("Ann"), **(env or {})))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@tap.case
def a_script_connects_talks_and_ends():
    with Stage() as stage:
        scene = Scene(stage)
        ann = scene.script("Ann", "connect Bob\nmsg one\nmsg two\n", "--json")
        scene.bob.expect("request", **{"from": "Ann"})
        scene.bob.do("allow Ann")
        texts = [scene.bob.expect("message")["text"] for _ in range(2)]
        assert texts == ["one", "two"], texts
        code, out, errors = end(ann)
        assert (code, errors) == (0, ""), (code, errors)
        events = [json.loads(line) for line in out.splitlines()]
        names = [e["event"] for e in events]
        assert names[-1] == "exit" and names.count("done") == 3, names
        assert names.count("delivered") == 2, names
        assert names.index("connected") < names.index("queued"), names
        times = [e["time"] for e in events]
        assert times == sorted(times) and times[0] > 1.6e9, times


GOLDEN = """\
{"event":"server","time":T,"state":"registering","address":null,"reason":null}
{"event":"server","time":T,"state":"registered","address":"A","reason":null}
{"event":"registered","time":T,"name":"Ann","key":"K","address":"A"}
{"event":"current","time":T,"peer":"Nobody"}
{"event":"connecting","time":T,"peer":"Nobody","key":null,"lookalike":null,\
"step":"looking","detail":null}
{"event":"failed","time":T,"peer":"Nobody","reason":"unknown-name",\
"detail":null}
{"event":"done","time":T,"command":"connect","ok":false}
{"event":"current","time":T,"peer":""}
{"event":"renamed","time":T,"name":"Annie"}
{"event":"done","time":T,"command":"rename","ok":true}
{"event":"done","time":T,"command":"exit","ok":true}
{"event":"exit","time":T,"code":1}
"""


@tap.case
def check_12_a_script_reads_the_same_every_time():
    with Stage() as stage:
        scene = Scene(stage, bob=False)
        code, out, _ = end(scene.script(
            "Ann", "connect Nobody\nrename Annie\nexit\n", "--json"))
        for what, letter in ((r'(?<="time":)[0-9.]+', "T"),
                             (r"127\.0\.0\.1:\d+", "A"),
                             (r'(?<="key":")[0-9a-f]{64}', "K")):
            out = re.sub(what, letter, out)
        assert (code, out) == (1, GOLDEN), out


@tap.case
def a_command_of_the_command_line_takes_the_place_of_the_input():
    with Stage() as stage:
        scene = Scene(stage)
        options = ("-s", scene.at, "-p", str(free_port()))
        code, out, errors = run(stage, "netcheck", *options, "--json",
                                lines=b"all\n")
        events = [json.loads(line) for line in out.splitlines()]
        assert (code, errors) == (0, ""), (code, errors)
        assert [e["command"] for e in events if e["event"] == "done"] == \
            ["netcheck"], out
        nat = next(e for e in events if e["event"] == "netcheck")["own_nat"]
        assert nat["mapping"] == "none", nat
        code, out, errors = run(stage, *options, "all", "B")
        assert (code, errors) == (0, "") and "\n  Bob " in out, (out, errors)


@tap.case
def help_on_the_command_line_needs_no_server():
    with Stage() as stage:
        code, out, errors = run(stage, "help", "connect")
        assert (code, errors) == (0, "") and out.startswith("connect NAME:")


@tap.case
def what_is_no_command_is_said_before_anything_is_done():
    with Stage() as stage:
        for words, said in ((("frobnicate",), '"frobnicate" is neither'),
                            (("connect",), "A name is missing"),
                            (("tcp", "now"), "tcp"),
                            (("msg", "x" * 70000), "too long")):
            code, out, errors = run(stage, "-s", "192.0.2.1", *words)
            assert (code, out) == (2, ""), (words, code, out)
            assert said in errors and errors.count("\n") == 1, errors


@tap.case
def output_for_people_has_no_prompt_and_no_escape():
    with Stage() as stage:
        scene = Scene(stage)
        ann = scene.script("Ann", "connect Bob\r\nmsg hi\r\nnonsense\r\n")
        scene.bob.expect("request")
        scene.bob.do("allow Ann")
        assert scene.bob.expect("message")["text"] == "hi"
        code, out, errors = end(ann)
        assert code == 2, code
        assert "\033" not in out + errors and "]> " not in out, out
        assert "* Connected to Bob over " in out, out
        assert errors.startswith('! There is no command "nonsense"'), errors


@tap.case
def a_name_that_looks_like_a_contacts_is_marked():
    with Stage() as stage:
        scene = Scene(stage)
        ann = stage.client(Here, "Ann", scene.at, "-p", str(free_port()))
        scene.bob.say("connect Ann")
        assert ann.expect("request")["lookalike"] is None
        ann.do("allow Bob")
        ann.do("disconnect Bob")
        other = stage.client(Here, "B0b", scene.at, "-p", str(free_port()))
        other.say("connect Ann")
        request = ann.expect("request")
        assert request["from"] == "B0b" and request["lookalike"] == "Bob"
        assert len(request["key"]) == 64 and not request["known"], request
        ann.say("all")
        names = {one["name"]: one["lookalike"]
                 for one in ann.expect("clients")["list"]}
        assert names == {"Bob": None, "B0b": "Bob"}, names


@tap.case
def the_first_failure_is_the_exit_status():
    with Stage() as stage:
        scene = Scene(stage)
        ann = scene.script("Ann", "connect Bob\nnonsense\n", "--json")
        scene.bob.expect("request")
        scene.bob.do("deny Ann")
        assert end(ann)[0] == 4
        assert end(scene.script("Ann", "nonsense\nconnect Nobody\n"))[0] == 2
        assert end(scene.script("Ann", "connect Nobody\nnonsense\n"))[0] == 1
        assert end(scene.script("Ann", "all\nhelp\nstatus\n"))[0] == 0


@tap.case
def every_command_ends_with_done_in_order():
    with Stage() as stage:
        scene = Scene(stage)
        code, out, _ = end(scene.script(
            "Ann", "all\n\n  \n/help msg\nconnect\nconnect x y\nbadname\n"
            "help x\nmsg \ntcp\nexit\nall\n", "--json"))
        done = [json.loads(line) for line in out.splitlines()
                if '"event":"done"' in line]
        assert [(d["command"], d["ok"]) for d in done] == [
            ("all", True), ("help", True), ("connect", False),
            ("connect", False), (None, False), ("help", False),
            ("msg", False),
            ("tcp", False), ("exit", True)], done
        assert code == 2, code


@tap.case
def many_messages_arrive_in_order_and_end_in_order():
    want = ["msg %d" % i + " of many" * (i % 7) for i in range(3000)]
    lines = list(want)
    for at in (2000, 1000, 200, 3):
        lines.insert(at, "msg")   # nothing is said
        lines.insert(at, "nonsense")
    with Stage() as stage:
        scene = Scene(stage)
        ann = stage.client(Here, "Ann", scene.at, "-p", str(free_port()))
        ann.say("connect Bob")
        scene.bob.expect("request", **{"from": "Ann"})
        scene.bob.do("allow Ann")
        ann.expect("done", command="connect", ok=True)
        before = len(ann.events)
        ann.say("\n".join(lines))
        ann.end_input()
        assert ann.exit_code() == 2
        scene.bob.expect("disconnected", peer="Ann")
        said = ["msg " + e["text"] for e in scene.bob.events
                if e["event"] == "message"]
        assert said == want, "%d messages" % len(said)
        steps = [e for e in ann.events[before:]
                 if e["event"] in ("queued", "error", "done")]
        done = [e["ok"] for e in steps[1::2]]
        assert done == [line in want for line in lines], len(done)
        # A message is queued, and then its command is done.
        assert {e["event"] for e in steps[1::2]} == {"done"}
        assert {e["event"] for e in steps[::2]} == {"queued", "error"}


@tap.case
def hostile_input_is_an_error_on_one_line():
    lines = (b"\xff\xfe\n" + b"\0\n" + b"msg \0\n" + b"x" * 200000 + b"\n"
             + b"connect " + b"y" * 5000 + b"\n" + b"msg caf\xe9\n"
             + b"\033[2J\033]0;x\007\n" + b"exit")
    with Stage() as stage:
        scene = Scene(stage, bob=False)
        code, out, errors = run(stage, "-s", scene.at, "-n", "Ann",
                                lines=lines)
        assert code == 2, code
        assert len(errors.splitlines()) == 7, errors
        for line in errors.splitlines():
            assert line.startswith("! ") and len(line) < 300, line
        assert "\033" not in errors + out and "\0" not in errors + out


@tap.case
def answers_are_read_while_a_connect_waits():
    with Stage() as stage:
        scene = Scene(stage)
        carol = stage.client(Here, "Carol", scene.at, "-p", str(free_port()))
        carol.say("connect Bob")
        scene.bob.expect("request", **{"from": "Carol"})
        ann = stage.client(Here, "Ann", scene.at, "-p", str(free_port()))
        scene.bob.say("connect Ann")
        ann.expect("request")
        scene.bob.say("allow Carol")
        carol.expect("connected", peer="Bob")
        scene.bob.say("msg @Carol hello")
        ann.say("deny Bob")
        scene.bob.expect("denied", peer="Ann")
        assert carol.expect("message")["text"] == "hello"
        scene.bob.end_input()
        assert scene.bob.exit_code() == 4


@tap.case
def a_server_that_does_not_answer_is_exit_status_3():
    with Stage() as stage:
        code, out, errors = run(stage, "-s", "127.0.0.1:%d" % free_port(),
                                "--json", lines=b"all\n")
        assert code == 3, (code, out, errors)
        states = [json.loads(line).get("state") for line in out.splitlines()]
        assert "unreachable" in states, out
        # No name server is asked for a label that is too long.
        code, out, errors = run(stage, "-s", "x" * 64, "-p",
                                str(free_port()), lines=b"all\n")
        assert (code, out) == (3, ""), (code, out, errors)
        assert errors.startswith("* Cannot reach the server: "), errors


@tap.case
def a_name_that_is_taken_is_an_error():
    with Stage() as stage:
        scene = Scene(stage)
        code, out, _ = end(scene.script("Ann", "rename Bob\n", "--json"))
        assert code == 1 and '"code":"name-taken"' in out, out
        process = subprocess.run(
            [stage.program("gop2p"), "-s", scene.at, "-n", "Bob", "--json",
             "-p", str(free_port())], env=stage.env("thief"), input=b"all\n",
            capture_output=True, timeout=120)
        assert process.returncode == 1, process
        assert b'"code":"name-taken"' in process.stdout, process


@tap.case
def status_is_about_every_conversation():
    with Stage() as stage:
        scene = Scene(stage)
        carol = stage.client(Here, "Carol", scene.at, "-p", str(free_port()))
        others = {"Bob": scene.bob, "Carol": carol}
        for options in ("--json",), ():
            ann = scene.script("Ann", "connect Bob\nconnect Carol\nstatus\n",
                               *options)
            for other in others.values():
                other.expect("request")
                other.do("allow Ann")
            code, out, _ = end(ann)
            assert code == 0, out
            if options:
                events = [json.loads(line) for line in out.splitlines()]
                told = [e for e in events if e["event"] == "status"]
                assert [e["peer"] for e in told] == ["Carol", "Bob"], told
                assert all(e["transport"] for e in told), told
            else:
                assert out.count("* You are Ann, ") == 1, out
                assert all("* %s: over " % o in out for o in others), out


@tap.case
def lingering_receives_after_the_end_of_the_input():
    with Stage() as stage:
        scene = Scene(stage)
        ann = scene.script("Ann", "connect Bob\n", "--json", "--linger", "60")
        scene.bob.expect("request")
        scene.bob.do("allow Ann")
        for n in range(3):
            scene.bob.do("msg number %d" % n)
            scene.bob.expect("delivered")
        ann.send_signal(signal.SIGTERM)
        code, out, _ = end(ann)
        assert code == 143, code
        assert json.loads(out.splitlines()[-1])["code"] == 143, out
        assert out.count('"event":"message"') == 3, out
        scene.bob.expect("disconnected", peer="Ann")


@tap.case
def a_reader_that_goes_away_ends_it_quietly():
    with Stage() as stage:
        scene = Scene(stage)
        ann = scene.script("Ann", "help\n" * 50 + "connect Bob\n")
        ann.stdout.read(10)
        ann.stdout.close()
        ann.stdout = None
        scene.bob.until(lambda: ann.poll() is not None, "the end of Ann")
        assert ann.returncode == 141, ann.returncode
        assert ann.stderr.read() == b""
        ann.stderr.close()


@tap.case
def what_is_wrong_with_the_start_is_told_in_one_line():
    with Stage() as stage:
        for options, code, word in [
                ((), 2, "-s HOST[:PORT]"),
                (("--nonsense",), 2, "--nonsense"),
                (("-s", "a b"), 2, "HOST"),
                (("-s", "127.0.0.1:1", "-p", "0"), 2, "0"),
                (("-s", "127.0.0.1:1", "-n", "two words"), 2, "name"),
                (("-s", "127.0.0.1:1", "--profile", "../x"), 2, "profile"),
                (("-s", "127.0.0.1:1", "--config", "/nowhere"), 2,
                 "/nowhere")]:
            status, out, errors = run(stage, *options)
            assert status == code, (options, status, errors)
            assert out == "" and errors.count("\n") == 1, (out, errors)
            assert word in errors, (options, errors)


@tap.case
def help_and_version_make_no_file():
    with Stage() as stage:
        for option in "--help", "--version", "-h", "-V":
            code, out, errors = run(stage, option)
            assert code == 0 and "gop2p" in out and errors == "", out
        assert os.listdir(os.path.join(stage.home, "Ann")) == []


@tap.case
def a_profile_has_one_user_and_private_files():
    with Stage() as stage:
        scene = Scene(stage)
        code, _, errors = end(scene.script("Bob", "all\n"))
        assert code == 2 and "--profile" in errors, errors
        code, _, errors = end(scene.script("Bob", "all\n", "-n", "Rob",
                                           "--profile", "second"))
        assert code == 0, errors
        home = os.path.join(stage.home, "Bob")
        for folder, _, files in os.walk(os.path.join(home, ".local")):
            for name in files:
                mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
                assert mode == 0o600, (folder, name, oct(mode))
        key = os.path.join(home, ".local/share/gop2p/profiles/second/key")
        os.chmod(key, 0o644)
        code, _, errors = end(scene.script("Bob", "", "--profile", "second"))
        assert code == 1 and "key" in errors, errors


@tap.case
def the_last_name_is_used_again():
    with Stage() as stage:
        scene = Scene(stage)
        assert end(scene.script("Ann", "rename Anna\n"))[0] == 0
        code, out, _ = run(stage, "-s", scene.at, "--json", lines=b"all\n")
        assert code == 0 and '"name":"Anna"' in out, out


@tap.case
def settings_come_from_file_environment_and_options():
    with Stage() as stage:
        scene = Scene(stage)
        folder = os.path.join(stage.home, "Ann", ".config", "gop2p")
        os.makedirs(os.path.join(stage.home, "Ann"), mode=0o700)
        os.makedirs(folder, mode=0o700)
        with open(os.path.join(folder, "gop2p.conf"), "w") as conf:
            conf.write("server = %s\nname = File\n" % scene.at)
        for name, options, env in [
                ("File", (), {}),
                ("Env", (), {"GOP2P_NAME": "Env"}),
                ("Option", ("-n", "Option"), {"GOP2P_NAME": "Env"})]:
            code, out, errors = run(stage, "--json", *options,
                                    lines=b"status\n", env=env)
            assert code == 0, errors
            assert '"event":"registered"' in out, out
            assert '"name":"%s"' % name in out, (name, out)


tap.run()
