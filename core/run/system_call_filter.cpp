#include "core/run/system_call_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <iterator>

#include "core/definition/unit_words.h"

namespace kindred {
namespace {

struct SystemCall {
  std::string_view name;
  int number;
};
constexpr SystemCall kCalls[] = {
#include "core/run/system_calls.inc"
};

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#elif defined(__i386__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_I386;
#elif defined(__arm__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_ARM;
#else
#error "the number of this architecture is not known here"
#endif

struct Set {
  std::string_view name, calls;
};
constexpr Set kSets[] = {
    {"@aio",
     "io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit io_uring_enter io_uring_register "
     "io_uring_setup"},
    {"@chown", "chown chown32 fchown fchown32 fchownat lchown lchown32"},
    {"@clock", "adjtimex clock_adjtime clock_settime settimeofday stime"},
    {"@cpu-emulation", "modify_ldt subpage_prot switch_endian vm86 vm86old"},
    {"@debug",
     "lookup_dcookie perf_event_open pidfd_getfd process_vm_readv process_vm_writev ptrace rtas "
     "s390_runtime_instr sys_debug_setcontext"},
    {"@keyring", "add_key keyctl request_key"},
    {"@memlock", "mlock mlock2 mlockall munlock munlockall"},
    {"@module", "delete_module finit_module init_module"},
    {"@mount",
     "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root umount "
     "umount2"},
    {"@obsolete",
     "_sysctl afs_syscall bdflush break create_module ftime get_kernel_syms getpmsg gtty idle lock mpx prof "
     "profil putpmsg query_module security sgetmask ssetmask stime stty sysfs tuxcall ulimit uselib ustat "
     "vserver"},
    {"@raw-io",
     "ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read s390_pci_mmio_write"},
    {"@reboot", "kexec_file_load kexec_load reboot"},
    {"@resources",
     "ioprio_set mbind migrate_pages move_pages nice sched_setaffinity sched_setattr sched_setparam "
     "sched_setscheduler set_mempolicy setpriority setrlimit"},
    {"@setuid",
     "setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32 "
     "setreuid setreuid32 setuid setuid32"},
    {"@swap", "swapoff swapon"},
    {"@privileged",
     "@chown @clock @module @raw-io @reboot @setuid @swap acct bpf capset chroot fanotify_init fanotify_mark "
     "nfsservctl open_by_handle_at pivot_root quotactl setdomainname setfsuid setfsuid32 setfsgid setfsgid32 "
     "sethostname vhangup syslog"},
};

/// What an ordinary service needs is all that is not for the machine's own business.
constexpr std::string_view kNotOfServices =
    "@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap acct bpf fanotify_init "
    "nfsservctl "
    "open_by_handle_at quotactl setdomainname sethostname vhangup syslog userfaultfd";

/// Without these nothing can be executed, or end.
constexpr std::string_view kAlways =
    "brk execve execveat exit exit_group getrandom getrlimit mmap mprotect munmap prlimit64 restart_syscall "
    "rseq rt_sigreturn sched_getaffinity set_robust_list set_tid_address set_thread_area arch_prctl "
    "sigreturn";

bool add_calls(std::string_view text, std::set<int>& calls);

std::set<int> all_calls() {
  std::set<int> all;
  for (const SystemCall& call : kCalls) all.insert(call.number);
  return all;
}

/// False: there is no such name at all.
bool add_call(std::string_view name, std::set<int>& calls) {
  if (name == "@default") return add_calls(kAlways, calls);
  if (name == "@system-service") {
    std::set<int> others;
    if (!add_calls(kNotOfServices, others)) return false;
    for (const int call : all_calls())
      if (!others.contains(call)) calls.insert(call);
    return true;
  }
  const auto* const set =
      std::find_if(std::begin(kSets), std::end(kSets), [&](const Set& each) { return each.name == name; });
  if (set != std::end(kSets)) return add_calls(set->calls, calls);
  if (name.starts_with('@')) return false;
  if (const auto number = system_call_named(name)) calls.insert(*number);
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

bool add_calls(std::string_view text, std::set<int>& calls) {
  const auto words = split_unit_words(text);
  return words && std::all_of(words->begin(), words->end(),
                              [&](const std::string& word) { return add_call(word, calls); });
}

sock_filter statement(std::uint16_t code, std::uint32_t value) { return {code, 0, 0, value}; }
sock_filter jump(std::uint16_t code, std::uint32_t value, std::uint8_t if_so, std::uint8_t if_not) {
  return {code, if_so, if_not, value};
}

}  // namespace

std::optional<int> system_call_named(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kCalls), std::end(kCalls),
                                         [&](const SystemCall& call) { return call.name == name; });
  return found != std::end(kCalls) ? std::optional(found->number) : std::nullopt;
}

