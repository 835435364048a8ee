"""gop2p on a terminal, as people meet it. On loopback."""

import os
import re
import signal
import sys
import termios

import terminal
from terminal import (BACKSPACE, DOWN, ENTER, ESC, LEFT, PASTE_BEGIN,
                      PASTE_END, TAB, UP, TerminalStage, ctrl, start)

import tap
from drive import Here, Program
from loopback import free_port, start as start_server

ADDRESS = r"[0-9.]+:[0-9]+|\[[0-9a-f:]+\]:[0-9]+"


class Scene:
    """A server, and Ann at her terminal."""

    def __init__(self, stage, *options, **looks):
        self.stage = stage
        self.port = free_port()
        self.server = start_server(stage, port=self.port)
        self.server.expect_error("listening")
        self.ann = self.person("Ann", *options, **looks)
        self.ann.expect_line("[Ann]> ")

    def person(self, name, *options, **looks):
        return start(self.stage, name, "-s", "127.0.0.1:%d" % self.port,
                     "-p", str(free_port()), "-n", name, *options, **looks)

    def bob(self):
        """Bob is a program."""
        return self.stage.client(Here, "Bob", "127.0.0.1:%d" % self.port,
                                 "-p", str(free_port()))

    def introduce(self, bob):
        self.ann.enter("connect Bob")
        bob.expect("request")
        bob.do("allow Ann")
        self.ann.expect("* Connected to Bob")


def cursor_prompt(ann):
    """The prompt that stands at the cursor."""
    return ann.line()[0]


@tap.case
def the_prompt_tells_name_transport_and_address():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann, bob = scene.ann, scene.bob()
        scene.introduce(bob)
        ann.until(lambda: re.fullmatch(
            r"\[Ann\]\[UDP (%s)\]> " % ADDRESS, cursor_prompt(ann)),
                  "the prompt of UDP")
        bob.do("msg hello Ann")
        ann.expect("\nBob: hello Ann\n")
        ann.enter("tcp")
        ann.until(lambda: re.fullmatch(
            r"\[Ann\]\[TCP (%s)\]> " % ADDRESS, cursor_prompt(ann)),
                  "the prompt of TCP")
        ann.enter("msg hello Bob")
        assert bob.expect("message")["text"] == "hello Bob"
        ann.enter("udp")
        ann.until(lambda: "[UDP " in cursor_prompt(ann), "UDP again")
        bob.say("exit")
        ann.expect_line("[Ann]> ")


def plain(text):
    """Without what differs from one conversation to the next, in one line."""
    for pattern, word in ((ADDRESS, "ADDRESS"), (r"[0-9.]+ s\b", "TIME"),
                          (r"[0-9A-Z]{4}(-\s*[0-9A-Z]{4}){5}", "KEY"),
                          (r"\s+", " ")):
        text = re.sub(pattern, word, text)
    return text.strip()


@tap.case
def the_readme_shows_a_conversation_as_it_is():
    path = os.path.join(os.path.dirname(__file__), "..", "..", "README")
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    with TerminalStage() as stage:
        scene = Scene(stage, columns=72, rows=40)
        ann, bob = scene.ann, scene.person("Bob", columns=72, rows=40)
        bob.expect_line("[Bob]> ")
        ann.enter("connect Bob")
        bob.expect("* Ann asks for a conversation")
        bob.enter("allow Ann")
        for one in ann, bob:
            one.until(lambda: "[UDP " in cursor_prompt(one), "UDP")
        ann.enter("msg Hi")
        ann.expect("* Bob has message 1.")
        bob.expect("Ann: Hi")
        ann.enter("tcp")
        for one, first in ((ann, "[Ann]> connect"), (bob, "* Ann asks")):
            one.until(lambda: "[TCP " in cursor_prompt(one), "TCP")
            seen = plain(one.text()[one.text().index(first):])
            # A host with several addresses may change among them.
            found, shown = (re.subn(r"\* \w+: now over (UDP|TCP) ADDRESS, a "
                                    r"better path was found\. ", "", text)
                            for text in (seen, plain(readme)))
            assert found[1] >= 1 and shown[1] == 2, (found, shown[1])
            assert found[0] in shown[0], seen


@tap.case
def a_request_is_shown_and_answered():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann, bob = scene.ann, scene.bob()
        bob.say("connect Ann")
        ann.expect("* Bob asks for a conversation: key ")
        ann.enter("deny Bob")
        bob.expect("denied", peer="Ann")
        bob.say("connect Ann")
        ann.until(lambda: ann.text().count('"allow Bob" or') == 2,
                  "the second request")
        stage.watch(0.5)  # to read it
        ann.enter("allow")
        bob.expect("connected", peer="Ann")


