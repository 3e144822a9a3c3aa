#pragma once
// One call of sv: what is asked of which services, and what comes of it.
//
// First every service is sent its command, in order; then, if the command waits, all are looked at again
// whenever one of their supervise directories changes, until each has done what was asked or the time is
// over. Every result goes to standard output, a line in one write. Source: interfaces/runit.md sections 9.2
// and 9.4 to 9.7.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compat-runit/client/sv_action.h"
#include "core/base/time.h"
#include "core/client/service_directory.h"
#include "core/client/supervise_watch.h"
#include "core/sys/clock.h"

namespace kindred::runit {

struct SvRequest {
  SvAction action;
  std::string_view word;           ///< the command as it was typed
  const char* services = nullptr;  ///< the directory in which plain names are looked up
  bool waits = false;
  std::uint64_t seconds = 0;  ///< how long to wait
};

class SvSession {
 public:
  /// All three live longer.
  SvSession(const SvRequest& request, const KnownFamilies& families, const Clock& clock);

  /// Prints a service's line and its log's. Returns the exit code that an init script gives for it:
  /// 0 running, 3 no process, 4 unknown, 1 no supervisor. With a log it is the log's state that counts.
  int show(const char* name);

  /// Sends the command to all, and waits for it if the request says so.
  void command(std::span<char* const> names);

  /// How often a service failed in a step.
  [[nodiscard]] int failures() const { return failures_; }

 private:
  /// A look at one service: what was seen, or the words for why not.
  struct Look {
    std::optional<Observation> seen;
    std::string trouble;  ///< "fail: NAME: …", "warning: NAME: unable to …"
    bool no_supervisor = false;
  };

  struct Verdict {
    std::string line;
    bool good;
  };

  /// A service that was sent its command and has not answered yet.
  struct Pending {
    const char* name;
    std::optional<StatusRecord> before = {};  ///< what was so when the command was sent; none if none was
    bool was_so = true;                 ///< what is asked was so before, which the original's first look sees
    std::optional<Instant> taken = {};  ///< since when the supervisor is known to have read it
    Instant checked = Instant::long_ago();        ///< when its check script was asked last
    bool granted = false;                         ///< and what it said
    bool check_told = false;                      ///< why it does not work has been said
    std::optional<std::int32_t> doubted = {};     ///< the pid in a record that may hold for a moment only
    Instant doubted_until = Instant::long_ago();  ///< and when it will have held long enough
    std::optional<Verdict> verdict = {};
    std::string last_seen = {};  ///< its words when the time was over
  };

  [[nodiscard]] Result<ServiceDirectory> find(const char* name) const;
  [[nodiscard]] Look look_at(const ServiceDirectory& service, std::string_view name) const;
  [[nodiscard]] std::string log_text(const ServiceDirectory& service, const Observation& main,
                                     const char* name, int& code);

  /// Sends `letters`, runit's, in the words of whoever supervises. nullopt if the service has been done with,
  /// well or not, and that has been said.
  std::optional<Pending> send(const char* name, std::string_view letters, SuperviseWatch* watch);
  [[nodiscard]] std::optional<std::string> in_words_of(const Dialect& supervisor,
                                                       std::string_view letters) const;

  void wait_for_all(std::vector<Pending>& pending, SuperviseWatch& watch);
  /// What came of the command; nullopt if that cannot be said yet.
  std::optional<Verdict> judge(Pending& service, bool last_look);
  enum class Overtaking : std::uint8_t { Forbidden, Allowed };
  /// Tells what came of those that are judged, which are pending no longer. Forbidden: not of one while
  /// another before it waits.
  void tell_verdicts(std::vector<Pending>& pending, Overtaking overtaking);
  /// Says that the time is over, and kills if the command does.
  void give_up(const Pending& service);
  /// Whether the record may be older than what the supervisor made of the command.
  bool may_be_stale(Pending& service, const ServiceDirectory& directory, const Observation& seen);
  /// Whether what the record says may be over in a moment.
  [[nodiscard]] bool may_pass(Pending& service, const DecodedStatus& status) const;
  bool satisfied(Pending& service, const ServiceDirectory& directory, const DecodedStatus& status);

  void fail(std::string_view line);
  void tell(const Verdict& verdict);
  [[nodiscard]] static Verdict no_supervisor(std::string_view name, std::string_view letters);

  const SvRequest& request_;
  const KnownFamilies& families_;
  const Clock& clock_;
  Now started_;
  Instant deadline_;
  int failures_ = 0;
};

}  // namespace kindred::runit
