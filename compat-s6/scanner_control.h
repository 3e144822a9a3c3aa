#pragma once
/// What a byte in .s6-svscan/control asks of the scanner.
///
///   a  rescan                 h  rescan, and end services whose names have gone
///   n  end services whose names have gone, their logs after them     N  … logs at once
///   i t  end all, logs after their mains     q  … logs at once
///   b  leave the scanner, services stay      z  reap
///
/// Source: interfaces/s6.md section 9.5.

#include <cstdint>
#include <optional>

namespace kindred::s6 {

enum class Wish : std::uint8_t {
  Nothing,
  Rescan,
  RescanAndPrune,
  Prune,
  PruneAtOnce,
  Stop,
  StopAtOnce,
  Leave
};

/// nullopt for a byte that means nothing.
[[nodiscard]] constexpr std::optional<Wish> scanner_wish(char byte) {
  switch (byte) {
    case 'z':
      return Wish::Nothing;
    case 'a':
      return Wish::Rescan;
    case 'h':
      return Wish::RescanAndPrune;
    case 'n':
      return Wish::Prune;
    case 'N':
      return Wish::PruneAtOnce;
    case 'i':
    case 't':
      return Wish::Stop;
    case 'q':
      return Wish::StopAtOnce;
    case 'b':
      return Wish::Leave;
    default:
      return std::nullopt;
  }
}

}  // namespace kindred::s6
