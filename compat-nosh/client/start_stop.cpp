#include "compat-nosh/client/start_stop.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "compat-nosh/client/bundle.h"
#include "compat-nosh/client/commands.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/dialect.h"
#include "compat-nosh/supervise/loader.h"
#include "core/cli/output.h"
#include "core/client/supervise_watch.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);
constexpr Duration kStopAgain = std::chrono::seconds(30);
constexpr int kKillAt = 3;  // the third time
constexpr int kLastTime = 3;

struct Job {
  Job(std::string where, Bundle what, Goal wanted)
      : path(std::move(where)), bundle(std::move(what)), goal(wanted), flags(bundle.flags()) {}
  std::string path;
  Bundle bundle;
  Goal goal;
  Flags flags;
  std::vector<std::size_t> waits_for;
  bool begun = false, done = false;
  std::optional<bool> blocked;  ///< none: nobody has looked yet
  int told = 0;                 ///< how often it has been told to stop
  Instant told_at;
};

enum class Named : bool { ByUser, ByRelation };

class Jobs {
 public:
  explicit Jobs(const StartStopOptions& options) : options_(options) {}

  /// False, after a message, where a bundle cannot be opened or is wanted both ways. What is only related to
  /// others is left out where it cannot be opened.
  bool add(const std::string& path, Goal goal, Named named) {
    Result<Bundle> bundle = Bundle::open(AT_FDCWD, path.c_str());
    const Result<DirectoryId> id =
        bundle ? identify(bundle->fd()) : Result<DirectoryId>(Error(bundle.error()));
    if (!id) return refuse(path, reason(id.error())) || named == Named::ByRelation;
    if (const auto known = places_.find(*id); known != places_.end())
      return jobs_[known->second].goal == goal ? true : refuse(path, "Conflicting job requirements.");
    places_[*id] = jobs_.size();
    jobs_.emplace_back(path, std::move(*bundle), goal);
    if (goal == Goal::Started)
      return add_related(path, "wants", Goal::Started) && add_related(path, "conflicts", Goal::Stopped);
    return add_related(path, "required-by", Goal::Stopped);
  }

