// Any bytes as a log that tai64nlocal reads: what comes of them does not depend on how they were cut into blocks,
// and lines stay lines.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/log/stamp_filter.h"

namespace kindred {
namespace {

std::string read(const StampReaderRules& rules, std::string_view bytes, std::size_t at_once) {
  StampReader reader(rules);
  std::string text;
  const auto take = [&] {
    text += reader.output().text();
    reader.output().taken(reader.output().text().size());
  };
  while (!bytes.empty()) {
    std::string_view block = bytes.substr(0, at_once);
    bytes.remove_prefix(block.size());
    while (!block.empty()) {
      reader.feed(block);
      take();
    }
  }
  reader.finish();
  take();
  return text;
}

void check(const StampReaderRules& rules, std::string_view bytes) {
  const std::string whole = read(rules, bytes, SIZE_MAX);
  if (whole != read(rules, bytes, 1) || whole != read(rules, bytes, 13)) std::abort();
  const auto lines = [](std::string_view text) { return std::count(text.begin(), text.end(), '\n'); };
  if (lines(whole) != lines(bytes)) std::abort();
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check({}, bytes);
  check({.offset = TaiOffset::LeapTable,
         .local = false,
         .all_digits = false,
         .capitals = true,
         .before_1970 = false,
         .at_end = StampReaderRules::AtEnd::Kept},
        bytes);
  return 0;
}
