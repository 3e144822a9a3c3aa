#pragma once
// What the codec tests of all families share: bytes as literals, every record there is, and reading that must
// not harm.

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "core/dialect/dialect.h"

namespace kindred::test {

using Bytes = std::vector<std::uint8_t>;

/// "40 00 6b": pairs of digits, anything else between them.
[[nodiscard]] inline Bytes hex(std::string_view text) {
  Bytes bytes;
  int high = -1;
  for (char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

[[nodiscard]] inline Bytes encoded(const StatusFile& file, const GroupSnapshot& snapshot,
                                   Role role = Role::Main) {
  Bytes bytes(kMaxStatusFile, 0xee);
  bytes.resize(file.encode(snapshot, role, bytes));
  return bytes;
}

[[nodiscard]] inline std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

[[nodiscard]] inline const StatusFile& file_named(const StatusCodec& codec, std::string_view name) {
  for (const StatusFile& file : codec.files)
    if (name == file.name) return file;
  ADD_FAILURE() << "no status file " << name;
  return codec.files[0];
}

/// Decodes from memory that ends where the bytes end, so that a read beyond them is seen by a sanitizer.
[[nodiscard]] inline std::optional<DecodedStatus> decoded(const StatusCodec& codec, const Bytes& bytes) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  return codec.decode({exact.get(), bytes.size()});
}

/// Calls `visit` with a record of every phase, want and set of marks; the stamps differ from each other.
template <class Visit>
void for_every_record(const Visit& visit) {
  for (std::size_t phase = 0; phase < kPhases; ++phase)
    for (std::size_t want = 0; want < kWants; ++want)
      for (unsigned marks = 0; marks < 32; ++marks) {
        StatusRecord r;
        r.phase = static_cast<Phase>(phase);
        r.want = static_cast<Want>(want);
        r.exiting = (marks & 1) != 0;
        r.ready = (marks & 2) != 0;
        r.paused = (marks & 4) != 0;
        r.sent_term = (marks & 8) != 0;
        r.sent_down = (marks & 16) != 0;
        const bool alive = r.phase == Phase::Starting || r.phase == Phase::Running ||
                           r.phase == Phase::Finishing || r.phase == Phase::Stopping;
        r.pid = alive ? 0x7654321 : 0;
        r.pid_changed = {1'700'000'001, 500};
        r.run_started = {1'700'000'002, 1'500};
        r.run_ended = {1'700'000'003, 2'500};
        r.down_since = {1'700'000'004, 3'500};
        r.ready_changed = {1'700'000'005, 4'500};
        visit(r);
      }
}

/// Every prefix of a record, and the record with every bit and every byte changed: none may do harm, and what
/// can be read can be written again.
inline void expect_robust(const StatusCodec& codec, const Bytes& record) {
  const auto read = [&](const Bytes& bytes) {
    const std::optional<DecodedStatus> status = decoded(codec, bytes);
    if (!status) return;
    for (const StatusFile& file : codec.files)
      for (Role role : {Role::Main, Role::Log}) {
        const Bytes again = encoded(file, status->snapshot, role);
        EXPECT_LE(again.size(), kMaxStatusFile);
      }
  };
  for (std::size_t size = 0; size <= record.size(); ++size) read({record.begin(), record.begin() + size});
  for (std::size_t at = 0; at < record.size(); ++at) {
    Bytes changed = record;
    for (unsigned value = 0; value < 256; ++value) {
      changed[at] = static_cast<std::uint8_t>(value);
      read(changed);
    }
  }
  Bytes longer = record;
  longer.resize(200, 0xff);
  read(longer);
  read(Bytes(record.size(), 0xff));
  read(Bytes(record.size(), 0));
}

/// One byte through a control codec's decoder.
[[nodiscard]] inline std::optional<ControlCommand> decoded(const ControlCodec& codec, char byte) {
  ControlMode mode = 0;
  return codec.decode(static_cast<std::uint8_t>(byte), mode);
}

[[nodiscard]] inline std::string encoded(const ControlCodec& codec, const ControlCommand& command) {
  const ControlBytes bytes = codec.encode(command);
  return {bytes.begin(), bytes.end()};
}

}  // namespace kindred::test
