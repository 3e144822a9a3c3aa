#include "core/engine/script_words.h"

#include <csignal>
#include <cstdio>
#include <cstring>

namespace kindred {
namespace {

using Kind = ExitStatus::Kind;

constexpr int kUnknownCode = 255;

int wait_status_low_byte(const ExitStatus& end) {
  return end.kind == Kind::Signaled ? end.value | (end.core_dumped ? 0x80 : 0) : 0;
}

const char* signal_short_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? name : "UNKNOWN";
}

/// Null for all but those that end programs everywhere.
const char* common_signal_name(int signal) {
  switch (signal) {
    case SIGKILL:
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
    case SIGPIPE:
    case SIGABRT:
    case SIGALRM:
    case SIGQUIT:
    case SIGSEGV:
    case SIGFPE:
      return signal_short_name(signal);
    default:
      return nullptr;
  }
}

const char* end_kind(const ExitStatus& end) {
  if (end.kind != Kind::Signaled) return "exit";
  switch (end.value) {
    case SIGKILL:
      return "kill";
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
    case SIGPIPE:
      return "term";
    case SIGABRT:
    case SIGALRM:
    case SIGQUIT:
      return "abort";
    default:
      return "crash";
  }
}

}  // namespace

ScriptArguments::ScriptArguments(const ScriptRule& rule, const StatusRecord& record,
                                 const char* service_name) {
  const ExitStatus& end = record.exit_of(Script::Run);
  const bool signaled = end.kind == Kind::Signaled;
  // How an adopted process ended is not known: each word has then a value that no success has.
  const bool unknown = end.kind == Kind::Unknown;
  argv_[0] = rule.file;
  std::size_t count = 1;
  for (std::size_t i = 0; i < rule.words.size() && i < kMost; ++i) {
    char* number = numbers_[i];
    auto put = [&](int value) {
      std::snprintf(number, sizeof numbers_[i], "%d", value);
      argv_[count++] = number;
    };
    auto name = [&](const char* prefix, int signal) {
      std::snprintf(number, sizeof numbers_[i], "%s%.8s", prefix, signal_short_name(signal));
      argv_[count++] = number;
    };
    switch (rule.words[i]) {
      case Word::LiteralStart:
        argv_[count++] = "start";
        break;
      case Word::LiteralReset:
        argv_[count++] = "reset";
        break;
      case Word::ServiceName:
        argv_[count++] = service_name;
        break;
      case Word::CodeOrMinusOne:
        put(signaled || unknown ? -1 : end.value);
        break;
      case Word::CodeOr256:
        put(signaled || unknown ? 256 : end.value);
        break;
      case Word::WaitStatusLowByte:
        put(wait_status_low_byte(end));
        break;
      case Word::ExitOrSignal:
        argv_[count++] = signaled ? "signal" : "exit";
        break;
      case Word::CodeOrSignalNumber:
        put(unknown ? kUnknownCode : end.value);
        break;
      case Word::SignalName:
        if (signaled) name("SIG", end.value);
        break;
      case Word::EndKind:
        argv_[count++] = end_kind(end);
        break;
      case Word::SignalShortName:
        if (!signaled) break;
        if (common_signal_name(end.value) != nullptr)
          name("", end.value);
        else
          put(end.value);
        break;
      case Word::SignalNumber:
        put(signaled ? end.value : 0);
        break;
      case Word::CoreDumped:
        if (signaled && end.core_dumped) argv_[count++] = "core";
        break;
    }
  }
  argv_[count] = nullptr;
}

}  // namespace kindred
