#pragma once
// What is written to a control group's file for a value as units have it. Source: interfaces/nosh-system.md
// section 4.8.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred::nosh {

struct KnobRules {
  bool infinity_is_max = false;
  bool multiplies = false;          ///< K M G T are powers of 1024
  bool begins_with_device = false;  ///< a path, for which the device's numbers are written
  std::string key = {};             ///< "KEY=" comes before the value; "": it does not
  std::optional<std::uint64_t> percent_of = std::nullopt;
};

using DeviceNumber = std::optional<dev_t> (*)(const std::string& path);
[[nodiscard]] std::optional<dev_t> device_number(const std::string& path);
/// Pure, but for what `device` does. nullopt: a value of another form.
[[nodiscard]] std::optional<std::string> knob_value(std::string_view value, const KnobRules& rules,
                                                    DeviceNumber device);
/// Errors: open's and read's; code 0 where the file holds no number.
[[nodiscard]] Result<std::uint64_t> read_knob_number(const char* path);

}  // namespace kindred::nosh
