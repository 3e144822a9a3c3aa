#include "compat-perp/chain/tools.h"

#include "compat-perp/chain/parse.h"
#include "compat-perp/chain/programs.h"

namespace kindred::perp {
namespace {

constexpr int kUsageCode = 100;

constexpr ChainTool kTools[] = {
    {"catargs", nullptr, nullptr, "write the arguments", kUsageCode, catargs_main},
    {"catenv", nullptr, nullptr, "write the environment", kUsageCode, catenv_main},
    {"catlimits", nullptr, nullptr, "write the resource limits", kUsageCode, catlimits_main},
    {"catuid", nullptr, nullptr, "write the ids of the process", kUsageCode, catuid_main},
    {"runargs", "usage: runargs [-hV] [-i] argsfile prog [args ...]", parse_runargs,
     "run a program with arguments from a file"},
    {"runargv0", "usage: runargv0 [-hV] prog alias [args ...]", parse_runargv0,
     "run a program by another name"},
    {"runchoom", "usage: runchoom [-hV] [-ev] [-b base] [-k key] [-p pid] [-s setting] prog [args ...]",
     parse_runchoom, "run a program that the kernel spares when memory is short"},
    {"rundetach", "usage: rundetach [-hV] prog [args ...]", parse_rundetach,
     "run a program in the background"},
    {"rundeux", nullptr, parse_rundeux, "run a program and its logger", kUsageCode, rundeux_main},
    {"runenv", "usage: runenv [-hV] [-i] [-U account] envsrc prog [args ...]", parse_runenv,
     "run a program with variables from a file or a directory"},
    {"runfile", "usage: runfile [-hV] argsfile [args ...]", parse_runfile, "run a program that a file names"},
    {"runlimit",
     "usage: runlimit [-hV] [-v] [-E] [-F file] [-a bytes] [-c bytes] [-d bytes] [-f bytes] [-l bytes] [-m "
     "bytes] "
     "[-o files] [-p procs] [-r bytes] [-s bytes] [-t secs] prog [args ...]",
     parse_runlimit, "run a program within resource limits"},
    {"runlock", "usage: runlock [-hV] [-bpx] file prog [args ...] | runlock -c [-q] file", parse_runlock,
     "run a program that holds a lock"},
    {"runpause", "usage: runpause [-hV] [-L label] secs prog [args ...]", parse_runpause,
     "run a program after a while"},
    {"runsession", "usage: runsession [-hV] prog [args ...]", parse_runsession,
     "run a program in a session of its own"},
    {"runtool",
     "usage: runtool [-hV] [-0 argv0] [-a file] [-A file] [-c dir] [-C root] [-d] [-e src | -E src] "
     "[-F descriptors] [-L [:]file | -P [:]file] [-m mask] [-R limits] [-s] [-S path] [-u account] [-U "
     "account] [-W] "
     "[-z secs] prog [args ...]",
     parse_runtool, "run a program with a changed process state"},
    {"runtrap", nullptr, parse_runtrap, "run a program, and another for each signal", kUsageCode,
     runtrap_main},
    {"runuid", "usage: runuid [-hV] [-g group] [-s | -S group:...] account prog [args ...]", parse_runuid,
     "run a program as an account"},
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::perp
