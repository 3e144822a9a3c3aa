#include "compat-daemontools/chain/tools.h"

#include "core/chain/base_tools.h"

namespace kindred::daemontools {
namespace {

constexpr Dashes kWords = Dashes::BeginWords;

constexpr ChainTool kTools[] = {
    {"envdir", "envdir: usage: envdir dir child",
     [](int argc, char** argv, const Environment&) {
       return parse_envdir(argc, argv, {.rules = {.enters = "switch to directory"}, .dashes = kWords});
     },
     "run a program in an environment read from a directory", kExitFatal},
    {"envuidgid", "envuidgid: usage: envuidgid account child",
     [](int argc, char** argv, const Environment&) { return parse_envuidgid(argc, argv, kWords); },
     "run a program that is told an account's numbers"},
    {"fghack", nullptr, nullptr, "run a program and wait for what it leaves in the background", kExitUsage,
     run_fghack},
    {"pgrphack", "pgrphack: usage: pgrphack child",
     [](int argc, char** argv, const Environment&) { return parse_pgrphack(argc, argv, kWords); },
     "run a program in a session of its own"},
    {"setlock", "setlock: usage: setlock [ -nNxX ] file program [ arg ... ]",
     [](int argc, char** argv, const Environment&) { return parse_setlock(argc, argv, {}); },
     "run a program that holds a lock"},
    {"setuidgid", "setuidgid: usage: setuidgid account child",
     [](int argc, char** argv, const Environment&) { return parse_setuidgid(argc, argv, false, kWords); },
     "run a program as an account"},
    {"softlimit",
     "softlimit: usage: softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] "
     "[-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child",
     [](int argc, char** argv, const Environment& environment) {
       return parse_softlimit(argc, argv, environment, {}, false);
     },
     "run a program within resource limits"},
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::daemontools
