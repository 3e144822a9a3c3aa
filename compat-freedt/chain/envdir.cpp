// envdir DIR PROGRAM [ARGUMENT...]: runs a program in an environment that a directory's files change.
// Source: interfaces/freedt.md section 3.9, interfaces/daemontools.md section 10.1.

#include <unistd.h>

#include "compat-freedt/chain/programs.h"
#include "compat-freedt/voice.h"
#include "core/chain/env_directory.h"
#include "core/chain/exec_into.h"
#include "core/cli/output.h"

namespace kindred::freedt {

int envdir_main(int argc, char** argv) {
  constexpr const char* kUsage = "envdir: usage: envdir dir program [ arg ... ]";
  if (const auto code = answered(argc, argv, "envdir", kUsage)) return *code;
  // Alone among its relatives it says 111 to that.
  if (argc < 3) return misused(kUsage, kExitFatal);
  const auto changes = read_env_directory(argv[1]);
  if (!changes) return fatal("envdir", changes.error());
  Environment environment(environ);
  for (const VariableChange& change : *changes) environment.apply(change);
  return fatal("envdir", exec_into(argv[2], argv + 2, environment));
}

}  // namespace kindred::freedt
