#pragma once
// The file `config` of a log directory, and what it makes of svlogd's script. Pure.
// Source: interfaces/runit.md sections 10.3 to 10.8.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/log_script.h"

namespace kindred::runit {

struct SvlogdConfig {
  struct Selection {
    char kind;  ///< '+', '-', 'e' or 'E'
    std::string pattern;
  };
  struct Address {
    std::uint32_t host = 0;  ///< in host order
    std::uint16_t port = 0;
  };
  std::uint64_t size = 1'000'000;  ///< bytes; 0: no rotation by size
  std::uint64_t number = 10;       ///< old files; 0: all
  std::uint64_t spared = 10;       ///< … that a full disk leaves
  std::uint64_t seconds = 0;       ///< 0: no rotation by time
  std::string processor;
  std::string prefix;
  std::vector<Selection> selections;
  std::optional<Address> address;
  bool only_address = false;  ///< nothing is written to current
  /// "unable to scan ip address: TEXT", for each address that is none.
  std::vector<std::string> complaints;
};

/// A line is told by its first byte; what is none of these is ignored, and a NUL ends a line. A file of one byte
/// is empty. An address that is none changes nothing: its lines are written. No errors.
[[nodiscard]] SvlogdConfig parse_svlogd_config(std::string_view text);

/// Adds the directory with all its actions. `script.lines` is set before: its limit is that of `-l`.
void add_svlogd_directory(LogScript& script, const std::string& path, const SvlogdConfig& config,
                          StampKind stamp);

}  // namespace kindred::runit
