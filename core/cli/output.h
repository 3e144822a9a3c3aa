#pragma once
// What a front end says: standard output through a buffer, standard error a line at a time, each line in one
// write(2) so that the lines of several programs do not mix. Nothing here draws in iostream, whose start-up
// alone would cost more than most front ends do.

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace kindred {

/// The exit codes that the daemontools line of the family shares.
inline constexpr int kExitUsage = 100;
inline constexpr int kExitFatal = 111;

/// Writes all of `text`: goes on after an interrupted or a short write and waits for a descriptor that
/// another process has made non-blocking. Errors: the errno of write(2), object "descriptor N".
[[nodiscard]] Status write_text(int descriptor, std::string_view text);

/// Collects text and writes it when flushed, or once kFlushAt bytes have come together.
class Output {
 public:
  static constexpr std::size_t kFlushAt = 4096;

  explicit Output(int descriptor = 1) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  /// Flushes; an error is lost here, so flush() comes first where it counts.
  ~Output();

  Output& add(std::string_view text);
  /// Decimal.
  template <std::integral Number>
  requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) Output& add(Number number) {
    return add(std::string_view(std::to_string(number)));
  }

  /// Writes what was collected. After a failure the output is broken for good: later text is dropped, and
  /// this and each later flush() tells the first error.
  Status flush();

 private:
  int descriptor_;
  std::string text_;
  Status state_ = ok();
};

/// One line on standard error: the parts, joined, and a newline. A failure to write has nowhere to go.
void print_error(std::initializer_list<std::string_view> parts);

/// "PROG: warning: …" on standard error.
void print_warning(std::string_view program, std::initializer_list<std::string_view> parts);

/// "PROG: fatal: …" on standard error; returns `exit_code`, for `return fatal(…)`.
int fatal(std::string_view program, std::initializer_list<std::string_view> parts,
          int exit_code = kExitFatal);

/// "PROG: fatal: unable to OPERATION OBJECT: REASON", with the family's phrases.
int fatal(std::string_view program, const Error& error, int exit_code = kExitFatal);

}  // namespace kindred
