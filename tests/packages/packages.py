#!/usr/bin/env python3
"""The Debian packages: lintian finds no error, two builds are equal to the byte, and they install, upgrade, remove and purge.

    packages.py BUILD_DIRECTORY [ROOT]

BUILD_DIRECTORY is a build with the prefix /usr (preset package). ROOT is an empty Debian root; without one debootstrap makes
it, which takes root, the network and a minute. Nothing outside a temporary directory is changed.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

FAMILIES = {"daemontools": ("svstat", "multilog"), "runit": ("sv", "runsv", "chpst"), "s6": ("s6-svc", "s6-log"),
            "execline": ("execlineb",)}


def say(*words, **more):
    return subprocess.run(words, check=True, text=True, **more)


def build(directory, into):
    """Makes the packages; returns their paths by name."""
    environment = dict(os.environ, SOURCE_DATE_EPOCH="1767225600")
    say("cpack", "--config", f"{directory}/CPackConfig.cmake", "-B", into, stdout=subprocess.DEVNULL, env=environment)
    packages = {os.path.basename(path).split("_")[0]: path for path in glob.glob(f"{into}/*.deb")}
    wanted = {"kindred", *(f"kindred-{family}" for family in FAMILIES)}
    if set(packages) != wanted:
        sys.exit(f"the packages are {sorted(packages)}, not {sorted(wanted)}")
    return packages


def digests(packages):
    found = {}
    for name, path in packages.items():
        with open(path, "rb") as package:
            found[name] = hashlib.sha256(package.read()).hexdigest()
    return found


class Root:
    """A Debian root in which packages come and go."""

    def __init__(self, path):
        self.path = path

    def run(self, *words):
        return say("chroot", self.path, *words, stdout=subprocess.PIPE,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}).stdout

    def install(self, packages):
        os.makedirs(f"{self.path}/packages", exist_ok=True)
        for path in packages:
            shutil.copy(path, f"{self.path}/packages")
        self.run("dpkg", "--install", *(f"/packages/{os.path.basename(path)}" for path in packages))

    def files(self):
        """What is there, but for dpkg's own."""
        found = set()
        for path, folders, files in os.walk(self.path):
            relative = os.path.relpath(path, self.path)
            if relative in ("packages", "proc", "var/lib/dpkg", "var/log", "var/cache"):
                folders[:] = []
                continue
            found.update(os.path.normpath(os.path.join(relative, name)) for name in [*folders, *files])
        return found


def prove_in(root, packages):
    before = root.files()
    everything = list(packages.values())
    root.install(everything)
    root.run("kindred", "--help")
    for family, programs in FAMILIES.items():
        for program in programs:
            root.run("sh", "-c", f"command -v {program} >/dev/null || test -x /usr/lib/execline/bin/{program}")
            target = os.path.realpath(root.run("sh", "-c", f"readlink -f $(command -v {program})").strip())
            if not target.startswith("/usr/libexec/kindred/kindred-"):
                sys.exit(f"{program} of {family} is {target}")
    # Each link leads somewhere.
    broken = root.run("sh", "-c", "find /usr/bin /usr/lib/execline /usr/libexec/kindred /usr/share/man -xtype l 2>/dev/null || true")
    if broken:
        sys.exit(f"links that lead nowhere:\n{broken}")
    # A package that needs the original is content.
    root.run("sh", "-c", "dpkg-query -W -f '${Provides}\\n' kindred-runit | grep -q '^runit (= 2'")
    # A service that runs is not touched by an upgrade.
    os.makedirs(f"{root.path}/services/web", exist_ok=True)
    with open(f"{root.path}/services/web/run", "w", encoding="ascii") as run:
        run.write("#!/bin/sh\nexec sleep 1000\n")
    os.chmod(f"{root.path}/services/web/run", 0o755)
    # The scanner is ours to end; what it supervises ends with it.
    scan = subprocess.Popen(["chroot", root.path, "kindred", "scan", "/services"], stdin=subprocess.DEVNULL)
    try:
        pid = root.run("sh", "-c", "until kindred status --json /services | grep '\"state\": \"run\"' >/dev/null; do sleep 0.1; done;"
                                   "kindred status --json /services | sed -n 's/.*\"pid\": \\([0-9]*\\),/\\1/p'").strip()
        root.install(everything)
        after = root.run("sh", "-c", "kindred status --json /services | sed -n 's/.*\"pid\": \\([0-9]*\\),/\\1/p'").strip()
        if not pid or after != pid:
            sys.exit(f"an upgrade left the service as {after}, it was {pid}")
    finally:
        scan.terminate()
        scan.wait(timeout=60)
    shutil.rmtree(f"{root.path}/services")
    root.run("dpkg", "--remove", *packages)
    if os.path.exists(f"{root.path}/usr/bin/kindred"):
        sys.exit("it is removed, and is there")
    root.run("dpkg", "--purge", *packages)
    # The user of runit's logs stays, as Debian has it, and with it what useradd keeps of the files it has changed.
    kept = {"etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-"}
    left = {path for path in root.files() - before - kept if not path.startswith(("run/", "packages", "dev/"))}
    if left:
        sys.exit(f"purged, and left: {sorted(left)}")


def main():
    directory = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="kx-") as place:
        packages = build(directory, f"{place}/first")
        if digests(packages) != digests(build(directory, f"{place}/second")):
            sys.exit("two builds differ")
        # Whose address that is, is the builder's affair.
        say("lintian", "--allow-root", "--fail-on", "error", "--suppress-tags",
            "bogus-mail-host,bogus-mail-host-in-debian-changelog", *packages.values())
        root = sys.argv[2] if len(sys.argv) > 2 else f"{place}/root"
        if len(sys.argv) <= 2:
            say("debootstrap", "--variant=minbase", "bookworm", root, stdout=subprocess.DEVNULL)
        prove_in(Root(root), packages)
    print("the packages are as they should be")


if __name__ == "__main__":
    main()
