"""A gop2p on a terminal of its own: keys go in, a screen comes out."""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
import tap
from drive import Here, Program, Stage

SYSTEM_PYTHON = "/usr/bin/python3"

try:
    import pyte
except ImportError:
    # Debian's packages belong to Debian's interpreter.
    if (os.access(SYSTEM_PYTHON, os.X_OK)
            and not os.path.samefile(sys.executable, SYSTEM_PYTHON)):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON] + sys.argv)
    tap.skip_all("python3-pyte is not installed")

UP, DOWN, RIGHT, LEFT = "\033[A", "\033[B", "\033[C", "\033[D"
ENTER, TAB, ESC, BACKSPACE = "\r", "\t", "\033", "\177"
PASTE_BEGIN, PASTE_END = "\033[200~", "\033[201~"


def ctrl(letter):
    return chr(ord(letter.upper()) & 0x1f)


class Screen(pyte.HistoryScreen):
    """Can what xterm can and pyte cannot, or curses leaves old cells."""

    last = " "

    def draw(self, data):
        # With a mark that takes no column pyte stops, unless it combines as
        # accents do; those of India and Thailand do not.
        data = "".join(c for c in data if pyte.screens.wcwidth(c) != 0
                       or unicodedata.combining(c))
        self.last = data[-1:] or self.last
        super().draw(data)

    def set_margins(self, top=None, bottom=None):
        """Without a bottom it is that of the screen; pyte keeps the old one."""
        super().set_margins(top, bottom if top is None
                            else bottom or self.lines)

    def repeat(self, count=1):
        super().draw(self.last * (count or 1))

    def scroll_up(self, count=1):
        bottom = self.margins.bottom if self.margins else self.lines - 1
        self.scroll(bottom, self.index, count)

    def scroll_down(self, count=1):
        top = self.margins.top if self.margins else 0
        self.scroll(top, self.reverse_index, count)

    def scroll(self, edge, step, count):
        here = self.cursor.y
        self.cursor.y = edge
        for _ in range(count or 1):
            step()
        self.cursor.y = here


class Stream(pyte.ByteStream):
    csi = dict(pyte.ByteStream.csi, b="repeat", S="scroll_up",
               T="scroll_down")


class Terminal(Program):
    """What is typed and what is seen. The screen keeps what scrolls by."""

    def __init__(self, stage, node, who, argv, columns=80, rows=24,
                 env=None):
        self.stage, self.who, self.argv = stage, who, argv
        self.lines, self.errors = [], []
        self.raw = b""
        self.screen = Screen(columns, rows, history=10000, ratio=0.5)
        self.stream = Stream(self.screen)
        self.master, slave = pty.openpty()
        self.path = os.ttyname(slave)
        self.resize(columns, rows, tell=False)
        self.modes = termios.tcgetattr(slave)
        environment = dict(stage.env(who), TERM="xterm-256color",
                           LC_ALL="C.UTF-8")
        environment.update(env or {})
        self.process = node.spawn(
            argv, env=environment, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(
                0, termios.TIOCSCTTY, 0))
        os.close(slave)
        os.set_blocking(self.master, False)
        stage.selector.register(self.master, 1, [self, None, b""])

    def take(self, data):
        """Called by the stage with what the program wrote."""
        self.raw += data
        self.stream.feed(data)

    def resize(self, columns, rows, tell=True):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.screen.resize(rows, columns)

    def type(self, keys):
        os.write(self.master, keys.encode())

    def type_at_once(self, keys):
        """Types while nobody reads, so that all of it is read together."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        self.type(keys)
        while self.unread() < len(keys.encode()):
            self.stage.pump(0.01)
        self.signal(signal.SIGCONT)

    def unread(self):
        """How many bytes were typed and not read."""
        other = os.open(self.path, os.O_RDONLY | os.O_NOCTTY)
        try:
            count = fcntl.ioctl(other, termios.FIONREAD, bytes(4))
        finally:
            os.close(other)
        return struct.unpack("i", count)[0]

    def enter(self, line):
        self.type(line + ENTER)

    def rows(self):
        """What the screen shows, without the blanks at the ends."""
        return [row.rstrip() for row in self.screen.display]

    def text(self):
        """Everything that was shown, the oldest first."""
        above = ["".join(row[x].data for x in range(self.screen.columns))
                 .rstrip() for row in self.screen.history.top]
        return "\n".join(above + self.rows())

    def line(self):
        """The row of the cursor, up to it and behind it."""
        cells = self.screen.buffer[self.screen.cursor.y]
        row = [cells[x].data for x in range(self.screen.columns)]
        at = self.screen.cursor.x
        return "".join(row[:at]), "".join(row[at:]).rstrip()

    def expect(self, text):
        """Waits until the text was shown."""
        self.until(lambda: text in self.text(), "the text %r" % text)

    def expect_line(self, before, behind=""):
        """Waits until this stands before and behind the cursor."""
        self.until(lambda: self.line() == (before, behind),
                   "the line %r" % before)

    def modes_now(self):
        return termios.tcgetattr(self.master)

    def marks_paste(self):
        """True if bracketed paste was left switched on."""
        return (self.raw.rfind(b"\033[?2004h")
                > self.raw.rfind(b"\033[?2004l"))

    def story(self):
        return "\n".join(["$ " + " ".join(self.argv), "-- the screen:"]
                         + self.text().splitlines()[-40:]
                         + ["-- the cursor: %r" % (self.line(),)])


class TerminalStage(Stage):
    """A stage on which some programs have terminals."""

    def read(self, key):
        program = key.data[0]
        if not isinstance(program, Terminal):
            super().read(key)
            return
        try:
            data = os.read(key.fd, 65536)
        except OSError:  # nobody has the other end any more
            data = b""
        if data:
            program.take(data)
        else:
            self.selector.unregister(key.fileobj)


def start(stage, who, *options, **looks):
    """A gop2p on a terminal; nothing is waited for."""
    terminal = Terminal(stage, Here, who, [stage.program("gop2p"), *options],
                        **looks)
    stage.programs.append(terminal)
    return terminal
