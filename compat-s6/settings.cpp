#include "compat-s6/settings.h"

#include <algorithm>
#include <charconv>
#include <string>

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
                                                    std::uint32_t most = UINT32_MAX) {
    const std::optional<std::string> line = first_line(name, kLongestNumber);
    if (!line) return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), value);
    if (error == std::errc{} && end == line->data() + line->size() && value >= least && value <= most) {
      found_ = true;
      return value;
    }
    files_.warn(std::string("invalid ") + name);
    return std::nullopt;
  }

  [[nodiscard]] std::optional<int> signal(const char* name) {
    const std::optional<std::string> line = first_line(name, kLongestSignal);
    if (!line) return std::nullopt;
    if (const int signal = parse_signal(*line); signal != 0) {
      found_ = true;
      return signal;
    }
    files_.warn(std::string("invalid ") + name);
    return std::nullopt;
  }

  [[nodiscard]] bool found() const { return found_; }

 private:
  std::optional<std::string> first_line(const char* name, std::size_t longest) const {
    std::optional<std::string> text = files_.read(name);
    if (text) text->resize(std::min({text->size(), longest, text->find('\n')}));
    return text;
  }

  const ServiceFiles& files_;
  bool found_ = false;
};

Duration milliseconds(std::uint32_t count) { return std::chrono::milliseconds(count); }

}  // namespace

bool configure(const ServiceFiles& files, Convention& convention) {
  Reader reader(files);
  // 0 is where a log service reads.
  if (const auto fd = reader.number("notification-fd", 1, kHighestDescriptor))
    convention.ready_fd = static_cast<int>(*fd);
  if (const auto fd = reader.number("lock-fd", 1, kHighestDescriptor)) {
    if (static_cast<int>(*fd) == convention.ready_fd)
      files.warn("lock-fd is the same as notification-fd: the service has no lock");
    else
      convention.lock_fd = static_cast<int>(*fd);
  }
  if (const auto limit = reader.number("timeout-kill")) convention.kill_after = milliseconds(*limit);
  if (const auto limit = reader.number("timeout-finish"))
    convention.scripts[static_cast<std::size_t>(Script::Finish)].limit = milliseconds(*limit);
  if (const auto deaths = reader.number("max-death-tally"))
    convention.death_tally = static_cast<int>(std::min<std::size_t>(*deaths, kMostDeaths));
  if (const auto signal = reader.signal("down-signal"))
    convention.down_signal = static_cast<std::uint8_t>(*signal);
  if (const auto signal = reader.signal("reload-signal"))
    convention.reload_signal = static_cast<std::uint8_t>(*signal);
  return reader.found();
}

}  // namespace kindred::s6
