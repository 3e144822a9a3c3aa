// ucspilogd [-D DEFAULT] [VARIABLE...]: lines of a syslog client, with their numbers in words.
// Source: interfaces/s6.md section 13.1.

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "compat-s6/chain/parse.h"
#include "core/cli/options.h"
#include "core/cli/output.h"

namespace kindred::s6 {
namespace {

constexpr std::array kFacilities = {"kern", "user", "mail", "daemon", "auth",     "syslog",
                                    "lpr",  "news", "uucp", "cron",   "authpriv", "ftp"};
constexpr std::array kPriorities = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

std::string facility(unsigned number) {
  constexpr unsigned kLocal = 16, kMark = 24;
  if (number < kFacilities.size()) return kFacilities[number];
  if (number >= kLocal && number < kMark) return "local" + std::to_string(number - kLocal);
  return number == kMark ? "mark" : "unknown";
}

/// What comes before each line; nullopt: wrong usage.
std::optional<std::string> words_before(int argc, char** argv, const Environment& environment) {
  Options options(argc, argv, "D:", Options::Complaint::Kept);
  std::string missing = "<undefined>";
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return std::nullopt;
    missing = options.argument();
  }
  std::string words;
  for (const char* name : options.operands())
    words += std::string(environment.value(name).value_or(missing)) + ": ";
  return words;
}

}  // namespace

std::string syslog_line(std::string_view line, std::string_view words) {
  constexpr std::size_t kStamp = 25;
  std::string out;
  if (line.starts_with('@') && line.find(' ') == kStamp) {
    out = line.substr(0, kStamp + 1);
    line.remove_prefix(kStamp + 1);
  }
  out += words;
  unsigned number = 0;
  if (line.starts_with('<')) {
    const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), number);
    if (error == std::errc() && end != line.data() + line.size() && *end == '>') {
      out += facility(number / kPriorities.size()) + "." + kPriorities[number % kPriorities.size()] + ": ";
      line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
    }
  }
  out += line;
  return out;
}

ChainRequest parse_ucspilogd(int argc, char** argv, const Environment& environment) {
  if (!words_before(argc, argv, environment)) return ChainRequest::misuse();
  ChainRequest request;
  request.needs_no_program = true;
  return request;
}

int ucspilogd_main(int argc, char** argv) {
  constexpr const char* kName = "ucspilogd";
  const auto before = words_before(argc, argv, Environment(environ));
  if (!before) {
    print_error({"ucspilogd: usage: ucspilogd [ -D default ] [ var... ]"});
    return kExitUsage;
  }
  const std::string& words = *before;
  Output out;
  std::string text;
  std::array<char, 8192> block;
  while (true) {
    // What is complete is told before more is waited for.
    pollfd input{0, POLLIN, 0};
    if (::poll(&input, 1, 0) == 0)
      if (const Status written = out.flush(); !written) return fatal(kName, written.error());
    const ssize_t size = ::read(0, block.data(), block.size());
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return fatal(kName, error_here("read", "standard input"));
    text.append(block.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    constexpr std::string_view kEnds("\n\0", 2);
    for (std::size_t end; (end = text.find_first_of(kEnds, begin)) != std::string::npos; begin = end + 1)
      out.add(syslog_line(std::string_view(text).substr(begin, end - begin), words)).add("\n");
    text.erase(0, begin);
    // No client writes such a line: it is passed on in pieces rather than kept.
    constexpr std::size_t kLongest = 1024 * 1024;
    if ((size == 0 && !text.empty()) || text.size() > kLongest) {
      out.add(syslog_line(text, words)).add("\n");
      text.clear();
    }
    if (size == 0) break;
  }
  const Status written = out.flush();
  return written ? 0 : fatal(kName, written.error());
}

}  // namespace kindred::s6
