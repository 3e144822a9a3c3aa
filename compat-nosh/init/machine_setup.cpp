#include "compat-nosh/init/machine_setup.h"

#include <fcntl.h>
#include <linux/kd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>

#include "compat-nosh/client/options.h"
#include "compat-nosh/init/target_manager.h"
#include "core/base/error_text.h"
#include "core/base/quoted_words.h"
#include "core/chain/control_group.h"
#include "core/chain/env_directory.h"
#include "core/sys/files.h"
#include "core/sys/socket.h"

namespace kindred::nosh {
namespace {

constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t kLongestSettings = 1 << 16;

struct MountRule {
  const char* where;
  const char* type;
  const char* options;
  unsigned long flags;
};
constexpr unsigned long kDevices = MS_NOSUID | MS_STRICTATIME;
constexpr unsigned long kPlain = MS_NOSUID | MS_NOEXEC | MS_NODEV;
constexpr MountRule kMounts[] = {
    {"/proc", "proc", "", MS_NOSUID | MS_NODEV},
    {"/sys", "sysfs", "", kPlain},
    {"/dev", "devtmpfs", "mode=0755,size=10M", kDevices},
    {"/dev/pts", "devpts", "ptmxmode=0666,mode=0620,gid=5,newinstance", kDevices | MS_NOEXEC},
    {"/run", "tmpfs", "mode=0755,size=20%", kDevices | MS_NODEV},
    {"/run/shm", "tmpfs", "mode=01777,size=50%", kPlain | MS_STRICTATIME},
};
constexpr MountRule kUnifiedGroups[] = {{"/sys/fs/cgroup", "cgroup2", "", kPlain}};
constexpr MountRule kOldGroups[] = {{"/sys/fs/cgroup", "tmpfs", "mode=0755,size=1M", kPlain},
                                    {"/sys/fs/cgroup/systemd", "cgroup", "none,name=systemd", kPlain}};

struct LinkRule {
  const char* path;
  const char* target;
};
constexpr LinkRule kLinks[] = {
    {"/dev/fd", "/proc/self/fd"},       {"/dev/core", "/proc/kcore"},       {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"}, {"/dev/shm", "/run/shm"},
};

constexpr const char* kRunDirectories[] = {"/run/system-manager",  "/run/system-manager/log",
                                           "/run/service-bundles", "/run/service-bundles/early-supervise",
                                           "/run/service-manager", "/run/user"};

std::string contents(const char* path) {
  const auto text = read_file(AT_FDCWD, path, kLongestSettings);
  return text ? *text : std::string();
}
/// Of what the kernel tells, which are no regular files.
std::string kernel_text(const char* path) {
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  const auto text = file ? read_beginning(file.get(), path, kLongestSettings) : error_here("open", path);
  return text ? *text : std::string();
}

/// A file system is mounted there, not only a directory of the one above.
bool is_mounted(const std::string& where) {
  struct stat there, above;
  return stat(where.c_str(), &there) == 0 && stat((where + "/..").c_str(), &above) == 0 &&
         there.st_dev != above.st_dev;
}

void mount_all(std::string_view program, std::span<const MountRule> rules) {
  for (const MountRule& rule : rules) {
    mkdir(rule.where, 0700);
    const bool there = is_mounted(rule.where);
    // Who made a container has mounted what is to be there, as it is to be.
    if (there && is_in_container()) continue;
    if (there) complain(program, "INFO", {rule.where, ": already mounted"});
    if (mount(rule.type, rule.where, rule.type, rule.flags | (there ? MS_REMOUNT : 0), rule.options) != 0 &&
        errno != EBUSY)
      complain(program, "WARNING", {rule.where, ": ", system_error_text(errno)});
  }
}

void apply(const VariableChange& change) {
  if (change.name.empty() || change.name.find('=') != std::string::npos) return;
  if (change.value)
    setenv(change.name.c_str(), change.value->c_str(), 1);
  else
    unsetenv(change.name.c_str());
}

void set_up_locale(std::string_view program) {
  setenv("LANG", "C.UTF-8", 1);
  const EnvDirectoryRules rules{.skips_directories = true,
                                .unopened_is_empty = true,
                                .skips_special = true,
                                .value = {.chomps = false}};
  if (const auto changes = read_env_directory("/etc/locale.d", rules)) {
    for (const VariableChange& change : *changes) apply(change);
  } else {
    complain(program, "WARNING", {changes.error().object, ": ", reason(changes.error())});
  }
  for (const char* const path : {"/etc/locale.conf", "/etc/default/locale", "/etc/sysconfig/i18n",
                                 "/etc/sysconfig/language", "/etc/sysconf/i18n"}) {
    const auto text = read_file(AT_FDCWD, path, kLongestSettings);
    if (!text) continue;
    for (const std::string& setting : split_quoted_words(*text).words) {
      const std::size_t equals = setting.find('=');
      if (equals != std::string::npos) apply({setting.substr(0, equals), setting.substr(equals + 1)});
    }
    return;
  }
}

void write_to(const std::string& path, std::string_view text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file) static_cast<void>(write(file.get(), text.data(), text.size()));
}

}  // namespace

bool is_in_container() {
  // The number of the first pid namespace is the same on every machine.
  constexpr std::string_view kFirst = "pid:[4026531836]";
  std::array<char, 64> text;
  const ssize_t size = readlink("/proc/self/ns/pid", text.data(), text.size());
  return getenv("container") != nullptr ||
         (size > 0 && std::string_view(text.data(), static_cast<std::size_t>(size)) != kFirst);
}

void set_up_process(std::string_view program) {
  setsid();
  if (chdir("/") != 0) complain(program, "WARNING", {"/: ", system_error_text(errno)});
  umask(022);
  setenv("PATH", kPath, 1);
  set_up_locale(program);
}

void set_up_time_zone() {
  const time_t now = time(nullptr);
  tm local{};
  if (localtime_r(&now, &local) == nullptr) return;
  constexpr int kSecondsOfMinute = 60;
  const struct timezone none {
  }, zone{static_cast<int>(-local.tm_gmtoff / kSecondsOfMinute), 0};
  // The third line of /etc/adjtime. The first zone that the kernel is given moves the clock by it: right where the
  // hardware's clock is local.
  const std::string adjust = contents("/etc/adjtime");
  const std::size_t second = adjust.find('\n');
  const std::size_t third = second == std::string::npos ? second : adjust.find('\n', second + 1);
  const bool is_local =
      third != std::string::npos && std::string_view(adjust).substr(third + 1).starts_with("LOCAL");
  if (!is_local) settimeofday(nullptr, &none);
  settimeofday(nullptr, &zone);
}

void set_up_file_systems(std::string_view program) {
  mount_all(program, kMounts);
  const std::string types = kernel_text("/proc/filesystems");
  if (types.find("\tcgroup2\n") != std::string::npos)
    mount_all(program, kUnifiedGroups);
  else if (types.find("\tcgroup\n") != std::string::npos)
    mount_all(program, kOldGroups);
  // The machine's own devices may be a container's too.
  if (!is_in_container()) {
    unlink("/dev/ptmx.new");
    if (symlink("pts/ptmx", "/dev/ptmx.new") != 0 || rename("/dev/ptmx.new", "/dev/ptmx") != 0)
      complain(program, "INFO", {"/dev/ptmx: ", system_error_text(errno)});
  }
  for (const LinkRule& link : kLinks)
    if (symlink(link.target, link.path) != 0)
      complain(program, "INFO", {link.path, ": ", system_error_text(errno)});
}

Status set_up_run_directories() {
  for (const char* const path : kRunDirectories)
    if (const Status made = make_directory(AT_FDCWD, path, 0755); !made)
      return error_here("make", path, made.error().code);
  // What is there already is as good.
  static_cast<void>(symlink("../service-bundles/early-supervise", "/run/system-manager/early-supervise"));
  return ok();
}

void set_up_control_groups() {
  // Found before the process leaves it for a group below.
  const auto own = find_control_group(".");
  if (!own || !join_control_group_below("me.slice")) return;
  const std::string managers = *own + "/service-manager.slice";
  mkdir(managers.c_str(), 0755);
  for (const std::string& group : {*own, managers})
    for (const std::string_view controller : {"+cpu", "+memory", "+io", "+pids"})
      write_to(group + "/cgroup.subtree_control", controller);
}

UniqueFd set_up_console() {
  UniqueFd console(open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!console) return console;
  fcntl(console.get(), F_SETFL, 0);
  ioctl(console.get(), KDSIGACCEPT, SIGWINCH);
  return console;
}

Result<UniqueFd> bind_manager_socket() {
  constexpr const char* kDirectory = "/run/service-manager";
  constexpr mode_t kMode = 0700;
  const auto directory = open_directory(AT_FDCWD, kDirectory);
  if (!directory) return error_here("open", kDirectory, directory.error().code);
  auto socket = bind_datagrams_at(directory->get(), "control");
  if (!socket || fchmodat(directory->get(), "control", kMode, 0) != 0)
    return error_here("bind", std::string(kDirectory) + "/control", socket ? errno : socket.error().code);
  return socket;
}

}  // namespace kindred::nosh
