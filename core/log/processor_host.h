#pragma once
// Starts processors as children of this process.

#include "core/log/log_directory.h"

namespace kindred {

/// The child stands in the log directory, has the plan's files as descriptors 0, 1, 4 and 5, and signals as this
/// process was started with them, but TERM, HUP, ALRM, PIPE and XFSZ at their defaults. One that cannot be executed says so
/// and exits 111.
class SystemProcessorHost final : public ProcessorHost {
 public:
  /// The descriptor stays the caller's.
  explicit SystemProcessorHost(int directory) : directory_(directory) {}
  [[nodiscard]] int start(const ProcessorPlan& plan, pid_t& pid) override;

 private:
  int directory_;
};

}  // namespace kindred
