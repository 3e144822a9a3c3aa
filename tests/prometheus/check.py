#!/usr/bin/env python3
"""What Prometheus itself says of kindred metrics, of the alert rules and of the dashboard.

    check.py --bin BUILD/bin [--prometheus DIR]

promtool checks the numbers of a scan with four services, as they are in a text file, the rules that ship, and each
expression of the dashboard; prometheus scrapes the numbers, and knows them afterwards. Both are looked for on PATH, or in
DIR. A program that is not there is named, and what it would have done is left out. Exit code 0: nothing was found fault with.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "doc", "prometheus")
LIMIT = 30
# What Grafana puts in the place of a variable.
VARIABLES = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "6h", "$instance": ".*", "$service": ".*"}


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def until(condition, what):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    sys.exit(f"after {LIMIT} s: {what}")


def checked(*words, **more):
    """Runs a check and shows what it says; it must find nothing."""
    ran = subprocess.run(words, capture_output=True, text=True, check=False, **more)
    print(f"{' '.join(os.path.basename(word) for word in words)}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}", end="")
    if ran.returncode != 0 or ran.stderr.strip():
        sys.exit("it finds fault")


def expressions(value):
    """Those of every panel, however deep they lie."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "expr":
                yield below
            else:
                yield from expressions(below)
    elif isinstance(value, list):
        for below in value:
            yield from expressions(below)


def rules_of_dashboard():
    """Its expressions as recording rules, which promtool can check."""
    with open(os.path.join(SHIPPED, "kindred-dashboard.json"), encoding="utf-8") as file:
        found = list(expressions(json.load(file)))
    if not found:
        sys.exit("the dashboard has no expressions")
    rules = []
    for number, text in enumerate(found):
        for variable, stands_for in VARIABLES.items():
            text = text.replace(variable, stands_for)
        if re.search(r"\$[a-z_{]", text):
            sys.exit(f"a variable that nothing is known of: {text}")
        rules.append({"record": f"dashboard:{number}", "expr": text})
    # JSON is YAML.
    return json.dumps({"groups": [{"name": "dashboard", "rules": rules}]})


def scraped(program, directory, port):
    """What prometheus knows of kindred_service_up when it has asked at that port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    write(f"{directory}/prometheus.yml",
          json.dumps({"global": {"scrape_interval": "1s"}, "rule_files": [os.path.join(SHIPPED, "kindred.rules.yml")],
                      "scrape_configs": [{"job_name": "kindred", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}))
    with open(f"{directory}/prometheus.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen([program, f"--config.file={directory}/prometheus.yml",
                                   f"--storage.tsdb.path={directory}/data", f"--web.listen-address=127.0.0.1:{own}"],
                                  stdout=log, stderr=log)

    def ask():
        query = urllib.parse.urlencode({"query": "kindred_service_up{role=\"main\"}"})
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{own}/api/v1/query?{query}", timeout=5) as answer:
                return {each["metric"]["service"]: each["value"][1] for each in json.load(answer)["data"]["result"]}
        except OSError:
            return None

    try:
        return until(ask, "prometheus knows of no service")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(LIMIT)


def check(directory, options, promtool, prometheus):
    kindred = os.path.join(options.bin, "kindred")
    services = f"{directory}/services"
    for name in ("web", "db", 'odd "name"\\'):
        write(f"{services}/{name}/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    write(f"{services}/off/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
    write(f"{services}/off/down", "")
    write(f"{services}/web/log/run", "#!/bin/sh\nexec cat >/dev/null\n", 0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = f"{directory}/kindred.prom"
    started = [subprocess.Popen([kindred, "scan", "--run-dir", f"{directory}/run", services])]
    try:
        def numbers():
            subprocess.run([kindred, "metrics", "--textfile", text, services], check=True)
            with open(text, encoding="utf-8") as file:
                return len(re.findall(r"^kindred_service_up\{.*\} 1$", file.read(), re.MULTILINE)) >= 4 or None

        until(numbers, "three services and a log are up")
        if promtool:
            with open(text, encoding="utf-8") as file:
                checked(promtool, "check", "metrics", stdin=file)
        if prometheus:
            started.append(subprocess.Popen([kindred, "metrics", "--listen", f"127.0.0.1:{port}", services]))
            known = scraped(prometheus, directory, port)
            print(f"prometheus knows: {known}")
            if known.get("web") != "1" or known.get("off") != "0" or known.get('odd "name"\\') != "1":
                sys.exit("that is not how services are")
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait(LIMIT)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--prometheus", help="a directory with promtool and prometheus")
    options = parser.parse_args()
    promtool = shutil.which("promtool", path=options.prometheus)
    prometheus = shutil.which("prometheus", path=options.prometheus)
    for name, found in (("promtool", promtool), ("prometheus", prometheus)):
        if not found:
            print(f"there is no {name}: what it would check is left out")
    if promtool:
        checked(promtool, "check", "rules", os.path.join(SHIPPED, "kindred.rules.yml"))
    with tempfile.TemporaryDirectory(prefix="kindred-prometheus-") as directory:
        rules = f"{directory}/dashboard.rules.yml"
        write(rules, rules_of_dashboard())
        if promtool:
            checked(promtool, "check", "rules", rules)
        check(directory, options, promtool, prometheus)


main()
