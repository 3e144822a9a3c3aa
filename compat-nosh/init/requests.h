#pragma once
// What a manager of targets is asked for, by signals and by bytes, and in which order it is done. Pure.
// Source: interfaces/nosh-system.md sections 11.2, 11.3 and 12.
//
//                    process 1             a session's manager
//   SIGRTMIN+10      sysinit               sysinit (S)
//   SIGRTMIN+0       normal                normal (n)
//   SIGRTMIN+1, +2   rescue, emergency     normal
//   SIGRTMIN+3 … +5  halt poweroff reboot  halt (h p r)
//   SIGRTMIN+7       powercycle            (c: halt)
//   SIGRTMIN+13 …    the end, now, by halt, poweroff, reboot; for +17 by powercycle   (H P R C)
//   INT WINCH PWR    secure-attention-key, kbrequest, powerfail
//   TERM             the end, now, but     halt, as are INT and HUP
//                    only in a container

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kindred::nosh {

enum class TargetRequest : std::uint8_t {
  // In the order in which they are done, where they share a slot.
  Emergency,
  PowerFail,
  KeyboardRequest,
  SecureAttentionKey,
  Sysinit,
  Normal,
  Rescue,
  Halt,
  PowerOff,
  PowerCycle,
  Reboot,
  EndByLeaving,
  EndByHalt,
  EndByPowerOff,
  EndByPowerCycle,
  EndByReboot,
};

/// One job of a slot at a time; slots do not wait for each other.
enum class JobSlot : std::uint8_t { Emergency, Events, Regular };
inline constexpr std::size_t kJobSlots = 3;

struct TargetJob {
  JobSlot slot;
  const char* verb;  ///< of system-control
  const char* target;
  unsigned seconds;  ///< so long it may take
};

struct RequestSignal {
  int number;
  TargetRequest request;
};
struct RequestByte {
  char byte;
  TargetRequest request;
};
/// What asks a manager for what.
struct RequestWords {
  std::span<const RequestSignal> signals;
  std::span<const RequestSignal> real_time;  ///< numbers after SIGRTMIN, which libc says at run time
  std::span<const RequestByte> bytes;
};
/// Process 1 of a machine, whose kernel does not forgive that it leaves; of a container; a session's manager.
extern const RequestWords kMachineRequests, kContainerRequests, kSessionRequests;

class TargetRequests {
 public:
  explicit TargetRequests(const RequestWords& words) : words_(words) {}

  /// The signals that it acts on.
  [[nodiscard]] std::vector<int> signals() const;
  /// False for what means nothing.
  bool take_signal(int signal);
  bool take_byte(char byte);

  /// What the slot is to do next; null: nothing.
  [[nodiscard]] const TargetJob* next(JobSlot slot) const;
  /// One of these has been begun: the request for it is gone.
  void begun(const TargetJob& job);
  /// How everything is to end, now; none: it is not to. The first request of an end is the one that counts.
  [[nodiscard]] std::optional<TargetRequest> end() const { return end_; }

 private:
  void take(TargetRequest request);

  const RequestWords& words_;
  std::uint32_t wanted_ = 0;  ///< a bit for each
  std::optional<TargetRequest> end_;
};

}  // namespace kindred::nosh
