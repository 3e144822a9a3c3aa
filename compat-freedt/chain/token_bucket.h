#pragma once
// So many bytes a second. Pure.

#include <cstddef>
#include <cstdint>

#include "core/base/time.h"

namespace kindred::freedt {

/// Holds one second's worth of bytes, and is full at first. Bytes are given out once there are enough for a
/// tenth of a second, so that a slow stream does not wake its program for every byte.
class TokenBucket {
 public:
  /// `rate`: bytes a second; 0: as many as anybody wants.
  TokenBucket(std::uint64_t rate, Instant now)
      : rate_(static_cast<double>(rate)), content_(rate_), seen_(now) {}

  /// How many bytes may pass now, at most `most`; 0: none before ready_at(most).
  [[nodiscard]] std::size_t allowed(std::size_t most, Instant now);
  [[nodiscard]] Instant ready_at(std::size_t most) const;
  void take(std::size_t bytes);

 private:
  [[nodiscard]] double enough(std::size_t most) const;

  double rate_;
  double content_;  ///< bytes
  Instant seen_;
};

}  // namespace kindred::freedt
