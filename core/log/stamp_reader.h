#pragma once
// What loggers put before lines, read back. Pure, and total: any bytes are a line.

#include <optional>
#include <string_view>

#include "core/log/stamp.h"

namespace kindred {

struct LineStamp {
  StampKind kind = StampKind::None;
  WallTime at;
  std::size_t size = 0;  ///< what it takes of the line, with what separates it from the text
};

/// By its shape. `labels`: what TAI64N labels were written with; such a stamp is then Tai10 or Tai.
[[nodiscard]] LineStamp read_stamp(std::string_view line, TaiOffset labels);

/// The moment in the name of an old file, in any family's way; nullopt where it is no such name.
[[nodiscard]] std::optional<WallTime> read_file_stamp(std::string_view name, TaiOffset labels);

/// What labels were written with: no logger stamps a line later than the file's last change. `stamp`: a label's moment,
/// read as Constant10.
[[nodiscard]] TaiOffset rule_of_labels(WallTime stamp, WallTime file_changed);

}  // namespace kindred
