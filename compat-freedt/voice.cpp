#include "compat-freedt/voice.h"

#include <string>
#include <string_view>

#include "core/cli/options.h"

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

std::optional<std::span<char* const>> operands_alone(int argc, char** argv) {
  Options options(argc, argv, "");
  if (options.next() != 0) return std::nullopt;
  return options.operands();
}

int misused(const char* usage, int exit_code) {
  print_error({usage});
  return exit_code;
}

}  // namespace kindred::freedt