  void order() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      for (const std::size_t other : related(i, "after")) precede(other, i);
      for (const std::size_t other : related(i, "before")) precede(i, other);
    }
  }

  /// Has the manager load what is to be started.
  bool load() {
    const std::string manager = manager_path(options_.per_user);
    Result<ManagerSocket> socket = ManagerSocket::connect(manager);
    if (!socket) return refuse("connect: " + manager, reason(socket.error()));
    Loader loader(std::move(*socket), manager);
    for (Job& job : jobs_)
      if (job.goal == Goal::Started && !load(loader, job)) return false;
    return true;
  }

  void run() {
    SuperviseWatch watch(clock_);
    for (const Job& job : jobs_)
      if (Result<ServiceDirectory> directory = ServiceDirectory::open(AT_FDCWD, job.path.c_str()))
        watch.add(*directory,
                  job.bundle.has_supervise_directory() ? dialect().layout : supervise_dialect().layout);
    while (!turn()) watch.wait(clock_.now().steady + kTick);
  }

 private:
  bool refuse(const std::string& path, std::string_view text) const {
    complain(options_.program, "ERROR", {path, ": ", text});
    return false;
  }
  void mention(const char* word, const std::string& path) const {
    if (options_.verbose) print_error({options_.program, ": ", word, " ", path});
  }

  static std::vector<std::string> entries(const std::string& directory) {
    std::vector<std::string> paths = directory_names(AT_FDCWD, directory.c_str());
    for (std::string& path : paths) path.insert(0, directory + "/");
    return paths;
  }

  bool add_related(const std::string& path, const char* relation, Goal goal) {
    for (const std::string& entry : entries(path + "/" + relation)) {
      struct stat st;
      // A link that leads nowhere wants nothing.
      if (stat(entry.c_str(), &st) == 0 && S_ISDIR(st.st_mode) && !add(entry, goal, Named::ByRelation))
        return false;
    }
    return true;
  }

  std::vector<std::size_t> related(std::size_t job, const char* relation) const {
    std::vector<std::size_t> others;
    for (const std::string& entry : entries(jobs_[job].path + "/" + relation)) {
      struct stat st;
      if (stat(entry.c_str(), &st) != 0) continue;
      const auto known = places_.find({st.st_dev, st.st_ino});
      if (known != places_.end() && known->second != job) others.push_back(known->second);
    }
    return others;
  }

  /// Two that are stopped are stopped the other way round.
  void precede(std::size_t first, std::size_t second) {
    if (jobs_[first].goal == Goal::Stopped && jobs_[second].goal == Goal::Stopped) std::swap(first, second);
    jobs_[second].waits_for.push_back(first);
  }

  /// Another family's supervisor is as good, and is not asked for what it does not know.
  static bool is_foreign(const std::string& path) {
    const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path.c_str());
    if (!bundle || std::string_view(bundle->supervisor().name) == dialect().name) return false;
    const Result<bool> supervised = bundle->supervised();
    return supervised && *supervised;
  }

  static std::string name_of(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return std::string(path.substr(path.find_last_of('/') + 1));
  }

  bool load(Loader& loader, Job& job) {
    if (is_foreign(job.path)) return true;
    const Result<LoadableBundle> main =
        LoadableBundle::open(AT_FDCWD, job.path.c_str(), MissingSupervise::MakeTarget);
    if (!main) return refuse(job.path, reason(main.error()));
    const bool was_loaded = main->is_loaded();
    if (!load(loader, *main, job.path, name_of(job.path), "load") || !load_log(loader, *main, job))
      return false;
    if (!was_loaded && !main->wait_until_loaded()) return refuse(job.path, "Unable to load service bundle.");
    // Now that it has one.
    Result<Bundle> bundle = Bundle::open(AT_FDCWD, job.path.c_str());
    if (!bundle) return refuse(job.path, reason(bundle.error()));
    job.bundle = std::move(*bundle);
    return true;
  }

  bool load_log(Loader& loader, const LoadableBundle& main, const Job& job) {
    struct stat st;
    if (fstatat(main.fd(), "log", &st, 0) != 0 || !S_ISDIR(st.st_mode)) return true;
    const std::string path = job.path + "/log";
    if (is_foreign(path)) return true;
    const Result<LoadableBundle> log = LoadableBundle::open(AT_FDCWD, path.c_str(), MissingSupervise::Leave);
    if (!log) return refuse(path, reason(log.error()));
    if (!load(loader, *log, path, name_of(job.path) + "/log", "log-load")) return false;
    const Status sent = loader.plumb(main, *log);
    return sent ? true : refuse(path, reason(sent.error()));
  }

  /// What is loaded already hears anew what is particular about it, of which nothing is told.
  bool load(Loader& loader, const LoadableBundle& bundle, const std::string& path, const std::string& name,
            const char* word) {
    const bool tell = !bundle.is_loaded();
    if (tell) mention(word, path);
    Status sent = bundle.make_fifos();
    if (sent) sent = loader.load(bundle, name);
    if (sent && bundle.has("remain")) {
      if (tell) mention("remain", path);
      sent = loader.ask(Request::MakeRunOnEmpty, bundle);
    }
    if (sent) sent = loader.ask(Request::MakePipeConnectable, bundle);
    return sent ? true : refuse(path, reason(sent.error()));
  }

  static bool reached(const Job& job) {
    const Result<bool> supervised = job.bundle.supervised();
    if (!supervised || !*supervised) return job.goal == Goal::Stopped;
    const Result<std::optional<StatusFields>> status = job.bundle.status();
    if (!status) return false;
    if (job.goal == Goal::Started) return is_ready(*status, job.flags);
    return *status && is_stopped(**status);
  }

  void tell(Job& job, const std::string& letters) {
    if (options_.pretend) return;
    Result<ControlChannel> channel = job.bundle.control();
    const std::optional<std::string> bytes = in_words_of(job.bundle.supervisor(), letters);
    if (!channel)
      (void)refuse(job.path, "control: " + std::string(reason(channel.error())));
    else if (!bytes)
      (void)refuse(job.path, std::string(job.bundle.supervisor().name) + " cannot express -" + letters);
    else if (const Status sent = channel->send(*bytes, ControlChannel::WhenFull::Refuse); !sent)
      (void)refuse(job.path, "control: " + std::string(reason(sent.error())));
  }

  void begin(Job& job, Instant now) {
    job.begun = true;
    mention(job.goal == Goal::Started ? "start" : "stop", job.path);
    if (job.goal == Goal::Started) {
      tell(job, "u");
      return;
    }
    tell(job, job.flags.use_hangup ? "hd" : "d");
    job.told = 1;
    job.told_at = now;
  }

  void urge(Job& job, Instant now) {
    if (job.goal != Goal::Stopped || job.told > kLastTime || now - job.told_at < kStopAgain) return;
    std::string letters = job.flags.use_hangup ? "htc" : "tc";
    if (job.told == kKillAt && !job.flags.no_kill_signal) letters += "k";
    tell(job, letters);
    ++job.told;
    job.told_at = now;
  }

  bool is_blocked(Job& job) const {
    const bool blocked = !ignore_order_ && std::any_of(job.waits_for.begin(), job.waits_for.end(),
                                                       [&](std::size_t i) { return !jobs_[i].done; });
    if (blocked != job.blocked) {
      mention(blocked ? "blocked" : "unblocked", job.path);
      for (const std::size_t i : job.waits_for)
        if (blocked && !jobs_[i].done) mention("blocker", jobs_[i].path);
    }
    job.blocked = blocked;
    return blocked;
  }

  /// True when all is done.
  bool turn() {
    const Instant now = clock_.now().steady;
    bool over = true, moving = false;
    for (Job& job : jobs_) {
      if (job.done) continue;
      const bool blocked = is_blocked(job);
      if (!blocked && reached(job)) {
        job.done = true;
        mention(job.goal == Goal::Started ? "ready" : "done", job.path);
        // It may be what others wait for.
        return turn();
      }
      over = false;
      if (blocked) continue;
      moving = true;
      if (!job.begun)
        begin(job, now);
      else
        urge(job, now);
    }
    if (!over && !moving) {
      complain(options_.program, "WARNING", {"bundles wait for each other; their order is not kept"});
      ignore_order_ = true;
      return turn();
    }
    return over;
  }

  const StartStopOptions& options_;
  SystemClock clock_;
  std::vector<Job> jobs_;
  std::map<DirectoryId, std::size_t> places_;
  bool ignore_order_ = false;
};

}  // namespace

int start_or_stop(const std::vector<std::pair<std::string, Goal>>& bundles, const StartStopOptions& options) {
  Jobs jobs(options);
  for (const auto& [path, goal] : bundles)
    if (!jobs.add(path, goal, Named::ByUser)) return kExitFailed;
  jobs.order();
  if (!jobs.load()) return kExitFailed;
  ignore_sigpipe();
  jobs.run();
  return 0;
}

}  // namespace kindred::nosh
