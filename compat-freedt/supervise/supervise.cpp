// supervise DIR. Source: interfaces/freedt.md sections 3.2 and 6.3.

#include "compat-freedt/dialect.h"
#include "compat-freedt/programs.h"
#include "compat-freedt/voice.h"
#include "core/dialect/registry.h"
#include "core/engine/single_service.h"

namespace kindred::freedt {

int supervise_main(int argc, char** argv) {
  constexpr const char* kUsage = "supervise: usage: supervise dir";
  if (const auto code = answered(argc, argv, "supervise", kUsage)) return *code;
  const auto operands = operands_alone(argc, argv);
  if (!operands || operands->size() != 1) return misused(kUsage);
  return supervise_single({.home = &dialect(), .families = families(), .directory = operands->front()});
}

}  // namespace kindred::freedt
