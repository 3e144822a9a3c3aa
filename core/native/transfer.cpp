// kindred adopt --run-dir: takes services over from another kindred, whose run directory is another.
//
// Its keeper and its core are held still by ptrace(2), which the kernel ends with us; what they have written of their
// services is copied into our run directory, and they are killed. What takes their place finds it as the next supervisor
// does after a crash, and has their FIFOs and pipes open as well.

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/cli/output.h"
#include "core/client/service_places.h"
#include "core/definition/source_file.h"
#include "core/dialect/registry.h"
#include "core/engine/process_table.h"
#include "core/engine/run_directory.h"
#include "core/native/adoption.h"
#include "core/native/foreign_process.h"
#include "core/native/own_program.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"
#include "core/sys/process.h"

namespace kindred {
namespace {

constexpr int kTakenWithin = 10'000;  // milliseconds
constexpr std::size_t kLongestTable = std::size_t{1} << 30U;

/// The program that it was started as, of ours. Errors: ENOENT.
Result<std::string> own_program_like(pid_t keeper) {
  const std::string executable(file_name(link_text(path_of(keeper, "/exe"))));
  if (executable == "kindred") return link_text("/proc/self/exe");
  constexpr std::string_view kOurs = "kindred-";
  const std::string name = name_of(keeper);
  if (executable.starts_with(kOurs)) {
    const std::string family = executable.substr(kOurs.size());
    for (const std::string& path : own_program_paths(family + "/bin/" + name, family + "/" + name))
      if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return Error{ENOENT, "find", "kindred's own " + name};
}

/// Whether the keeper scans that directory, or has that service alone.
bool has_in_charge(pid_t keeper, const DirectoryId& directory) {
  const std::string scanned = directory_scanned_by(keeper);
  return scanned.empty() ? has_open(keeper, {directory.device, directory.inode})
                         : is_same_directory(scanned, directory);
}

/// Whether its command line says which service it has: it can be begun again in another place by the same words.
bool is_named(pid_t keeper, const std::vector<std::string>& words, const DirectoryId& directory) {
  if (!directory_scanned_by(keeper).empty()) return true;
  if (words.size() < 2) return false;
  const std::string& last = words.back();
  const std::string path = last.starts_with('/') ? last : link_text(path_of(keeper, "/cwd")) + "/" + last;
  return is_same_directory(path, directory);
}

class Transfer {
 public:
  Transfer(std::string path, const DirectoryId& directory, std::string from, KeeperFound keeper)
      : path_(std::move(path)), directory_(directory), from_(std::move(from)), keeper_(std::move(keeper)) {}

  int run(bool dry) {
    const Status ready = prepare();
    if (!ready) return adoption_failed(ready.error());
    Output out;
    if (dry) {
      out.add(name_of(keeper_.keeper)).add(" of kindred's in ").add(from_).add(", ");
      out.add(process_text(keeper_.keeper)).add(", ends\n").add(program_).add(" goes on\n");
      return out.flush() ? 0 : kExitFatal;
    }
    const Result<Duration> taken = take();
    if (!taken) return adoption_failed(taken.error());
    out.add(path_).add(": taken over, ").add(taken->count()).add(" us without a supervisor\n");
    return out.flush() ? 0 : kExitFatal;
  }

 private:
  Status prepare() {
    if (keeper_.keeper == 1) return Error{0, "take over from", "process 1: its end is that of all processes"};
    if (!keeper_.process) return Error{ENOSYS, "watch", process_text(keeper_.keeper)};
    Result<std::string> program = own_program_like(keeper_.keeper);
    if (!program) return program.error();
    program_ = std::move(*program);
    Result<ProcessSetting> setting = read_setting_of(keeper_.keeper, keeper_.process.get());
    if (!setting) return setting.error();
    setting_ = std::move(*setting);
    if (!is_named(keeper_.keeper, setting_.words, directory_))
      return Error{0, "take over from",
                   name_of(keeper_.keeper) + ", " + process_text(keeper_.keeper) +
                       ": its socket is from who started it, and its services are what it was asked for"};
    const std::optional<ProcessFacts> facts = facts_of_any(keeper_.keeper);
    if (Status left = outlives(keeper_.keeper, facts ? facts->parent : 0, setting_); !left) return left;
    const Result<UniqueFd> own = open_run_directory(default_run_directory());
    return own ? ok() : own.error();
  }

  /// Of the core that is held still.
  Status copy_tables() {
    const std::string prefix = beginning_of_tables(keeper_.core);
    for (const std::string& name : names_in(from_)) {
      if (!name.starts_with(prefix)) continue;
      const std::string from = from_ + "/" + name, to = default_run_directory() + "/" + name;
      const Result<std::string> bytes = read_file(AT_FDCWD, from.c_str(), kLongestTable);
      if (!bytes) return bytes.error();
      const UniqueFd file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      if (!file) return error_here("create", to);
      copies_.push_back({from, to});
      if (const int error = write_all(file.get(), *bytes); error != 0) return error_here("write", to, error);
    }
    return copies_.empty() ? Status(Error{0, "find what kindred knows in", from_}) : ok();
  }

  static std::vector<std::string> names_in(const std::string& directory) {
    const Result<UniqueFd> list = open_directory(AT_FDCWD, directory.c_str());
    return list ? directory_names(list->get(), ".") : std::vector<std::string>();
  }

  void forget_copies() const {
    for (const auto& [from, to] : copies_) ::unlink(to.c_str());
  }

  /// What it has open between processes, and of its clients.
  Result<std::vector<UniqueFd>> open_all_fifos() const {
    std::vector<UniqueFd> opened;
    const std::vector<HeldFifo> held = fifos_of(keeper_.keeper);
    for (const HeldFifo& fifo : held) {
      if (fifo.fd <= STDERR_FILENO || !fifo.reads) continue;
      // Of a pipe of which it reads only, somebody else's end is awaited.
      const bool writes = std::any_of(
          held.begin(), held.end(), [&](const HeldFifo& each) { return each.id == fifo.id && each.writes; });
      Result<UniqueFd> copy = open_fifo_of(keeper_.keeper, {fifo.fd, fifo.id, writes});
      if (!copy) return copy.error();
      opened.push_back(std::move(*copy));
    }
    return opened;
  }

  Result<Duration> take() {
    Result<HeldStill> keeper = HeldStill::hold(keeper_.keeper);
    if (!keeper) return keeper.error();
    Result<HeldStill> core = HeldStill::hold(keeper_.core);
    if (!core) return core.error();
    const SystemClock clock;
    const Instant begun = clock.now().steady;
    const Result<std::vector<UniqueFd>> fifos = open_all_fifos();
    if (!fifos) return fifos.error();
    Launch what{.program = program_,
                .words = words_for_run_directory(setting_.words, default_run_directory()),
                .variables = {"KINDRED_RUN_DIR=" + default_run_directory()},
                .hands_over = true};
    for (const UniqueFd& fifo : *fifos) what.handed.push_back(fifo.get());
    const Status copied = copy_tables();
    const Result<Heir> heir =
        copied ? Heir::make(what, setting_, keeper_.process.get()) : Result<Heir>(copied.error());
    if (!heir) {
      forget_copies();
      return heir.error();
    }
    if (Status ended = core->end(); !ended) return ended.error();
    if (Status ended = keeper->end(); !ended) return ended.error();
    for (const auto& [from, to] : copies_) ::unlink(from.c_str());
    if (Status executed = heir->await(); !executed) return executed.error();
    for (int waited = 0; waited < kTakenWithin; ++waited) {
      if (std::all_of(copies_.begin(), copies_.end(), [](const auto& copy) { return is_taken(copy.second); }))
        return clock.now().steady - begun;
      if (::waitpid(heir->pid(), nullptr, WNOHANG) == heir->pid()) return Error{0, "keep running", program_};
      ::poll(nullptr, 0, 1);
    }
    return Error{0, "see it supervised by", program_};
  }

  std::string path_;
  DirectoryId directory_;
  std::string from_;
  KeeperFound keeper_;
  std::string program_;
  ProcessSetting setting_;
  std::vector<std::pair<std::string, std::string>> copies_;
};

}  // namespace

std::vector<std::string> words_for_run_directory(std::vector<std::string> words,
                                                 const std::string& directory) {
  constexpr std::string_view kOption = "--run-dir", kWithValue = "--run-dir=";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with(kWithValue)) words[i] = std::string(kWithValue) + directory;
    if (words[i] == kOption && i + 1 < words.size()) words[++i] = directory;
  }
  return words;
}

int transfer(const std::string& path, const std::string& run_directory, bool dry) {
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path.c_str());
  if (!directory) return adoption_failed(directory.error());
  const Result<DirectoryId> id = identify(directory->get());
  if (!id) return adoption_failed(id.error());
  const Result<UniqueFd> theirs = open_directory(AT_FDCWD, run_directory.c_str());
  const Result<UniqueFd> own = open_directory(AT_FDCWD, default_run_directory().c_str());
  if (!theirs) return adoption_failed(theirs.error());
  const Result<DirectoryId> there = identify(theirs->get());
  if (const Result<DirectoryId> here = own ? identify(own->get()) : own.error();
      here && there && *here == *there)
    return adoption_failed(Error{0, "take over from", run_directory + ": it is this kindred's own"});
  for (KeeperFound& keeper : find_keepers(run_directory))
    if (has_in_charge(keeper.keeper, *id))
      return Transfer(path, *id, run_directory, std::move(keeper)).run(dry);
  return adoption_failed(
      Error{0, "take over what is in", path + ": no kindred of " + run_directory + " has it"});
}

}  // namespace kindred
