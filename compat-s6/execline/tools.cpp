// execline on one screen. Source: interfaces/execline.md.

#include "compat-s6/execline/tools.h"

#include "compat-s6/execline/commands.h"

namespace kindred::execline {
namespace {

constexpr int kUsage = 100;

/// A command whose words are steps.
constexpr ChainTool steps(const char* name, const char* usage, decltype(ChainTool::parse) parse,
                          const char* summary, const char* speaks_as = nullptr) {
  return {name, usage, parse, summary, kUsage, nullptr, nullptr, speaks_as};
}
/// A command that does more than that.
constexpr ChainTool turn(const char* name, const char* usage, decltype(ChainTool::turn) turn,
                         const char* summary) {
  return {name, usage, nullptr, summary, kUsage, nullptr, turn};
}

constexpr const char* kCdUsage = "execline-cd: usage: cd path prog...";
constexpr const char* kUmaskUsage = "execline-umask: usage: umask value prog...";

constexpr ChainTool kTools[] = {
    turn("background", "background: usage: background [ -d ] { command... } prog...", background,
         "start a program in the background"),
    turn("backtick",
         "backtick: usage: backtick [ -i | -I | -x | -D default ] [ -N | -n ] [ -E | -e ] var { prog... } "
         "remainder...",
         backtick, "make a program's output a variable"),
    turn("case",
         "case: usage: case [ -s | -S ] [ -e | -E ] [ -n | -N ] [ -i ] value { re1 { prog1... } re2 { "
         "prog2... } ... } "
         "progdefault...",
         case_, "run what an expression that matches a word says"),
    steps("cd", kCdUsage, parse_cd, "run a program in a directory", "execline-cd"),
    turn("define", "define: usage: define [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key value prog...",
         define, "replace a variable by a value"),
    turn("dollarat", "dollarat: usage: dollarat [ -n ] [ -0 | -d delimchar ]", dollarat,
         "print a script's arguments"),
    turn("elgetopt", "elgetopt: usage: elgetopt [ -D default ] optstring prog...", elgetopt,
         "make a script's options variables"),
    turn("elgetpositionals", "elgetpositionals: usage: elgetpositionals [ -P min ] prog...", elgetpositionals,
         "replace a script's arguments"),
    turn("elglob",
         "elglob: usage: elglob [ -v ] [ -w ] [ -s ] [ -m ] [ -e ] [ -0 ] [ -n ] [ -d delim ] key pattern "
         "prog...",
         elglob, "replace a variable by the paths that match a pattern"),
    turn("eltest", "eltest: usage: eltest expression...", eltest, "tell whether something is true"),
    steps("emptyenv", "emptyenv: usage: emptyenv [ -p ] [ -l ] [ -c | -o | -P ] prog...", parse_emptyenv,
          "run a program in an environment with less in it"),
    turn("envfile", "envfile: usage: envfile [ -i | -I ] file prog...", envfile,
         "run a program in an environment read from a file"),
    turn("exec", "exec: usage: exec [ -c ] [ -l ] [ -a argv0 ] prog...", exec,
         "run a program by another name"),
    steps("execline-cd", kCdUsage, parse_cd, "run a program in a directory"),
    steps("execline-umask", kUmaskUsage, parse_umask, "run a program with a file mode mask"),
    turn("execlineb",
         "execlineb: usage: execlineb [ -p | -P | -S nmin | -s nmin ] [ -q | -w | -W ] [ -e ] [ -c "
         "commandline ] "
         "script args",
         execlineb, "run a script"),
    turn("exit", "exit: usage: exit [ exitcode ]", execline::exit, "end with an exit code"),
    steps("export", "export: usage: export variable value prog...", parse_export,
          "run a program with a variable"),
    turn("export-array", "export-array: usage: export-array [ -d delim ] variable { values... } prog...",
         export_array, "run a program with a variable of several values"),
    steps("fdblock", "fdblock: usage: fdblock [ -n ] fd prog...", parse_fdblock,
          "run a program with a descriptor that waits, or does not"),
    steps("fdclose", "fdclose: usage: fdclose fd prog...", parse_fdclose,
          "run a program without a descriptor"),
    steps("fdmove", "fdmove: usage: fdmove [ -c ] to from prog...", parse_fdmove,
          "run a program with a descriptor moved"),
    steps("fdreserve", "fdreserve: usage: fdreserve n prog...", parse_fdreserve,
          "run a program that is told of free descriptors"),
    steps("fdswap", "fdswap: usage: fdswap fd1 fd2 prog...", parse_fdswap,
          "run a program with two descriptors exchanged"),
    turn("forbacktickx",
         "forbacktickx: usage: forbacktickx [ -E | -e ] [ -p | -P max ] [ -o okcode,okcode,... | -x "
         "breakcode,breakcode,... ] [ -N | -n ] [ -C | -c ] [ -0 | -d delim ] var { backtickcmd... } "
         "command...",
         forbacktickx, "run a program for each piece of another one's output"),
    turn("foreground", "foreground: usage: foreground { command... } prog...", foreground,
         "run one program and then another"),
    turn("forstdin",
         "forstdin: usage: forstdin [ -E | -e ] [ -p | -P max ] [ -o okcode,okcode,... | -x "
         "breakcode,breakcode,... ] "
         "[ -N | -n ] [ -C | -c ] [ -0 | -d delim ] var command...",
         forstdin, "run a program for each piece of standard input"),
    turn("forx",
         "forx: usage: forx [ -E | -e ] [ -p | -P max ] [ -o okcode,okcode,... | -x breakcode,breakcode,... "
         "] var { "
         "values... } command...",
         forx, "run a program for each of several values"),
    turn("getcwd", "getcwd: usage: getcwd [ -E | -e ] variable prog...", getcwd,
         "make the working directory a variable"),
    turn("getpid", "getpid: usage: getpid [ -E | -e ] [ -P | -p ] variable prog...", getpid,
         "make the process's number a variable"),
    turn("heredoc", "heredoc: usage: heredoc [ -d ] fd string command...", heredoc,
         "run a program that reads a text"),
    turn("homeof", "homeof: usage: homeof user", homeof, "print an account's home directory"),
    turn("if", "if: usage: if [ -X ] [ -n ] [ -t | -x exitcode ] { command... } prog...", if_,
         "run a program if another one succeeds"),
    turn("ifelse",
         "ifelse: usage: ifelse [ -X ] [ -n ] { command-if... } { command-then... } command-else...", ifelse,
         "run one of two programs"),
    turn("ifte", "ifte: usage: ifte [ -X ] [ -n ] { command-then... } { command-else... } command-if...",
         ifte, "run one of two programs, the test last"),
    turn("ifthenelse",
         "ifthenelse: usage: ifthenelse [ -X ] { command-if... } { command-then... } { command-else... } "
         "remainder...",
         ifthenelse, "run one of two programs and then another"),
    turn("importas",
         "importas: usage: importas [ -i | -D default ] [ -u ] [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] "
         "key var "
         "prog...",
         importas, "replace a variable by one of the environment"),
    turn("loopwhilex",
         "loopwhilex: usage: loopwhilex [ -n ] [ -o okcode,okcode,... | -x exitcode,exitcode,... ] prog...",
         loopwhilex, "run a program again and again"),
    turn("multidefine",
         "multidefine: usage: multidefine [ -0 ] [ -r ] [ -N | -n ] [ -C | -c ] [ -d delim ] value { vars... "
         "} "
         "prog...",
         multidefine, "replace several variables by the words of a value"),
    turn("multisubstitute", "multisubstitute: usage: multisubstitute { directives... } prog...",
         multisubstitute, "replace several variables at once"),
    turn("pipeline", "pipeline: usage: pipeline [ -d ] [ -r | -w ] { command... } prog...", pipeline,
         "run two programs with a pipe between"),
    steps("piperw", "piperw: usage: piperw fdr fdw prog...", parse_piperw, "run a program with a pipe"),
    turn("posix-cd", "posix-cd: usage: posix-cd [ -L | -P ] [ path ] [ prog... ]", posix_cd,
         "run a program in a directory, as POSIX's cd goes there"),
    turn("posix-umask", "posix-umask: usage: posix-umask [ -S ] [ mask ] [ prog... ]", posix_umask,
         "run a program with a file mode mask, as POSIX's umask has it"),
    turn("redirfd", "redirfd: usage: redirfd -[ r | w | u | a | x ] [ -n ] [ -b ] fd file prog...", redirfd,
         "run a program with a file as a descriptor"),
    turn("runblock", "runblock: usage: runblock [ -P ] [ -n argshift ] [ -r ] n cmd...", runblock,
         "run a block of a script's arguments"),
    turn("shift", "shift: usage: shift [ -n arg# ] [ -b block# ] prog...", shift,
         "run a program without the first of a script's arguments"),
    turn("trap", "trap: usage: trap [ -x ] { signal { cmdline } ... } prog...", trap,
         "run a program and answer signals"),
    turn("tryexec", "tryexec: usage: tryexec [ -n ] [ -c ] [ -l ] [ -a argv0 ] { command... } prog...",
         tryexec, "run a program, or another one if it cannot be run"),
    steps("umask", kUmaskUsage, parse_umask, "run a program with a file mode mask", "execline-umask"),
    steps("unexport", "unexport: usage: unexport variable prog...", parse_unexport,
          "run a program without a variable"),
    turn("wait", "wait: usage: wait [ -I | -i ] [ -a | -o ] [ -r | -t timeout ] { pids... } [ prog... ]",
         wait, "wait for programs in the background"),
    turn("withstdinas",
         "withstdinas: usage: withstdinas [ -i | -I | -D default ] [ -N | -n ] [ -E | -e ] var remainder...",
         withstdinas, "make standard input a variable"),
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::execline
