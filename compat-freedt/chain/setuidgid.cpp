// setuidgid ACCOUNT PROGRAM [ARGUMENT...]: runs a program as an account.
// Source: interfaces/freedt.md section 3.9, interfaces/daemontools.md section 10.

#include "compat-freedt/chain/account_argument.h"
#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/chain/exec_into.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int setuidgid_main(int argc, char** argv) {
  constexpr const char* kUsage = "setuidgid: usage: setuidgid account program [ arg ... ]";
  if (const auto code = answered(argc, argv, "setuidgid", kUsage)) return *code;
  if (argc < 3) return misused(kUsage);
  const auto account = account_or_complaint("setuidgid", argv[1]);
  if (!account) return kExitFatal;
  if (const Status become = become_account(*account); !become) return fatal("setuidgid", become.error());
  return fatal("setuidgid", exec_into(argv[2], argv + 2));
}

}  // namespace kindred::freedt
