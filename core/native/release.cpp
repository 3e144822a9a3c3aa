// kindred adopt --release: hands services to fresh supervisors of an original, which start them again, each once.
//
// Whatever becomes of us, each service is supervised by the one or the other: the original's scanner waits for its turn,
// which comes with our end at the latest, and what kindred's core has not left by then it goes on with; the original's
// supervisor of it begins when the core has left it.

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/client/service_places.h"
#include "core/client/translate.h"
#include "core/definition/source_file.h"
#include "core/dialect/registry.h"
#include "core/engine/process_table.h"
#include "core/engine/run_directory.h"
#include "core/native/adoption.h"
#include "core/native/foreign_process.h"
#include "core/native/old_supervisor.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr Duration kEndsWithin = std::chrono::seconds(10);
/// An original's scanner looks again every five seconds.
constexpr Duration kTakenWithin = std::chrono::seconds(20);
constexpr int kPause = 5;  // milliseconds
constexpr const char* kLog = "log";

/// The program of that name that is none of kindred's: in PATH, or where Debian has it. Errors: ENOENT.
Result<std::string> original_program(const std::string& name) {
  const char* const told = std::getenv("PATH");
  std::string places = told != nullptr ? told : "";
  places += ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:";
  for (std::size_t at = 0; at < places.size();) {
    const std::size_t end = places.find(':', at);
    const std::string path = places.substr(at, end - at) + "/" + name;
    at = end + 1;
    char* const real = path.front() == '/' && ::access(path.c_str(), X_OK) == 0
                           ? ::realpath(path.c_str(), nullptr)
                           : nullptr;
    if (real == nullptr) continue;
    const bool is_ours = file_name(real).starts_with("kindred");
    std::free(real);
    if (!is_ours) return path;
  }
  return Error{ENOENT, "find", "an original's " + name + " in PATH"};
}

/// A role that has a supervise directory of its own.
struct Leaving {
  std::string label;
  ServiceDirectory directory;
  bool is_log = false;
  StatusRecord before;
  bool has_down_file = false, down_file_is_ours = false;
  bool told = false, has_left = false;
};

