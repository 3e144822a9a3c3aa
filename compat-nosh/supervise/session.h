#pragma once
// What a manager of a session is asked for, by signals and by bytes, and in which order it is done. Pure.
// Source: interfaces/nosh-system.md sections 11.3 and 12.
//
//   byte     signal                  request
//   S        SIGRTMIN+10             sysinit
//   n        SIGRTMIN+0 … +2         normal
//   h p r c  SIGRTMIN+3 … +5,        halt
//            TERM, INT, HUP
//   H P R C  SIGRTMIN+13 … +15       the end, now

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::nosh {

/// The signals that it acts on; what SIGRTMIN is, libc says at run time.
[[nodiscard]] std::vector<int> session_signals();

class SessionRequests {
 public:
  /// False for what means nothing.
  bool take_signal(int signal);
  bool take_byte(char byte);

  /// The target to be started next, and the request for it is gone; "": none.
  [[nodiscard]] std::string_view next_target();
  [[nodiscard]] bool is_to_end() const { return ends_; }

 private:
  bool sysinit_ = false, normal_ = false, halt_ = false, ends_ = false;
};

/// A command of system-control to such a manager.
struct SessionCommand {
  std::string_view name;
  std::string_view bytes;
  std::string_view forced;  ///< with --force
};
/// Null for a name that is none; "fast" may be in front of those that can be forced.
[[nodiscard]] const SessionCommand* find_session_command(std::string_view name);
/// What is asked for at the start, by the words with which the manager was called: the greatest of them counts,
/// without any, "normal". `unknown` gets the words that are none.
[[nodiscard]] std::string_view session_level(std::span<char* const> words, std::vector<std::string>& unknown);

}  // namespace kindred::nosh
