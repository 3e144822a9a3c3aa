#include "compat-encore/chain/tools.h"

#include "compat-encore/chain/parse.h"
#include "core/chain/base_tools.h"

namespace kindred::encore {
namespace {

constexpr SoftLimitRules kLimits{.dash_is_unlimited = true};

constexpr ChainTool kTools[] = {
    {"envdir", "envdir: usage: envdir [ -p prefix ] dir child",
     [](int argc, char** argv, const Environment&) {
       return parse_envdir(argc, argv, {.has_prefix = true, .rules = {.enters = "switch to directory"}});
     },
     "run a program in an environment read from a directory", kExitFatal},
    {"envini", "envini: usage: envini [ -p prefix ] file child", parse_envini,
     "run a program in an environment read from an INI file", kExitFatal},
    {"envuidgid", "envuidgid: usage: envuidgid account child",
     [](int argc, char** argv, const Environment&) {
       return parse_envuidgid(argc, argv, Dashes::BeginWords);
     },
     "run a program that is told an account's numbers"},
    {"fghack", nullptr, nullptr, "run a program and wait for what it leaves in the background", kExitUsage,
     run_fghack},
    {"pgrphack", "pgrphack: usage: pgrphack child",
     [](int argc, char** argv, const Environment&) { return parse_pgrphack(argc, argv, Dashes::BeginWords); },
     "run a program in a session of its own"},
    {"setlock", "setlock: usage: setlock [ -nNxX ] file program [ arg ... ]",
     [](int argc, char** argv, const Environment&) { return parse_setlock(argc, argv, {}); },
     "run a program that holds a lock"},
    {"setuidgid", "setuidgid: usage: setuidgid [-s] account child",
     [](int argc, char** argv, const Environment&) { return parse_setuidgid(argc, argv, true); },
     "run a program as an account"},
    {"setuser", "setuser: usage: setuser account child", parse_setuser,
     "run a program as an account, with its groups, home directory and variables"},
    {"softlimit",
     "softlimit: usage: softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] "
     "[-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child",
     [](int argc, char** argv, const Environment& environment) {
       return parse_softlimit(argc, argv, environment, kLimits, true);
     },
     "run a program within resource limits"},
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::encore
