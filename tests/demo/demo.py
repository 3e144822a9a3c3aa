#!/usr/bin/env python3
"""A mixed fleet under one supervisor: what `cmake --workflow --preset try` shows.

    demo.py --kindred BUILD/bin/kindred

Copies tests/demo/services, service directories as different distributions write them, into a temporary
directory, supervises them with `kindred scan`, and looks at them with kindred's and with the originals' own
commands, where these are installed. Ends everything that it started. Exit code 0: all of it went as it should.
"""

import argparse
import ctypes
import fcntl
import glob
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PR_SET_CHILD_SUBREAPER = 36
CRON_REBOOT_MARK = "/run/crond.reboot"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NEEDED = ("redis-server", "redis-cli", "nginx", "prometheus-node-exporter")
ORIGINALS = ("sv", "svc", "svstat")

STYLES = {
    "redis": "runit, as Debian writes it: chpst, check, finish, svlogd",
    "nginx": "runit, as Void writes it: conf, control/t, supervise a link into /run",
    "cron": "daemontools: one line",
    "metrics": "daemontools: envdir, setuidgid and multilog; prometheus-node-exporter, watching the others",
    "backup": "daemontools: a down file, started by hand",
}


class Trouble(Exception):
    pass


def title(text):
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}{text}{plain}", flush=True)


def until(condition, what, limit=30):
    """Waits for the condition; returns its true value."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise Trouble(f"after {limit} s: {what}")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def cron_runs_already():
    """A second cron would only complain about the first one's lock."""
    try:
        with open("/run/crond.pid") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    except FileNotFoundError:
        return False
    except OSError:
        return True


def adopt_orphans():
    """Makes every process that outlives its supervisor a child of ours, so that none is overlooked."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise Trouble("prctl failed")


def descendants():
    """The living processes that come from here: {pid: name}."""
    parent, names = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    head, _, tail = stat.read().rpartition(")")
            except OSError:
                continue
            state, above = tail.split()[:2]
            if state not in "ZX":
                parent[int(entry)] = int(above)
                names[int(entry)] = head.partition("(")[2]
    found = {}
    for pid in parent:
        above = parent[pid]
        while above in parent and above != os.getpid():
            above = parent[above]
        if above == os.getpid():
            found[pid] = names[pid]
    return found


class Fleet:
    def __init__(self, home, kindred):
        self.home = home
        self.services = f"{home}/services"
        self.redis_port, self.nginx_port, self.metrics_port = free_ports(3)
        self.environment = os.environ | {
            "PATH": f"{os.path.dirname(kindred)}:{SYSTEM_PATH}", "LC_ALL": "C.UTF-8",
            "SVDIR": self.services}
        # Services find kindred's chain tools and loggers first; the commands that are shown are the originals'.
        self.build = os.path.dirname(os.path.dirname(kindred))
        self.services_environment = self.environment | {
            "PATH": f"{home}/kindred/bin/runit:{home}/kindred/bin/daemontools:{self.environment['PATH']}"}
        # What a user types is the original's where it is installed, and else kindred's of that name.
        self.has_originals = all(shutil.which(name, path=SYSTEM_PATH) for name in ORIGINALS)
        if not self.has_originals:
            self.environment = self.services_environment
        self.scan = None
        self.made_reboot_mark = not os.path.exists(CRON_REBOOT_MARK)

    # Before: the directories.

    def lay_out(self):
        os.chmod(self.home, 0o755)      # services under other users live here
        shutil.copytree(f"{HERE}/services", self.services, symlinks=True)
        # Not every user may pass the directories above the build.
        for family in ("runit", "daemontools"):
            shutil.copytree(f"{self.build}/bin/{family}", f"{self.home}/kindred/bin/{family}", symlinks=True)
            for program in glob.glob(f"{self.build}/kindred-{family}*"):
                shutil.copy(program, f"{self.home}/kindred/")
        os.makedirs(f"{self.home}/run/runit")
        os.makedirs(f"{self.home}/run/kindred", 0o700)
        if not shutil.which("cron", path=SYSTEM_PATH) or cron_runs_already():
            shutil.rmtree(f"{self.services}/cron")
            print("cron is left out: this host has none, or runs one already")
        for path, owner in (("redis/data", "redis"), ("redis/log/main", "redis"), ("nginx/log/main", "www-data"),
                            ("metrics/log/main", "nobody")):
            os.mkdir(f"{self.services}/{path}")
            shutil.chown(f"{self.services}/{path}", owner)
        self.write("redis/conf", f"PORT={self.redis_port}\n")
        self.write("nginx/conf", f"OPTS='-p {self.home}/nginx -c {self.home}/nginx/nginx.conf -e stderr'\n")
        os.symlink(f"{self.home}/run/runit/supervise.nginx", f"{self.services}/nginx/supervise")
        os.mkdir(f"{self.services}/metrics/env")
        self.write("metrics/env/PORT", f"{self.metrics_port}\n")
        self.write("metrics/env/SERVICES", f"{self.services}\n")
        os.mkdir(f"{self.home}/nginx")
        temporary = "".join(f"  {kind}_temp_path {self.home}/nginx/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.write("../nginx/nginx.conf", f"""user www-data;
