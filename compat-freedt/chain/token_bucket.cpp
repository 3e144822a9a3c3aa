#include "compat-freedt/chain/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace kindred::freedt {
namespace {

constexpr double kMicros = 1e6;

}  // namespace

double TokenBucket::enough(std::size_t most) const {
  constexpr double kSlices = 10;
  return std::min(std::max(1.0, std::floor(rate_ / kSlices)), static_cast<double>(most));
}

std::size_t TokenBucket::allowed(std::size_t most, Instant now) {
  if (rate_ == 0) return most;
  content_ = std::min(rate_, content_ + static_cast<double>((now - seen_).count()) * rate_ / kMicros);
  seen_ = now;
  if (content_ < enough(most)) return 0;
  return static_cast<std::size_t>(std::min(content_, static_cast<double>(most)));
}

Instant TokenBucket::ready_at(std::size_t most) const {
  if (rate_ == 0 || content_ >= enough(most)) return seen_;
  // A microsecond more than it takes: rounding must not wake anybody in vain.
  return seen_ + Duration(static_cast<std::int64_t>((enough(most) - content_) / rate_ * kMicros) + 1);
}

void TokenBucket::take(std::size_t bytes) {
  if (rate_ != 0) content_ -= static_cast<double>(bytes);
}

}  // namespace kindred::freedt
