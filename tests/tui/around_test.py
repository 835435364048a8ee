"""Terminals inside of terminals and far away: the real screen(1), mosh(1) and
ssh(1), as they are without configuration, a real xterm, the Linux console."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import Table, expect_gone, expect_shown, loopback, status
import sshd
import tap
import xterm
from tap import case
from terminal import (ENTER, ESC, LEFT, PASTE_BEGIN, PASTE_END, Here, Screen,
                      Stream, TAB, Terminal, TerminalStage, ctrl, pyte)

ALT = ESC
PAGE_UP = "\033[5~"
ALT_END = ALT + "\033[4~"
HAS_MOSH = shutil.which("mosh-server") and shutil.which("mosh-client")


def ann_of(t):
    return [t.stage.program("gop2p-tui"), "-s", t.address, "-p",
            str(loopback.free_port()), "-n", "Ann"]


def meet(t, delivered):
    """Bob is asked by name, allows, and both say something."""
    expect_shown(t.ann, "registered as Ann")
    t.bob = t.person("Bob")
    expect_shown(t.ann, "+ Bob")
    t.ann.type(TAB)
    t.ann.expect_line("> /connect Bob ")
    t.ann.type(ENTER)
    t.bob.expect("request", **{"from": "Ann"})
    t.bob.do("allow Ann")
    t.ann.until(lambda: "VERIFIED" in status(t.ann), "a link")
    t.bob.do("msg Grüße, 漢字 and far away")
    expect_shown(t.ann, "Grüße, 漢字 and far away")
    t.ann.enter("hello from Ann: 漢字")
    t.bob.expect("message", text="hello from Ann: 漢字")
    t.ann.until(lambda: any(row.endswith(delivered)
                            for row in t.ann.rows()), "its mark")


def use_keys(t, f1):
    """Motion, Alt, a function key and Esc arrive as themselves."""
    t.ann.type("half" + LEFT * 2)
    t.ann.expect_line("[Bob] > ha", "lf")
    t.ann.type(f1)
    expect_shown(t.ann, "HELP")
    t.ann.type(ESC)
    expect_gone(t.ann, "HELP")
    t.ann.type(ALT + "v")
    expect_shown(t.ann, "VERIFY Bob")
    t.ann.type(ESC)
    expect_gone(t.ann, "VERIFY Bob")
    t.ann.type(ALT + "0")
    t.ann.expect_line("> ")
    t.ann.type(ALT + "1")
    t.ann.expect_line("[Bob] > ha", "lf")
    t.ann.type(ctrl("e") + ctrl("u"))
    t.ann.expect_line("[Bob] > ")


def scroll(t):
    for i in range(60):
        t.bob.say("msg line %d" % i)
    expect_shown(t.ann, "line 59")
    t.ann.type(PAGE_UP)
    expect_shown(t.ann, "MORE")
    t.ann.type(ALT_END)
    expect_shown(t.ann, "line 59")
    t.ann.until(lambda: "MORE" not in status(t.ann), "the end")


def change_size(t):
    for columns, rows in ((40, 12), (120, 40), (80, 24)):
        t.ann.resize(columns, rows)
        t.bob.do("msg at %d columns" % columns)
        expect_shown(t.ann, "at %d columns" % columns)
        t.ann.until(lambda: len(t.ann.rows()) == rows and
                    "VERIFIED" in status(t.ann), "the status line")


def paste(t):
    """As the terminal does: with marks where they were asked for."""
    text = "one\rtwo\rthree\r"
    t.bob.forget()
    t.ann.type(PASTE_BEGIN + text + PASTE_END if t.ann.marks_paste()
               else text)
    expect_shown(t.ann, "pasted 3 lines")
    t.ann.type(ctrl("u"))
    expect_gone(t.ann, "pasted 3 lines")
    t.ann.enter("nothing was sent")
    t.bob.expect("message", text="nothing was sent")
    said = [e["text"] for e in t.bob.events if e["event"] == "message"]
    assert not {"one", "two", "three"} & set("".join(said).split()), said


def everything(t, delivered="✓✓", f1="\033OP"):
    meet(t, delivered)
    use_keys(t, f1)
    scroll(t)
    change_size(t)
    paste(t)
    t.ann.enter("/exit!")
    t.ann.until(lambda: not t.ann.is_open(), "the end of all")


@case
def margins_that_are_taken_back_are_gone():
    """As mosh does it, which sets them only when it has to scroll."""
    screen = Screen(10, 4, history=10, ratio=0.5)
    Stream(screen).feed(b"\033[1;2r\033[2;1H\n\033[r\033[H"
                        b"one\r\ntwo\r\nthree\r\nfour")
    assert [row.rstrip() for row in screen.display] == [
        "one", "two", "three", "four"], screen.display


@contextlib.contextmanager
def at_failure(clean_up):
    """What is nobody's child ends with Ann's program, if all is well."""
    try:
        yield
    except BaseException:
        clean_up()
        raise


@case(needs=shutil.which("screen"))
def check_11_inside_screen():
    with TerminalStage() as stage:
        t = Table(stage)
        here = {"SCREENDIR": os.path.join(stage.home, "screens")}
        os.mkdir(here["SCREENDIR"], 0o700)
        rc = os.path.join(stage.home, "screenrc")
        with open(rc, "w", encoding="ascii") as lines:
            lines.write("startup_message off\n")
        screen = ["screen", "-U", "-c", rc, "-S", "ann"]
        t.ann = Terminal(stage, Here, "Ann", screen + ann_of(t), env=here)
        stage.programs.append(t.ann)
        with at_failure(lambda: subprocess.run(
                screen[:1] + screen[4:] + ["-X", "quit"], check=False,
                env=dict(stage.env("Ann"), **here))):
            everything(t)


def mosh_server(stage, argv):
    """Where it listens and its key; it ends with the program in it."""
    port = loopback.free_port()
    said = subprocess.run(
        ["mosh-server", "new", "-i", "127.0.0.1", "-p", str(port), "--",
         *argv], env=dict(stage.env("Ann"), LC_ALL="C.UTF-8"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True,
        encoding="utf-8")
    key = re.search(r"MOSH CONNECT (\d+) (\S+)", said.stdout)
    pid = re.search(r"pid = (\d+)", said.stderr)
    return key.group(1), key.group(2), int(pid.group(1))


@case(needs=HAS_MOSH)
def check_11_over_mosh():
    with TerminalStage() as stage:
        t = Table(stage)
        port, key, pid = mosh_server(stage, ann_of(t))
        t.ann = Terminal(stage, Here, "Ann",
                         ["mosh-client", "127.0.0.1", port],
                         env={"MOSH_KEY": key})
        stage.programs.append(t.ann)
        with at_failure(lambda: os.kill(pid, signal.SIGTERM)):
            everything(t)


def far_away(t, server):
    """Ann where she has her own home, and nothing else that she has here."""
    there = dict(t.stage.env("Ann"), LC_ALL="C.UTF-8")
    ann = Terminal(t.stage, Here, "Ann", server.ssh(
        ["env", *("%s=%s" % pair for pair in there.items()), *ann_of(t)],
        "-tt"))
    t.stage.programs.append(ann)
    return ann


@case(needs=sshd.IS_HERE)
def check_11_over_ssh():
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = far_away(t, sshd.Sshd(stage))
        everything(t)
        assert t.ann.exit_code() == 0
        assert t.ann.modes_now() == t.ann.modes


@case(needs=sshd.IS_HERE)
def check_9_a_connection_that_is_cut_leaves_the_draft():
    with TerminalStage() as stage:
        t = Table(stage)
        server = sshd.Sshd(stage)
        t.ann = far_away(t, server)
        meet(t, "✓✓")
        t.ann.type("half a 漢字")
        t.ann.expect_line("[Bob] > half a 漢字")
        t.ann.kill()
        t.bob.expect("disconnected", peer="Ann")
        t.ann = far_away(t, server)
        expect_shown(t.ann, "registered as Ann")
        t.ann.type(ALT + "1")
        t.ann.expect_line("[Bob] > half a 漢字")
        t.ann.type(ctrl("u"))
        t.ann.enter("/exit!")
        assert t.ann.exit_code() == 0


@case(needs=xterm.IS_HERE)
def check_11_in_a_real_xterm():
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = xterm.Xterm(stage, "Ann", ann_of(t))
        expect_shown(t.ann, "registered as Ann")
        t.ann.take_keys()
        meet(t, "✓✓")
        t.ann.agrees()
        assert "gop2p" in t.ann.xdo("getwindowname", t.ann.window)
        use_keys(t, "\033OP")
        t.ann.agrees()
        scroll(t)
        t.ann.agrees()
        change_size(t)
        t.ann.agrees()
        t.bob.do("msg Grüße")
        expect_shown(t.ann, "Grüße")
        t.ann.select("Grüße")
        t.ann.xdo("key", "shift+Insert")
        t.ann.expect_line("[Bob] > Grüße")
        t.ann.type(ctrl("u"))
        t.ann.enter("/exit!")
        t.ann.until(lambda: not t.ann.is_open(), "the end of all")


class Bare(pyte.HistoryScreen):
    """The Linux console as pyte has it, which is what pyte was made for."""

    def debug(self, *args, **options):
        raise AssertionError("not understood: %r %r" % (args, options))


class Console(Terminal):
    """A Linux console: no marks around pastes, no title, eight colours."""

    def __init__(self, *args, **looks):
        super().__init__(*args, **looks)
        self.screen = Bare(self.screen.columns, self.screen.lines,
                           history=10000, ratio=0.5)
        self.stream = pyte.ByteStream(self.screen)

    def marks_paste(self):
        return False


def colors_in(raw):
    return [int(number) for style in re.findall(rb"\033\[([0-9;]*)m", raw)
            for number in style.split(b";") if number]


@case
def check_11_on_the_linux_console():
    with TerminalStage() as stage:
        t = Table(stage)
        t.ann = t.screen(env={"TERM": "linux"}, kind=Console)
        everything(t, delivered=" ++", f1="\033[[A")
        assert b"\033]" not in t.ann.raw and b"\033P" not in t.ann.raw
        assert max(colors_in(t.ann.raw)) < 50  # eight, and the usual ones
        # Most of its fonts have a bar; none has a tick.
        beyond = set(t.ann.raw.decode()) - set("│Grüße漢字")
        assert all(char < "\x7f" for char in beyond), beyond
        # There is no other screen that would come back.
        assert t.ann.rows() == [""] * 24, t.ann.text()
        assert (t.ann.screen.cursor.y, t.ann.screen.cursor.x) == (0, 0)


tap.run()
