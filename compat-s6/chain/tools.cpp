#include "compat-s6/chain/tools.h"

#include "compat-s6/chain/parse.h"

namespace kindred::s6 {
namespace {

constexpr ChainTool kTools[] = {
    {"s6-applyuidgid",
     "s6-applyuidgid: usage: s6-applyuidgid [ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog...",
     parse_applyuidgid, "run a program as a user and groups, in numbers"},
    {"s6-envdir", "s6-envdir: usage: s6-envdir [ -I | -i ] [ -n ] [ -f ] [ -L ] [ -c nullis ] dir prog...",
     parse_envdir, "run a program in an environment read from a directory"},
    {"s6-envuidgid",
     "s6-envuidgid: usage: s6-envuidgid [ -i | -D uid:gid:gidlist ] [ -u | -g | -B ] [ -n ] account prog...",
     parse_envuidgid, "run a program that is told an account's numbers"},
    {"s6-fghack", nullptr, nullptr, "run a program and wait for what it leaves in the background", 100,
     fghack_main},
    {"s6-setlock",
     "s6-setlock: usage: s6-setlock [ -r | -w ] [ -n | -N | -t timeout ] [ -d fd ] lockfile prog...",
     parse_setlock, "run a program that holds a lock"},
    {"s6-setsid", "s6-setsid: usage: s6-setsid [ -s | -b | -f | -g ] [ -i | -I | -q ] [ -d ctty ] prog...",
     parse_setsid, "run a program in a session or process group of its own"},
    {"s6-setuidgid", "s6-setuidgid: usage: s6-setuidgid username prog...", parse_setuidgid,
     "run a program as an account"},
    {"s6-softlimit",
     "s6-softlimit: usage: s6-softlimit [ -H | -h ] [ -a allmem ] [ -c core ] [ -d data ] [ -f fsize ] [ -l "
     "lock ] "
     "[ -m mem ] [ -o ofiles ] [ -p proc ] [ -r res ] [ -s stack ] [ -t cpusecs ] prog...",
     parse_softlimit, "run a program within resource limits"},
    {"ucspilogd", nullptr, parse_ucspilogd, "write a syslog client's lines with their numbers in words", 100,
     ucspilogd_main},
};

}  // namespace

std::span<const ChainTool> chain_tools() { return kTools; }

}  // namespace kindred::s6
