// perp-setup [basedir [ctldir]]: makes a base directory and has init start perpboot on it.
// Source: interfaces/perp.md section 10.2.

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>

#include "compat-perp/words.h"
#include "compat-perp/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/files.h"

namespace kindred::perp {
namespace {

constexpr Usage kUsage{"perp-setup", "[-h] [basedir [ctldir]]"};
constexpr const char* kInittab = "/etc/inittab";
constexpr const char* kRcLocal = "/etc/rc.local";
constexpr std::size_t kLongestFile = 1 << 20;

constexpr std::string_view kRcLog =
    "# perpboot's logger: keeps what perpd and its services say on standard error.\n"
    "dir=/var/log/perpd\n"
    "if id tinylog >/dev/null 2>&1; then user=tinylog; else user=; fi\n"
    "mkdir -p $dir\n"
    "if test -n \"$user\"; then chown $user $dir; fi\n"
    "exec ${user:+runuid $user} tinylog -k 8 -s 100000 -t -z $dir\n";

constexpr std::string_view kRcPerp =
    "# Started by perpboot in this directory; PERP_BASE is in the environment.\n"
    "exec runchoom runlimit -F ./rlimit.conf perpd -a6 \"$PERP_BASE\"\n";

constexpr std::string_view kLimits =
    "# For runlimit, which rc.perp starts perpd with: the soft limits become the hard ones.\n"
    "RLIMIT_NOFILE = =\n"
    "RLIMIT_NPROC = =\n";

void say(std::string_view text) { print_error({"perp-setup(", std::to_string(getpid()), "): ", text}); }

int give_up(const std::string& what, int code) {
  say("failure " + what + ": " + reason(code));
  return 1;
}

/// Where the programs of the family are.
std::string own_directory() {
  const auto* const called = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  const std::string path = called != nullptr ? called : "";
  const std::size_t slash = path.rfind('/');
  char resolved[PATH_MAX];
  if (realpath(slash == std::string::npos ? "." : path.substr(0, slash + 1).c_str(), resolved) == nullptr)
    return {};
  return resolved;
}

/// mkdir -p. Errors: errno; 0 for none.
int make_path(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) return errno;
    if (slash == std::string::npos) return 0;
  }
}

bool is_there(const std::string& path) {
  struct stat st;
  return lstat(path.c_str(), &st) == 0;
}

/// Under another name where the administrator has one already. Errors: errno; 0 for none.
int install(int boot, const std::string& name, const std::string& text, mode_t mode) {
  struct stat st;
  const bool taken = fstatat(boot, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
  const std::string target = taken ? name + ".new" : name;
  const std::string temporary = name + ".tmp";
  const ByteView bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  int error = replace_file(boot, temporary.c_str(), target.c_str(), bytes, mode);
  if (error == 0 && fchmodat(boot, target.c_str(), mode, 0) != 0) error = errno;
  if (error == 0) say(taken ? name + " is there already: the new one is " + target : "created " + name);
  return error;
}

int append(const char* path, const std::string& text) {
  const UniqueFd file(open(path, O_WRONLY | O_APPEND | O_CLOEXEC));
  return file ? write_all(file.get(), text) : errno;
}

/// Has init start perpboot, by whichever of its files there is.
int set_up_init(const std::string& base) {
  const std::string perpboot = own_directory() + "/perpboot";
  const struct {
    const char* path;
    std::string text;
  } files[] = {{kInittab, "PB:12345:respawn:" + perpboot + " -x " + base + "\n"},
               {kRcLocal, "if test -x " + perpboot + "; then\n  " + perpboot + " -d " + base + "\nfi\n"}};
  for (const auto& file : files) {
    if (!is_there(file.path)) continue;
    const Result<std::string> content = read_file(AT_FDCWD, file.path, kLongestFile);
    if (!content) return give_up(std::string("reading ") + file.path, content.error().code);
    if (content->find("perpboot") != std::string::npos) {
      say(std::string("perpboot is in ") + file.path + " already");
      return 0;
    }
    if (const int error = append(file.path, file.text); error != 0)
      return give_up(std::string("writing ") + file.path, error);
    say(std::string("perpboot was added to ") + file.path);
    return 0;
  }
  say(std::string("there is neither ") + kInittab + " nor " + kRcLocal + ": start perpboot by other means");
  return 1;
}

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

int perp_setup_main(int argc, char** argv) {
  Options options(argc, argv, "h");
  while (const char letter = options.next()) return letter == 'h' ? print_usage(kUsage) : usage_error(kUsage);
  const std::span<char* const> words = options.operands();
  const std::string base = base_directory(words.empty() ? nullptr : words[0], kDefaultBase);
  const char* control = words.size() > 1 ? words[1] : environment("PERP_CTL");
  if (control == nullptr) control = "/var/run/perp";
  const char* destination = environment("DESTDIR");
  const std::string root = (destination != nullptr ? destination : "") + base;

  const std::string boot_path = root + "/.boot";
  if (const int error = make_path(boot_path); error != 0) return give_up("creating " + boot_path, error);
  const std::string link = root + "/" + kControlDirectory;
  if (is_there(link))
    say(link + " is there already");
  else if (symlink(control, link.c_str()) != 0)
    return give_up("creating " + link, errno);
  else
    say("created " + link + " -> " + control);
  const Result<UniqueFd> boot = open_directory(AT_FDCWD, boot_path.c_str());
  if (!boot) return give_up("opening " + boot_path, boot.error().code);
  const std::string shell = "#!/bin/sh\nPATH=" + own_directory() + ":$PATH\n";
  const struct {
    const char* name;
    std::string text;
    mode_t mode;
  } files[] = {{"rc.log", shell + std::string(kRcLog), 0755},
               {"rc.perp", shell + std::string(kRcPerp), 0755},
               {"rlimit.conf", std::string(kLimits), 0644}};
  for (const auto& file : files)
    if (const int error = install(boot->get(), file.name, file.text, file.mode); error != 0)
      return give_up(std::string("creating ") + file.name, error);
  if (destination != nullptr || environment("NO_INIT") != nullptr) return 0;
  return set_up_init(base);
}

}  // namespace kindred::perp