worker_processes 1;
pid {self.home}/nginx/pid;
error_log stderr notice;
events {{}}
http {{
  access_log off;
{temporary}  server {{ listen 127.0.0.1:{self.nginx_port}; location / {{ return 200 "hello\\n"; }} }}
}}
""")

    def write(self, path, text):
        with open(f"{self.services}/{path}", "w") as file:
            file.write(text)

    def names(self):
        return sorted(os.listdir(self.services))

    # Commands, as a user types them in the directory of the fleet.

    def show(self, command, expect=0):
        print(f"$ {command}", flush=True)
        code = subprocess.run(command, shell=True, cwd=self.home, env=self.environment).returncode
        if code != expect:
            raise Trouble(f"{command}: exit {code}, not {expect}")

    def start(self):
        command = "kindred scan --run-dir run/kindred services"
        print(f"$ {command} &", flush=True)
        self.messages = open(f"{self.home}/messages", "w+")
        self.started = time.monotonic()
        self.scan = subprocess.Popen(command.split(), cwd=self.home, env=self.services_environment, stdin=subprocess.DEVNULL,
                                     stdout=self.messages, stderr=self.messages)

    # What is true, asked from the services themselves.

    def pid(self, name):
        with open(f"{self.services}/{name}/supervise/status", "rb") as status:
            return int.from_bytes(status.read()[12:16], "little")

    def answers(self, port, path, text):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            return text in connection.getresponse().read().decode()
        except OSError:
            return False

    def redis_answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.redis_port), 5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100) == b"+PONG\r\n"
        except OSError:
            return False

    def cron_runs(self):
        try:
            return os.readlink(f"/proc/{self.pid('cron')}/exe").endswith("/cron")
        except OSError:
            return False

    def wait_for(self, condition, what):
        def check():
            if self.scan.poll() is not None:
                raise Trouble(f"kindred scan left with {self.scan.returncode}")
            return condition()
        until(check, f"not so: {what}")
        print(f"  {what}, {time.monotonic() - self.started:.1f} s after the start", flush=True)

    def wait_until_up(self):
        self.wait_for(self.redis_answers, "redis answers PING")
        self.wait_for(lambda: self.answers(self.nginx_port, "/", "hello"), "nginx answers HTTP")
        self.wait_for(lambda: self.answers(self.metrics_port, "/metrics", 'service="redis"'), "metrics are served")
        if "cron" in self.names():
            self.wait_for(self.cron_runs, "cron runs")

    def metrics(self):
        print(f"$ curl -s http://127.0.0.1:{self.metrics_port}/metrics | grep ^node_service_state{{", flush=True)
        connection = http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=5)
        connection.request("GET", "/metrics")
        lines = [line for line in connection.getresponse().read().decode().splitlines()
                 if line.startswith("node_service_state{") and ('"redis"' in line or '"nginx"' in line)]
        print("\n".join(lines), flush=True)
        if len(lines) != 2 or not all(line.endswith(" 1") for line in lines):
            raise Trouble("the exporter does not see redis and nginx run")

    def replaced(self, name, command):
        before = self.pid(name)
        self.show(command)
        until(lambda: self.pid(name) not in (0, before), f"{name} was not restarted")
        print(f"  {name}: process {before} before, {self.pid(name)} now", flush=True)

    def end(self):
        """TERM to the scan; what it should leave is nothing."""
        print("$ kill -TERM %1; wait %1; echo $?", flush=True)
        self.scan.terminate()
        code = self.scan.wait(60)
        print(code, flush=True)
        left = descendants()
        print(f"  processes left: {' '.join(f'{name} ({pid})' for pid, name in left.items()) or 'none'}", flush=True)
        if code != 0 or left:
            raise Trouble("kindred scan did not end as it should")

    def clean_up(self):
        """Leaves no process, and the host's cron its chance to run @reboot jobs."""
        if self.made_reboot_mark and os.path.exists(CRON_REBOOT_MARK):
            os.unlink(CRON_REBOOT_MARK)
        deadline = time.monotonic() + 10
        while descendants() and time.monotonic() < deadline:
            for pid in descendants():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)


def demonstrate(fleet):
    title("Service directories, each as its distribution writes it")
    fleet.lay_out()
    for name in fleet.names():
        print(f"  services/{name:9}{STYLES[name]}")

    title("One supervisor for all of them")
    fleet.start()
    fleet.wait_until_up()
    fleet.show("kindred status services/*")

    title("What the originals' own commands see" if fleet.has_originals else
          "What kindred's commands of the originals' names see, since the originals are not here")
    fleet.show("sv status redis nginx")
    fleet.show("svstat services/*")
    fleet.metrics()

    title("And what they command")
    fleet.replaced("redis", "sv restart redis")
    fleet.replaced("metrics", "svc -t services/metrics")
    fleet.show("svc -o services/backup")
    until(lambda: os.path.exists(f"{fleet.services}/backup/last") and fleet.pid("backup") == 0, "backup has not run")
    fleet.show("svstat services/backup")
    fleet.show("grep finish services/redis/log/main/current")
    fleet.wait_for(lambda: fleet.answers(fleet.metrics_port, "/metrics", 'service="redis"'), "metrics are served again")
    fleet.wait_for(fleet.redis_answers, "redis answers again")
    fleet.show("kindred status services/*")

    title("The end")
    fleet.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kindred", required=True, metavar="PROGRAM", help="the kindred command of the build")
    options = parser.parse_args()
    if os.getuid() != 0:
        sys.exit("demo: run it as root: the services change their users")
    missing = [name for name in NEEDED if not shutil.which(name, path=SYSTEM_PATH)]
    if missing:
        sys.exit(f"demo: not installed: {' '.join(missing)} (the packages are in .ci/packages)")

    adopt_orphans()
    fleet = Fleet(tempfile.mkdtemp(prefix="kindred-demo-"), os.path.abspath(options.kindred))
    try:
        demonstrate(fleet)
    except Trouble as trouble:
        print(f"demo: {trouble}")
        if fleet.scan:
            fleet.messages.seek(0)
            print(f"kindred scan said:\n{fleet.messages.read()}")
        return 1
    finally:
        fleet.clean_up()
        shutil.rmtree(fleet.home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
