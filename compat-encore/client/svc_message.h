#pragma once
/// svc's options as one message: `l`, and the letters in the order in which they were given. A letter that is
/// there already since the last `L`, `l`, `+` or `=` is left out, and so is a `+` or `=` that changes
/// nothing. 32 bytes at most.
///
/// The original leaves out every second `+` or `=`, so that `-+t=h+k` kills one process only.
/// Source: interfaces/encore.md section 10.1, and section 14 at 4.

#include <string>

namespace kindred::encore {

class SvcMessage {
 public:
  static constexpr std::size_t kMost = 32;

  /// False where the message is full already, whether the letter would be left out or not.
  [[nodiscard]] bool add(char letter);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = "l";
  char addressee_ = 0;       ///< the latest `+` or `=` since the last `L` or `l`
  std::size_t segment_ = 1;  ///< where the letters begin among which there is no other of a kind
};

}  // namespace kindred::encore
