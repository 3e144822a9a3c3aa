// s6-permafailon SECONDS COUNT LIST [PROG...]: in a finish script, ends with 125, which the supervisor takes for a
// failure for good, once the service has died in ways of the list too often. Source: interfaces/s6.md section 10.11.

#include <fcntl.h>

#include <string>
#include <utility>

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/death_list.h"
#include "compat-s6/death_tally.h"
#include "compat-s6/programs.h"
#include "core/base/error_text.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/clock.h"
#include "core/sys/files.h"

namespace kindred::s6 {
namespace {

constexpr std::string_view kProgram = "s6-permafailon",
                           kUsage = "s6-permafailon seconds deathcount statuslist prog...";
constexpr const char* kTally = "supervise/death_tally";
constexpr int kExitFailed = 125;

/// Without a tally there is nothing to count, which is said, unless it is only empty.
std::string read_tally() {
  // One byte more than a supervisor keeps: a longer file is not its own.
  auto content = read_file(AT_FDCWD, kTally, kMostDeaths * kDeathSize + 1);
  if (!content) {
    print_warning(kProgram, {"unable to read ", kTally, ": ", system_error_text(content.error().code)});
    return {};
  }
  if (content->size() % kDeathSize == 0) return std::move(*content);
  print_warning(kProgram, {"invalid ", kTally});
  return {};
}

std::string words_for(const ExitStatus& how) {
  return (how.kind == ExitStatus::Kind::Exited ? "exit code " : "signal ") + std::to_string(how.value);
}

}  // namespace

int permafailon_main(int argc, char** argv) {
  Options options(argc, argv, "", Options::Complaint::Kept);
  if (options.next() != 0) return usage(kProgram, kUsage);
  const auto words = options.operands();
  constexpr std::size_t kOperands = 3;
  if (words.size() < kOperands) return usage(kProgram, kUsage);
  const auto seconds = parse_number(words[0]), most = parse_number(words[1]);
  if (!seconds || !most || *most == 0) return usage(kProgram, kUsage);
  const Result<DeathList> list = DeathList::parse(words[2]);
  if (!list) return fatal(kProgram, {list.error().operation}, kExitUsage);

  const std::string content = read_tally();
  const ByteView tally(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  WallTime since = SystemClock().now().wall;
  since.seconds -= *seconds;
  std::uint32_t deaths = 0;
  for (std::size_t i = 0; i < count_deaths(tally); ++i) {
    const Death death = get_death(tally, i * kDeathSize);
    if (death.at < since || !list->has(death.how) || ++deaths < *most) continue;
    print_error({kProgram, ": info: PERMANENT FAILURE triggered after ", words[1], " events involving ",
                 words_for(death.how), " in the last ", words[0], " seconds"});
    return kExitFailed;
  }
  const auto program = words.subspan(kOperands);
  return program.empty() ? 0 : exec_into(kProgram, program);
}

}  // namespace kindred::s6