/// Whether there is nothing left to be read where the process reads its input.
bool has_read_all(pid_t pid) {
  const UniqueFd input(::open(path_of(pid, "/fd/0").c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat st;
  int bytes = 0;
  return !input || ::fstat(input.get(), &st) != 0 || !S_ISFIFO(st.st_mode) ||
         ::ioctl(input.get(), FIONREAD, &bytes) != 0 || bytes == 0;
}

/// A process that ends when it is let go, or with us: what waits for it goes on then.
class Gate {
 public:
  [[nodiscard]] Status make() {
    const UniqueFd us = open_process(::getpid());
    if (!us) return error_here("watch", process_text(::getpid()));
    pid_ = ::fork();
    if (pid_ < 0) return error_here("fork", "");
    if (pid_ == 0) {
      ::setsid();
      pollfd end{us.get(), POLLIN, 0};
      while (::poll(&end, 1, -1) < 0 && errno == EINTR) {
      }
      ::_exit(0);
    }
    process_ = open_process(pid_);
    if (process_) return ok();
    const Status failed = error_here("watch", process_text(pid_));
    open();
    return failed;
  }
  [[nodiscard]] int process() const { return process_.get(); }
  void open() const {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  UniqueFd process_;
  pid_t pid_ = 0;
};

class Release {
 public:
  Release(std::string path, UniqueFd directory, const Dialect& family, KeeperFound keeper, bool scans)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        family_(family),
        keeper_(std::move(keeper)),
        scans_(scans) {}

  int run(bool dry) {
    for (const auto step : {&Release::find_originals, &Release::read_setting, &Release::find_services})
      if (const Status done = (this->*step)(); !done) return adoption_failed(done.error());
    if (dry) return tell_plan();
    if (const Status begun = begin(); !begun) {
      gate_.open();
      return adoption_failed(begun.error());
    }
    leave_all();
    gate_.open();
    if (const Status executed = heir_->await(); !executed) {
      (void)adoption_failed(executed.error());
      put_back();
      return kExitFatal;
    }
    await_all();
    return out_.flush() ? code_ : kExitFatal;
  }

 private:
  [[nodiscard]] const ScanRules& rules() const { return family_.scan; }

  Status find_originals() {
    Result<std::string> supervisor = original_program(rules().supervisor);
    if (!supervisor) return supervisor.error();
    supervisor_ = std::move(*supervisor);
    program_ = supervisor_;
    if (!scans_) return ok();
    Result<std::string> scanner = original_program(rules().scanner);
    if (!scanner) return scanner.error();
    program_ = std::move(*scanner);
    return ok();
  }

  Status read_setting() {
    if (keeper_.keeper == 1) return Error{0, "end", "process 1: its end is that of all processes"};
    if (!keeper_.process) return Error{ENOSYS, "watch", process_text(keeper_.keeper)};
    Result<ProcessSetting> setting = read_setting_of(keeper_.keeper, keeper_.process.get());
    if (!setting) return setting.error();
    setting_ = std::move(*setting);
    std::erase_if(setting_.environment, [](const std::string& variable) {
      return variable.starts_with("KINDRED_HANDOVER=") || variable.starts_with("KINDRED_TAKES_OVER=");
    });
    const std::optional<ProcessFacts> facts = facts_of_any(keeper_.keeper);
    return outlives(keeper_.keeper, facts ? facts->parent : 0, setting_);
  }

  void add(std::string label, int at, const char* name, bool is_log,
           const std::vector<NamedProcess>& processes) {
    Result<ServiceDirectory> directory = ServiceDirectory::open(at, name);
    if (!directory) return;
    const SuperviseLook look = directory->look({no_family(), families()});
    if (!look.genuine || !look.supervised || !*look.supervised || look.supervisor != &family_ || !look.status)
      return;
    // Some may have been handed over before.
    if (!old_supervisors_of(label, directory->fd(), processes).empty()) return;
    Leaving role{.label = std::move(label),
                 .directory = std::move(*directory),
                 .is_log = is_log,
                 .before = look.status->snapshot.main};
    const Result<bool> down = role.directory.normally_down(family_);
    role.has_down_file = down && *down;
    roles_.push_back(std::move(role));
  }

  Status find_services() {
    const std::vector<NamedProcess> processes = named_processes();
    const bool logs_are_apart = rules().pairing == LogPairing::SeparateServices;
    if (!scans_) {
      add(path_, directory_.get(), ".", false, processes);
    } else {
      for (const PlacedService& service : services_in(path_)) {
        add(service.name, directory_.get(), service.name.c_str(), false, processes);
        if (logs_are_apart)
          add(service.name + "/log", directory_.get(), (service.name + "/log").c_str(), true, processes);
      }
    }
    return roles_.empty()
               ? Status(Error{0, "release what is in", path_ + ": kindred supervises nothing there"})
               : ok();
  }

  int tell_plan() {
    for (const Leaving& role : roles_) {
      out_.add(printable(role.label)).add(": ");
      if (role.before.pid == 0)
        out_.add("no process, and stays so");
      else
        out_.add(process_text(role.before.pid)).add(" ends, and is started again");
      out_.add(" by ").add(supervisor_).add("\n");
    }
    out_.add(scans_ ? rules().scanner : rules().supervisor).add(" of kindred's, ");
    out_.add(process_text(keeper_.keeper)).add(", ends\n").add(program_).add(" goes on\n");
    return out_.flush() ? 0 : kExitFatal;
  }

  Status begin() {
    if (const Status made = gate_.make(); !made) return made;
    const std::string physical = physical_path(directory_.get());
    Launch what{.program = program_, .variables = {original_path()}};
    if (scans_)
      what.words =
          words_for_original(without_options(setting_.words, rules().descriptor_options), program_, physical);
    else
      what.words = {program_, physical};
    // What it shows of its services' errors it reads from a pipe of its own.
    if (setting_.errors_reader) {
      setting_.errors_reader.reset();
      setting_.files[STDERR_FILENO].reset(
          ::fcntl(setting_.files[STDOUT_FILENO].get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    }
    Result<Heir> heir = Heir::make(what, setting_, gate_.process());
    if (!heir) return heir.error();
    heir_.emplace(std::move(*heir));
    // Without its scanner the core goes on, and nobody takes up again what it leaves.
    if (scans_ && ::kill(keeper_.keeper, SIGKILL) != 0)
      return error_here("kill", process_text(keeper_.keeper));
    return ok();
  }

  /// The original's scanner finds its supervisors by PATH, where kindred's may come first.
  [[nodiscard]] std::string original_path() const {
    constexpr std::string_view kPath = "PATH=";
    const std::string directory = supervisor_.substr(0, supervisor_.rfind('/'));
    for (const std::string& variable : setting_.environment)
      if (variable.starts_with(kPath))
        return std::string(kPath) + directory + ":" + variable.substr(kPath.size());
    return std::string(kPath) + directory;
  }

  [[nodiscard]] Status send(const Leaving& role, std::span<const ControlCommand> commands) const {
    Result<ControlChannel> channel = ControlChannel::open(role.directory, family_.layout);
    if (!channel) return channel.error();
    const std::optional<std::string> letters = write_letters(commands, family_.control);
    if (!letters) return Error{ENOTSUP, "tell to leave", role.label};
    return channel->send(*letters, ControlChannel::WhenFull::Refuse);
  }

  void tell_to_leave(Leaving& role) {
    role.told = true;
    if (role.before.want == Want::Down && !role.has_down_file) {
      const UniqueFd file(::openat(role.directory.fd(), family_.convention.main.down_file,
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
      role.down_file_is_ours = static_cast<bool>(file);
    }
    const ControlCommand commands[] = {{.verb = Verb::Down}, {.verb = Verb::Exit}};
    if (const Status sent = send(role, commands); !sent) trouble(role, sent.error());
  }

  /// A log goes when its service has, and has read what that has written.
  [[nodiscard]] bool may_leave(const Leaving& role) const {
    if (!role.is_log) return true;
    const auto main = std::find_if(roles_.begin(), roles_.end(), [&](const Leaving& each) {
      return each.label + "/" + kLog == role.label;
    });
    return (main == roles_.end() || main->has_left) && has_read_all(role.before.pid);
  }

  [[nodiscard]] bool is_left(const Leaving& role) const {
    const Result<bool> supervised = role.directory.supervised(family_.layout);
    return !supervised || !*supervised;
  }

  void leave_all() {
    const Instant enough = clock_.now().steady + kEndsWithin;
    for (bool all = false; !all && clock_.now().steady < enough; ::poll(nullptr, 0, all ? 0 : kPause)) {
      all = true;
      for (Leaving& role : roles_) {
        if (!role.told && may_leave(role)) tell_to_leave(role);
        if (role.told && !role.has_left) role.has_left = is_left(role);
        all = all && role.has_left;
      }
    }
  }

  /// The scanner as it was, who takes its core on.
  void put_back() {
    for (const Leaving& role : roles_) remove_down_file(role);
    const Result<Heir> again = Heir::make({.program = setting_.program, .words = setting_.words}, setting_);
    const Status executed = again ? again->await() : again.error();
    if (!executed) (void)adoption_failed(executed.error());
  }

  void remove_down_file(const Leaving& role) const {
    if (role.down_file_is_ours) (void)::unlinkat(role.directory.fd(), family_.convention.main.down_file, 0);
  }

  /// What the original's supervisor runs; nullopt: it has not come to that yet.
  [[nodiscard]] std::optional<std::string> taken(Leaving& role, const std::vector<NamedProcess>& processes) {
    const std::vector<OldSupervisor> supervisors =
        old_supervisors_of(role.label, role.directory.fd(), processes);
    if (supervisors.empty()) return std::nullopt;
    const Result<Observation> seen = role.directory.observe({family_, families()});
    if (!seen) return std::nullopt;
    const StatusRecord& record = seen->status.snapshot.main;
    const bool runs = role.before.want != Want::Down;
    if (runs && record.pid == 0) {
      // Once in each look, until it is so: a supervisor that has just begun may not have read it.
      if (role.has_down_file) command(role, role.before.want == Want::Once ? Verb::Once : Verb::Up);
      return std::nullopt;
    }
    if (role.before.want == Want::Once) command(role, Verb::Once);
    return supervisor_ + ", " + process_text(supervisors.front().pid) + ", " +
           (record.pid == 0 ? "has it, and nothing runs" : "runs " + process_text(record.pid));
  }

  void command(const Leaving& role, Verb verb) const {
    const ControlCommand commands[] = {{.verb = verb}};
    (void)static_cast<bool>(send(role, commands));
  }

  void await_all() {
    const Instant enough = clock_.now().steady + kTakenWithin;
    std::vector<Leaving*> waiting;
    for (Leaving& role : roles_) waiting.push_back(&role);
    while (!waiting.empty() && clock_.now().steady < enough) {
      const std::vector<NamedProcess> processes = named_processes();
      std::erase_if(waiting, [&](Leaving* role) {
        const std::optional<std::string> now = taken(*role, processes);
        if (!now) return false;
        remove_down_file(*role);
        out_.add(printable(role->label)).add(": ");
        if (role->before.pid != 0) out_.add(process_text(role->before.pid)).add(" has ended; ");
        out_.add(*now).add("\n");
        (void)out_.flush();
        return true;
      });
      ::poll(nullptr, 0, 4 * kPause);
    }
    for (Leaving* role : waiting) {
      remove_down_file(*role);
      trouble(*role, role->has_left ? Error{0, "see it supervised by", supervisor_}
                                    : Error{0, "see the end of",
                                            process_text(role->before.pid) +
                                                ": kindred goes on with it until it has ended"});
    }
  }

  void trouble(const Leaving& role, const Error& error) {
    print_error({kAdopt, ": ", printable(role.label), ": ", adoption_trouble(error)});
    code_ = kExitFatal;
  }

  std::string path_;
  UniqueFd directory_;
  const Dialect& family_;
  KeeperFound keeper_;
  bool scans_;
  std::string supervisor_, program_;
  ProcessSetting setting_;
  std::vector<Leaving> roles_;
  Gate gate_;
  std::optional<Heir> heir_;
  SystemClock clock_;
  Output out_;
  int code_ = 0;
};

/// The family whose program a keeper was started as, where an original of it starts supervisors.
const Dialect* family_of_program(pid_t pid) {
  const std::string program(file_name(link_text(path_of(pid, "/exe"))));
  for (const Dialect* family : families())
    if (family->scan.supervisor != nullptr && program == std::string("kindred-") + family->name)
      return family;
  return nullptr;
}

}  // namespace

std::vector<std::string> words_for_original(std::vector<std::string> words, const std::string& program,
                                            const std::string& scan_directory) {
  if (words.empty()) return {program};
  words[0] = program;
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::string name = words[i];
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    if (name.empty() || name.front() == '/' || name.front() == '-') continue;
    if (file_name(name) == file_name(scan_directory)) words[i] = scan_directory;
  }
  return words;
}

int release(const std::string& path, bool dry) {
  Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  if (!directory) return adoption_failed(directory.error());
  const Result<DirectoryId> id = identify(directory->get());
  if (!id) return adoption_failed(id.error());
  for (KeeperFound& keeper : find_keepers(default_run_directory())) {
    const Dialect* const family = family_of_program(keeper.keeper);
    if (family == nullptr) continue;
    const std::string name = name_of(keeper.keeper);
    const bool scans =
        name == family->scan.scanner && is_same_directory(directory_scanned_by(keeper.keeper), *id);
    const bool is_lone = name == family->scan.supervisor && has_open(keeper.keeper, {id->device, id->inode});
    if (scans || is_lone)
      return Release(path, std::move(*directory), *family, std::move(keeper), scans).run(dry);
  }
  return adoption_failed(
      Error{0, "release what is in",
            path + ": no scanner and no supervisor of kindred's that an original could follow has it"});
}

}  // namespace kindred
