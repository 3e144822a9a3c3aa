#include "core/service/describe.h"

#include "core/base/signal_name.h"

namespace kindred {
namespace {

std::string command_words(Verb verb, int signal) {
  switch (verb) {
    case Verb::Up:
      return "up";
    case Verb::Down:
      return "down";
    case Verb::Once:
      return "once";
    case Verb::OnceAtMost:
      return "at most once";
    case Verb::NoRestart:
      return "down after this run";
    case Verb::Exit:
      return "end supervision when it is down";
    case Verb::Quit:
      return "end supervision at once";
    case Verb::Pause:
      return "pause";
    case Verb::Continue:
      return "continue";
    case Verb::Terminate:
      return "terminate";
    case Verb::Signal:
      return signal == 0 ? "reload" : std::string("signal ") + signal_name(signal);
  }
  return "nothing";
}

std::string time_words(std::uint8_t whose) {
  if (whose == TraceEntry::kCustom) return "the time of its control script was over";
  const auto phase = static_cast<Phase>(whose);
  if (phase == Phase::Waiting) return "the pause before its start was over";
  return "the time of " + std::string(script_word(script_of(phase))) + " was over";
}

}  // namespace

std::string_view phase_word(Phase phase) {
  switch (phase) {
    case Phase::Stopped:
      return "down";
    case Phase::Waiting:
      return "waiting";
    case Phase::Starting:
      return "starting";
    case Phase::Started:
      return "started";
    case Phase::Running:
      return "run";
    case Phase::Finishing:
      return "finish";
    case Phase::Stopping:
      return "stopping";
    case Phase::Failed:
      return "failed";
  }
  return "unknown";
}

std::string exit_words(const ExitStatus& end) {
  switch (end.kind) {
    case ExitStatus::Kind::None:
      return {};
    case ExitStatus::Kind::Exited:
      return "exited with " + std::to_string(end.value);
    case ExitStatus::Kind::Signaled:
      return std::string("was killed by ") + signal_name(end.value) +
             (end.core_dumped ? " and left a core" : "");
    case ExitStatus::Kind::Unknown:
      return "ended, nobody knows how";
  }
  return {};
}

std::string_view script_word(Script script) {
  switch (script) {
    case Script::Start:
      return "start";
    case Script::Run:
      return "run";
    case Script::Finish:
      return "finish";
    case Script::Stop:
      return "stop";
  }
  return "run";
}

std::string_view want_word(Want want) {
  switch (want) {
    case Want::Down:
      return "down";
    case Want::Up:
      return "up";
    case Want::Once:
      return "once";
  }
  return "down";
}

std::string trace_words(const TraceEntry& entry) {
  using Kind = TraceEntry::Kind;
  const auto script = [&] { return std::string(script_word(static_cast<Script>(entry.subject))); };
  switch (entry.kind) {
    case Kind::None:
      break;
    case Kind::Begun:
      return "supervision began, wanted " + std::string(want_word(static_cast<Want>(entry.subject)));
    case Kind::TakenOn:
      return "was taken on from an earlier supervisor";
    case Kind::Commanded:
      return "was told: " + command_words(static_cast<Verb>(entry.subject), entry.detail);
    case Kind::Started:
      return script() + " was started";
    case Kind::NotStarted:
      return script() + " could not be started";
    case Kind::Absent:
      return "there is no " + script();
    case Kind::Ended:
      return std::string(script_word(entry.script())) + " " + exit_words(entry.status());
    case Kind::CustomStarted:
      return std::string("control/") + static_cast<char>(entry.subject) + " was started";
    case Kind::CustomEnded:
      return "its control script " + exit_words(entry.status());
    case Kind::Ready:
      return "said that it is ready";
    case Kind::Stopped:
      return "was stopped by a signal";
    case Kind::Continued:
      return "was continued by a signal";
    case Kind::TimeOver:
      return time_words(entry.subject);
    case Kind::Signalled: {
      const char* const whom = (entry.detail & TraceEntry::kToCustom) != 0  ? "its control script"
                               : (entry.detail & TraceEntry::kToLeft) != 0  ? "what run has left behind"
                               : (entry.detail & TraceEntry::kToGroup) != 0 ? "its process group"
                                                                            : "its process";
      return std::string(whom) + " was sent " + signal_name(entry.subject);
    }
    case Kind::MadeDown:
      return "its down file was made";
    case Kind::RemovedDown:
      return "its down file was removed";
    case Kind::StaysDown:
      return "is not to be restarted";
    case Kind::DroppedOutput:
      return "its supervisor let go of its own output";
    case Kind::MainLeft:
      return "was told that its main has left";
    case Kind::Retired:
      return "supervision ended";
    case Kind::Outlived:
      return "run " + exit_words(entry.status()) + ", and has left processes behind";
  }
  return "nothing";
}

}  // namespace kindred
