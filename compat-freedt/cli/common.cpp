#include "compat-freedt/cli/common.h"

#include <string>
#include <string_view>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/sys/execute.h"

namespace kindred::freedt {
namespace {

int say(const char* program, const std::string& line) {
  Output out;
  out.add(line).add("\n");
  const Status written = out.flush();
  return written ? 0 : fatal(program, written.error());
}

}  // namespace

std::optional<int> answered(int argc, char** argv, const char* program, const char* usage, bool has_h) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "-V")
    return say(program, std::string("freedt-compatible ") + program + " (kindred " KINDRED_VERSION ")");
  if (first == "-?" || (first == "-h" && !has_h)) return say(program, usage);
  return std::nullopt;
}

int misused(const char* usage) {
  print_error({usage});
  return kExitUsage;
}

int become(const char* program, const char* file, char* const argv[]) {
  const int error = execute(file, argv);
  return fatal(program, {"unable to run ", file, ": ", error_text(error)});
}

}  // namespace kindred::freedt
