// kindred-account account|group|groups NAME: what the name service switch knows, as a line of passwd(5), a line of
// group(5), or the numbers of an account's groups. Nothing for a name that nobody knows.
//
// The chain tools are linked statically and read /etc/passwd and /etc/group themselves; the switch loads its
// sources as shared objects, which takes a dynamic program: this one.

#include <grp.h>
#include <pwd.h>

#include <cstring>
#include <string>
#include <vector>

#include "core/cli/output.h"

int main(int argc, char** argv) {
  if (argc != 3) return kindred::kExitUsage;
  kindred::Output out;
  const char* const name = argv[2];
  if (std::strcmp(argv[1], "group") == 0) {
    if (const group* found = ::getgrnam(name)) out.add(name).add(":x:").add(found->gr_gid).add(":\n");
    return out.flush() ? 0 : kindred::kExitFatal;
  }
  const passwd* found = ::getpwnam(name);
  if (found == nullptr) return 0;
  if (std::strcmp(argv[1], "account") == 0) {
    out.add(name).add(":x:").add(found->pw_uid).add(":").add(found->pw_gid).add("::");
    out.add(found->pw_dir).add(":").add(found->pw_shell).add("\n");
  } else {
    std::vector<gid_t> groups(64);
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(name, found->pw_gid, groups.data(), &count) == -1) {
      groups.resize(static_cast<std::size_t>(count));
      if (::getgrouplist(name, found->pw_gid, groups.data(), &count) == -1) return kindred::kExitFatal;
    }
    groups.resize(static_cast<std::size_t>(count));
    for (const gid_t group : groups) out.add(group).add(" ");
    out.add("\n");
  }
  return out.flush() ? 0 : kindred::kExitFatal;
}
