#pragma once
/// service-status's words for one service.
///
/// Short, one line after "NAME: ":
///
///   STATE[ (pid N)][ since STAMP; AGE ago][; paused][, want up][, initially stopped].
///
/// Long, a line for each of State, Main PID, Action, the ends of the four scripts, Config.
/// Stamps in the future are left out. Source: interfaces/nosh.md section 11.

#include <optional>
#include <string>
#include <string_view>

#include "compat-nosh/client/bundle.h"

namespace kindred::nosh {

/// What is known of the service: no supervisor, a record that is still too short, or a record.
struct Seen {
  bool supervised = false;
  std::optional<StatusFields> status;
  Flags flags;
};

enum class Colour : bool { No, Yes };

/// With "NAME: " and the final newline.
[[nodiscard]] std::string short_text(std::string_view name, const Seen& seen, WallTime now, Colour colour);
[[nodiscard]] std::string long_text(std::string_view name, const Seen& seen, WallTime now, Colour colour);

/// "1d 1h 0m 35s", from the largest unit that is not zero.
[[nodiscard]] std::string age_text(std::uint64_t seconds);

/// The six plain words for the activity; "unknown" for any other.
[[nodiscard]] const char* activity_word(std::uint8_t activity);

/// "exit 10", "term 15 TERM", "crash 11 SEGV (core dumped)", "crash 10".
[[nodiscard]] std::string end_text(const StatusFields::End& end);

}  // namespace kindred::nosh
