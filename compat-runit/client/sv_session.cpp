#include "compat-runit/client/sv_session.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "compat-runit/client/check_script.h"
#include "compat-runit/client/sv_status.h"
#include "compat-runit/dialect.h"
#include "core/cli/output.h"
#include "core/client/translate.h"

namespace kindred::runit {
namespace {

/// The original looks every 420 ms and gives up at its first look after the time. So it is here, but that a
/// change is seen at once.
constexpr Duration kRound = std::chrono::milliseconds(420);
/// So long a command may lie unread before its service is judged without that: the originals' supervisors are
/// deaf for a second after a start or a quick death.
constexpr Duration kUnreadGrace = std::chrono::milliseconds(1200);
/// Nothing tells of its being read, so there are looks of their own for that; and so long a supervisor may
/// take from reading a command to recording what comes of it.
constexpr Duration kSettle = std::chrono::milliseconds(10);
constexpr Duration kSettlingRound = std::chrono::milliseconds(20);
/// A process that was started since must have lived so long to count: one that fails at once, to be started
/// again and again, is hardly ever seen by the original's looks.
constexpr Duration kOutlives = kRound / 2;
/// A check script may take so long even when less of the time is left.
constexpr Duration kCheckAtLeast = std::chrono::seconds(5);

enum LsbCode { kLsbRunning = 0, kLsbFailed = 1, kLsbDown = 3, kLsbUnknown = 4 };

Duration rounds(std::uint64_t seconds) {
  const Duration asked = std::chrono::seconds(seconds);
  return (asked / kRound + 1) * kRound;
}

std::string words(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

std::string warning(std::string_view name, const Error& error) {
  return words({"warning: ", name, ": unable to ", error.operation, " ", error.object, ": ", why(error)});
}

std::string cannot_enter(std::string_view name, const Error& error) {
  return words({"fail: ", name, ": unable to change to service directory: ", why(error)});
}

/// A client with a status line to print must not mix it with another's.
void say(std::string_view line) { (void)write_text(1, words({line, "\n"})); }

/// Empty, after a complaint on standard error, if it cannot be told whether the service is normally down.
std::string text_of(const ServiceDirectory& service, const Observation& seen, std::string_view name,
                    WallTime now) {
  const auto normally_down = service.normally_down(*seen.supervisor);
  if (normally_down) return sv_status_text(seen.status, name, *normally_down, now);
  print_error({"warning: unable to stat ", name, "/down: ", why(normally_down.error())});
  return {};
}

/// The record says that it has been done. (The original trusts that alone: a `down` that its runsv has yet to
/// read wins over the `up` that follows it.)
bool done_already(std::string_view letters, const StatusRecord& record) {
  if (letters.front() == 'u') return record.want == Want::Up && record.pid != 0;
  return letters.front() == 'd' && record.want == Want::Down && record.sent_term;
}

/// No record has to prove that it was done.
bool is_mere_signal(std::string_view letters) {
  return letters.find_first_not_of("haiq12") == std::string_view::npos;
}

}  // namespace

SvSession::SvSession(const SvRequest& request, const KnownFamilies& families, const Clock& clock)
    : request_(request),
      families_(families),
      clock_(clock),
      started_(clock.now()),
      deadline_(started_.steady + rounds(request.seconds)) {}

void SvSession::fail(std::string_view line) {
  ++failures_;
  say(line);
}

void SvSession::tell(const Verdict& verdict) { verdict.good ? say(verdict.line) : fail(verdict.line); }

// Without a supervisor there is nothing to be done; for a command that ends supervision that is as asked.
SvSession::Verdict SvSession::no_supervisor(std::string_view name, std::string_view letters) {
  if (letters.starts_with('x')) return {words({"ok: ", name, ": runsv not running"}), true};
  return {words({"fail: ", name, ": runsv not running"}), false};
}

// A name is looked up, a path is taken as it is.
Result<ServiceDirectory> SvSession::find(const char* name) const {
  const std::string_view word = name;
  if (word.empty() || word.front() == '/' || word.front() == '.' || word.back() == '/')
    return ServiceDirectory::open(AT_FDCWD, name);
  const auto services = ServiceDirectory::open(AT_FDCWD, request_.services);
  if (!services) return services.error();
  return ServiceDirectory::open(services->fd(), name);
}

SvSession::Look SvSession::look_at(const ServiceDirectory& service, std::string_view name) const {
  const SuperviseLook look = service.look(families_);
  if (!look.supervised) return {{}, warning(name, look.supervised.error())};
  if (!*look.supervised) return {{}, words({"fail: ", name, ": runsv not running"}), true};
  if (!look.status) return {{}, warning(name, look.status.error())};
  const bool own = look.supervisor == &dialect();
  return {Observation{look.supervisor, own ? *look.status : in_runit_terms(*look.status)}, {}};
}

// --- status ---

int SvSession::show(const char* name) {
  const auto service = find(name);
  if (!service) {
    fail(cannot_enter(name, service.error()));
    return kLsbFailed;
  }
  const Look look = look_at(*service, name);
  if (!look.seen) {
    fail(look.trouble);
    return look.no_supervisor ? kLsbFailed : kLsbUnknown;
  }
  const std::string text = text_of(*service, *look.seen, name, clock_.now().wall);
  int code = text.empty() ? kLsbUnknown : look.seen->status.snapshot.main.pid != 0 ? kLsbRunning : kLsbDown;
  say(text + log_text(*service, *look.seen, name, code));
  return code;
}

// With the separator before it; empty where there is no log. `code` stays what it is where the log's state is
// unknown.
std::string SvSession::log_text(const ServiceDirectory& service, const Observation& main, const char* name,
                                int& code) {
  const std::string log_name = words({name, "/log"});
  if (const std::optional<StatusRecord>& told = main.status.snapshot.log) {
    // Main's own record tells of it, as some families' do.
    Observation seen{main.supervisor, {}};
    seen.status.snapshot.main = *told;
    seen.status = in_runit_terms(seen.status);
    code = told->pid != 0 ? kLsbRunning : kLsbDown;
    return "; " + text_of(service, seen, "log", clock_.now().wall);
  }
  const auto log = ServiceDirectory::open(service.fd(), "log");
  if (!log) {
    if (log.error().code == ENOENT) return {};
    ++failures_;
    return words({"; warning: ", log_name, ": unable to change directory: ", why(log.error())});
  }
  const Look look = look_at(*log, log_name);
  if (!look.seen) {
    ++failures_;
    return "; " + look.trouble;
  }
  code = look.seen->status.snapshot.main.pid != 0 ? kLsbRunning : kLsbDown;
  return "; " + text_of(*log, *look.seen, "log", clock_.now().wall);
}

// --- commands ---

void SvSession::command(std::span<char* const> names) {
  SuperviseWatch watch(clock_);
  std::vector<Pending> pending;
  for (const char* name : names) {
    if (!request_.action.sends()) {
      if (const auto service = find(name); !service)
        fail(cannot_enter(name, service.error()));
      else
        pending.push_back({.name = name});
    } else if (const auto sent = send(name, request_.action.letters, request_.waits ? &watch : nullptr)) {
      pending.push_back(*sent);
    }
  }
  if (request_.waits) wait_for_all(pending, watch);
}

std::optional<SvSession::Pending> SvSession::send(const char* name, std::string_view letters,
                                                  SuperviseWatch* watch) {
  const auto service = find(name);
  if (!service) return fail(cannot_enter(name, service.error())), std::nullopt;
  const Look look = look_at(*service, name);
  if (look.no_supervisor) return tell(no_supervisor(name, letters)), std::nullopt;
  if (!look.seen) return fail(look.trouble), std::nullopt;
  const Dialect& supervisor = *look.seen->supervisor;
  const StatusRecord& record = look.seen->status.snapshot.main;
  const auto bytes = in_words_of(supervisor, letters);
  if (!bytes)
    return fail(words({"fail: ", name, ": ", supervisor.name, " cannot express ", request_.word})),
           std::nullopt;
  if (watch != nullptr) watch->add(*service, supervisor.layout);
  auto channel = ControlChannel::open(*service, supervisor.layout);
  // Nobody's command is on its way to change that, or ours could not be either.
  if (done_already(letters, record) && (!channel || channel->unread() == 0)) return Pending{.name = name};
  if (!channel && channel.error().code == ENXIO) return tell(no_supervisor(name, letters)), std::nullopt;
  if (!channel) return fail(warning(name, channel.error())), std::nullopt;
  // Refuse: a client with a time limit must not hang on a supervisor that was stopped.
  const Status sent = channel->send(*bytes, ControlChannel::WhenFull::Refuse);
  if (!sent) return fail(warning(name, sent.error())), std::nullopt;
  const auto no_check = [] { return false; };
  const bool was_so = std::all_of(letters.begin(), letters.end(), [&](char letter) {
    return sv_satisfied(letter, look.seen->status, started_.wall, no_check);
  });
  return Pending{.name = name, .before = record, .was_so = was_so};
}

std::optional<std::string> SvSession::in_words_of(const Dialect& supervisor, std::string_view letters) const {
  if (&supervisor == &dialect()) return std::string(letters);
  Commands commands;
  for (const ControlCommand& command : read_letters(letters, dialect().control)) {
    // runit's exit stops the service, too.
    if (command.verb == Verb::Exit && !exit_stops_service(supervisor.convention.main))
      commands.push_back({.verb = Verb::Down});
    commands.push_back(command);
  }
  return write_letters(commands, supervisor.control);
}

// --- waiting ---

void SvSession::wait_for_all(std::vector<Pending>& pending, SuperviseWatch& watch) {
  Instant round = started_.steady;
  while (!pending.empty()) {
    const Instant now = clock_.now().steady;
    const bool last_look = now >= deadline_;
    bool settling = false;
    for (Pending& service : pending) {
      if (!service.verdict) service.verdict = judge(service, last_look);
      if (service.verdict) continue;
      settling |= service.before && (!service.taken || now - *service.taken < kSettle);
      settling |= now < service.doubted_until;
    }
    if (last_look) {
      tell_verdicts(pending, Overtaking::Allowed);
      for (const Pending& service : pending) give_up(service);
      return;
    }
    tell_verdicts(pending, now >= round ? Overtaking::Allowed : Overtaking::Forbidden);
    if (pending.empty()) return;
    if (now >= round) round = now + kRound;
    watch.wait(std::min({now + (settling ? kSettlingRound : kRound), round, deadline_}));
  }
}

// The original tells in the order of its words what it finds at each of its looks. A change is seen between
// two of them here, but is told in the order that they would have brought.
void SvSession::tell_verdicts(std::vector<Pending>& pending, Overtaking overtaking) {
  bool waiting = false;
  for (const bool first : {true, false})
    std::erase_if(pending, [&](const Pending& service) {
      if (service.was_so != first) return false;
      waiting |= !service.verdict;
      if (!service.verdict || (waiting && !first && overtaking == Overtaking::Forbidden)) return false;
      tell(*service.verdict);
      return true;
    });
}

std::optional<SvSession::Verdict> SvSession::judge(Pending& pending, bool last_look) {
  const auto service = find(pending.name);
  if (!service) return Verdict{cannot_enter(pending.name, service.error()), false};
  const Look look = look_at(*service, pending.name);
  if (look.no_supervisor) return no_supervisor(pending.name, request_.action.letters);
  if (!look.seen) return Verdict{look.trouble, false};
  if (!last_look && (may_be_stale(pending, *service, *look.seen) || may_pass(pending, look.seen->status)))
    return std::nullopt;
  const bool good = satisfied(pending, *service, look.seen->status);
  if (!good && !last_look) return std::nullopt;
  std::string text = text_of(*service, *look.seen, pending.name, clock_.now().wall);
  if (good) return Verdict{"ok: " + text, true};
  pending.last_seen = std::move(text);
  return std::nullopt;
}

void SvSession::give_up(const Pending& pending) {
  fail((request_.action.kills ? "kill: " : "timeout: ") + pending.last_seen);
  if (request_.action.kills) (void)send(pending.name, "k", nullptr);
}

bool SvSession::may_be_stale(Pending& pending, const ServiceDirectory& directory, const Observation& seen) {
  if (!pending.before || is_mere_signal(request_.action.letters)) return false;
  const Instant now = clock_.now().steady;
  if (!pending.taken) {
    const auto channel = ControlChannel::open(directory, seen.supervisor->layout);
    if (channel && channel->unread() != 0 && now - started_.steady < kUnreadGrace) return true;
    pending.taken = now;
    return true;  // this record was read before the command was known to be
  }
  return seen.status.snapshot.main == *pending.before && now - *pending.taken < kSettle;
}

bool SvSession::may_pass(Pending& pending, const DecodedStatus& status) const {
  if (!pending.before || is_mere_signal(request_.action.letters)) return false;
  const StatusRecord& record = status.snapshot.main;
  const std::optional<State> state = sv_state(status);
  const bool between_run_and_finish = state == State::Finish && record.pid == 0;
  const bool new_process = state == State::Run && record.pid != 0 && record.pid != pending.before->pid;
  if (!between_run_and_finish && !new_process) {
    pending.doubted.reset();
    return false;
  }
  const Instant now = clock_.now().steady;
  if (pending.doubted != record.pid) {
    pending.doubted = record.pid;
    pending.doubted_until = now + kOutlives;
  }
  return now < pending.doubted_until;
}

bool SvSession::satisfied(Pending& pending, const ServiceDirectory& directory, const DecodedStatus& status) {
  // One answer serves all letters of a look, and looks that follow soon: a check may be dear.
  const auto check = [&] {
    const Instant now = clock_.now().steady;
    if (now - pending.checked < kRound / 2) return pending.granted;
    pending.checked = now;
    CheckAnswer answer = run_check(directory, pending.name, std::max(deadline_, now + kCheckAtLeast), clock_);
    if (!answer.trouble.empty() && !pending.check_told) {
      print_error({"warning: ", answer.trouble});
      pending.check_told = true;
    }
    return pending.granted = answer.granted;
  };
  const std::string_view letters = request_.action.letters;
  return std::all_of(letters.begin(), letters.end(),
                     [&](char letter) { return sv_satisfied(letter, status, started_.wall, check); });
}

}  // namespace kindred::runit
