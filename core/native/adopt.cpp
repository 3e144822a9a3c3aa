// kindred adopt: takes running services over from an original's supervisors, which end; the services notice nothing.
//
// At every moment each service is supervised by the one or the other, whatever becomes of us: a supervisor is held still by
// ptrace(2), which the kernel ends with us, and is killed only when another process knows all that is needed to go on in
// its place: the core of a scanner that runs already or, for a service without a scanner, the process that is to become
// its supervisor. Nobody starts the old one again: the scanner has ended first.

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "core/base/nul_words.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/client/service_places.h"
#include "core/dialect/registry.h"
#include "core/engine/core_link.h"
#include "core/engine/run_directory.h"
#include "core/native/adoption.h"
#include "core/native/command_line.h"
#include "core/native/old_supervisor.h"
#include "core/native/own_program.h"
#include "core/native/scanner_launch.h"
#include "core/native/subcommands.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr int kTakenWithin = 10'000;  // milliseconds

/// As it is run from where we are installed, or built. Errors: ENOENT.
Result<std::string> own_program(const std::string& family, const std::string& name) {
  for (const std::string& path : own_program_paths(family + "/bin/" + name, family + "/" + name))
    if (::access(path.c_str(), X_OK) == 0) return path;
  return Error{ENOENT, "find", "kindred's own " + name};
}

/// It is to look for its services where we leave them.
std::string run_directory_variable() { return "KINDRED_RUN_DIR=" + default_run_directory(); }

/// Whether what runs can be left where our supervisors look for it.
Status can_leave() {
  const Result<UniqueFd> directory = open_run_directory(default_run_directory());
  return directory ? ok() : directory.error();
}

/// What is told of an adoption, and how it came out.
class Report {
 public:
  void plan(const OldSupervisor& old, const TakeoverPlan& plan) {
    out_.add(printable(old.label()))
        .add(": ")
        .add(old.family->scan.supervisor)
        .add(" ")
        .add(old.pid)
        .add(" has ");
    out_.add(role(plan.main));
    if (plan.log) out_.add(", log ").add(role(*plan.log));
    out_.add("\n");
  }
  void line(const std::string& text) { out_.add(text).add("\n"); }
  void taken(const OldSupervisor& old, Duration without) {
    out_.add(printable(old.label()))
        .add(": taken over, ")
        .add(without.count())
        .add(" us without a supervisor\n");
    (void)out_.flush();
  }
  void trouble(const OldSupervisor& old, const Error& error) {
    print_error({kAdopt, ": ", printable(old.label()), ": ", adoption_trouble(error)});
    code_ = kExitFatal;
  }
  int finish() { return out_.flush() ? code_ : kExitFatal; }

 private:
  static std::string role(const TakenRole& role) {
    return role.pid == 0 ? "no process" : process_text(role.pid);
  }
  Output out_;
  int code_ = 0;
};

/// The services of a scan directory, which a scanner of ours supervises from then on.
class ScanAdoption {
 public:
  ScanAdoption(std::string place, std::vector<OldSupervisor> olds)
      : place_(std::move(place)), olds_(std::move(olds)), rules_(olds_.front().family->scan) {}

  int run(bool dry) {
    for (const auto step :
         {&ScanAdoption::identify_place, &ScanAdoption::find_scanner, &ScanAdoption::try_all})
      if (const Status done = (this->*step)(); !done) return adoption_failed(done.error());
    if (dry) return tell_plans();
    if (const Status ready = find_core(); !ready) return adoption_failed(ready.error());
    for (const OldSupervisor& old : olds_) {
      const Result<Duration> taken = take(old);
      if (taken)
        report_.taken(old, *taken);
      else
        report_.trouble(old, taken.error());
    }
    return report_.finish();
  }

 private:
  Status identify_place() {
    const Result<UniqueFd> place = open_directory(AT_FDCWD, place_.c_str());
    if (!place) return place.error();
    const Result<DirectoryId> id = identify(place->get());
    if (!id) return id.error();
    id_ = *id;
    return ok();
  }

