"""The examples of gop2p(1), taken from the formatted page and run as they
stand there, but for the name of the server."""

import os
import re
import shutil
import subprocess
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lab"))
import tap
from drive import Here, Stage
from loopback import free_port, start as start_server

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "man", "gop2p.1")


def examples():
    """The displays of the section as a reader sees them, in order."""
    page = subprocess.run(["mandoc", "-T", "ascii", PAGE], check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    page = re.sub(".\x08", "", page)
    section = page.split("\nEXAMPLES\n")[1].split("\nSEE ALSO\n")[0]
    blocks = [textwrap.dedent(block) for block in section.split("\n\n")
              if block.startswith(" " * 11)]
    return [block for block in blocks if not block.startswith("$ ")]


class Shells:
    """Shells in which gop2p is a command and example.org is our server."""

    def __init__(self, stage):
        self.stage = stage
        self.at = "127.0.0.1:%d" % free_port()
        server = start_server(stage, port=int(self.at.split(":")[1]))
        server.expect_error("listening")
        self.path = os.path.join(stage.home, "bin")
        os.mkdir(self.path)
        os.symlink(stage.program("gop2p"), os.path.join(self.path, "gop2p"))

    def start(self, who, example):
        env = self.stage.env(who)
        env["PATH"] = self.path + ":" + env["PATH"]
        return subprocess.Popen(
            ["sh", "-c", example.replace("example.org", self.at)],
            cwd=env["HOME"], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE)

    def run(self, who, example):
        shell = self.start(who, example)
        return shell.communicate(timeout=60)[0].decode(), shell.returncode


@tap.case
def the_examples_do_what_the_page_says():
    tell, who_is_online, robot = examples()
    with Stage() as stage:
        shells = Shells(stage)
        watcher = stage.client(Here, "Carol", shells.at)
        bob = shells.start("Bob", robot)
        watcher.expect("client", name="Bob", state="arrived")
        names, status = shells.run("Dave", who_is_online)
        assert (sorted(names.split()), status) == (["Bob", "Carol"], 0)
        told = shells.run("Ann", tell)
        assert told[1] == 0, told
        assert bob.wait(timeout=60) == 0
        with open(os.path.join(stage.home, "Bob", "said"),
                  encoding="utf-8") as said:
            assert '"text":"Dinner at eight?"' in said.read()


if __name__ == "__main__":
    for needed in "jq", "mandoc":
        if not shutil.which(needed):
            tap.skip_all(needed + " is not installed")
    tap.run()
