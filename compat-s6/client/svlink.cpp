// s6-svlink [-d|-D] [-f] [-P] [-t MS] SCANDIR SERVICEDIR [NAME], s6-svunlink [-X] [-t MS] SCANDIR NAME: a
// service is put under a scanner, or taken away from it. Source: interfaces/s6.md section 10.8.

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/scan_directory.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/client/event_subscription.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/sys/clock.h"
#include "core/sys/event_directory.h"
#include "core/sys/files.h"
#include "core/sys/record_lock.h"

namespace kindred::s6 {
namespace {

constexpr int kNoScanner = 1;

bool is_valid_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.front() != '/';
}

/// Supervisors of which one event is waited for.
class Supervisors {
 public:
  explicit Supervisors(char event) : event_(event) {}

  Status listen(int at, const char* event_directory) {
    Result<EventSubscription> events = EventSubscription::open(at, event_directory);
    if (!events) return events.error();
    each_.push_back(std::make_unique<EventSubscription>(std::move(*events)));
    return ok();
  }

  /// False when the deadline has come.
  bool wait(Instant deadline) {
    for (;;) {
      std::erase_if(each_,
                    [this](const auto& events) { return events->take().find(event_) != std::string::npos; });
      if (each_.empty()) return true;
      if (SystemClock().now().steady >= deadline) return false;
      std::vector<pollfd> watched;
      for (const auto& events : each_)
        watched.push_back({.fd = events->fd(), .events = POLLIN, .revents = 0});
      poll(watched.data(), watched.size(), poll_time(deadline));
    }
  }

 private:
  char event_;
  std::vector<std::unique_ptr<EventSubscription>> each_;
};

// --- s6-svlink ---

struct LinkRequest {
  enum class Down : std::uint8_t { AsItIs, ForNow, Kept };
  Down down = Down::AsItIs;
  event_directory::IfThere if_there = event_directory::IfThere::Leave;
  event_directory::Listeners listeners{getegid()};
  Instant deadline = Instant::never();
  int scan_directory = -1;
  UniqueFd service;
  std::string path;  ///< the service, as the caller calls it
  std::string scan_path;
  std::string target;  ///< its absolute path
  std::string name;
  bool has_log = false;
};

/// What it has changed so far, it takes back unless it is told to keep.
class Linker {
 public:
  Linker(std::string_view program, const LinkRequest& request) : program_(program), request_(request) {}
  ~Linker() {
    if (kept_) return;
    if (linked_ && unlinkat(request_.scan_directory, request_.name.c_str(), 0) == 0)
      (void)static_cast<bool>(tell_scanner(request_.scan_directory, "an"));
    remove_down_files();
  }
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  int link() {
    Supervisors supervisors('s');
    const int service = request_.service.get();
    for (const char* path : {"event", "log/event"}) {
      if (path[0] == 'l' && !request_.has_log) continue;
      if (Status made = event_directory::make(service, path, request_.listeners, request_.if_there); !made)
        return die(program_, made.error());
      if (is_supervised(path))
        print_warning(program_,
                      {"supervisor already running on ", request_.path, path[0] == 'l' ? "/log" : ""});
      else if (Status heard = supervisors.listen(service, path); !heard)
        return die(program_, heard.error());
    }
    if (request_.down != LinkRequest::Down::AsItIs)
      for (const char* path : {"down", "log/down"})
        if (const int code = make_down_file(path); code != 0) return code;
    linked_ = symlinkat(request_.target.c_str(), request_.scan_directory, request_.name.c_str()) == 0;
    if (!linked_ && !(errno == EEXIST && is_linked()))
      return die(program_, error_here("link", "servicedir " + request_.path + " into scandir " +
                                                  request_.scan_path + " with name " + request_.name));
    if (Status told = tell_scanner(request_.scan_directory, "a"); !told) return die(program_, told.error());
    if (!supervisors.wait(request_.deadline)) return fatal(program_, {"timed out"}, kExitTimeout);
    kept_ = true;
    if (request_.down == LinkRequest::Down::ForNow) remove_down_files();
    return 0;
  }

 private:
  [[nodiscard]] bool is_supervised(const char* event_directory) const {
    const auto directory =
        ServiceDirectory::open(request_.service.get(), event_directory[0] == 'l' ? "log" : ".");
    const auto supervised =
        directory ? directory->supervised({dialect(), families()}) : Result<bool>(directory.error());
    return supervised && *supervised;
  }
  /// The link is there already.
  [[nodiscard]] bool is_linked() const {
    struct stat named, meant;
    return fstatat(request_.scan_directory, request_.name.c_str(), &named, 0) == 0 &&
           fstat(request_.service.get(), &meant) == 0 && named.st_dev == meant.st_dev &&
           named.st_ino == meant.st_ino;
  }
  int make_down_file(const char* path) {
    if (path[0] == 'l' && !request_.has_log) return 0;
    const int service = request_.service.get();
    const UniqueFd made(openat(service, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (made)
      down_files_.push_back(path);
    else if (errno != EEXIST)
      return die(program_, error_here("create", path));
    return 0;
  }
  void remove_down_files() {
    for (const char* path : down_files_) (void)unlinkat(request_.service.get(), path, 0);
  }

  std::string_view program_;
  const LinkRequest& request_;
  std::vector<const char*> down_files_;  ///< those that were not there before
  bool linked_ = false, kept_ = false;
};

int no_scanner(std::string_view program, const char* path, int error) {
  return die(program, error_here("open", std::string(path) + "/.s6-svscan/lock", error));
}

/// Whether the scanner lives; otherwise the exit code, said.
int need_scanner(std::string_view program, int directory, const char* path) {
  const Result<bool> lives = has_scanner(directory);
  if (!lives) return no_scanner(program, path, lives.error().code);
  return *lives ? 0 : fatal(program, {"no scanner is running on ", path}, kNoScanner);
}

bool is_gone(int error) { return error == ENOENT || error == ENOTDIR; }

/// Whether a name in the scan directory leads to the service.
bool is_there_still(int scan_directory, int service) {
  const Result<DirectoryId> id = identify(service);
  if (!id) return false;
  const std::vector<std::string> names = directory_names(scan_directory, ".");
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    struct stat st;
    return fstatat(scan_directory, name.c_str(), &st, 0) == 0 && DirectoryId{st.st_dev, st.st_ino} == *id;
  });
}

}  // namespace

