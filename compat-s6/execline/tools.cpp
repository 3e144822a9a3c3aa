// execline on one screen. Source: interfaces/execline.md.

#include "compat-s6/execline/tools.h"

#include "compat-s6/execline/commands.h"

namespace kindred::execline {
namespace {

constexpr int kUsage = 100;

template <class Command>
ChainRequest parse_words_of(int argc, char** argv, const Environment& environment) {
  const std::span<char* const> all(argv, static_cast<std::size_t>(argc));
  Words words(all, environment, Command::kLetters, Command::kNames);
  if (!Command::parse(words)) return ChainRequest::misuse(words.reason());
  ChainRequest request;
  request.program = all.last(words.rest().size());
  request.needs_no_program = true;
  return request;
}

template <class Command>
ChainTurn turn_of(const ChainCall& chain_call) {
  Call call(chain_call, Command::kLetters, Command::kNames);
  const auto command = Command::parse(call);
  if (!command) return call.refused();
  call.warn();
  return command->act(call);
}

/// A command whose words are steps.
constexpr ChainTool steps(const char* name, const char* usage, decltype(ChainTool::parse) parse,
                          const char* summary, const char* speaks_as = nullptr) {
  return {name, usage, parse, summary, kUsage, nullptr, nullptr, speaks_as};
}
/// A command that does more than that.
template <class Command>
constexpr ChainTool turn(const char* name, const char* usage, const char* summary) {
  return {name, usage, parse_words_of<Command>, summary, kUsage, nullptr, turn_of<Command>};
}

constexpr const char* kCdUsage = "execline-cd: usage: cd path prog...";
constexpr const char* kUmaskUsage = "execline-umask: usage: umask value prog...";

constexpr ChainTool kTools[] = {
    turn<Background>("background", "background: usage: background [ -d ] { command... } prog...",
                     "start a program in the background"),
    turn<Backtick>(
        "backtick",
        "backtick: usage: backtick [ -i | -I | -x | -D default ] [ -N | -n ] [ -E | -e ] var { prog... } "
        "remainder...",
        "make a program's output a variable"),
    turn<Case>("case",
               "case: usage: case [ -s | -S ] [ -e | -E ] [ -n | -N ] [ -i ] value { re1 { prog1... } re2 { "
               "prog2... } ... } "
               "progdefault...",
               "run what an expression that matches a word says"),
    steps("cd", kCdUsage, parse_cd, "run a program in a directory", "execline-cd"),
    turn<Define>("define",
                 "define: usage: define [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key value prog...",
                 "replace a variable by a value"),
    turn<Dollarat>("dollarat", "dollarat: usage: dollarat [ -n ] [ -0 | -d delimchar ]",
                   "print a script's arguments"),
    turn<Elgetopt>("elgetopt", "elgetopt: usage: elgetopt [ -D default ] optstring prog...",
                   "make a script's options variables"),
    turn<Elgetpositionals>("elgetpositionals", "elgetpositionals: usage: elgetpositionals [ -P min ] prog...",
                           "replace a script's arguments"),
    turn<Elglob>(
        "elglob",
        "elglob: usage: elglob [ -v ] [ -w ] [ -s ] [ -m ] [ -e ] [ -0 ] [ -n ] [ -d delim ] key pattern "
        "prog...",
        "replace a variable by the paths that match a pattern"),
    turn<Eltest>("eltest", "eltest: usage: eltest expression...", "tell whether something is true"),
    steps("emptyenv", "emptyenv: usage: emptyenv [ -p ] [ -l ] [ -c | -o | -P ] prog...", parse_emptyenv,
          "run a program in an environment with less in it"),
    turn<Envfile>("envfile", "envfile: usage: envfile [ -i | -I ] file prog...",
                  "run a program in an environment read from a file"),
    turn<Exec>("exec", "exec: usage: exec [ -c ] [ -l ] [ -a argv0 ] prog...",
               "run a program by another name"),
    steps("execline-cd", kCdUsage, parse_cd, "run a program in a directory"),
    steps("execline-umask", kUmaskUsage, parse_umask, "run a program with a file mode mask"),
    turn<Execlineb>(
        "execlineb",
        "execlineb: usage: execlineb [ -p | -P | -S nmin | -s nmin ] [ -q | -w | -W ] [ -e ] [ -c "
        "commandline ] "
        "script args",
        "run a script"),
    turn<Exit>("exit", "exit: usage: exit [ exitcode ]", "end with an exit code"),
    steps("export", "export: usage: export variable value prog...", parse_export,
          "run a program with a variable"),
    turn<ExportArray>("export-array",
                      "export-array: usage: export-array [ -d delim ] variable { values... } prog...",
                      "run a program with a variable of several values"),
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
    turn<Forbacktickx>(
        "forbacktickx",
        "forbacktickx: usage: forbacktickx [ -E | -e ] [ -p | -P max ] [ -o okcode,okcode,... | -x "
        "breakcode,breakcode,... ] [ -N | -n ] [ -C | -c ] [ -0 | -d delim ] var { backtickcmd... } "
        "command...",
        "run a program for each piece of another one's output"),
    turn<Foreground>("foreground", "foreground: usage: foreground { command... } prog...",
                     "run one program and then another"),
    turn<Forstdin>("forstdin",
                   "forstdin: usage: forstdin [ -E | -e ] [ -p | -P max ] [ -o okcode,okcode,... | -x "
                   "breakcode,breakcode,... ] "
                   "[ -N | -n ] [ -C | -c ] [ -0 | -d delim ] var command...",
                   "run a program for each piece of standard input"),
    turn<Forx>(
        "forx",
        "forx: usage: forx [ -E | -e ] [ -p | -P max ] [ -o okcode,okcode,... | -x breakcode,breakcode,... "
        "] var { "
        "values... } command...",
        "run a program for each of several values"),
    turn<Getcwd>("getcwd", "getcwd: usage: getcwd [ -E | -e ] variable prog...",
                 "make the working directory a variable"),
    turn<Getpid>("getpid", "getpid: usage: getpid [ -E | -e ] [ -P | -p ] variable prog...",
                 "make the process's number a variable"),
    turn<Heredoc>("heredoc", "heredoc: usage: heredoc [ -d ] fd string command...",
                  "run a program that reads a text"),
    turn<Homeof>("homeof", "homeof: usage: homeof user", "print an account's home directory"),
    turn<If>("if", "if: usage: if [ -X ] [ -n ] [ -t | -x exitcode ] { command... } prog...",
             "run a program if another one succeeds"),
    turn<Ifelse>("ifelse",
                 "ifelse: usage: ifelse [ -X ] [ -n ] { command-if... } { command-then... } command-else...",
                 "run one of two programs"),
    turn<Ifte>("ifte",
               "ifte: usage: ifte [ -X ] [ -n ] { command-then... } { command-else... } command-if...",
               "run one of two programs, the test last"),
    turn<Ifthenelse>(
        "ifthenelse",
        "ifthenelse: usage: ifthenelse [ -X ] { command-if... } { command-then... } { command-else... } "
        "remainder...",
        "run one of two programs and then another"),
    turn<Importas>(
        "importas",
        "importas: usage: importas [ -i | -D default ] [ -u ] [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] "
        "key var "
        "prog...",
        "replace a variable by one of the environment"),
    turn<Loopwhilex>(
        "loopwhilex",
        "loopwhilex: usage: loopwhilex [ -n ] [ -o okcode,okcode,... | -x exitcode,exitcode,... ] prog...",
        "run a program again and again"),
    turn<Multidefine>(
        "multidefine",
        "multidefine: usage: multidefine [ -0 ] [ -r ] [ -N | -n ] [ -C | -c ] [ -d delim ] value { vars... "
        "} "
        "prog...",
        "replace several variables by the words of a value"),
    turn<Multisubstitute>("multisubstitute",
                          "multisubstitute: usage: multisubstitute { directives... } prog...",
                          "replace several variables at once"),
    turn<Pipeline>("pipeline", "pipeline: usage: pipeline [ -d ] [ -r | -w ] { command... } prog...",
                   "run two programs with a pipe between"),
    steps("piperw", "piperw: usage: piperw fdr fdw prog...", parse_piperw, "run a program with a pipe"),
    turn<PosixCd>("posix-cd", "posix-cd: usage: posix-cd [ -L | -P ] [ path ] [ prog... ]",
                  "run a program in a directory, as POSIX's cd goes there"),
    turn<PosixUmask>("posix-umask", "posix-umask: usage: posix-umask [ -S ] [ mask ] [ prog... ]",
                     "run a program with a file mode mask, as POSIX's umask has it"),
    turn<Redirfd>("redirfd", "redirfd: usage: redirfd -[ r | w | u | a | x ] [ -n ] [ -b ] fd file prog...",
                  "run a program with a file as a descriptor"),
    turn<Runblock>("runblock", "runblock: usage: runblock [ -P ] [ -n argshift ] [ -r ] n cmd...",
                   "run a block of a script's arguments"),
    turn<Shift>("shift", "shift: usage: shift [ -n arg# ] [ -b block# ] prog...",
                "run a program without the first of a script's arguments"),
    turn<Trap>("trap", "trap: usage: trap [ -x ] { signal { cmdline } ... } prog...",
               "run a program and answer signals"),
    turn<Tryexec>("tryexec",
                  "tryexec: usage: tryexec [ -n ] [ -c ] [ -l ] [ -a argv0 ] { command... } prog...",
                  "run a program, or another one if it cannot be run"),
    steps("umask", kUmaskUsage, parse_umask, "run a program with a file mode mask", "execline-umask"),
    steps("unexport", "unexport: usage: unexport variable prog...", parse_unexport,
          "run a program without a variable"),
    turn<Wait>("wait",
               "wait: usage: wait [ -I | -i ] [ -a | -o ] [ -r | -t timeout ] { pids... } [ prog... ]",
               "wait for programs in the background"),
    turn<Withstdinas>(
        "withstdinas",
        "withstdinas: usage: withstdinas [ -i | -I | -D default ] [ -N | -n ] [ -E | -e ] var remainder...",
        "make standard input a variable"),
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::execline
