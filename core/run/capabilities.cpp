#include "core/run/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>

#include "core/definition/unit_words.h"

namespace kindred {
namespace {

/// By number.
constexpr std::string_view kNames[] = {"chown",
                                       "dac_override",
                                       "dac_read_search",
                                       "fowner",
                                       "fsetid",
                                       "kill",
                                       "setgid",
                                       "setuid",
                                       "setpcap",
                                       "linux_immutable",
                                       "net_bind_service",
                                       "net_broadcast",
                                       "net_admin",
                                       "net_raw",
                                       "ipc_lock",
                                       "ipc_owner",
                                       "sys_module",
                                       "sys_rawio",
                                       "sys_chroot",
                                       "sys_ptrace",
                                       "sys_pacct",
                                       "sys_admin",
                                       "sys_boot",
                                       "sys_nice",
                                       "sys_resource",
                                       "sys_time",
                                       "sys_tty_config",
                                       "mknod",
                                       "lease",
                                       "audit_write",
                                       "audit_control",
                                       "setfcap",
                                       "mac_override",
                                       "mac_admin",
                                       "syslog",
                                       "wake_alarm",
                                       "block_suspend",
                                       "audit_read",
                                       "perfmon",
                                       "bpf",
                                       "checkpoint_restore"};

constexpr unsigned kMost = 64;

bool has(CapabilitySet set, unsigned number) { return (set >> number & 1) != 0; }

}  // namespace

std::optional<CapabilitySet> capability_named(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  constexpr std::string_view kPrefix = "cap_";
  if (!lower.starts_with(kPrefix)) return std::nullopt;
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), lower.substr(kPrefix.size()));
  if (found == std::end(kNames)) return std::nullopt;
  return CapabilitySet{1} << (found - std::begin(kNames));
}

std::optional<CapabilitySet> change_capabilities(std::optional<CapabilitySet> before, std::string_view text) {
  const bool takes = text.starts_with('~');
  if (takes) text.remove_prefix(1);
  const auto words = split_unit_words(text);
  if (!words) return std::nullopt;
  if (words->empty()) return takes ? kAllCapabilities : CapabilitySet{0};
  CapabilitySet named = 0;
  for (const std::string& word : *words) {
    const auto one = capability_named(word);
    if (!one) return std::nullopt;
    named |= *one;
  }
  return takes ? before.value_or(kAllCapabilities) & ~named : before.value_or(0) | named;
}

Status bound_capabilities(CapabilitySet kept) {
  for (unsigned number = 0; number < kMost; ++number) {
    if (has(kept, number)) continue;
    if (::prctl(PR_CAPBSET_READ, number, 0, 0, 0) != 1) continue;  // not there, or gone already
    if (::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == -1)
      return error_here("drop",
                        number < std::size(kNames) ? "CAP_" + std::string(kNames[number]) : "a capability");
  }
  return ok();
}

Status keep_capabilities() {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1) return error_here("keep", "capabilities");
  return ok();
}

Status raise_capabilities(CapabilitySet raised) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (unsigned half = 0; half < 2; ++half) {
    const auto bits = static_cast<std::uint32_t>(raised >> (32 * half));
    data[half] = {bits, bits, bits};
  }
  if (::syscall(SYS_capset, &header, data) == -1) return error_here("set", "capabilities");
  for (unsigned number = 0; number < kMost; ++number)
    if (has(raised, number) && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) == -1)
      return error_here("raise", "CAP_" + std::string(number < std::size(kNames) ? kNames[number] : "?"));
  return ok();
}

}  // namespace kindred
