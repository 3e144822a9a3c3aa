// svok DIR: whether a supervisor looks after DIR, by exit code. Source: interfaces/freedt.md section 6.3.

#include "core/frontend/svok.h"

#include <fcntl.h>

#include "compat-freedt/client/stranger.h"
#include "compat-freedt/dialect.h"
#include "compat-freedt/programs.h"
#include "compat-freedt/voice.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"

namespace kindred::freedt {

int svok_main(int argc, char** argv) {
  constexpr const char* kUsage = "svok: usage: svok dir";
  if (const auto code = answered(argc, argv, "svok", kUsage)) return *code;
  const auto operands = operands_alone(argc, argv);
  if (!operands || operands->empty()) return misused(kUsage);
  const char* const path = operands->front();
  const KnownFamilies known{dialect(), families()};
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (directory && held_by_stranger(*directory, known))
    return fatal("svok", {"unable to ask ", path, ": freedt's own supervise is there"});
  return svok("svok", path, known);
}

}  // namespace kindred::freedt
