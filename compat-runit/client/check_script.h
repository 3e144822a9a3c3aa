#pragma once
// A service's `check`: the script that says whether a running service can be used.
// Source: interfaces/runit.md section 9.5.

#include <string>

#include "core/base/time.h"
#include "core/client/service_directory.h"
#include "core/sys/clock.h"

namespace kindred::runit {

struct CheckAnswer {
  bool granted = false;
  std::string trouble;  ///< why there was no answer: "unable to run NAME/check: …"; empty if there was one
};

/// Runs ./check in the service directory and waits for it, until `limit` on the clock at the longest: then it is killed
/// and has not granted. Without a check script the answer is yes. Only exit code 0 grants: a script that was
/// killed by a signal, or that cannot be executed, does not, though it does in the original. Its standard
/// output is closed, everything else is inherited.
[[nodiscard]] CheckAnswer run_check(const ServiceDirectory& service, std::string_view name, Instant limit,
                                    const Clock& clock);

}  // namespace kindred::runit
