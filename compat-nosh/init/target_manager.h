#pragma once
// What keeps a service manager and the log of everything running, starts targets when it is asked to, and reaps
// orphans: process 1 of a system, and the manager of a user's session. Source: interfaces/nosh-system.md sections
// 11.2, 11.4 and 12.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "compat-nosh/init/requests.h"
#include "core/base/result.h"
#include "core/sys/clock.h"
#include "core/sys/signals.h"
#include "core/sys/unique_fd.h"

namespace kindred::nosh {

struct ManagerPlan {
  std::string program;  ///< as messages name it
  const RequestWords& words;
  std::vector<std::string> first_job = {};        ///< words of system-control
  std::vector<std::string> job_options = {};      ///< … of each later job, before the target's name
  std::string log_group = {};                     ///< the control group of the log
  std::vector<std::string> log_directories = {};  ///< the first that is there
  std::vector<UniqueFd> commands = {};            ///< bytes come from these
  UniqueFd socket = {};                           ///< the service manager's
  UniqueFd last_resort = {};                      ///< what the log itself says goes there
  /// Where it ends by leaving, so long may services take; what is left then is for the kernel. 0: for ever.
  Duration end_limit{0};
};

/// Above what children get by fixed numbers, and not theirs.
[[nodiscard]] UniqueFd out_of_the_way(int descriptor);

/// A program of the family: beside this executable where that has a directory of them, else the first in PATH as it was
/// when this was first called. Its bare name if there is none.
[[nodiscard]] std::string path_of_program(std::string_view name);

/// The process joins `group`, which is below its own and made where it is not there. Groups are a comfort: false where
/// there are none, and everything is as it is.
bool join_control_group_below(const char* group);

/// A program that is there as long as it is wanted; one that fails is started again after a pause.
class KeptProgram {
 public:
  [[nodiscard]] bool runs() const { return pid_ > 0; }
  /// Whether it was this one that has ended.
  bool has_ended(pid_t pid, bool failed, Instant now);
  void begun(pid_t pid, Instant now);
  void signal(int number) const;
  [[nodiscard]] bool may_start(Instant now) const { return !runs() && now >= not_before_; }
  /// When it may be started again; never() while it runs.
  [[nodiscard]] Instant not_before() const { return runs() ? Instant::never() : not_before_; }

 private:
  pid_t pid_ = 0;
  Instant not_before_ = Instant::long_ago();
};

class TargetManager {
 public:
  explicit TargetManager(ManagerPlan plan) : plan_(std::move(plan)), requests_(plan_.words) {}

  /// From now on standard output and error lead to the log, and signals are taken. Errors: object what could not be
  /// made.
  [[nodiscard]] Status open();
  /// Returns when everything has ended: how it was asked to.
  [[nodiscard]] TargetRequest run();

 private:
  struct ChildFiles;
  [[noreturn]] void become(const std::vector<std::string>& words, const ChildFiles& files) const;
  void start(KeptProgram& program, const std::vector<std::string>& words, const ChildFiles& files,
             Instant now);
  void start_logger(Instant now);
  void start_jobs(Instant now);
  void start_what_is_wanted(Instant now);
  void end_what_runs(Instant now);
  void end_logger();
  void read_requests();
  void reap(Instant now);
  /// Until the next signal, byte, or `until`.
  void wait(Instant now, Instant until);
  [[nodiscard]] bool has_jobs() const;
  [[nodiscard]] Instant next_start() const;

  ManagerPlan plan_;
  TargetRequests requests_;
  UniqueFd log_out_;
  Signals signals_;
  SystemClock clock_;
  KeptProgram service_manager_, logger_;
  std::array<KeptProgram, kJobSlots> jobs_;
  Instant jobs_due_ = Instant::never();  ///< once the end is asked for: what then still runs is ended
  Instant end_due_ = Instant::never();
};

}  // namespace kindred::nosh
