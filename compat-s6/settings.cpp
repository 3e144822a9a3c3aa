#include "compat-s6/settings.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "compat-s6/death_tally.h"
#include "core/base/signal_name.h"

namespace kindred::s6 {
namespace {

constexpr std::size_t kLongestNumber = 11, kLongestSignal = 15;
/// Descriptors above this are nobody's: the kernel's own limit for a process, unless it was raised.
constexpr std::uint32_t kHighestDescriptor = 1'048'575;

class Reader {
 public:
  explicit Reader(const ServiceFiles& files) : files_(files) {}

  [[nodiscard]] std::optional<std::uint32_t> number(const char* name, std::uint32_t least = 0,
                                                    std::uint32_t most = UINT32_MAX) noexcept {
    const std::optional<std::string_view> line = first_line(name, kLongestNumber);
    if (!line) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
    if (error == std::errc{} && end == line->data() + line->size() && value >= least && value <= most)
      return value;
    warn(name);
    return std::nullopt;
  }

  [[nodiscard]] std::optional<int> signal(const char* name) noexcept {
    const std::optional<std::string_view> line = first_line(name, kLongestSignal);
    if (!line) return std::nullopt;
    if (const int signal = parse_signal(*line); signal != 0) return signal;
    warn(name);
    return std::nullopt;
  }

 private:
  std::optional<std::string_view> first_line(const char* name, std::size_t longest) noexcept {
    std::optional<std::string_view> text = files_.read(name, room_);
    if (text) text = text->substr(0, std::min(longest, text->find('\n')));
    return text;
  }
  void warn(const char* name) const noexcept {
    char text[64];
    std::snprintf(text, sizeof text, "invalid %s", name);
    files_.warn(text);
  }

  const ServiceFiles& files_;
  char room_[64];
};

Duration milliseconds(std::uint32_t count) { return std::chrono::milliseconds(count); }

}  // namespace

void configure(const ServiceFiles& files, Setting setting, Convention& convention) noexcept {
  Reader reader(files);
  switch (setting) {
    case Setting::Descriptors:
      // 0 is where a log service reads.
      if (const auto fd = reader.number("notification-fd", 1, kHighestDescriptor))
        convention.ready_fd = static_cast<int>(*fd);
      if (const auto fd = reader.number("lock-fd", 1, kHighestDescriptor)) {
        if (static_cast<int>(*fd) == convention.ready_fd)
          files.warn("lock-fd is the same as notification-fd: the service has no lock");
        else
          convention.lock_fd = static_cast<int>(*fd);
      }
      break;
    case Setting::DownSignal:
      if (const auto signal = reader.signal("down-signal"))
        convention.down_signal = static_cast<std::uint8_t>(*signal);
      break;
    case Setting::ReloadSignal:
      if (const auto signal = reader.signal("reload-signal"))
        convention.reload_signal = static_cast<std::uint8_t>(*signal);
      break;
    case Setting::KillAfter:
      if (const auto limit = reader.number("timeout-kill")) convention.kill_after = milliseconds(*limit);
      break;
    case Setting::FinishLimit:
      if (const auto limit = reader.number("timeout-finish"))
        convention.scripts[static_cast<std::size_t>(Script::Finish)].limit = milliseconds(*limit);
      break;
    case Setting::DeathTally:
      if (const auto deaths = reader.number("max-death-tally"))
        convention.death_tally = static_cast<int>(std::min<std::size_t>(*deaths, kMostDeaths));
      break;
  }
}

}  // namespace kindred::s6
