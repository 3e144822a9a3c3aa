"""Noise in a control FIFO."""

import os
import random
import threading

from harness import EVERY, SCANNING, case, descriptors, private_kib, restart_and_obey, until

MEGABYTE = 1 << 20
WRITERS = 4
MOST_GROWTH_KIB = 256

def noise(seed, size, without=b""):
    return random.Random(seed).randbytes(size).translate(None, without)


def pour(service, seed, size):
    """Writes in pieces of any size, waiting when the FIFO is full."""
    # `x` ends supervision, as it should: it has a case of its own.
    bytes_left = noise(seed, size, without=b"x")
    sizes = random.Random(seed)
    fifo = os.open(service.file("supervise/control"), os.O_WRONLY)
    try:
        while bytes_left:
            piece = sizes.randint(1, 8192)
            os.write(fifo, bytes_left[:piece])
            bytes_left = bytes_left[piece:]
    finally:
        os.close(fifo)


def flood(service, size):
    writers = [threading.Thread(target=pour, args=(service, seed, size // WRITERS)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    return writers


@case(*EVERY)
def a_megabyte_of_noise_in_a_fifo_disturbs_no_other_service(scene):
    flooded = scene.service("flooded")
    bystander, busy = scene.service("bystander"), scene.service("busy")
    scene.start()
    untouched, last = bystander.wait_up(), busy.wait_up()
    flooded.wait_up()
    supervisor = scene.supervisor(flooded)
    flooded.control(b"up")  # once before measuring: the first of everything takes memory
    until(lambda: flooded.unread_control() == 0, "two bytes are not read")
    open_before, memory_before = descriptors(supervisor), private_kib(supervisor)

    writers = flood(flooded, MEGABYTE)
    restarts = 0
    while any(writer.is_alive() for writer in writers):
        busy.control(b"t")
        last, restarts = busy.wait_up(but=last), restarts + 1
    assert restarts > 0, "the flood was over before anything else was asked"
    until(lambda: flooded.unread_control() == 0, "the flood is not read")

    flooded.control(b"cu")
    before = flooded.wait_up()
    flooded.control(b"k")
    flooded.wait_up(but=before)
    assert scene.supervisor(flooded) == supervisor and scene.lives(flooded)
    assert bystander.starts() == [untouched] and bystander.up() == untouched
    until(lambda: descriptors(supervisor) <= open_before,
          lambda: f"{descriptors(supervisor)} descriptors, {open_before} before")
    growth = private_kib(supervisor) - memory_before
    assert growth < MOST_GROWTH_KIB, f"the supervisor has grown by {growth} KiB"


@case(*SCANNING)
def a_service_that_noise_has_ended_is_taken_up_again(scene):
    noisy, bystander = scene.service("noisy"), scene.service("bystander")
    scene.start()
    untouched = bystander.wait_up()
    first = noisy.wait_up()
    core = scene.supervisor()
    # It holds x and k, so that the service leaves its supervisor.
    noisy.control(noise(7, 16384) + b"kxdk")
    until(lambda: not noisy.supervised(), "it is still supervised")
    noisy.wait_up(but=first)
    assert scene.supervisor() == core
    assert bystander.starts() == [untouched] and bystander.up() == untouched
    restart_and_obey(noisy)
