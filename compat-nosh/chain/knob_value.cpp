#include "compat-nosh/chain/knob_value.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>

#include "core/base/number.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {
namespace {

/// "512M" → its bytes.
std::optional<std::uint64_t> multiplied(std::string_view value) {
  constexpr std::string_view kSuffixes = "KMGT";
  constexpr unsigned kBits = 10;
  if (value.empty()) return std::nullopt;
  const std::size_t power = kSuffixes.find(value.back());
  if (power == std::string_view::npos) return parse_unsigned<std::uint64_t>(value);
  const auto number = parse_unsigned<std::uint64_t>(value.substr(0, value.size() - 1));
  const unsigned shift = kBits * static_cast<unsigned>(power + 1);
  if (!number || *number > (UINT64_MAX >> shift)) return std::nullopt;
  return *number << shift;
}

}  // namespace

std::optional<dev_t> device_number(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) == -1 || (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode))) return std::nullopt;
  return st.st_rdev;
}

std::optional<std::string> knob_value(std::string_view value, const KnobRules& rules, DeviceNumber device) {
  std::string text;
  if (rules.begins_with_device) {
    const std::string_view name = value.substr(0, value.find(' '));
    const auto number = device(std::string(name));
    if (!number) return std::nullopt;
    value.remove_prefix(std::min(value.size(), name.size() + 1));
    text = std::to_string(major(*number)) + ":" + std::to_string(minor(*number)) + " ";
  }
  if (!rules.key.empty()) text += rules.key + "=";
  if (rules.infinity_is_max && value == "infinity") return text + "max";
  if (rules.percent_of && value.ends_with('%')) {
    constexpr std::uint64_t kWhole = 100;
    const auto part = parse_unsigned<std::uint64_t>(value.substr(0, value.size() - 1));
    if (!part || *part > kWhole) return std::nullopt;
    const std::uint64_t whole = *rules.percent_of;
    return text + std::to_string(whole / kWhole * *part + whole % kWhole * *part / kWhole);
  }
  if (!rules.multiplies) return text.append(value);
  const auto number = multiplied(value);
  if (!number) return std::nullopt;
  return text + std::to_string(*number);
}

Result<std::uint64_t> read_knob_number(const char* path) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return error_here("open", path);
  std::array<char, 64> block{};
  const ssize_t size = ::read(file.get(), block.data(), block.size());
  if (size == -1) return error_here("read", path);
  std::string_view text(block.data(), static_cast<std::size_t>(size));
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto number = parse_unsigned<std::uint64_t>(text);
  if (!number) return Error{0, "Not a number", path};
  return *number;
}

}  // namespace kindred::nosh
