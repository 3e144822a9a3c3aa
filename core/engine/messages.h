#pragma once
// The supervisor's words. Nothing here allocates.

#include <string_view>

#include "core/base/result.h"
#include "core/dialect/dialect.h"
#include "core/sys/line.h"

namespace kindred {

/// A message of a supervisor about one of its services, after one of the forms of its Wording; or of a scanner about
/// its directory, which is then in the service's place.
[[nodiscard]] Line message(std::string_view form, std::string_view service, const Error& error,
                           ErrorText reason = error_text) noexcept;

/// The operation that failed where a service directory could not be entered.
inline constexpr const char* kEnterService = "chdir to";

/// Whether supervision could not begin because another supervisor holds the lock.
[[nodiscard]] bool is_held_lock(const Error& error) noexcept;

/// What is said of a service whose supervision could not begin.
[[nodiscard]] Line supervision_failed(const Wording& wording, std::string_view service,
                                      const Error& error) noexcept;

/// "OPERATION OBJECT" of an error.
[[nodiscard]] Line what_failed(const Error& error) noexcept;

}  // namespace kindred
