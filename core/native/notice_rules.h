#pragma once
// What is worth a message, and when. Pure.

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/native/metrics_text.h"
#include "core/native/status.h"

namespace kindred {

struct ServiceNotice {
  const ServiceRow* row;  ///< of the report that was looked at
  Role role;
  std::string_view event;  ///< "bad", "flapping", "good"
};

class NoticeRules {
 public:
  /// No service is told of more often than once in `pause`: what changes meanwhile is told when it is over, if it is
  /// still another state than the one that was told last. Of one that is gone nothing is known any more after that time.
  explicit NoticeRules(Duration pause) : pause_(pause) {}

  /// What is to be told after this look. What is bad at the first look is told; what is good is not.
  [[nodiscard]] std::vector<ServiceNotice> look(const StatusReport& report, Instant now);

  /// Of how many processes something is known.
  [[nodiscard]] std::size_t known() const { return seen_.size(); }

  /// When something that is held back is to be told; never(): nothing is.
  [[nodiscard]] Instant due() const { return due_; }

 private:
  struct Seen {
    std::string_view told = "good";
    Instant told_at = Instant::long_ago();
    std::uint64_t restarts = 0;
    std::deque<Instant> lately;  ///< of restarts
    std::uint64_t look = 0;      ///< the latest that had it
  };
  [[nodiscard]] std::string_view event_for(const ServiceState& state, Seen& seen, std::uint64_t restarts,
                                           Instant now) const;

  Duration pause_;
  RestartCounter counter_;
  std::map<std::pair<std::string, Role>, Seen> seen_;
  Instant due_ = Instant::never();
  std::uint64_t looks_ = 0;
};

}  // namespace kindred
