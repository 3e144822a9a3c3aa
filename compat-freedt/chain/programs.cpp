// freedt's chain tools on one screen.

#include "compat-freedt/chain/programs.h"

#include "core/cli/program.h"

namespace {

using namespace kindred::freedt;

constexpr kindred::Program kPrograms[] = {
    {"anonidentd", anonidentd_main, "answer ident requests, and tell nobody"},
    {"argv0", argv0_main, "run a program under another name"},
    {"envdir", envdir_main, "run a program in an environment read from a directory"},
    {"envuidgid", envuidgid_main, "run a program that is told an account's numbers"},
    {"mkservice", mkservice_main, "make a service directory with a log service"},
    {"ratelimit", ratelimit_main, "run a program with limits on its input and output"},
    {"recordio", recordio_main, "run a program and show its input and output"},
    {"setlock", setlock_main, "run a program that holds a lock"},
    {"setuidgid", setuidgid_main, "run a program as an account"},
    {"softlimit", softlimit_main, "run a program within resource limits"},
};

}  // namespace

int main(int argc, char** argv) { return kindred::run_program(kPrograms, argc, argv); }
