// catargs, catenv, catlimits, catuid: what a program gets from a chain. Source: interfaces/perp.md section 13.7.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "compat-perp/chain/programs.h"
#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred::perp {
namespace {

struct Limit {
  const char* name;
  const char* description;
  __rlimit_resource_t resource;
};
constexpr std::array kLimits = {
    Limit{"RLIMIT_AS", "address space (bytes)", RLIMIT_AS},
    Limit{"RLIMIT_CORE", "core file (bytes)", RLIMIT_CORE},
    Limit{"RLIMIT_CPU", "processor time (seconds)", RLIMIT_CPU},
    Limit{"RLIMIT_DATA", "data (bytes)", RLIMIT_DATA},
    Limit{"RLIMIT_FSIZE", "file size (bytes)", RLIMIT_FSIZE},
    Limit{"RLIMIT_MEMLOCK", "locked memory (bytes)", RLIMIT_MEMLOCK},
    Limit{"RLIMIT_NOFILE", "open files", RLIMIT_NOFILE},
    Limit{"RLIMIT_NPROC", "processes", RLIMIT_NPROC},
    Limit{"RLIMIT_RSS", "resident memory (bytes)", RLIMIT_RSS},
    Limit{"RLIMIT_STACK", "stack (bytes)", RLIMIT_STACK},
};

int end(Output& out, const char* program) {
  const Status written = out.flush();
  return written ? 0 : fatal(program, written.error());
}

std::string octal(mode_t mask) {
  std::string digits = "0000";
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, mask /= 8)
    *digit = static_cast<char>('0' + mask % 8);
  return digits;
}

}  // namespace

int catargs_main(int argc, char** argv) {
  Output out;
  for (int i = 0; i < argc; ++i) out.add(argv[i]).add("\n");
  return end(out, "catargs");
}

int catenv_main(int, char**) {
  Output out;
  for (char** entry = environ; *entry != nullptr; ++entry) out.add(*entry).add("\n");
  return end(out, "catenv");
}

int catlimits_main(int, char**) {
  Output out;
  for (const Limit& limit : kLimits) {
    rlimit both{};
    if (::getrlimit(limit.resource, &both) == -1)
      return fatal("catlimits", error_here("get limit", limit.name));
    out.add(limit.name).add("\t").add(limit.description).add(": ");
    if (both.rlim_cur == RLIM_INFINITY)
      out.add("unlimited\n");
    else
      out.add(both.rlim_cur).add("\n");
  }
  return end(out, "catlimits");
}

int catuid_main(int, char**) {
  Output out(2);
  const auto tell = [&](const char* name, auto number) { out.add(name).add(":\t").add(number).add("\n"); };
  tell("UID", ::getuid());
  tell("EUID", ::geteuid());
  tell("GID", ::getgid());
  tell("EGID", ::getegid());
  tell("PID", ::getpid());
  tell("PPID", ::getppid());
  tell("PGID", ::getpgrp());
  tell("SID", ::getsid(0));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  out.add("umask:\t").add(octal(mask)).add("\n");
  return end(out, "catuid");
}

}  // namespace kindred::perp
