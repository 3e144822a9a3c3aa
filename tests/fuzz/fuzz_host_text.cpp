// What the native command reads of the host: lines of logs and names of their files, scripts that start loggers, /proc,
// requests for metrics. All of it is total, and nothing of it may steer a terminal.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/nul_words.h"
#include "core/base/printable.h"
#include "core/client/log_place.h"
#include "core/client/service_places.h"
#include "core/dialect/registry.h"
#include "core/log/log_reader.h"
#include "core/native/host_processes.h"
#include "core/native/metrics_text.h"
#include "core/native/scanner_launch.h"
#include "core/native/takeover_plan.h"
#include "core/native/time_words.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

void check_line(std::string_view line) {
  for (const TaiOffset labels : {TaiOffset::Constant10, TaiOffset::LeapTable}) {
    const LineStamp stamp = read_stamp(line, labels);
    test::expect(stamp.size <= line.size(), "a stamp is longer than its line");
    test::expect((stamp.size == 0) == (stamp.kind == StampKind::None),
                 "a stamp of no kind, or a kind without a stamp");
    (void)read_file_stamp(line, labels);
  }
  const std::string shown = printable(line);
  for (const char c : shown)
    test::expect(c >= ' ' || static_cast<unsigned char>(c) >= 0x80, "a control character is shown");
  test::expect(printable(shown) == shown, "what is printable is not left as it is");
  test::expect(display_width(cut_to(shown, 10)) <= 10, "what is cut is too wide");
  (void)parse_process_stat(line);
  (void)parse_open_flags(line);
  (void)split_words(line);
  (void)is_all_of_user(line, 0);
  test::expect(unit_of_group(line).size() <= line.size(), "a unit is longer than its line");
  test::expect(unified_group_in(line).size() <= line.size(), "a group is longer than its line");
  (void)parse_moment(line, {1700000000, 0});
  std::string name(line);
  if (take_log_suffix(name)) test::expect(name + "/log" == line, "a name is not what is before its suffix");
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> lines = lines_of(bytes);
  for (const std::string& line : lines) check_line(line);
  test::expect(log_files(lines, TaiOffset::Constant10).size() <= lines.size() + 2, "more files than names");
  (void)decompressor(bytes);
  (void)log_words(words_of_script(bytes), "/nonexistent");
  (void)scanned_by(lines, "/nonexistent", families());
  const HttpRequest request = parse_http_request(bytes);
  test::expect(!request.good || request.whole, "half a request is good");
  return 0;
}
