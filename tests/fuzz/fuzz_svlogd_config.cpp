// Any bytes as the config of a log directory: what comes of it stays within bounds, and each line is an instruction
// or nothing.

#include <algorithm>

#include "compat-runit/log/svlogd_config.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred::runit {
namespace {

using test::expect;

void configure(std::string_view input) {
  const SvlogdConfig config = parse_svlogd_config(input);
  const auto lines = static_cast<std::size_t>(std::count(input.begin(), input.end(), '\n')) + 1;
  expect(config.selections.size() + config.complaints.size() <= lines, "more than one thing of a line");
  expect(config.address || !config.only_address, "lines that go nowhere");
  expect(!config.address || config.address->port != 0 || input.find(':') != std::string_view::npos,
         "a port from nowhere");
  LogScript script;
  add_svlogd_directory(script, "log", config, StampKind::UtcT);
  for (const LogInstruction& instruction : script.instructions) switch (instruction.kind) {
      case LogInstruction::Kind::Select:
      case LogInstruction::Kind::Deselect:
        expect(instruction.index < script.patterns.size(), "a pattern that is not there");
        static_cast<void>(script.patterns[instruction.index].matches(input));
        break;
      case LogInstruction::Kind::Tell:
        expect(instruction.index < script.tellers.size(), "a teller that is not there");
        break;
      case LogInstruction::Kind::Write:
        expect(instruction.index < script.outlets.size(), "an outlet that is not there");
        break;
      default:
        break;
    }
  expect(script.outlets.size() == 1 && script.outlets[0].rules.every >= Duration::zero(),
         "a time before now");
}

}  // namespace
}  // namespace kindred::runit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kindred::runit::configure({reinterpret_cast<const char*>(data), size});
  return 0;
}