  Status find_scanner() {
    for (const NamedProcess& process : named_processes()) {
      if (process.name != rules_.scanner || !is_foreign_of_ours(process.pid)) continue;
      if (std::none_of(olds_.begin(), olds_.end(),
                       [&](const OldSupervisor& old) { return old.parent == process.pid; }))
        continue;
      const std::string object = rules_.scanner + (", " + process_text(process.pid));
      if (scanner_ != 0) return Error{0, "take over from both", object + ", and " + process_text(scanner_)};
      if (process.pid == 1) return Error{0, "take over from", object + ": its end is that of all processes"};
      scanner_ = process.pid;
      scanners_parent_ = process.parent;
      scanners_process_ = open_process(process.pid);
      if (!scanners_process_) return error_here("open", object);
      Result<ProcessSetting> setting = read_setting_of(process.pid, scanners_process_.get());
      if (!setting) return setting.error();
      setting_ = std::move(*setting);
      if (Status left = outlives(process.pid, process.parent, setting_); !left) return left;
      const std::string scanned = scanned_by(setting_.words, path_of(process.pid, "/cwd"), families());
      const Result<UniqueFd> directory = open_directory(AT_FDCWD, scanned.c_str());
      const Result<DirectoryId> id = directory ? identify(directory->get()) : directory.error();
      if (!id || *id != id_) return Error{0, "take over from", object + ": it scans another directory"};
    }
    return ok();
  }

  /// Nothing is done unless all of it can be.
  Status try_all() {
    for (const OldSupervisor& old : olds_) {
      Result<HeldSupervisor> held = hold(old);
      if (!held)
        return Error{held.error().code, held.error().operation, old.label() + ": " + held.error().object};
      plans_.push_back(std::move(held->plan));
    }
    Result<std::string> program = own_program(olds_.front().family->name, rules_.scanner);
    if (!program) return program.error();
    program_ = std::move(*program);
    return can_leave();
  }

  int tell_plans() {
    for (std::size_t i = 0; i < olds_.size(); ++i) report_.plan(olds_[i], plans_[i]);
    if (scanner_ != 0)
      report_.line(std::string(rules_.scanner) + " " + std::to_string(scanner_) + ", which " +
                   process_text(scanners_parent_) + " has started, ends");
    report_.line(program_ + " goes on");
    return report_.finish();
  }

  Status find_core() {
    Result<CoreLink> core = CoreLink::connect(id_);
    if (scanner_ == 0) {
      if (!core) core = start_core();
      return follow(core);
    }
    // Held still it starts no supervisor, and goes on if there is no successor.
    Result<HeldStill> held = HeldStill::hold(scanner_);
    if (!held) return held.error();
    if (!rules_.scanner_is_alone) {
      if (!core) core = start_core();
      if (const Status followed = follow(core); !followed) return followed;
      return held->end();
    }
    if (const Status ended = held->end(); !ended) return ended;
    if (!core) core = start_core();
    const Status followed = follow(core);
    if (!followed) put_back();
    return followed;
  }

  /// From now on that core is asked.
  Status follow(Result<CoreLink>& core) {
    if (!core) return core.error();
    core_.emplace(std::move(*core));
    return core_->await();
  }

  Result<CoreLink> start_core() {
    Launch what{.program = program_,
                .words = {rules_.scanner, place_},
                .variables = {run_directory_variable(), std::string(kTakesOver) + "=1"},
                .hands_over = scanner_ != 0};
    if (scanner_ != 0) {
      what.words = without_options(setting_.words, rules_.descriptor_options);
    } else {
      Result<ProcessSetting> own = own_setting();
      if (!own) return own.error();
      setting_ = std::move(*own);
    }
    const Result<Heir> begun = Heir::make(what, setting_);
    if (!begun) return begun.error();
    if (Status executed = begun->await(); !executed) return executed.error();
    for (int waited = 0; waited < kTakenWithin; ++waited) {
      Result<CoreLink> core = CoreLink::connect(id_);
      if (core) return core;
      if (::waitpid(begun->pid(), nullptr, WNOHANG) == begun->pid())
        return Error{0, "keep running", program_};
      ::poll(nullptr, 0, 1);
    }
    ::kill(begun->pid(), SIGTERM);
    return Error{0, "hear from", program_};
  }

  /// The scanner as it was: nothing else has changed.
  void put_back() {
    if (scanner_ == 0) return;
    const Result<Heir> again = Heir::make({.program = setting_.program, .words = setting_.words}, setting_);
    const Status executed = again ? again->await() : again.error();
    if (!executed) (void)adoption_failed(executed.error());
  }

