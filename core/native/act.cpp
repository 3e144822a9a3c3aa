// kindred start, stop, restart, once, reload, signal, pause, continue: says it to whatever supervises, and waits until it
// is so.

#include <sys/stat.h>

#include <algorithm>
#include <deque>

#include "core/base/signal_name.h"
#include "core/cli/output.h"
#include "core/client/service_action.h"
#include "core/client/supervise_watch.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/log_lines.h"
#include "core/native/subcommands.h"
#include "core/native/targets.h"
#include "core/service/describe.h"
#include "core/sys/clock.h"
#include "core/sys/directory_shape.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

struct Deed {
  std::string_view name;
  ServiceAct act;
  std::string_view purpose;
};
constexpr Deed kDeeds[] = {
    {"start", ServiceAct::Start, "Starts services and waits until they are up, and ready where they say so."},
    {"stop", ServiceAct::Stop, "Stops services and waits until they are down."},
    {"restart", ServiceAct::Restart,
     "Stops services and starts them again; those that are down are started."},
    {"once", ServiceAct::Once, "Starts services that are not to be restarted when they end."},
    {"reload", ServiceAct::Reload,
     "Has services read their configuration again, by the signal that says so."},
    {"signal", ServiceAct::Signal, "Sends a signal to services."},
    {"pause", ServiceAct::Pause, "Stops the processes of services where they are."},
    {"continue", ServiceAct::Continue, "Lets paused processes go on."},
};

constexpr double kPatience = 30;
constexpr std::size_t kLogLines = 5;
/// Nothing tells that control bytes have been read.
constexpr Duration kSettlingRound = std::chrono::milliseconds(20);
constexpr Duration kRound = std::chrono::milliseconds(500);

/// A service on its way.
struct Job {
  const Target* target;
  ServiceDirectory directory;
  ServiceOrder order;
  ControlChannel channel;
  ActWatch watch;
  bool finished = false;
};

class Acting {
 public:
  Acting(std::string program, ServiceOrder order, const Clock& clock)
      : program_(std::move(program)), order_(order), clock_(clock) {}

  void send(const Target& target) {
    const Result<ServiceSurvey> seen = target.look(surveyor_);
    if (!seen) return fail(target, std::string("unable to open: ") + std::string(why(seen.error())));
    const bool of_log = target.log && seen->log;
    if (target.log && !of_log) return fail(target, "it has no log");
    const ProcessSurvey& process = of_log ? *seen->log : seen->main;
    if (process.supervision != Supervision::Live || !process.status)
      return fail(target, not_supervised(target.service.path(), process, *seen));
    ServiceOrder order = order_;
    // A log of which main's record tells is commanded by main's supervisor.
    if (of_log && seen->log_place.empty()) order.role = Role::Log;
    order.awaits_ready = seen->shape.tells_ready && !of_log && tells_ready(*process.supervisor);

    const StatusRecord& record = process.status->snapshot.main;
    const bool needs_process = order.act == ServiceAct::Reload || order.act == ServiceAct::Signal;
    if (needs_process && record.pid == 0) return fail(target, "there is no process");
    const std::optional<std::string> bytes = control_bytes(order, record, *process.supervisor);
    if (!bytes) return fail(target, std::string(process.supervisor->name) + " has no way to say that");
    const std::string place = of_log && order.role == Role::Main ? target.service.name + "/" + seen->log_place
                                                                 : target.service.name;
    if (order.role == Role::Main) {
      const char* const below = process.supervisor->convention.service_directory;
      const bool in_bundle = below != nullptr && seen->shape.has_in(below) && !of_log;
      order.back_off = back_off_in(target.place.get(), in_bundle ? place + "/" + below : place);
      order.pause = process.supervisor->convention.main.throttle.interval;
    }
    Result<ServiceDirectory> directory = ServiceDirectory::open(target.place.get(), place.c_str());
    if (!directory)
      return fail(target, std::string("unable to open: ") + std::string(why(directory.error())));
    watch_.add(*directory, process.supervisor->layout);
    Result<ControlChannel> channel = ControlChannel::open(*directory, process.supervisor->layout);
    if (!channel) return fail(target, unable(channel.error()));
    // A client with a time limit must not hang on a supervisor that was stopped.
    if (const Status sent = channel->send(*bytes, ControlChannel::WhenFull::Refuse); !sent)
      return fail(target, unable(sent.error()));
    jobs_.push_back({&target, std::move(*directory), order, std::move(*channel), ActWatch(order, record)});
  }

  void wait(Duration patience) {
    const Instant deadline = clock_.now().steady + patience;
    for (;;) {
      const Instant now = clock_.now().steady;
      bool all = true, settling = false;
      for (Job& job : jobs_) {
        if (!job.finished) look(job);
        all = all && job.finished;
        settling = settling || (!job.finished && (job.watch.settling() || job.channel.unread() > 0));
      }
      if (all) return;
      if (now >= deadline) break;
      watch_.wait(std::min(deadline, now + (settling ? kSettlingRound : kRound)));
    }
    for (Job& job : jobs_)
      if (!job.finished) fail_with_log(job, "it took too long: " + job.watch.why_not());
  }

  [[nodiscard]] int failures() const { return failures_; }

 private:
  static std::string unable(const Error& error) {
    if (error.code == ENXIO) return "its supervisor has left";
    return "unable to " + error.operation + " " + error.object + ": " + std::string(why(error));
  }