@tap.case
def an_answer_without_a_name_is_not_for_who_came_while_it_was_typed():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann, bob = scene.ann, scene.bob()
        ann.type("al")
        ann.expect_line("[Ann]> al")
        bob.say("connect Ann")
        ann.expect('"allow Bob" or')
        ann.enter("low")
        ann.expect('Bob has asked just now: "allow Bob", if that is whom')
        ann.enter("allow Bob")
        bob.expect("connected", peer="Ann")


@tap.case
def lines_are_edited_with_the_usual_keys():
    with TerminalStage() as stage:
        ann = Scene(stage).ann
        ann.type("conect Bob")
        ann.type(ctrl("a") + "\033f" + LEFT * 3 + "n")
        ann.expect_line("[Ann]> conn", "ect Bob")
        ann.type(ctrl("e") + ctrl("w") + "Carol")
        ann.expect_line("[Ann]> connect Carol")
        ann.type(ctrl("u"))
        ann.expect_line("[Ann]> ")
        ann.type(ctrl("y") + BACKSPACE * 5 + "\u6f22\u5b57" + LEFT)
        ann.expect_line("[Ann]> connect \u6f22", "\u5b57")
        ann.type(ctrl("c"))
        ann.expect_line("[Ann]> ")
        ann.type(UP)
        ann.expect_line("[Ann]> connect \u6f22\u5b57")


@tap.case
def the_history_is_walked_searched_and_kept():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann = scene.ann
        ann.enter("help tcp")
        ann.expect("tcp: move the conversation")
        ann.enter("msg a secret")
        ann.expect("! there is no conversation")
        ann.type("draft" + UP)
        ann.expect_line("[Ann]> msg a secret")
        ann.type(UP)
        ann.expect_line("[Ann]> help tcp")
        ann.type(DOWN + DOWN)
        ann.expect_line("[Ann]> draft")
        ann.type(ctrl("r") + "tcp")
        ann.expect_line("(search: tcp) help ", "tcp")
        ann.type(ctrl("g"))
        ann.expect_line("[Ann]> draft")
        ann.type(ctrl("c"))
        ann.enter("exit")
        assert ann.exit_code() == 0
        ann = scene.person("Ann")
        ann.expect_line("[Ann]> ")
        ann.type(UP)
        ann.expect_line("[Ann]> exit")
        ann.type(UP)
        ann.expect_line("[Ann]> help tcp")


@tap.case
def tab_completes_commands_and_names():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann = scene.ann
        scene.bob()
        ann.enter("all")
        ann.expect("* 1 other is online:")
        ann.type("con" + TAB)
        ann.expect_line("[Ann]> connect ")
        ann.type("b" + TAB)
        ann.expect_line("[Ann]> connect Bob ")
        ann.type(ctrl("u") + "al" + TAB)
        ann.expect("\n all  allow")
        ann.type(TAB)
        ann.expect_line("[Ann]> all")
        ann.type(TAB)
        ann.expect_line("[Ann]> allow")
        ann.type(" ")
        ann.expect_line("[Ann]> allow ")
        ann.until(lambda: "all  [allow]" not in ann.text(),
                  "the choices to go")


@tap.case
def check_12_what_comes_in_does_not_disturb_what_is_typed():
    with TerminalStage() as stage:
        scene = Scene(stage, columns=40, rows=12)
        ann, bob = scene.ann, scene.bob()
        scene.introduce(bob)
        ann.until(lambda: "[UDP" in cursor_prompt(ann), "a path")
        text = "msg " + "0123456789" * 4 + "\u6f22\u5b57end"
        ann.type(text + LEFT * 3)
        ann.until(lambda: ann.line()[1] == "end", "the whole line")
        for n in range(30):
            bob.do("msg number %d" % n)
        bob.do("msg " + "long " * 20)
        ann.until(lambda: "Bob: number 29\nBob: long" in ann.text()
                  and ann.line()[1] == "end", "all messages")
        shown = ann.text()
        for n in range(30):
            assert shown.count("\nBob: number %d\n" % n) == 1, shown
        # The prompt leaves its address out where room is short.
        wrapped = "".join(ann.rows()).split("[Ann]")[-1]
        assert text in wrapped, shown
        ann.type("the " + ENTER)
        assert bob.expect("message")["text"] == text[4:-3] + "the end"