std::vector<std::string_view> system_call_set(std::string_view name) {
  std::set<int> calls;
  std::vector<std::string_view> names;
  if (!name.starts_with('@') || !add_call(name, calls)) return names;
  for (const SystemCall& call : kCalls)
    if (calls.contains(call.number)) names.push_back(call.name);
  return names;
}

Result<SystemCallFilter> change_filter(std::optional<SystemCallFilter> before, std::string_view text) {
  const bool forbids = text.starts_with('~');
  if (forbids) text.remove_prefix(1);
  const auto words = split_unit_words(text);
  if (!words) return Error{0, "quotes without an end", std::string(text)};
  SystemCallFilter filter = before.value_or(SystemCallFilter{.allows = !forbids});
  if (!before && filter.allows) static_cast<void>(add_calls(kAlways, filter.calls));
  for (const std::string& word : *words) {
    // An errno behind a name is the same for all here.
    const std::string name = word.substr(0, word.find(':'));
    if (name != word) {
      filter.error = parse_error_number(std::string_view(word).substr(name.size() + 1));
      if (!filter.error) return Error{0, "no error number", word};
    }
    std::set<int> calls;
    if (!add_call(name, calls)) return Error{0, "no system call, and no set of them", name};
    for (const int call : calls)
      if (filter.allows != forbids)
        filter.calls.insert(call);
      else
        filter.calls.erase(call);
  }
  return filter;
}

std::optional<int> parse_error_number(std::string_view text) {
  struct Name {
    std::string_view name;
    int number;
  };
  constexpr Name kNames[] = {{"EPERM", EPERM},
                             {"EACCES", EACCES},
                             {"ENOSYS", ENOSYS},
                             {"EINVAL", EINVAL},
                             {"EUCLEAN", EUCLEAN},
                             {"ENOTSUP", ENOTSUP},
                             {"EAFNOSUPPORT", EAFNOSUPPORT}};
  for (const Name& each : kNames)
    if (each.name == text) return each.number;
  constexpr int kMost = 4095;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 1 ||
      number > kMost)
    return std::nullopt;
  return number;
}

std::vector<sock_filter> filter_program(const SystemCallFilter& filter) {
  const std::uint32_t refused =
      filter.error ? SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(*filter.error) : SECCOMP_RET_KILL_PROCESS;
  const std::uint32_t named = filter.allows ? SECCOMP_RET_ALLOW : refused;
  std::vector<sock_filter> program = {
      // Calls by another architecture's numbers are not judged by ours.
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      statement(BPF_RET | BPF_K, refused),
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
#if defined(__x86_64__)
  constexpr std::uint32_t kX32 = 0x40000000;
  program.push_back(jump(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1));
  program.push_back(statement(BPF_RET | BPF_K, refused));
#endif
  for (const int call : filter.calls) {
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, named));
  }
  program.push_back(statement(BPF_RET | BPF_K, filter.allows ? refused : SECCOMP_RET_ALLOW));
  return program;
}

Status install_filter(const SystemCallFilter& filter) {
  std::vector<sock_filter> program = filter_program(filter);
  sock_fprog block{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &block, 0, 0) == -1)
    return error_here("filter", "system calls");
  return ok();
}

Status forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) return error_here("forbid", "new privileges");
  return ok();
}

}  // namespace kindred
