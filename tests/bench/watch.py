"""When a change becomes visible in each of several directories."""

import ctypes
import os
import struct
import time

EVENT = struct.Struct("=iIII")
IN_MODIFY, IN_MOVED_TO = 0x2, 0x80


class Watch:
    """Tells the moment at which the file `status` of each directory was first written after arm()."""

    def __init__(self, directories):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.directories = {}
        for directory in directories:
            number = libc.inotify_add_watch(self.fd, os.fsencode(directory), IN_MODIFY | IN_MOVED_TO)
            if self.fd < 0 or number < 0:
                raise OSError(ctypes.get_errno(), "inotify", directory)
            self.directories[number] = directory

    def close(self):
        os.close(self.fd)

    def arm(self):
        self.seen = {}
        self._read()
        self.seen = {}

    def _read(self):
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return
        now, at = time.monotonic_ns(), 0
        while at < len(data):
            number, _, _, size = EVENT.unpack_from(data, at)
            at += EVENT.size
            if data[at:at + size].rstrip(b"\0") == b"status":
                self.seen.setdefault(number, now)
            at += size

    def spread(self, seconds):
        """Nanoseconds from the first directory to the last; None if one of them never changed.

        It looks without pause, so that what it measures is not its own sleep.
        """
        until = time.monotonic() + seconds
        while len(self.seen) < len(self.directories):
            self._read()
            if time.monotonic() > until:
                return None
        return max(self.seen.values()) - min(self.seen.values())
