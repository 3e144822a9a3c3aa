#pragma once
/// What perp's loggers make of a line's bytes.
///
///   00-08 0a-1f   ?
///   09, 20-ff     themselves: UTF-8 stays what it is
///
/// Source: interfaces/perp.md section 11, where bytes pass from 80 on as where the original's char has no sign.

#include <array>
#include <memory>

namespace kindred::perp {

[[nodiscard]] inline std::shared_ptr<const std::array<char, 256>> clean_text() {
  auto table = std::make_shared<std::array<char, 256>>();
  for (std::size_t i = 0; i < table->size(); ++i)
    (*table)[i] = i < 0x20 && i != '\t' ? '?' : static_cast<char>(i);
  return table;
}

}  // namespace kindred::perp