@tap.case
def check_12_what_comes_in_leaves_a_search_alone():
    with TerminalStage() as stage:
        scene = Scene(stage, columns=40, rows=12)
        ann, bob = scene.ann, scene.bob()
        ann.enter("help tcp")
        ann.expect("tcp: move the conversation")
        scene.introduce(bob)
        ann.type("a draft, \u6f22\u5b57 too" + ctrl("r") + "tc")
        ann.expect_line("(search: tc) help ", "tcp")
        for n in range(30):
            bob.say("msg number %d" % n)
        ann.expect("Bob: number 29")
        ann.expect_line("(search: tc) help ", "tcp")
        ann.type("p")
        ann.expect_line("(search: tcp) help ", "tcp")
        ann.type(ctrl("g"))
        ann.until(lambda: ann.line()[0].endswith(
            "a draft, \u6f22\u5b57 too"), "the draft")


@tap.case
def the_log_stays_above_what_is_typed():
    with TerminalStage() as stage:
        scene = Scene(stage, "-v")
        ann = scene.ann
        ann.type("msg half" + LEFT)
        ann.expect_line("[Ann]> msg hal", "f")
        scene.server.signal(signal.SIGTERM)
        ann.until(lambda: ann.text().count("debug: asking the server") > 3,
                  "the log")
        ann.expect_line("[Ann]> msg hal", "f")
        for row in ann.text().splitlines():
            assert row.count("debug:") + row.count("[Ann]>") < 2, row


@tap.case
def the_draft_survives_search_resize_and_a_lost_server():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann = scene.ann
        ann.type("msg half" + LEFT)
        ann.expect_line("[Ann]> msg hal", "f")
        ann.resize(30, 10)
        ann.expect_line("[Ann]> msg hal", "f")
        ann.type(ctrl("r") + "nothing")
        ann.expect_line("(not found: nothing) msg hal", "f")
        scene.server.signal(signal.SIGTERM)
        ann.expect("* Lost the server")
        ann.expect_line("(not found: nothing) msg hal", "f")
        ann.type(ESC)
        ann.expect_line("[Ann]> msg hal", "f")


@tap.case
def a_paste_waits_for_enter_whatever_is_in_it():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann = scene.ann
        ann.type(PASTE_BEGIN + "help\rexit\r\033[2Jexit" + PASTE_END
                 + "\rexit\r" + PASTE_END)
        ann.expect("pasted 4 lines: Enter enters them as one")
        ann.type(ctrl("u"))
        ann.expect_line("[Ann]> ")
        ann.until(lambda: "pasted" not in ann.text(), "the note to go")
        ann.type(PASTE_BEGIN + "help tcp" + PASTE_END + ENTER)
        ann.expect("tcp: move the conversation")
        assert "exit" not in ann.text(), ann.text()


@tap.case
def a_paste_without_marks_is_known_by_its_many_lines():
    with TerminalStage() as stage:
        ann = Scene(stage).ann
        ann.type_at_once("".join("line %d\r" % n for n in range(200)))
        ann.expect("pasted 200 lines")
        ann.type(ctrl("u"))
        ann.expect_line("[Ann]> ")
        assert "There is no command" not in ann.text(), ann.text()


@tap.case
def lines_typed_ahead_and_by_programs_are_entered():
    with TerminalStage() as stage:
        port = free_port()
        start_server(stage, port=port).expect_error("listening")
        ann = start(stage, "Ann", "-s", "127.0.0.1:%d" % port, "-n", "Ann")
        ann.type("help tcp\nhelp udp\n")
        ann.expect("tcp: move the conversation to TCP")
        ann.expect("udp: move the conversation to UDP")
        ann.expect_line("[Ann]> ")
        ann.type("help all\n")
        ann.expect("all [PREFIX]: list who is online")
        ann.type("two")
        ann.expect_line("[Ann]> two")
        ann.type("\n")
        ann.expect_line("")
        ann.type("lines")
        ann.expect_line("lines")


@tap.case
def control_c_twice_leaves():
    with TerminalStage() as stage:
        ann = Scene(stage).ann
        ann.type("text" + ctrl("c"))
        ann.expect_line("[Ann]> ")
        ann.type(ctrl("c"))
        ann.expect("* Ctrl+C again leaves.")
        # Two: when this comes too late to be "again", the second is.
        ann.type(ctrl("c") * 2)
        assert ann.exit_code() == 130


@tap.case
def control_d_on_an_empty_line_leaves():
    with TerminalStage() as stage:
        ann = Scene(stage).ann
        ann.type("a" + ctrl("d"))
        ann.expect_line("[Ann]> a")
        ann.type(BACKSPACE + ctrl("d"))
        assert ann.exit_code() == 0


