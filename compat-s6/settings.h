#pragma once
/// The small files with which an s6 service changes its convention. All are optional; each is read when it
/// matters.
///
///   notification-fd    number   descriptor of run on which a newline means ready
///   lock-fd            number   descriptor of run on which it holds supervise/service-lock
///   timeout-kill       ms       KILL so long after the down signal; 0: never
///   timeout-finish     ms       KILL for a finish that takes longer (5000); 0: never
///   max-death-tally    number   deaths that are kept (100), 4096 at most; 0: none
///   down-signal        signal   name or number (TERM)
///   reload-signal      signal   for the control byte `l` (HUP)
///
/// A number is all digits up to a newline; of anything else there is a warning, and it counts as absent.
/// Source: interfaces/s6.md section 3.1.

#include "core/dialect/dialect.h"

namespace kindred::s6 {

void configure(const ServiceFiles& files, Setting setting, Convention& convention) noexcept;

}  // namespace kindred::s6
