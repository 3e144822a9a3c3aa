// svscan [DIR]. Source: interfaces/freedt.md sections 3.4 and 6.3.

#include "core/frontend/svscan.h"

#include "compat-freedt/dialect.h"
#include "compat-freedt/programs.h"
#include "compat-freedt/voice.h"
#include "core/dialect/registry.h"
#include "core/engine/scanner.h"

namespace kindred::freedt {

int svscan_main(int argc, char** argv) {
  constexpr const char* kUsage = "svscan: usage: svscan [dir]";
  if (const auto code = answered(argc, argv, "svscan", kUsage)) return *code;
  const auto operands = operands_alone(argc, argv);
  if (!operands || operands->size() > 1) return misused(kUsage);
  return scan_like_svscan(dialect(), operands->empty() ? nullptr : operands->front());
}

}  // namespace kindred::freedt