@tap.case
def the_terminal_is_as_it_was_after_every_end():
    ends = [("exit", 0), (signal.SIGTERM, 143), (signal.SIGINT, 130),
            (signal.SIGHUP, 129), (signal.SIGSEGV, None)]
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann = scene.ann
        for how, code in ends:
            raw = ann.modes_now()
            assert not raw[3] & (termios.ICANON | termios.ECHO), raw
            assert ann.marks_paste()
            ann.type("half")
            ann.expect_line("[Ann]> half")
            if isinstance(how, str):
                ann.type(ctrl("u") + how + ENTER)
            else:
                ann.signal(how)
            status = ann.exit_code()
            assert code is None or status == code, (how, status)
            assert ann.modes_now() == ann.modes, how
            assert not ann.marks_paste(), how
            ann = scene.person("Ann")
            ann.expect_line("[Ann]> ")


@tap.case
def a_stopped_client_gives_the_terminal_to_the_shell():
    with TerminalStage() as stage:
        scene = Scene(stage)
        shell = terminal.Terminal(
            stage, Here, "Sue", ["/bin/sh", "-i", "-m"],
            env={"PS1": "shell: ", "ENV": ""})
        stage.programs.append(shell)
        shell.expect_line("shell: ")
        shell.enter("%s -s 127.0.0.1:%d -n Sue" % (
            stage.program("gop2p"), scene.port))
        shell.expect_line("[Sue]> ")
        shell.type("half" + ctrl("z"))
        shell.expect_line("shell: ")
        assert not shell.marks_paste()
        scene.ann.enter("connect Sue")
        scene.ann.expect("* Asking Sue")
        shell.enter("fg")
        shell.expect("* Ann asks for a conversation")
        shell.expect_line("[Sue]> half")


@tap.case
def a_dumb_terminal_gets_no_escape_sequences():
    with TerminalStage() as stage:
        scene = Scene(stage, env={"TERM": "dumb"})
        ann, bob = scene.ann, scene.bob()
        scene.introduce(bob)
        ann.type("half")
        ann.until(lambda: ann.line()[0].endswith("> half"), "the text")
        bob.do("msg hello")
        ann.until(lambda: ann.line()[0].endswith("> half"), "the text")
        ann.expect("\nBob: hello\n")
        ann.type(ctrl("u") + "exit" + ENTER)
        assert ann.exit_code() == 0
        assert b"\033" not in ann.raw, ann.raw


@tap.case
def colors_can_be_forbidden():
    with TerminalStage() as stage:
        scene = Scene(stage, env={"NO_COLOR": "1"})
        scene.ann.enter("nonsense")
        scene.ann.expect("! There is no command")
        assert b"m" not in re.findall(rb"\033\[[0-9;]*(.)", scene.ann.raw)
        bob = scene.person("Bob")
        bob.enter("nonsense")
        bob.expect("! There is no command")
        assert b"\033[1;31m" in bob.raw


@tap.case
def a_name_that_is_taken_is_asked_for_again():
    with TerminalStage() as stage:
        scene = Scene(stage)
        other = start(stage, "other", "-s", "127.0.0.1:%d" % scene.port,
                      "-p", str(free_port()), "-n", "Ann")
        other.expect("somebody else has that name")
        other.until(lambda: other.line()[0].startswith("Your name: "),
                    "the question")
        other.type(ctrl("u"))
        other.expect_line("Your name: ")
        other.enter("two words")
        other.expect("! That cannot be a name")
        other.enter("Anna")
        other.expect_line("[Anna]> ")


@tap.case
def a_server_is_asked_for_when_none_is_known():
    with TerminalStage() as stage:
        port = free_port()
        start_server(stage, port=port).expect_error("listening")
        ann = start(stage, "Ann", "-n", "Ann")
        ann.expect_line("Server (HOST[:PORT]): ")
        ann.enter("not a host")
        ann.enter("127.0.0.1:%d" % port)
        ann.expect_line("[Ann]> ")
        ann.enter("exit")
        assert ann.exit_code() == 0
        # The one that answered is asked again; a script has to name its own.
        ann = start(stage, "Ann")
        ann.expect_line("[Ann]> ")
        assert "Server (" not in ann.text(), ann.text()
        ann.enter("exit")
        assert ann.exit_code() == 0
        script = stage.start(Program, Here, "Ann", stage.program("gop2p"))
        assert script.exit_code() == 2
        script.expect_error("which server?")


@tap.case
def hostile_text_does_nothing_to_the_screen():
    with TerminalStage() as stage:
        scene = Scene(stage)
        ann, bob = scene.ann, scene.bob()
        scene.introduce(bob)
        before = len(ann.raw)
        bob.do("msg \033[2J\033]0;evil\007\x9b31m\u202eabc\u2066 end")
        ann.expect(" end\n")
        written = ann.raw[before:].decode()
        assert "\033[2J" not in written and "\033]" not in written, written
        assert not re.search("[\x07\x80-\x9f\u202e\u2066]", written), written


if __name__ == "__main__":
    tap.run()
