#pragma once
// The ends of a process that s6-permafailon counts, as its third word lists them. Source: interfaces/s6.md section 10.11.

#include <bitset>
#include <string_view>

#include "core/base/result.h"
#include "core/service/status_record.h"

namespace kindred::s6 {

class DeathList {
 public:
  /// Exit codes, ranges "3-9" of them and names of signals, each two with any of ", ; blank tab newline" between.
  /// Errors: code 0; the operation is what is wrong with the list.
  static Result<DeathList> parse(std::string_view text);

  /// An exit code also stands for death by the signal of which a shell would make that code.
  [[nodiscard]] bool has(const ExitStatus& how) const;

 private:
  std::bitset<256> codes_;
  std::bitset<128> signals_;
};

}  // namespace kindred::s6
