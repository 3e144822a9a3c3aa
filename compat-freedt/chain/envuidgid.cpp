// envuidgid ACCOUNT PROGRAM [ARGUMENT...]: runs a program that finds an account's numbers in UID and GID.
// Source: interfaces/freedt.md section 3.9, interfaces/daemontools.md section 10.

#include <unistd.h>

#include "compat-freedt/chain/account_argument.h"
#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/chain/exec_into.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int envuidgid_main(int argc, char** argv) {
  constexpr const char* kUsage = "envuidgid: usage: envuidgid account program [ arg ... ]";
  if (const auto code = answered(argc, argv, "envuidgid", kUsage)) return *code;
  if (argc < 3) return misused(kUsage);
  const auto account = account_or_complaint("envuidgid", argv[1]);
  if (!account) return kExitFatal;
  Environment environment(environ);
  environment.apply({"GID", std::to_string(account->group)});
  environment.apply({"UID", std::to_string(account->user)});
  return fatal("envuidgid", exec_into(argv[2], argv + 2, environment));
}

}  // namespace kindred::freedt