  static std::optional<BackOff> back_off_in(int at, const std::string& directory) {
    const Result<std::string> file =
        read_file(at, (directory + "/" + kBackOffFile).c_str(), kLongestBackOff + 1);
    return file ? parse_back_off(*file) : std::nullopt;
  }

  static std::string not_supervised(const std::string& path, const ProcessSurvey& process,
                                    const ServiceSurvey& seen) {
    switch (process.supervision) {
      case Supervision::None:
        return seen.shape.has_script || services_in(path).empty()
                   ? "nobody supervises it"
                   : "it is no service directory; the services in it are DIR/NAME";
      case Supervision::Stale:
        return "its supervisor is gone";
      case Supervision::Live:
      case Supervision::Unknown:
        break;
    }
    return seen.troubles.empty() ? "its state is unknown" : unable(seen.troubles.front());
  }

  void look(Job& job) {
    const Target& target = *job.target;
    // Before the record: what is read after the bytes were taken is not older than what came of them.
    const bool taken = job.channel.unread() == 0;
    const Result<ServiceSurvey> seen = target.look(surveyor_);
    if (!seen) {
      job.finished = true;
      return fail(target, "it has gone");
    }
    const ProcessSurvey& process = target.log && seen->log ? *seen->log : seen->main;
    ActSight sight{.supervised = process.supervision == Supervision::Live,
                   .taken = taken,
                   .record = {},
                   .now = clock_.now().wall};
    if (process.status) sight.record = process.status->snapshot.main;
    switch (job.watch.look(sight)) {
      case Progress::Pending:
        return;
      case Progress::Failed:
        return fail_with_log(job, job.watch.why_not());
      case Progress::Done:
        break;
    }
    job.finished = true;
    const StatusRecord& record = job.watch.last();
    std::string text(phase_word(record.phase));
    if (record.pid != 0) text += ", pid " + std::to_string(record.pid);
    if (record.ready && job.order.awaits_ready) text += ", ready";
    if (record.paused && record.pid != 0) text += ", paused";
    out_.add(target.label).add(": ").add(text).add("\n");
    (void)out_.flush();
  }

  void fail(const Target& target, const std::string& why_not) {
    ++failures_;
    print_error({program_, ": ", target.label, ": ", why_not});
  }

  void fail_with_log(Job& job, const std::string& why_not) {
    job.finished = true;
    fail(*job.target, why_not + (is_unable_to_run(job) ? "; its run is not executable" : ""));
    const Result<ServiceSurvey> seen = job.target->look(surveyor_);
    if (!seen) return;
    for (const std::string& line : last_log_lines(job.target->service.path(), *seen, kLogLines))
      print_error({"  | ", line});
  }

  /// Whether there is a run that its supervisor cannot have executed.
  static bool is_unable_to_run(const Job& job) {
    const std::string run = job.target->service.name + (job.target->log ? "/log/run" : "/run");
    struct stat st;
    return ::fstatat(job.target->place.get(), run.c_str(), &st, 0) == 0 && S_ISREG(st.st_mode) &&
           (st.st_mode & 0111) == 0;
  }

  std::string program_;
  ServiceOrder order_;
  const Clock& clock_;
  Surveyor surveyor_{families()};
  SuperviseWatch watch_;
  std::deque<Job> jobs_;
  Output out_;
  int failures_ = 0;
};

}  // namespace

int act_main(int argc, char** argv) {
  const Deed& deed = *std::find_if(std::begin(kDeeds), std::end(kDeeds) - 1,
                                   [&](const Deed& each) { return each.name == argv[0]; });
  const bool takes_signal = deed.act == ServiceAct::Signal;
  const std::string name(deed.name);
  double patience = kPatience;
  TargetWishes wishes;
  CommandLine line{
      .program = "kindred " + name,
      .usage =
          "kindred " + name + " [--wait SECONDS] " + (takes_signal ? "SIGNAL " : "") + "NAME ... | --all",
      .purpose = std::string(deed.purpose) +
                 "\n\nNAME is a service of any scan directory, a pattern, or a path; NAME/log is its log."};
  line.options.add_options()("wait,w", options::value(&patience)->value_name("SECONDS"),
                             "how long to wait at the most (30); 0: not at all")(
      "all", options::bool_switch(&wishes.all), "every service of every scan directory");
  if (const auto done = read_words(line, argc, argv, wishes.names)) return *done;
  ServiceOrder order{.act = deed.act};
  if (takes_signal) {
    if (wishes.names.empty()) return usage_error(line, "name a signal");
    const int signal = parse_signal(wishes.names.front());
    if (signal == 0) return usage_error(line, "there is no signal " + wishes.names.front());
    order.signal = static_cast<std::uint8_t>(signal);
    wishes.names.erase(wishes.names.begin());
  }
  constexpr double kLongestWait = 86400;
  if (patience < 0 || patience > kLongestWait) return usage_error(line, "--wait is between 0 and 86400");
  if (wishes.names.empty() == !wishes.all) return usage_error(line, "name services, or --all");

  ignore_sigpipe();
  const SystemClock clock;
  int troubles = 0;
  Surveyor surveyor(families());
  const std::vector<Target> targets = find_targets(line.program, wishes, usual_places(), surveyor, troubles);
  Acting acting(line.program, order, clock);
  for (const Target& target : targets) acting.send(target);
  if (patience > 0) acting.wait(Duration(static_cast<std::int64_t>(patience * 1e6)));
  return troubles + acting.failures() == 0 ? 0 : kExitFatal;
}

}  // namespace kindred