  Result<Duration> take(const OldSupervisor& old) {
    Result<HeldSupervisor> held = hold(old);
    if (!held) return held.error();
    const Instant begun = clock_.now().steady;
    const Result<std::vector<UniqueFd>> fifos = open_fifos(old, held->plan);
    if (!fifos) return fifos.error();
    const Result<std::vector<ForeignRole>> roles = roles_of(old, held->plan);
    if (!roles) return roles.error();
    const Result<std::string> left = leave_foreign(default_run_directory(), *roles);
    if (!left) return left.error();
    std::vector<int> given;
    for (const UniqueFd& fifo : *fifos) given.push_back(fifo.get());
    const Status asked = core_->give(given);
    const Result<UniqueFd> taken = asked ? core_->take_over(old.directory.get(), old.role, old.process.get())
                                         : Result<UniqueFd>(asked.error());
    if (!taken) {
      ::unlink(left->c_str());
      return taken.error();
    }
    if (Status ended = held->still.end(); !ended) return ended.error();
    pollfd hung_up{taken->get(), 0, 0};
    if (::poll(&hung_up, 1, kTakenWithin) <= 0) return Error{0, "see it supervised by", program_};
    return clock_.now().steady - begun;
  }

  std::string place_;
  DirectoryId id_;
  std::vector<OldSupervisor> olds_;
  std::vector<TakeoverPlan> plans_;
  const ScanRules& rules_;
  pid_t scanner_ = 0, scanners_parent_ = 0;  ///< 0: there is none
  UniqueFd scanners_process_;
  ProcessSetting setting_;
  std::string program_;
  std::optional<CoreLink> core_;
  SystemClock clock_;
  Report report_;
};

/// One service whose supervisor somebody else than a scanner has started.
class LoneAdoption {
 public:
  explicit LoneAdoption(OldSupervisor old) : old_(std::move(old)) {}

  int run(bool dry) {
    const Status able = prepare();
    if (!able) return adoption_failed(able.error());
    Result<HeldSupervisor> held = hold(old_);
    if (!held) return adoption_failed(held.error());
    if (dry) {
      report_.plan(old_, held->plan);
      report_.line(program_ + " goes on");
      return report_.finish();
    }
    const Result<Duration> taken = take(*held);
    if (!taken) return adoption_failed(taken.error());
    report_.taken(old_, *taken);
    return report_.finish();
  }

 private:
  Status prepare() {
    const ScanRules& rules = old_.family->scan;
    for (const NamedProcess& process : named_processes())
      if (process.pid == old_.parent && process.name == rules.scanner)
        return Error{0, "take over what is in",
                     old_.name + " alone: " + rules.scanner + ", " + process_text(process.pid) +
                         ", would start its supervisor again; name its scan directory"};
    Result<std::string> program = own_program(old_.family->name, rules.supervisor);
    if (!program) return program.error();
    program_ = std::move(*program);
    Result<ProcessSetting> setting = read_setting_of(old_.pid, old_.process.get());
    if (!setting) return setting.error();
    setting_ = std::move(*setting);
    if (Status left = outlives(old_.pid, old_.parent, setting_); !left) return left;
    return can_leave();
  }

  Result<Duration> take(HeldSupervisor& held) {
    const Instant begun = clock_.now().steady;
    const Result<std::vector<UniqueFd>> fifos = open_fifos(old_, held.plan);
    if (!fifos) return fifos.error();
    const Result<std::vector<ForeignRole>> roles = roles_of(old_, held.plan);
    if (!roles) return roles.error();
    Launch what{.program = program_,
                // It works in the service directory.
                .words = {old_.family->scan.supervisor, physical_path(old_.directory.get())},
                .variables = {run_directory_variable()},
                .hands_over = true};
    for (const UniqueFd& fifo : *fifos) what.handed.push_back(fifo.get());
    const Result<std::string> left = leave_foreign(default_run_directory(), *roles);
    if (!left) return left.error();
    const Result<Heir> heir = Heir::make(what, setting_, old_.process.get());
    if (!heir) {
      ::unlink(left->c_str());
      return heir.error();
    }
    if (Status ended = held.still.end(); !ended) return ended.error();
    if (Status executed = heir->await(); !executed) return executed.error();
    for (int waited = 0; waited < kTakenWithin; ++waited) {
      if (is_taken(*left)) return clock_.now().steady - begun;
      if (::waitpid(heir->pid(), nullptr, WNOHANG) == heir->pid()) return Error{0, "keep running", program_};
      ::poll(nullptr, 0, 1);
    }
    return Error{0, "see it supervised by", program_};
  }

  OldSupervisor old_;
  std::string program_;
  ProcessSetting setting_;
  SystemClock clock_;
  Report report_;
};

