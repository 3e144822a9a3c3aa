#include "compat-freedt/chain/tools.h"

#include "compat-freedt/chain/programs.h"
#include "core/chain/base_tools.h"
#include "core/cli/options.h"

namespace kindred::freedt {
namespace {

/// FILE NAME [ARGUMENT...]
ChainRequest parse_argv0(int argc, char** argv, const Environment&) {
  if (argc < 3) return ChainRequest::misuse();
  ChainRequest request;
  request.program = {argv + 1, argv + argc};
  request.program_name_follows = true;
  return request;
}

constexpr ChainTool kTools[] = {
    {"anonidentd", nullptr, nullptr, "answer ident requests, and tell nobody", kExitUsage, anonidentd_main},
    {"argv0", "argv0: usage: argv0 program name [args ...]", parse_argv0, "run a program under another name"},
    {"envdir", "envdir: usage: envdir dir program [ arg ... ]",
     [](int argc, char** argv, const Environment&) { return parse_envdir(argc, argv, {}); },
     "run a program in an environment read from a directory", kExitFatal},
    {"envuidgid", "envuidgid: usage: envuidgid account program [ arg ... ]",
     [](int argc, char** argv, const Environment&) { return parse_envuidgid(argc, argv); },
     "run a program that is told an account's numbers"},
    {"mkservice", nullptr, nullptr, "make a service directory with a log service", kExitUsage,
     mkservice_main},
    {"ratelimit", nullptr, parse_ratelimit, "run a program with limits on its input and output", kExitUsage,
     ratelimit_main},
    {"recordio", nullptr, parse_ratelimit, "run a program and show its input and output", kExitUsage,
     recordio_main},
    {"setlock", "setlock: usage: setlock [ -nNxX ] file program [ arg ... ]",
     [](int argc, char** argv, const Environment&) {
       return parse_setlock(argc, argv, {.long_dashes = LongDashes::None});
     },
     "run a program that holds a lock"},
    {"setuidgid", "setuidgid: usage: setuidgid account program [ arg ... ]",
     [](int argc, char** argv, const Environment&) { return parse_setuidgid(argc, argv, false); },
     "run a program as an account"},
    {"softlimit",
     "softlimit: usage: softlimit [ -a allbytes ] [ -c corebytes ] [ -d databytes ] [ -f filebytes ] "
     "[ -l lockbytes ] [ -m membytes ] [ -o openfiles ] [ -p processes ] [ -r residentbytes ] "
     "[ -s stackbytes ] [ -t cpusecs ] program [ arg ... ]",
     [](int argc, char** argv, const Environment& environment) {
       return parse_softlimit(argc, argv, environment, {}, false, LongDashes::None);
     },
     "run a program within resource limits"},
};
constexpr ChainVoice kVoice{.version_prefix = "freedt-compatible "};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

int chain_main(int argc, char** argv) { return run_chain_program(kTools, kVoice, argc, argv); }

}  // namespace kindred::freedt
