#include "compat-runit/chain/tools.h"

#include "compat-runit/chain/parse_chpst.h"
#include "core/chain/base_tools.h"

namespace kindred::runit {
namespace {

constexpr Dashes kWords = Dashes::BeginWords;

constexpr ChainTool kTools[] = {
    {"chpst",
     "usage: chpst [-vVP012] [-u user[:group]] [-U user[:group]] [-b argv0] [-e dir] [-/ root] [-C dir] [-n "
     "nice] "
     "[-l|-L lock] [-m n] [-d n] [-o n] [-p n] [-f n] [-c n] [-r n] [-t n] prog",
     parse_chpst, "run a program with a changed process state"},
    {"envdir", "usage: envdir dir child",
     [](int argc, char** argv, const Environment&) {
       return parse_envdir(argc, argv, {.rules = {.enters = "switch to directory"}, .dashes = kWords});
     },
     "run a program in an environment read from a directory"},
    {"envuidgid", "usage: envuidgid account child",
     [](int argc, char** argv, const Environment&) { return parse_envuidgid(argc, argv, kWords); },
     "run a program that is told an account's numbers"},
    {"pgrphack", "usage: pgrphack child",
     [](int argc, char** argv, const Environment&) { return parse_pgrphack(argc, argv, kWords); },
     "run a program in a session of its own"},
    {"setlock", "usage: setlock [-nNxX] file program [args]",
     [](int argc, char** argv, const Environment&) {
       return parse_setlock(argc, argv, {.small_n_waits = true, .quiet_program = true, .opens = "open lock"});
     },
     "run a program that holds a lock"},
    {"setuidgid", "usage: setuidgid account child",
     [](int argc, char** argv, const Environment&) { return parse_setuidgid(argc, argv, false, kWords); },
     "run a program as an account"},
    {"softlimit",
     "usage: softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] "
     "[-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child",
     [](int argc, char** argv, const Environment& environment) {
       return parse_softlimit(argc, argv, environment, {}, false);
     },
     "run a program within resource limits"},
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::runit
