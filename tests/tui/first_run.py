"""Check 13. Times the documented first run: from an empty home to the first
message, in keystrokes and seconds. README, "THE FULL SCREEN": no question but
where the server is, Tab, Enter, and type."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from people import Table, expect_shown, loopback, status
import tap
from tap import case
from terminal import Here, Terminal, TerminalStage


SLOW = 1.2  # seconds a key, of somebody who looks for each


class Counting(Terminal):
    """A terminal that counts the keys of a user without habits."""

    keys = 0

    def type(self, keys):
        self.keys += len(keys)
        super().type(keys)


@case
def check_13_from_an_empty_home_to_the_first_message():
    with TerminalStage() as stage:
        t = Table(stage)
        t.bob = t.person("Bob")
        begin = time.monotonic()
        t.ann = Counting(stage, Here, "Ann", [
            stage.program("gop2p-tui"), "-p", str(loopback.free_port())])
        stage.programs.append(t.ann)
        expect_shown(t.ann, "Server host:port>")
        t.ann.enter(t.address)
        expect_shown(t.ann, "Tab picks who to talk to")
        t.ann.type("\t")
        t.ann.expect_line("> /connect Bob ")
        t.ann.type("\r")
        name = t.bob.expect("request")["from"]
        t.bob.do("allow " + name)
        t.ann.until(lambda: "VERIFIED" in status(t.ann), "a link")
        t.ann.enter("hello")
        t.bob.expect("message", text="hello")
        seconds = time.monotonic() - begin
        text = len(t.address) + len("hello")
        tap.comment("%d keystrokes, %d of them the address and the message"
                    % (t.ann.keys, text))
        tap.comment("%.1f s by the machine; at %.1f s a key %.0f s, and the "
                    "time that Bob takes to allow"
                    % (seconds, SLOW, seconds + SLOW * t.ann.keys))
        assert t.ann.keys - text <= 4, t.ann.keys - text
        t.ann.enter("/exit!")
        assert t.ann.exit_code() == 0
        # The second day nothing is asked.
        t.ann = Terminal(stage, Here, "Ann", t.ann.argv)
        stage.programs.append(t.ann)
        expect_shown(t.ann, "registered as " + name)
        assert "Server host:port>" not in t.ann.raw.decode()


tap.run()
