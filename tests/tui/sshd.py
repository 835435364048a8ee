"""A real sshd(8) on loopback."""

import getpass
import os
import shlex
import shutil
import subprocess

import loopback
import tap
from drive import Here, Program

# Where administrators' programs are; not always in the search path.
SSHD = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
IS_HERE = SSHD and shutil.which("ssh") and shutil.which("ssh-keygen")
CONFIG = """
Port %(port)d
ListenAddress 127.0.0.1
HostKey %(here)s/host
AuthorizedKeysFile %(here)s/user.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
PidFile none
"""


class Sshd:
    """A server of our own, with keys of its own, for whoever runs this."""

    def __init__(self, stage):
        if os.getuid() == 0 and not os.path.isdir("/run/sshd"):
            raise tap.Skip("sshd was never set up: there is no /run/sshd")
        self.stage, self.port = stage, loopback.free_port()
        self.here = os.path.join(stage.home, "ssh")
        os.mkdir(self.here, 0o700)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-f", self.file(key)], check=True)
        with open(self.file("config"), "w", encoding="ascii") as config:
            config.write(CONFIG % {"port": self.port, "here": self.here})
        with open(self.file("known"), "w", encoding="ascii") as known, \
                open(self.file("host.pub"), encoding="ascii") as key:
            known.write("[127.0.0.1]:%d %s" % (self.port, key.read()))
        server = stage.start(Program, Here, "sshd", SSHD, "-D", "-e", "-f",
                             self.file("config"))
        server.expect_error("listening on 127.0.0.1")
        tried = subprocess.run(self.ssh(["true"]), stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, check=False,
                               env=stage.env("Ann"), encoding="utf-8")
        if tried.returncode:
            raise tap.Skip("sshd lets nobody in: "
                           + " ".join(tried.stderr.split()))

    def file(self, name):
        return os.path.join(self.here, name)

    def ssh(self, argv, *options):
        """What runs this at the other end."""
        return ["ssh", "-F", "none", "-p", str(self.port), "-i",
                self.file("user"), "-o", "UserKnownHostsFile=" +
                self.file("known"), "-o", "IdentitiesOnly=yes", *options,
                getpass.getuser() + "@127.0.0.1", "exec " + shlex.join(argv)]
