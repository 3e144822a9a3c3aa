// Any bytes as the files with which a service of s6 changes its convention, split at zero bytes: reading them
// does no harm, and what they may change stays within bounds. And as the file of any family's in which a service asks for
// longer waits.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "compat-s6/convention.h"
#include "compat-s6/settings.h"
#include "core/service/back_off.h"
#include "core/service/tree_wish.h"
#include "core/sys/control_groups.h"
#include "tests/fuzz/fuzzing.h"

namespace kindred {
namespace {

constexpr std::array kNames = {"notification-fd", "lock-fd",     "timeout-kill", "timeout-finish",
                               "max-death-tally", "down-signal", "reload-signal"};

class Files final : public ServiceFiles {
 public:
  explicit Files(std::string_view input) {
    for (std::optional<std::string>& file : files_) {
      const std::size_t end = input.find('\0');
      if (!input.empty()) file = input.substr(0, end);
      input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    }
  }
  [[nodiscard]] std::optional<std::string_view> read(const char* name,
                                                     std::span<char> room) const noexcept override {
    const std::optional<std::string>& file = *find(name);
    if (!file) return std::nullopt;
    return std::string_view(room.data(), file->copy(room.data(), room.size()));
  }
  void warn(std::string_view) const noexcept override {}

 private:
  [[nodiscard]] const std::optional<std::string>* find(std::string_view name) const {
    for (std::size_t i = 0; i < kNames.size(); ++i)
      if (name == kNames[i]) return &files_[i];
    std::fprintf(stderr, "a file that the family does not have\n");
    std::abort();
  }
  std::array<std::optional<std::string>, kNames.size()> files_;
};

using test::expect;

void configure(std::string_view input) {
  Convention c = s6::kConvention.main;
  const Files files(input);
  for (const Setting setting : kSettings) s6::configure(files, setting, c);
  expect(c.ready_fd == -1 || c.ready_fd > 0, "readiness on standard input");
  expect(c.lock_fd == -1 || (c.lock_fd > 0 && c.lock_fd != c.ready_fd), "one descriptor for two");
  expect(c.kill_after.count() >= 0 && c.script(Script::Finish).limit.count() >= 0, "a time before now");
  expect(c.death_tally >= -1 && c.death_tally <= 4096, "more deaths than are ever kept");
  expect(c.reload_signal > 0 && c.reload_signal < 65, "a signal that is none");
  expect(c.down_signal > 0 && c.down_signal < 65, "a signal that is none");
}

void tree(std::string_view input) {
  const std::optional<TreeWish> wish = parse_tree_wish(input);
  if (wish) expect(parse_tree_wish(format_tree_wish(*wish)) == wish, "what is written is not what was read");
  const std::size_t half = input.size() / 2;
  static_cast<void>(control_group_directory_of(input.substr(0, half), input.substr(half)));
}

void back_off(std::string_view input) {
  const std::optional<BackOff> rules = parse_back_off(input);
  if (!rules) return;
  expect(parse_back_off(format_back_off(*rules)) == rules, "what is written is not what was read");
  for (const std::uint32_t ends : {1U, 2U, 100U, UINT32_MAX}) {
    const Duration wait = back_off_after(*rules, ends);
    expect(wait.count() >= 0 && wait <= rules->most, "a wait out of bounds");
  }
}

}  // namespace
}  // namespace kindred

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  kindred::configure(input);
  kindred::back_off(input);
  kindred::tree(input);
  return 0;
}
