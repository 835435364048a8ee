"""A real xterm on an X server that nobody looks at."""

import os
import re
import shutil
import subprocess
import time

from drive import PATIENCE, Here, Program
from terminal import ENTER, ESC, LEFT, TAB, Screen, Stream, Terminal

IS_HERE = all(map(shutil.which, ("xterm", "Xvfb", "xdotool")))
# What is typed, as keys; F12 has xterm print what it shows.
KEYSYMS = {ENTER: "Return", TAB: "Tab", ESC: "Escape", LEFT: "Left",
           "\033OP": "F1", "\033[5~": "Prior", ESC + "\033[4~": "alt+End",
           " ": "space", "/": "slash", "!": "exclam", ":": "colon",
           "漢字": "F11"}
BOUND = ("XTerm.vt100.translations: #override <Key>F12: print-everything()"
         "\\n <Key>F11: string(\"漢字\")")


def keysyms(keys):
    """One after the other, the longest names first."""
    return [KEYSYMS.get(key) or
            ("alt+" + key[1] if key[0] == ESC else
             "ctrl+" + chr(ord(key) | 0x60) if key < " " else key)
            for key in re.findall("|".join(
                map(re.escape, sorted(KEYSYMS, key=len, reverse=True))) +
                "|\033.|.", keys, re.S)]


class Xterm(Terminal):
    """Keys are pressed, and what the program writes is read along."""

    def __init__(self, stage, who, argv):
        self.stage, self.who = stage, who
        self.lines, self.errors, self.raw = [], [], b""
        self.screen = Screen(80, 24, history=10000, ratio=0.5)
        self.stream = Stream(self.screen)
        server = stage.start(Program, Here, "X", "Xvfb", "-displayfd", "1",
                             "-screen", "0", "1280x1024x24", "-nolisten",
                             "tcp", "-r")
        server.until(lambda: server.lines, "its display")
        self.paper = os.path.join(stage.home, "paper")
        self.env = dict(stage.env(who), DISPLAY=":" + server.lines[0],
                        LC_ALL="C.UTF-8")
        log = os.path.join(stage.home, "log")
        os.mkfifo(log)
        self.argv = ["xterm", "-geometry", "80x24", "-l", "-lf", log,
                     "-xrm", BOUND, "-xrm", "XTerm*printAttributes: 0",
                     "-xrm", "XTerm*printerCommand: cat >%s.new && mv %s.new "
                     "%s" % ((self.paper,) * 3), "-e", *argv]
        stage.selector.register(os.open(log, os.O_RDONLY | os.O_NONBLOCK), 1,
                                [self, None, b""])
        # Until xterm has it, for it opens it twice.
        writer = os.open(log, os.O_WRONLY)
        self.process = Here.spawn(self.argv, env=self.env)
        stage.programs.append(self)
        self.until(lambda: self.raw, "its first byte")
        os.close(writer)

    def take_keys(self):
        """Once it shows something: from now on they are for it."""
        self.window = self.xdo("search", "--onlyvisible", "--class", "XTerm")
        self.xdo("windowfocus", "--sync", self.window)
        width, height = map(int, re.search(
            r"Geometry: (\d+)x(\d+)", self.xdo("getwindowgeometry",
                                               self.window)).groups())
        self.cell = width // 80, height // 24
        self.edge = width % 80, height % 24

    def xdo(self, *argv):
        return subprocess.run(["xdotool", *argv], env=self.env, check=True,
                              stdout=subprocess.PIPE, timeout=PATIENCE,
                              encoding="ascii").stdout.strip()

    def type(self, keys):
        self.xdo("key", "--delay", "0", *keysyms(keys))

    def resize(self, columns, rows, tell=True):
        self.xdo("windowsize", self.window,
                 str(self.edge[0] + columns * self.cell[0]),
                 str(self.edge[1] + rows * self.cell[1]))
        if tell:
            self.screen.resize(rows, columns)

    def printed(self):
        """What xterm itself says that it shows."""
        self.xdo("key", "F12")
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(self.paper):
            assert time.monotonic() < deadline, "nothing was printed"
            self.stage.watch(0.01)
        with open(self.paper, encoding="utf-8") as paper:
            rows = paper.read().replace("\uffff", "").splitlines()
        os.unlink(self.paper)
        return [row.rstrip() for row in rows[-self.screen.lines:]]

    def agrees(self):
        """Waits until xterm shows what its log makes others show."""
        deadline = time.monotonic() + PATIENCE
        while self.printed() != self.rows():
            assert time.monotonic() < deadline, self.printed()
            self.stage.watch(0.01)

    def select(self, word):
        """With the mouse, as to paste it."""
        row = next(i for i, text in enumerate(self.rows()) if word in text)
        at = (self.rows()[row].index(word) + 0.5, row + 0.5)
        self.xdo("mousemove", "--window", self.window,
                 *(str(int(place * cell)) for place, cell in
                   zip(at, self.cell)),
                 "click", "--repeat", "2", "1")
