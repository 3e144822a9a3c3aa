#pragma once
// What a logger does with its lines, as a typed program: each family's script language parses into this.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/line_pattern.h"
#include "core/log/rotation_rules.h"
#include "core/log/stamp.h"

namespace kindred {

/// How bytes become lines.
struct LineRules {
  enum class AfterLimit : std::uint8_t {
    Stream,   ///< the rest of the line goes, unseen by the script, where its beginning went
    NewLine,  ///< the rest is a line of its own
    Discard,
  };
  /// As much of a line the script sees, with its stamp; 0: all, and nothing is held back until the line ends.
  std::size_t limit = 1000;
  AfterLimit after_limit = AfterLimit::Stream;
  StampKind stamp = StampKind::None;  ///< becomes a part of the line, before any selection
  bool nul_ends = false;              ///< a NUL byte ends a line, too
  bool drops_empty = false;
  bool completes_last = true;  ///< a last line without a newline gets one
  /// What each byte of a line becomes, but for the rest after the limit; null: itself.
  std::shared_ptr<const std::array<char, 256>> replaced;
};

/// What an action puts before a line.
struct LineFormat {
  std::array<StampKind, 2> stamps{StampKind::None, StampKind::None};
  std::string prefix;
  [[nodiscard]] bool plain() const {
    return stamps[0] == StampKind::None && stamps[1] == StampKind::None && prefix.empty();
  }
};

/// Where lines go in blocks: a log directory, one file, or standard output.
struct Outlet {
  std::string path;  ///< of the directory or file, as it was given; empty: standard output
  RotationRules rules;
  bool is_directory = false;  ///< even where the path is empty, which leads nowhere then
  bool is_file = false;       ///< which is appended to, and opened anew by LogSignal::Act::ReopenFiles
};

/// Follows what is shown of a long line.
inline constexpr std::string_view kCutMark = "...";

/// Where lines go one by one.
struct Teller {
  enum class Kind : std::uint8_t {
    StandardError,
    StatusFile,
    Datagram,
    Voice,  ///< LogVoice::tell()
  };
  Kind kind = Kind::StandardError;
  std::string intro;      ///< before each line: "s6-log: alert: "
  std::size_t limit = 0;  ///< bytes shown of a long line
  std::size_t cut_from =
      0;  ///< a line of so many bytes is a long one: it is cut to `limit`, and kCutMark follows
  // StatusFile
  std::string path;
  std::size_t size = 0;   ///< of the file: padded with newlines, or cut; 0: the line's own
  bool replaced = false;  ///< by a new file; else it is written over
  // Datagram
  std::uint32_t address = 0;  ///< IPv4, in host order
  std::uint16_t port = 0;
  std::string no_socket, not_sent;  ///< what stands there before a line that could not be sent
  std::size_t outlet = 0;           ///< where the line goes when it cannot be sent
};

struct LogInstruction {
  enum class Kind : std::uint8_t {
    SelectAll,
    DeselectAll,
    Select,             ///< if it is not selected and the pattern matches
    Deselect,           ///< if it is selected and the pattern matches
    SelectIfUntouched,  ///< selected from here on exactly if no action has been done on it
    Write,              ///< to the outlet
    Tell,               ///< to the teller
  };
  Kind kind = Kind::Write;
  std::size_t index = 0;  ///< of the pattern, outlet or teller
  LineFormat format;
};

struct LogScript {
  LineRules lines;
  std::vector<LinePattern> patterns;
  std::vector<Outlet> outlets;
  std::vector<Teller> tellers;
  std::vector<LogInstruction> instructions;
};

}  // namespace kindred