/// A keeper of ours that has the service, or one in that directory, in its charge; empty: none.
std::string kindred_in(int directory, const std::string& path) {
  std::vector<FileId> services;
  const auto add = [&](int at) {
    if (const Result<DirectoryId> id = identify(at)) services.push_back({id->device, id->inode});
  };
  add(directory);
  for (const PlacedService& service : services_in(path))
    if (const Result<UniqueFd> below = open_directory(directory, service.name.c_str())) add(below->get());
  for (const KeeperFound& keeper : find_keepers(default_run_directory()))
    for (const FileId& service : services)
      if (has_open(keeper.keeper, service))
        return name_of(keeper.keeper) + ", " + process_text(keeper.keeper);
  return {};
}

int adopt(const std::string& path, bool dry) {
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  if (!directory) return adoption_failed(directory.error());
  const std::vector<NamedProcess> processes = named_processes();
  std::vector<OldSupervisor> olds = old_supervisors_of(path, directory->get(), processes);
  if (!olds.empty() && olds.front().role == Role::Main) return LoneAdoption(std::move(olds.front())).run(dry);
  olds.clear();
  for (const PlacedService& service : services_in(path)) {
    const Result<UniqueFd> below = open_directory(directory->get(), service.name.c_str());
    if (!below) continue;
    for (OldSupervisor& old : old_supervisors_of(service.name, below->get(), processes))
      olds.push_back(std::move(old));
  }
  if (olds.empty()) {
    std::string reason = path + ": no supervisor of an original has it";
    if (const std::string owner = kindred_in(directory->get(), path); !owner.empty())
      reason += "; kindred's " + owner + " has";
    return adoption_failed(Error{0, "take over what is in", reason});
  }
  return ScanAdoption(path, std::move(olds)).run(dry);
}

}  // namespace

std::string adoption_trouble(const Error& error) {
  std::string text = "unable to " + error.operation + " " + printable(error.object);
  if (error.code != 0 && error.code != EAGAIN) text += ": " + std::string(why(error));
  return text;
}

int adoption_failed(const Error& error) {
  print_error({kAdopt, ": fatal: ", adoption_trouble(error)});
  return kExitFatal;
}

std::string process_text(pid_t pid) { return "process " + std::to_string(pid); }

std::string directory_scanned_by(pid_t pid) {
  constexpr std::size_t kMostWords = std::size_t{4} << 20U;
  const Result<std::string> words = read_file(AT_FDCWD, path_of(pid, "/cmdline").c_str(), kMostWords);
  return words ? scanned_by(split_words(*words), link_text(path_of(pid, "/cwd")), families()) : "";
}

bool is_same_directory(const std::string& path, const DirectoryId& id) {
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  const Result<DirectoryId> found = directory ? identify(directory->get()) : directory.error();
  return found && *found == id;
}

Status outlives(pid_t pid, pid_t parent, const ProcessSetting& setting) {
  const std::string unit = unit_of_group(setting.control_group);
  if (unit.empty() || name_of(parent) != "systemd") return ok();
  std::vector<std::string> question{"systemctl", "show", "--property=KillMode", "--value", unit};
  if (parent != 1) question.insert(question.begin() + 1, "--user");
  const std::string mode = answer_of(question);
  if (mode == "process" || mode == "none") return ok();
  return Error{0, "take over from",
               process_text(pid) + ": systemd would end all of " + unit +
                   " with it, unless that has KillMode=process"};
}

int adopt_main(int argc, char** argv) {
  bool dry = false, gives_back = false;
  std::string other;
  CommandLine line{
      .program = kAdopt,
      .usage = "kindred adopt [--release | --run-dir DIR] [--dry-run] SCANDIR|DIR...",
      .purpose =
          "Takes running services over from the supervisors of an original, which end: the\n"
          "services go on as the processes that they are, and no log line is lost. With --release\n"
          "the other way round: supervisors of the original start each service again, once."};
  line.options.add_options()("dry-run", boost::program_options::bool_switch(&dry),
                             "only tells what would be done")(
      "release", boost::program_options::bool_switch(&gives_back),
      "hands what kindred supervises to supervisors of the original")(
      "run-dir", boost::program_options::value(&other)->value_name("DIR"),
      "takes over from another kindred, whose run directory that is");
  std::vector<std::string> paths;
  if (const auto done = read_words(line, argc, argv, paths)) return *done;
  if (paths.empty()) return usage_error(line, "name a scan directory, or services");
  if (gives_back && !other.empty())
    return usage_error(line, "--release and --run-dir are asked for one by one");
  int code = 0;
  for (const std::string& path : paths)
    code = std::max(code, gives_back       ? release(path, dry)
                          : !other.empty() ? transfer(path, other, dry)
                                           : adopt(path, dry));
  return code;
}

}  // namespace kindred
