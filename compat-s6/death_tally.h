#pragma once
/// s6's supervise/death_tally: one record of 14 bytes for each death of run, the oldest first.
///
///   offset size field   encoding
///        0   12 at      TAI64N label (true TAI), big-endian: the moment of death, as the status
///                       record has it
///       12    1 code    exit code; 128 + signal after a signal
///       13    1 signal  0 after an exit
///
/// Source: interfaces/s6.md section 5.
/// Errors: a file that is no whole number of records holds none.

#include <span>

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/service/status_record.h"

namespace kindred::s6 {

inline constexpr std::size_t kDeathSize = 14;
/// More than so many records are never kept.
inline constexpr std::size_t kMostDeaths = 4096;

struct Death {
  WallTime at;
  ExitStatus how;
};

/// An end that is not known counts as an exit with 0, as in the status record.
void put_death(ByteSpan out, std::size_t offset, const Death& death);
[[nodiscard]] Death get_death(ByteView in, std::size_t offset);

/// How many records the file holds; 0 where it is torn or not this family's.
[[nodiscard]] constexpr std::size_t count_deaths(ByteView file) {
  return file.size() % kDeathSize == 0 ? file.size() / kDeathSize : 0;
}

}  // namespace kindred::s6
