#!/usr/bin/env python3
"""What nobody should give execline's commands: one clear line, the right code, nothing half done.

    hostile.py --bin BUILD/bin/execline
"""

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile

failures = []


def run(words, environment=None, limits=None, **more):
    return subprocess.run(words, capture_output=True, timeout=60, cwd=home, preexec_fn=limits,
                          env={"PATH": f"{options.bin}:/usr/bin:/bin", **(environment or {})}, **more)


def expect(what, ran, code, err=b"", out=b""):
    right = ran.returncode == code and (ran.stdout == out if isinstance(out, bytes) else out(ran.stdout)) and (ran.stderr == err if isinstance(err, bytes) else err(ran.stderr))
    if not right:
        failures.append(what)
        print(f"{what}: {ran.returncode} {ran.stdout[:200]!r} {ran.stderr[:300]!r}")


def one_line(*parts):
    return lambda text: text.count(b"\n") == 1 and text.endswith(b"\n") and all(part in text for part in parts)


def script(text):
    with open(f"{home}/script", "wb") as file:
        file.write(text)
    return ["execlineb", "-P", "script"]


def check():
    expect("no command to the one of many", run(["execline"]), 100, one_line(b"execline: usage: "))
    expect("a command that there is not", run(["execline", "true"]), 100,
           b"execline: fatal: unknown subcommand: true\n")
    expect("one command of many", run(["execline", "foreground", " execline", " cd", " /", " pwd", "", "execline", "exit", "3"]), 3, out=b"/\n")
    for path in ("", ":", "::"):
        expect("a PATH of nothing", run([f"{options.bin}/cd", "/bin", "true"], {"PATH": path}), 126,
               one_line(b"execline-cd: fatal: unable to exec true: "))
    expect("a block that is never closed", run(script(b"foreground { touch half " * 1000)), 100,
           b"execlineb: fatal: unmatched { in file script\n")
    expect("a block that no command closes", run(["foreground", " touch", " half", "true"]), 100,
           b"foreground: fatal: unterminated block\n")
    expect("blocks without end", run(["execlineb", "/dev/stdin"], input=b"a { " * 300000), 126,
           one_line(b"execlineb: fatal: unable to exec a: Argument list too long"))
    expect("a script without end", run(["sh", "-c", "yes xxxxxxxxxxxxxxxxxxxxxxxx | execlineb /dev/stdin"]), 126,
           one_line(b"Argument list too long"))
    # Blocks in blocks, as deep as a command line can hold them, in a small stack.
    deep = b"foreground { " * 300 + b"true" + b" }" * 300 + b" true"
    small = lambda: resource.setrlimit(resource.RLIMIT_STACK, (512 * 1024, resource.RLIM_INFINITY))
    expect("blocks in blocks", run(script(deep)), 0)
    expect("blocks in blocks, and a small stack", run(script(deep), limits=small), 0)
    expect("tests in tests", run(script(b"if { " * 300 + b"exit 7" + b" }" * 300)), 7)

    word = b"x" * (128 * 1024 - 1)
    expect("a word of 128 KiB", run(["define", "v", word, "sh", "-c", "printf %s ${#1}", "x", "$v"]), 0, out=b"131071")
    expect("a word that is too long for the kernel", run(["define", "v", word, "printf", "${v}${v}"]), 126,
           b"define: fatal: unable to exec printf: Argument list too long\n")
    many = " ".join("x" * 100)
    expect("a product that no kernel takes", run(["define", "-s", "v", many, "printf", "$v$v$v$v$v$v"]), 126,
           b"define: fatal: unable to exec printf: Argument list too long\n")
    expect("a pipe's text that is too long", run(["withstdinas", "-E", "v", "printf", "$v"], input=b"x" * (8 << 20)), 111,
           one_line(b"withstdinas: fatal: unable to read"))
    expect("output that is too long", run(["backtick", "v", " yes", "", "true"]), 111, one_line(b"backtick: fatal: unable to read"))
    expect("arguments that are not there", run(["elgetpositionals", "-P", "4000000000", "true"], {"#": "0", "0": "s"}), 126,
           one_line(b"Argument list too long"))
    expect("a number of arguments that cannot be", run(["dollarat"], {"#": "4294967295"}), 100, b"dollarat: fatal: 1 not set\n")
    expect("a default for what must be set", run(["importas", "-i", "-D", "x", "v", "NOPE", "true"]), 100,
           b"importas: fatal: NOPE not set\n")
    expect("parentheses", run(["eltest"] + ["("] * 60000), 100, one_line(b"eltest: fatal: parse error"))

    expect("a descriptor that cannot be", run(["fdmove", "4294967295", "1", "true"]), 111, one_line(b"fdmove: fatal: unable to"))
    expect("directives without positional parameters", run(["multisubstitute", " elgetpositionals", "", "true"]), 100,
           b"multisubstitute: fatal: wrong key for directive elgetpositionals\n")
    expect("no positional parameters", run(["elgetpositionals", "true"]), 111, b"elgetpositionals: fatal: bad substitution key\n")
    expect("a directory without a name", run(["posix-cd", "", "true"]), 100, one_line(b"posix-cd: usage: "))
    expect("a loop without a body", run(["forbacktickx", "v", " sh", " -c", " echo a; echo ran >&2", ""]), 0, b"ran\n")
    expect("a loop without a body over nothing", run(["forbacktickx", "v", " true", ""]), 1)

    def ignoring(signal_number):
        return lambda: signal.signal(signal_number, signal.SIG_IGN)

    expect("a text whose writer's end is ignored", run(["heredoc", "-d", "0", "text", "cat"], limits=ignoring(signal.SIGCHLD)),
           0, out=b"text")
    # SIGHUP, by nohup: it stays so.
    expect("who traps another signal", run(["trap", " TERM", " ", "", "grep", "SigIgn", "/proc/self/status"],
                                           limits=ignoring(signal.SIGHUP)), 0,
           out=lambda text: int(text.split()[1], 16) & 1 == 1)
    expect("whose pieces they are", run(["forbacktickx", "v", " printenv", " !", "", "printenv", "v", "!"], {"!": "7"}), 0, out=b"7\n")

    # Where a release of the original crashes, or says less.
    expect("an empty test", run(["execlineb", "-Pc", "if { } exit 3"]), 3)
    expect("an empty block of a script's", run(["runblock", "1"], {"#": "1", "0": "s", "1": ""}), 0)
    expect("an option that is none", run(["elgetopt", "a", "true"], {"#": "1", "0": "s", "1": "-z"}), 1,
           b"s: illegal option -- z\n")
    with open(f"{home}/variables", "w", encoding="ascii") as file:
        file.write("A=1 \nB=2\t\nC\n")
    expect("a wrong line", run(["envfile", "variables", "true"]), 1, b"envfile: fatal: in variables: syntax error line 3\n")
    os.unlink(f"{home}/variables")
    os.mkfifo(f"{home}/variables")
    expect("variables of a FIFO that nobody has open", run(["envfile", "variables", "true"]), 0)
    expect("variables that are still being written",
           run(["sh", "-c", "{ ls / >/dev/null; echo A=1; } | envfile /dev/stdin printenv A"]), 0, out=b"1\n")
    os.unlink(f"{home}/variables")

    # A script that becomes itself goes on for ever in the memory that it has.
    with open(f"{home}/again", "w", encoding="ascii") as file:
        file.write("#" * 4000 + "\nimportas -iu n N redirfd -a 1 rounds foreground { echo x } export N ${n}x "
                   "ifelse { eltest ${n} =~ \"x{400}\" } { exit 0 } execlineb -P again\n")
    # The shadow of a sanitizer alone takes more than any limit.
    small_heap = None if options.sanitized else lambda: resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))
    expect("a script that becomes itself", run(["execlineb", "-P", "again"], {"N": ""}, limits=small_heap), 0)
    with open(f"{home}/rounds", "rb") as file:
        expect_equal("rounds", len(file.read()), 2 * 401)

    # Nothing that the original would not leave open, whatever ran in this process.
    shown = "sh -c \"for f in /proc/self/fd/*; do printf '%s ' ${f##*/}; done\""
    for chain in ("", "foreground { true }", "backtick v { echo x }", "forbacktickx v { echo x }", "pipeline { true }",
                  "background { true }", "background -d { true }", "heredoc 0 x", "if { true }", "redirfd -r 0 /dev/null",
                  "forx v { a }", "export A b foreground { export C d true }"):
        ran = run(["execlineb", "-Pc", f"{chain} {shown}"], stdin=subprocess.DEVNULL)
        expect(f"descriptors after {chain}", ran, 0, out=b"0 1 2 3 ")
    inner = run(["execlineb", "-Pc", "forbacktickx v { echo x } foreground { export A b foreground { " + shown + " } } true"],
                stdin=subprocess.DEVNULL)
    expect("descriptors of a child's child", inner, 0, out=b"0 1 2 3 ")

    # A word is a command of ours only where PATH leads to it.
    os.mkdir(f"{home}/first")
    with open(f"{home}/first/export", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\necho decoy\n")
    os.chmod(f"{home}/first/export", 0o755)
    ran = run(["execlineb", "-Pc", "export A b true"], {"PATH": f"{home}/first:{options.bin}:/bin"})
    expect("another program of a command's name", ran, 0, out=b"decoy\n")
    os.chmod(f"{home}/first/export", 0o644)
    ran = run(["execlineb", "-Pc", "export A b printenv A"], {"PATH": f"{home}/first:{options.bin}:/usr/bin:/bin"})
    expect("a file that is no program, of a command's name", ran, 0, out=b"b\n")
    expect("nothing half done", run(["ls"]), 0, out=b"again\nfirst\nrounds\nscript\n")


def expect_equal(what, got, wanted):
    if got != wanted:
        failures.append(what)
        print(f"{what}: {got}, not {wanted}")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--bin", required=True, metavar="DIR")
parser.add_argument("--sanitized", action="store_true", help="the programs are built with sanitizers")
options = parser.parse_args()
options.bin = os.path.abspath(options.bin)
with tempfile.TemporaryDirectory(prefix="kindred-execline-") as home:
    check()
print(f"{len(failures)} failed" if failures else "all as it should be")
sys.exit(1 if failures else 0)
