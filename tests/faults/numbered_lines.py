"""A writer that numbers its lines, a logger that by itself loses none, and the proof that all have arrived."""

import os
import sys

from harness import until

# Every line in one write; after each burst it notes how many of its life have gone out.
WRITER = f"""#!{sys.executable} -IS
import os, time
life = os.getpid()
os.write(os.open("starts", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), b"%d\\n" % life)
note = os.open("written.%d" % life, os.O_WRONLY | os.O_CREAT, 0o644)
number = 0
while True:
    for _ in range(20):
        os.write(1, b"%d %d\\n" % (life, number))
        number += 1
    os.pwrite(note, b"%d" % number, 0)
    time.sleep(0.002)
"""

# The kernel takes out of the pipe what it has put into the file, so that KILL finds nothing between the two.
LOGGER = f"""#!{sys.executable} -IS
import os
lines = os.open("lines", os.O_WRONLY | os.O_CREAT, 0o644)
os.lseek(lines, 0, os.SEEK_END)
while os.splice(0, lines, 1 << 16):
    pass
os.write(os.open("ends", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), b"end of file\\n")
"""


def pair(scene, name="pair"):
    return scene.service(name, run=WRITER, log=LOGGER)


def written(service, life):
    return int(service.read(f"written.{life}") or 0)


def wait_flowing(*services):
    """Waits until lines arrive that are written only now."""
    for service in services:
        size = os.path.getsize(service.file("log/lines")) if os.path.exists(service.file("log/lines")) else 0
        until(lambda: os.path.exists(service.file("log/lines")) and os.path.getsize(service.file("log/lines")) > size,
              f"{service.name}: no more lines arrive")


def missing(service):
    """What is wrong with the lines that have arrived; '' when nothing is. The writer must be down."""
    lives, counts = [], {}
    for line in service.lines("log/lines"):
        life, _, number = line.partition(" ")
        if not (life.isdigit() and number.isdigit()):
            return f"a torn line: {line!r}"
        life, number = int(life), int(number)
        if life not in counts:
            lives.append(life)
            counts[life] = 0
        if number != counts[life] or life != lives[-1]:
            return f"line {number} of life {life} where {counts[life]} was due"
        counts[life] = number + 1
    for life in (int(line) for line in service.lines("starts")):
        if counts.get(life, 0) < written(service, life):
            return f"life {life} wrote {written(service, life)} lines, {counts.get(life, 0)} have arrived"
    return ""


def check_complete(*services):
    """Takes the writers down, and proves that every line of every life has arrived once and in order."""
    for service in services:
        service.control(b"d")
    for service in services:
        service.wait_down()
        until(lambda: not missing(service), lambda: f"{service.name}: {missing(service)}")
