#pragma once
// What is read, piece by piece, as it comes. Source: interfaces/execline.md section 12.

#include <optional>
#include <string>

#include "core/base/result.h"

namespace kindred::execline {

struct PieceRules {
  std::string separators = "\n";  ///< none: netstrings
  bool keeps_separator = false;   ///< and what comes after the last one counts, too
  bool skips_empty = false;       ///< with the separator kept, also one byte without any at the end
};

class Pieces {
 public:
  Pieces(int descriptor, const PieceRules& rules, std::size_t most)
      : descriptor_(descriptor), rules_(rules), most_(most) {}

  /// nullopt: the end. Errors: read's; EINVAL for what is no netstring; E2BIG for a piece of more than `most` bytes.
  [[nodiscard]] Result<std::optional<std::string>> next();

 private:
  /// The first piece of what has been read, which loses it. nullopt: there is no whole one.
  [[nodiscard]] Result<std::optional<std::string>> take();
  [[nodiscard]] Result<std::optional<std::string>> take_netstring_piece();
  [[nodiscard]] std::optional<std::string> take_rest();

  int descriptor_;
  const PieceRules& rules_;
  std::size_t most_;
  std::string read_;
  std::size_t begin_ = 0, searched_ = 0;  ///< of what has been read and not taken
  bool at_end_ = false;
};

}  // namespace kindred::execline
