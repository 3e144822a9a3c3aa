#pragma once
// What has happened to a process lately, and what was done about it: a ring so small that it is kept for each. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/service/machine.h"

namespace kindred {

/// One thing that happened.
///
///   bits    42 milliseconds since 1970
///            5 kind
///            8 subject
///            8 detail
///   from the lowest on; 0: nothing.
struct TraceEntry {
  enum class Kind : std::uint8_t {
    None,
    Begun,          ///< subject: Want
    TakenOn,        ///< from an earlier supervisor, as it was
    Commanded,      ///< subject: Verb; detail: its signal
    Started,        ///< subject: Script; likewise the next two
    NotStarted,     ///< no process could be made
    Absent,         ///< there is no such script
    Ended,          ///< subject: ExitStatus::value; detail: Script, kind (4), core_dumped (16)
    CustomStarted,  ///< subject: its letter
    CustomEnded,    ///< as Ended
    Ready,
    Stopped,
    Continued,
    TimeOver,   ///< subject: Phase whose time it was, or kCustom
    Signalled,  ///< subject: the signal; detail: kToGroup, kToCustom, kToLeft
    MadeDown,
    RemovedDown,
    StaysDown,  ///< finish, or its back-off, says that it is not to be restarted
    DroppedOutput,
    MainLeft,  ///< to a log
    Retired,
    Outlived,  ///< as Ended, and it has left others behind
  };
  static constexpr std::uint8_t kCustom = 255;
  static constexpr std::uint8_t kToGroup = 1, kToCustom = 2;  ///< a custom control script
  static constexpr std::uint8_t kToLeft = 4;                  ///< all that run has left behind

  Kind kind = Kind::None;
  std::uint8_t subject = 0;
  std::uint8_t detail = 0;
  std::uint64_t milliseconds = 0;  ///< since 1970
  friend bool operator==(const TraceEntry&, const TraceEntry&) = default;

  [[nodiscard]] std::uint64_t pack() const;
  /// nullopt: nothing, or values that no entry has.
  [[nodiscard]] static std::optional<TraceEntry> unpack(std::uint64_t bits);

  // Of Kind::Ended and Kind::CustomEnded.
  [[nodiscard]] Script script() const;
  [[nodiscard]] ExitStatus status() const;
};

/// The latest of them.
struct Trace {
  std::array<std::uint64_t, 16> entries{};
  std::uint32_t count = 0;  ///< that there ever were
  std::uint32_t unused = 0;

  void add(const TraceEntry& entry) noexcept {
    entries[count % entries.size()] = entry.pack();
    ++count;
  }
  /// In order of time. Whoever reads them in another process's memory finds nothing that never was.
  [[nodiscard]] std::vector<TraceEntry> read() const;
};

/// What is to be told of an event; `machine` has not heard of it yet. nullopt: nothing, its answer tells it.
[[nodiscard]] std::optional<TraceEntry> traced(const Event& event, const ServiceMachine& machine,
                                               const Now& now) noexcept;
/// Likewise of an action of the machine's.
[[nodiscard]] std::optional<TraceEntry> traced(const Action& action, const ServiceMachine& machine,
                                               const Now& now) noexcept;
[[nodiscard]] TraceEntry trace_entry(const Now& now, TraceEntry::Kind kind, std::uint8_t subject = 0,
                                     std::uint8_t detail = 0) noexcept;

}  // namespace kindred
