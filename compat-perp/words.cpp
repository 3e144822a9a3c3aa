#include "compat-perp/words.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/base/error_text.h"
#include "core/cli/output.h"
#include "core/sys/files.h"
#include "core/sys/line.h"
#include "core/sys/record_lock.h"

namespace kindred::perp {

int print_usage(const Usage& usage) {
  print_error({"usage: ", usage.program, " ", usage.synopsis});
  return 0;
}

int print_version(const Usage& usage) {
  print_error({"version: ", usage.program, " 2.07"});
  return 0;
}

int usage_error(const Usage& usage, std::string_view text) {
  if (!text.empty()) print_error({usage.program, " usage error: ", text});
  print_usage(usage);
  return kExitUsage;
}

std::optional<int> answer_option(const Usage& usage, char letter, const Options& options) {
  switch (letter) {
    case 'h':
      return print_usage(usage);
    case 'V':
      return print_version(usage);
    case Options::kBad:
      return usage_error(usage, options.complaint());
    default:
      return std::nullopt;
  }
}

int fatal_error(const Usage& usage, std::string_view text, int code) {
  if (code == 0)
    print_error({usage.program, " fatal: ", text});
  else
    print_error({usage.program, " fatal: ", text, ": ", reason(code)});
  return kExitFatal;
}

int not_entered(const Usage& usage, std::string_view directory, const Error& error) {
  return fatal_error(usage, "failure chdir() to " + std::string(directory), error.code);
}

std::string errno_name(int code) {
  if (code == 0) return "EOK";
  const char* name = strerrorname_np(code);
  return name != nullptr ? name : "errno " + std::to_string(code);
}

std::string reason(int code) { return reason_text(code); }

const char* reason_text(int code) noexcept {
  static Line text;
  const char* const name = code == 0 ? "EOK" : strerrorname_np(code);
  text = Line(error_text(code)).add(" (").add(name != nullptr ? name : "unknown").add(")");
  return text.c_str();
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > UINT32_MAX) return std::nullopt;
  }
  return static_cast<std::uint32_t>(value);
}

std::string base_directory(const char* given, const char* otherwise) {
  if (given != nullptr) return given;
  const char* environment = std::getenv("PERP_BASE");
  return environment != nullptr && *environment != '\0' ? environment : otherwise;
}

std::string base_as_set(const char* given, const char* otherwise) {
  const char* environment = std::getenv("PERP_BASE");
  if (given == nullptr) given = environment;
  return given != nullptr ? given : otherwise;
}

std::uint64_t seconds_between(WallTime since, WallTime now) {
  const bool future = now < since;
  const WallTime& early = future ? now : since;
  const WallTime& late = future ? since : now;
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::uint64_t seconds =
      static_cast<std::uint64_t>(late.seconds) - static_cast<std::uint64_t>(early.seconds);
  std::int64_t nanos = static_cast<std::int64_t>(late.nanos) - static_cast<std::int64_t>(early.nanos);
  if (nanos < 0 && seconds > 0) {
    --seconds;
    nanos += kSecond;
  }
  return seconds + (nanos > kSecond / 2 ? 1 : 0);
}

Status signal_supervisor(int base, int signal) {
  const std::string path = std::string(kControlDirectory) + "/" + kPidFile;
  const UniqueFd file(::openat(base, path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ENOENT) return Error{0, {}, path};
  if (!file) return error_here("open", path);
  const Result<pid_t> owner = record_lock_owner(file.get(), path);
  if (!owner) return owner.error();
  if (*owner <= 0) return Error{0, {}, path};
  if (::kill(*owner, signal) != 0) return error_here("signal", std::to_string(*owner));
  return ok();
}

std::string base_operand(std::span<char* const> operands) {
  const bool given = !operands.empty() && *operands.front() != '\0';
  return base_directory(given ? operands.front() : nullptr, kDefaultBase);
}

int signal_error(const Usage& usage, const std::string& base, const Error& error) {
  if (error.code == 0)
    return fatal_error(usage,
                       "perpd not running on " + base + ": no lock active on " + base + "/" + error.object);
  return fatal_error(usage, "failure to " + error.operation + " " + error.object, error.code);
}

}  // namespace kindred::perp
