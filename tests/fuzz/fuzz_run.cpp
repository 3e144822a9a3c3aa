// Any words for `kindred run`, and any bytes for what it reads: a plan that comes of them stays within what it may say.

#include "core/definition/unit_environment.h"
#include "core/run/follow.h"
#include "core/run/notify_relay.h"
#include "core/run/run_plan.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

using test::expect;

void read_words(std::string_view input) {
  std::vector<std::string> words = test::words_of(input);
  words.erase(words.begin());
  const auto plan = parse_run(words);
  if (!plan) return;
  expect(!plan->program.empty(), "no program");
  for (const ServiceDirectories& kind : plan->directories)
    for (const std::string& name : kind.names)
      expect(!name.starts_with('/') && ("/" + name + "/").find("/../") == std::string::npos,
             "a directory elsewhere");
  if (plan->filter) expect(filter_program(*plan->filter).size() < 4096, "more than the kernel takes");
  for (const UnitCommand& command : plan->before) {
    const auto again = parse_unit_commands(unit_command_text(command));
    expect(again && again->size() == 1 && again->front().words == command.words,
           "a command that is read another way");
  }
}

void read_bytes(std::string_view input) {
  for (const auto& [name, value] : parse_environment_file(input)) {
    expect(!name.empty() && name.find('=') == std::string::npos, "no variable");
    expect(value.find('\0') == std::string::npos, "a value that ends before its end");
  }
  const auto value = [&](const std::string&) { return std::optional<std::string>(input); };
  static_cast<void>(expand_variables(test::words_of(input), value));
  static_cast<void>(parse_notice(input));
  if (const auto pid = parse_pid(input)) expect(*pid > 1, "nobody's process");
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  kindred::read_words(input);
  kindred::read_bytes(input);
  return 0;
}
