#include "core/service/describe.h"

#include "core/base/signal_name.h"

namespace kindred {

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

}  // namespace kindred
