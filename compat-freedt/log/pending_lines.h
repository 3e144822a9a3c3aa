#pragma once
// What dumblog has read and not written yet. Pure.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/log/line_stamper.h"

namespace kindred::freedt {

/// Complete lines are due at once; what follows the last newline waits for its end, or until everything is
/// due. Source: interfaces/freedt.md section 6.4.
class PendingLines {
 public:
  /// A line that grows longer than this is due in pieces.
  static constexpr std::size_t kLongestPiece = 65536;

  /// With `stamped`, each line is preceded by the stamp that add() is given, and a last line that lacks its
  /// newline gets one from finish(); without, nothing is added to what was read.
  explicit PendingLines(bool stamped) : stamped_(stamped) {}

  void add(std::string_view bytes, std::string_view stamp);
  /// Everything is due; a line that is not at its end goes on afterwards, without a stamp of its own.
  void cut() { due_ = text_.size(); }
  /// Everything is due, and nothing will follow.
  void finish();

  [[nodiscard]] std::string_view due() const { return {text_.data(), due_}; }
  void written(std::size_t size);

 private:
  bool stamped_;
  LineStamper stamper_;
  std::string text_;
  std::size_t due_ = 0;
};

}  // namespace kindred::freedt
