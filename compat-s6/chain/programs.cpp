// s6's chain tools on one screen. Source: interfaces/s6.md section 13.

#include "compat-s6/chain/parse.h"

namespace {

using namespace kindred;

constexpr ChainTool kTools[] = {
    {"s6-applyuidgid",
     "s6-applyuidgid: usage: s6-applyuidgid [ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog...",
     s6::parse_applyuidgid, "run a program as a user and groups, in numbers"},
    {"s6-envdir", "s6-envdir: usage: s6-envdir [ -I | -i ] [ -n ] [ -f ] [ -L ] [ -c nullis ] dir prog...",
     s6::parse_envdir, "run a program in an environment read from a directory"},
    {"s6-envuidgid",
     "s6-envuidgid: usage: s6-envuidgid [ -i | -D uid:gid:gidlist ] [ -u | -g | -B ] [ -n ] account prog...",
     s6::parse_envuidgid, "run a program that is told an account's numbers"},
    {"s6-fghack", nullptr, nullptr, "run a program and wait for what it leaves in the background", 100,
     s6::fghack_main},
    {"s6-setlock", "s6-setlock: usage: s6-setlock [ -r | -w ] [ -n | -N | -t timeout ] lockfile prog...",
     s6::parse_setlock, "run a program that holds a lock"},
    {"s6-setsid", "s6-setsid: usage: s6-setsid [ -s | -b | -f | -g ] [ -i | -I | -q ] [ -d ctty ] prog...",
     s6::parse_setsid, "run a program in a session or process group of its own"},
    {"s6-setuidgid", "s6-setuidgid: usage: s6-setuidgid username prog...", s6::parse_setuidgid,
     "run a program as an account"},
    {"s6-softlimit",
     "s6-softlimit: usage: s6-softlimit [ -H | -h ] [ -a allmem ] [ -c core ] [ -d data ] [ -f fsize ] [ -l "
     "lock ] "
     "[ -m mem ] [ -o ofiles ] [ -p proc ] [ -r res ] [ -s stack ] [ -t cpusecs ] prog...",
     s6::parse_softlimit, "run a program within resource limits"},
    {"ucspilogd", nullptr, nullptr, "write a syslog client's lines with their numbers in words", 100,
     s6::ucspilogd_main},
};
constexpr ChainVoice kVoice{
    .reason = system_error_text, .runs = "exec", .not_found_code = 127, .not_executable_code = 126};

}  // namespace

int main(int argc, char** argv) { return run_chain_program(kTools, kVoice, argc, argv); }