int svlink_main(int argc, char** argv) {
  constexpr std::string_view
      kProgram = "s6-svlink",
      kUsage = "s6-svlink [ -d | -D ] [ -f ] [ -P ] [ -t timeout ] scandir servicedir [ name ]";
  LinkRequest request;
  Options options(argc, argv, "dDfPt:", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'd':
        request.down = LinkRequest::Down::ForNow;
        break;
      case 'D':
        request.down = LinkRequest::Down::Kept;
        break;
      case 'f':
        request.if_there = event_directory::IfThere::Adapt;
        break;
      case 'P':
        request.listeners.group.reset();
        break;
      case 't':
        if (const auto limit = parse_number(options.argument()); limit) {
          request.deadline = deadline_after(*limit);
          break;
        }
        [[fallthrough]];
      default:
        return usage(kProgram, kUsage);
    }
  const std::span<char* const> words = options.operands();
  if (words.size() < 2) return usage(kProgram, kUsage);
  std::string path = words[1];
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  request.name = words.size() > 2 ? std::string(words[2]) : std::string(base_name(path.c_str()));
  if (path.empty()) return fatal(kProgram, {"invalid servicedir"}, kExitUsage);
  if (!is_valid_name(request.name)) return fatal(kProgram, {"invalid name"}, kExitUsage);
  const Result<UniqueFd> scan = open_directory(AT_FDCWD, words[0]);
  if (!scan) return no_scanner(kProgram, words[0], scan.error().code);
  request.scan_directory = scan->get();
  request.scan_path = words[0];
  request.path = words[1];
  if (const int code = need_scanner(kProgram, request.scan_directory, words[0]); code != 0) return code;
  Result<UniqueFd> service = open_directory(AT_FDCWD, words[1]);
  if (!service) return die(kProgram, error_here("stat", request.path + "/run", service.error().code));
  request.service = std::move(*service);
  char* const absolute = realpath(words[1], nullptr);
  if (absolute == nullptr) return die(kProgram, error_here("resolve", words[1]));
  request.target = absolute;
  std::free(absolute);
  struct stat st;
  request.has_log = fstatat(request.service.get(), "log", &st, 0) == 0 && S_ISDIR(st.st_mode);
  for (const char* run : {"run", "log/run"}) {
    if (run[0] == 'l' && !request.has_log) continue;
    if (fstatat(request.service.get(), run, &st, 0) != 0)
      return die(kProgram, error_here("stat", std::string(words[1]) + "/" + run));
    if (!S_ISREG(st.st_mode) || (st.st_mode & S_IXUSR) == 0)
      return fatal(kProgram, {words[1], "/", run, " is not executable"}, kExitUsage);
  }
  ignore_sigpipe();
  return Linker(kProgram, request).link();
}

int svunlink_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-svunlink",
                             kUsage = "s6-svunlink [ -X ] [ -t timeout ] scandir servicename";
  bool waits = true;
  Instant deadline = Instant::never();
  Options options(argc, argv, "Xt:", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'X':
        waits = false;
        break;
      case 't':
        if (const auto limit = parse_number(options.argument()); limit) {
          deadline = deadline_after(*limit);
          break;
        }
        [[fallthrough]];
      default:
        return usage(kProgram, kUsage);
    }
  if (options.operands().size() < 2) return usage(kProgram, kUsage);
  const char* const path = options.operands()[0];
  const std::string name = options.operands()[1];
  if (!is_valid_name(name)) return fatal(kProgram, {"invalid service name"}, kExitUsage);
  const Result<UniqueFd> scan = open_directory(AT_FDCWD, path);
  // What is not there need not be taken away.
  if (!scan && scan.error().code == ENOENT) return 0;
  if (!scan)
    return die(kProgram, error_here("prepare", "unlinking of service " + name + " in scandir " + path,
                                    scan.error().code));
  const Result<bool> scanned = has_scanner(scan->get());
  const Result<UniqueFd> service = open_directory(scan->get(), name.c_str());
  Supervisors supervisors('x');
  if (waits && scanned && *scanned) {
    for (const std::string& each : {name, name + "/log"}) {
      const Result<bool> lives = is_locked(scan->get(), (each + "/supervise/lock").c_str());
      if (!lives || !*lives) continue;
      if (Status heard = supervisors.listen(scan->get(), (each + "/event").c_str()); !heard)
        return die(kProgram, heard.error());
    }
  }
  if (unlinkat(scan->get(), name.c_str(), 0) != 0)
    return is_gone(errno) || errno == EISDIR ? 0 : die(kProgram, error_here("unlink", name));
  ignore_sigpipe();
  if (Status told = tell_scanner(scan->get(), "an"); !told)
    return told.error().code == ENXIO || is_gone(told.error().code) ? 0 : die(kProgram, told.error());
  // A service that has another link stays supervised.
  if (service && is_there_still(scan->get(), service->get())) return 0;
  // At the time limit it may end when it likes.
  (void)supervisors.wait(deadline);
  return 0;
}

}  // namespace kindred::s6
