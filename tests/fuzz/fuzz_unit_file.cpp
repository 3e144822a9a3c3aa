// Any bytes as a unit of systemd: nothing that they say is lost, and a bundle that comes of them has scripts that
// are some, and links that stay where they are put.

#include <algorithm>

#include "compat-nosh/import/unit_import.h"
#include "core/definition/time_span.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

using test::expect;

void read_as_service(std::string_view text) {
  const UnitFile unit = parse_unit_file(text, "a@b.service");
  for (const UnitSetting& setting : unit.settings) {
    expect(!setting.key.empty() && setting.line > 0, "a setting without a name or a place");
    expect(setting.value.find('\n') == std::string::npos, "more than a line");
    static_cast<void>(parse_time_span(setting.value));
  }
  const std::size_t lines = unit.settings.size() + unit.strays.size();
  expect(lines <= static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1,
         "lines from nowhere");

  nosh::UnitParts parts{parse_unit_name("a@b.service"), {"a@b.service", unit}, {}, {}, "a@b.service"};
  const auto plan = nosh::plan_import(parts, {}, {"id", "user", "/home"});
  if (!plan) return;
  for (const auto& [name, script] : plan->scripts) expect(script.starts_with("#!/bin/"), "no interpreter");
  for (const auto& link : plan->links) {
    expect(!link.name.empty() && link.name.find('/') == std::string::npos, "a link elsewhere");
    expect(link.name != "." && link.name != "..", "a link in the place of a directory");
  }
}

void read_as_socket(std::string_view text) {
  nosh::UnitParts parts{parse_unit_name("s.socket"),
                        {"s.service", parse_unit_file("[Service]\nExecStart=/x\n", "s.service")},
                        nosh::UnitSettings("s.socket", parse_unit_file(text, "s.socket")),
                        {},
                        "s.socket"};
  static_cast<void>(nosh::plan_import(parts, {}, {}));
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  kindred::read_as_service(text);
  kindred::read_as_socket(text);
  return 0;
}
