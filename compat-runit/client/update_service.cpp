// update-service: Debian's way to put services below the scanner, and to take them away. It makes and removes links; the
// scanner does the rest. Source: interfaces/runit.md section 14.1.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <optional>
#include <string>

#include "compat-runit/dialect.h"
#include "compat-runit/programs.h"
#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/sys/files.h"

namespace kindred::runit {
namespace {

constexpr std::string_view kProgram = "update-service";
constexpr const char* kUsage =
    "Usage: update-service --add|--remove <service-directory> [<service-name>]\n"
    "       update-service defaults|defaults-disabled <service-directory> [<service-name>]\n"
    "       update-service --list|--check [<service-name>]\n"
    "       update-service --auto|--noauto <service-directory>\n";
constexpr int kExitFailed = 1;
constexpr const char* kStateDirectory = "/run/runit/supervise";

enum class Verb : std::uint8_t { Add, Remove, Defaults, DefaultsDisabled, List, Check, Auto, NoAuto };

struct Word {
  std::string_view text;
  Verb verb;
  const char* letter;  ///< by which it is called in complaints
};
constexpr Word kWords[] = {
    {"-a", Verb::Add, "-a"},
    {"--add", Verb::Add, "-a"},
    {"enable", Verb::Add, "-a"},
    {"-r", Verb::Remove, "-r"},
    {"--remove", Verb::Remove, "-r"},
    {"disable", Verb::Remove, "-r"},
    {"defaults", Verb::Defaults, "-a"},
    {"defaults-disabled", Verb::DefaultsDisabled, "-r"},
    {"-l", Verb::List, "-l"},
    {"--list", Verb::List, "-l"},
    {"-c", Verb::Check, "-c"},
    {"--check", Verb::Check, "-c"},
    {"-u", Verb::Auto, "-u"},
    {"--auto", Verb::Auto, "-u"},
    {"-n", Verb::NoAuto, "-n"},
    {"--noauto", Verb::NoAuto, "-n"},
};

const Word* find_word(std::string_view text) {
  for (const Word& word : kWords)
    if (word.text == text) return &word;
  return nullptr;
}

int complain(std::string_view kind, std::initializer_list<std::string_view> parts) {
  std::string line;
  for (const std::string_view part : parts) line += part;
  print_error({kProgram, ": ", kind, ": ", line, "\n"});
  return kExitFailed;
}
int fail(std::initializer_list<std::string_view> parts) { return complain("fatal", parts); }
int warn(std::initializer_list<std::string_view> parts) { return complain("warning", parts); }
int unable(std::string_view operation, std::string_view object, int code = errno) {
  return fail({"unable to ", operation, " ", object, ": ", error_text(code)});
}

int misused() {
  print_error({kUsage});
  return kExitFailed;
}

int say(std::initializer_list<std::string_view> parts) {
  Output out;
  for (const std::string_view part : parts) out.add(part);
  const Status written = out.add("\n").flush();
  return written ? 0 : unable("write to", "standard output", written.error().code);
}

std::string_view without_trailing_slashes(std::string_view path) {
  const std::size_t last = path.find_last_not_of('/');
  return path.substr(0, last == std::string_view::npos ? 1 : last + 1);
}

/// The text of a symbolic link; nullopt for anything else.
std::optional<std::string> link_text(int at, const std::string& path) {
  std::array<char, PATH_MAX> text;
  const ssize_t size = readlinkat(at, path.c_str(), text.data(), text.size());
  if (size < 0 || size == static_cast<ssize_t>(text.size())) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(size));
}

bool is_there(int at, const std::string& path) {
  struct stat st;
  return fstatat(at, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_directory(int at, const std::string& path) {
  struct stat st;
  return fstatat(at, path.c_str(), &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/// The mark that the administrator has taken a service away: packages leave it so.
std::string mark_of(const std::string& name) { return "." + name; }

/// A service's `supervise` becomes a link to where its state may be written. Errors: errno, with the path in `path`.
int move_state(const std::string& service, const std::string& state, std::string& path) {
  path = service + "/supervise";
  const UniqueFd directory(open(service.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  const std::string target = std::string(kStateDirectory) + "/" + state;
  if (link_text(directory.get(), "supervise") == target) return 0;
  remove_tree(directory.get(), "supervise");
  return symlinkat(target.c_str(), directory.get(), "supervise") == 0 ? 0 : errno;
}

class Update {
 public:
  Update(std::string scanned, UniqueFd scan, std::string directory, std::string name)
      : scanned_(std::move(scanned)),
        scan_(std::move(scan)),
        directory_(std::move(directory)),
        name_(std::move(name)),
        link_(scanned_ + "/" + name_) {}

  int run(Verb verb) {
    switch (verb) {
      case Verb::Defaults:
        return is_there(scan_.get(), mark_of(name_)) ? 0 : add();
      case Verb::DefaultsDisabled:
        return link_text(scan_.get(), name_) && is_directory(scan_.get(), name_) ? 0 : remove();
      case Verb::Add:
        return add();
      default:
        return remove();
    }
  }

 private:
  [[nodiscard]] bool leads_here(const std::string& target) const {
    return without_trailing_slashes(target) == directory_;
  }

  int add() {
    if (is_there(scan_.get(), name_)) {
      const auto target = link_text(scan_.get(), name_);
      if (!target) return fail({link_, " exists, but is not a symbolic link."});
      if (!leads_here(*target)) return fail({link_, " exists, but doesn't point to ", directory_, "."});
      if (const int code = unmark(); code != 0) return code;
      return say({"Service ", name_, " already added."});
    }
    if (is_supervised()) return fail({directory_, " is currently controlled by a runsv(8) process."});
    if (directory_.starts_with("/etc/"))
      if (const int code = move_states(); code != 0) return code;
    if (symlinkat(directory_.c_str(), scan_.get(), name_.c_str()) != 0) return unable("create", link_);
    if (const int code = unmark(); code != 0) return code;
    return say({"Service ", name_, " added."});
  }

  int remove() {
    if (!is_there(scan_.get(), name_)) return warn({link_, " does not exist."});
    const auto target = link_text(scan_.get(), name_);
    if (!target) return fail({link_, " is not a symbolic link."});
    // As Debian's own packages link what they bring.
    const bool packaged =
        link_text(AT_FDCWD, scanned_) == "runit/runsvdir/default" && *target == "../../../sv/" + name_;
    if (!leads_here(*target) && !packaged) return fail({link_, " does not point to ", directory_, "."});
    if (const int code = unmark(); code != 0) return code;
    if (symlinkat(directory_.c_str(), scan_.get(), mark_of(name_).c_str()) != 0)
      return unable("create", scanned_ + "/" + mark_of(name_));
    if (unlinkat(scan_.get(), name_.c_str(), 0) != 0) return unable("remove", link_);
    return say({"Service ", name_, " removed, the service daemon received the TERM and CONT signals."});
  }

  int unmark() {
    if (unlinkat(scan_.get(), mark_of(name_).c_str(), 0) == 0 || errno == ENOENT) return 0;
    return unable("remove", scanned_ + "/" + mark_of(name_));
  }

  [[nodiscard]] bool is_supervised() const {
    const auto service = ServiceDirectory::open(AT_FDCWD, directory_.c_str());
    if (!service) return false;
    const auto supervised = service->supervised(KnownFamilies{dialect(), families()});
    return supervised && *supervised;
  }

  /// /etc may be on a disk that cannot be written.
  int move_states() {
    for (const char* path : {"/run/runit", kStateDirectory})
      if (const Status made = make_directory(AT_FDCWD, path, 0755); !made)
        return unable("create", path, made.error().code);
    std::string path;
    if (const int error = move_state(directory_, name_, path); error != 0)
      return unable("replace", path, error);
    const std::string log = directory_ + "/log";
    if (!is_directory(AT_FDCWD, log)) return 0;
    const int error = move_state(log, name_ + ".log", path);
    return error == 0 ? 0 : unable("replace", path, error);
  }

  std::string scanned_;
  UniqueFd scan_;
  std::string directory_, name_, link_;
};

int list(const std::string& scanned, const UniqueFd& scan, const char* name, bool silent) {
  if (name == nullptr) {
    const auto names = list_directory(scan.get(), ".");
    if (!names) return unable("read", scanned, names.error().code);
    if (silent) return 0;
    Output out;
    for (const std::string& each : *names) out.add(each).add("\n");
    const Status written = out.flush();
    return written ? 0 : unable("write to", "standard output", written.error().code);
  }
  const auto target = link_text(scan.get(), name);
  if (target) return silent ? 0 : say({name, " -> ", *target});
  if (!silent) print_error({"Service ", name, " not registered.\n"});
  return kExitFailed;
}

/// Whether the service is started by itself.
int set_automatic(const std::string& directory, const std::string& name, bool automatic) {
  const std::string down = directory + "/down";
  const char* const word = automatic ? "auto" : "no-auto";
  const bool is_automatic = !is_there(AT_FDCWD, down);
  if (is_automatic == automatic) return warn({"Service ", name, " is already set to ", word});
  if (automatic) {
    if (unlink(down.c_str()) != 0) return unable("remove", down);
  } else {
    const UniqueFd made(open(down.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!made) return unable("create", down);
  }
  return say({"Service ", name, " is set to ", word, ", now the wanted status of the service is ",
              automatic ? "up." : "down."});
}

}  // namespace

int update_service_main(int argc, char** argv) {
  const Word* const word = argc > 1 ? find_word(argv[1]) : nullptr;
  if (word == nullptr) return misused();
  const char* const variable = getenv("SVDIR");
  const std::string scanned = variable != nullptr && *variable != '\0' ? variable : "/etc/service";
  UniqueFd scan(open(scanned.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int scan_error = errno;
  if (word->verb == Verb::List || word->verb == Verb::Check) {
    if (!scan) return unable("read", scanned, scan_error);
    return list(scanned, scan, argc > 2 ? argv[2] : nullptr, word->verb == Verb::Check);
  }

  if (argc < 3 || *argv[2] == '\0') return misused();
  if (geteuid() != 0) return fail({kProgram, " ", word->letter, " must be run by root."});
  const std::string directory(without_trailing_slashes(argv[2]));
  if (!directory.starts_with('/')) return fail({"The <service-directory> must start with a slash."});
  if (!is_directory(AT_FDCWD, directory)) return fail({directory, " does not exist, or is not a directory."});
  const std::string name = argc > 3 && *argv[3] != '\0' ? argv[3] : std::string(base_name(directory.c_str()));
  if (name.starts_with('.')) return fail({"The <service-name> must not start with a dot."});
  if (name.find('/') != std::string::npos) return fail({"The <service-name> must not contain a slash."});
  if (name.empty()) return fail({"The <service-name> must not be empty."});
  if (word->verb == Verb::Auto || word->verb == Verb::NoAuto)
    return set_automatic(directory, name, word->verb == Verb::Auto);
  if (!scan) return unable("open", scanned, scan_error);
  return Update(scanned, std::move(scan), directory, name).run(word->verb);
}

}  // namespace kindred::runit
