"""What the tests on loopback rely on."""

import os
import subprocess
import sys

LAB = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab")
sys.path.insert(0, LAB)
import tap

# Whatever is drawn by lot, all draw the same.
DRAW = """
import random, sys
sys.path.insert(0, sys.argv[1])
from drive import free_port
random.seed(1)
print(*(free_port() for _ in range(150)), flush=True)
sys.stdin.read()
"""


@tap.case
def a_port_that_nobody_uses_yet_is_given_to_one_process():
    everybody = [subprocess.Popen([sys.executable, "-c", DRAW, LAB],
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
                 for _ in range(3)]
    ports = [int(word) for one in everybody
             for word in one.stdout.readline().split()]
    for one in everybody:
        one.communicate()
    assert len(ports) == 3 * 150, len(ports)
    probes = [port + 2 for port in ports]
    assert len({*ports, *probes}) == 2 * len(ports), sorted(ports)


tap.run()
