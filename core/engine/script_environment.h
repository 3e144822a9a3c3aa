#pragma once
// The environment of a script: this process's own, and what its family tells it besides. Room for it is set
// aside once, so that a start allocates nothing.

#include <cstddef>
#include <vector>

#include "core/service/convention.h"
#include "core/service/machine.h"
#include "core/sys/spawner.h"

namespace kindred {

class ScriptEnvironment {
 public:
  /// This process's environment must not grow any more.
  ScriptEnvironment();
  ScriptEnvironment(const ScriptEnvironment&) = delete;
  ScriptEnvironment& operator=(const ScriptEnvironment&) = delete;

  /// Puts what the rule asks for into the plan, which is valid until the next call.
  void give(const ScriptRule& rule, const ServiceMachine& machine, Instant now, SpawnPlan& plan) noexcept;

 private:
  static constexpr std::size_t kMost = decltype(ScriptRule::environment)::capacity();
  static constexpr std::size_t kLongest = 48;  ///< NAME=NUMBER

  std::vector<const char*> pointers_;
  char texts_[kMost][kLongest];
};

}  // namespace kindred
