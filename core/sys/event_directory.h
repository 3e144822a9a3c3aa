#pragma once
// An event directory: who wants to hear of changes puts a FIFO there, and whoever changes something writes a
// few letters into each. The wire is that of the fifodirs of interfaces/s6.md section 8.
//
// Those who may listen need not be trusted: they can put anything there under any name. Letters go into a
// FIFO that has this one name and a reader, and into nothing else; no link is followed, nobody is waited for,
// and how many are heard out at one time has an end.

#include <sys/types.h>

#include <optional>
#include <string_view>

#include "core/base/result.h"

namespace kindred::event_directory {

/// A listener's FIFO: "ftrig1:@", 24 digits of a TAI64N label, ':', 6 characters that are its own. It is made
/// with a dot before the name, which goes when it has a reader.
inline constexpr std::string_view kPrefix = "ftrig1:@";
inline constexpr std::size_t kNameLength = 39;

[[nodiscard]] constexpr bool is_listener(std::string_view name) {
  return name.size() == kNameLength && name.starts_with(kPrefix);
}

/// So many names are looked at in one call; those beyond wait for the next.
inline constexpr int kMostNames = 20'000;

/// Writes `events`, PIPE_BUF bytes at most, to every listener; FIFOs that nobody reads any more are removed.
/// One that is full loses them. No allocation; the caller has SIGPIPE blocked or ignored.
/// Errors: errno where the directory cannot be read; 0 for none.
int notify(int at, const char* path, std::string_view events) noexcept;

/// Removes the FIFOs that nobody reads. Errors as notify().
int clean(int at, const char* path) noexcept;

/// Who may listen: the members of a group, or everybody.
struct Listeners {
  std::optional<gid_t> group;
  [[nodiscard]] mode_t mode() const { return group ? 03730 : 01733; }
};

enum class IfThere : std::uint8_t {
  Leave,  ///< a directory that is there already stays what it is
  Adapt,  ///< it gets the mode and the group that a new one would have
};

/// Makes the directory, or the one to which a dangling link of that name points. Errors: ENOTDIR where
/// something else has the name; mkdir's, chown's and chmod's.
[[nodiscard]] Status make(int at, const char* path, const Listeners& listeners, IfThere if_there);

}  // namespace kindred::event_directory
