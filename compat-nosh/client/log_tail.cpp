#include "compat-nosh/client/log_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <optional>

#include "compat-nosh/status.h"
#include "core/base/printable.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {
namespace {

// As much of a log as is looked at, however many lines are wanted.
constexpr off_t kMostBytes = 256 * 1024;
constexpr std::size_t kLabelDigits = 2 * kTai64nSize;

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<WallTime> label_of(std::string_view line) {
  if (line.size() <= kLabelDigits || line[0] != '@') return std::nullopt;
  std::array<std::uint8_t, kTai64nSize> bytes{};
  for (std::size_t i = 0; i < kTai64nSize; ++i) {
    const auto high = digit(line[1 + 2 * i]), low = digit(line[2 + 2 * i]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return get_tai64n(bytes, 0, kTaiOffset);
}

}  // namespace

std::string_view last_lines(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  if (at > 0 && text[at - 1] == '\n') --at;
  for (; count > 0; --count) {
    const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    if (newline == std::string_view::npos) return text;
    at = newline;
  }
  return text.substr(std::min(at + 1, text.size()));
}

std::string with_local_time(std::string_view line) {
  const std::optional<WallTime> at = label_of(line);
  if (!at) return std::string(line);
  const std::time_t seconds = at->seconds;
  std::tm local{};
  char text[64], nanos[16];
  if (localtime_r(&seconds, &local) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local) == 0)
    return std::string(line);
  std::snprintf(nanos, sizeof nanos, ".%09u", at->nanos);
  return std::string(text) + nanos + std::string(line.substr(1 + kLabelDigits));
}

std::string log_tail(int bundle, std::size_t lines) {
  const UniqueFd log(openat(bundle, "log/main/current", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat st;
  if (!log || fstat(log.get(), &st) != 0 || !S_ISREG(st.st_mode)) return {};
  const off_t from = st.st_size > kMostBytes ? st.st_size - kMostBytes : 0;
  std::string text(static_cast<std::size_t>(st.st_size - from), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got =
        pread(log.get(), text.data() + size, text.size() - size, from + static_cast<off_t>(size));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  std::string shown;
  for (std::string_view rest = last_lines(text, lines); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    append_printable(shown, with_local_time(rest.substr(0, end)));
    shown += '\n';
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return shown;
}

}  // namespace kindred::nosh
