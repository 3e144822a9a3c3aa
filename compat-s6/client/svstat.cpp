// s6-svstat [-uwNrpgest | -o FIELDS] [-n] DIR: a line about one service. Source: interfaces/s6.md
// section 10.3.

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "compat-s6/client/command_line.h"
#include "compat-s6/client/status_text.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/sys/clock.h"

namespace kindred::s6 {
namespace {

constexpr std::string_view kProgram = "s6-svstat";
constexpr std::string_view kUsage =
    "s6-svstat [ -uwNrpest | -o up,wantedup,normallyup,ready,paused,pid,exitcode,signal,"
    "signum,updownsince,readysince,updownfor,readyfor ] [ -n ] servicedir";
constexpr std::size_t kMostFields = 16;

using Fields = std::vector<Field>;

std::optional<Field> field_of(char letter) {
  switch (letter) {
    case 'u':
      return Field::Up;
    case 'w':
      return Field::WantedUp;
    case 'N':
      return Field::NormallyUp;
    case 'r':
      return Field::Ready;
    case 'p':
      return Field::Pid;
    case 'g':
      return Field::ProcessGroup;
    case 'e':
      return Field::ExitCode;
    case 's':
      return Field::Signal;
    case 't':
      return Field::UpDownFor;
    default:
      return std::nullopt;
  }
}

/// Names with commas between them, perhaps one at the end. The first that is none, if there is one.
std::optional<std::string_view> add_fields(Fields& fields, std::string_view list) {
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    const auto field = parse_field(name);
    if (!field) return name;
    fields.push_back(*field);
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
  return std::nullopt;
}

/// 0, or the exit code after a message.
int read_fields(Fields& fields, const char* list) {
  const auto unknown = add_fields(fields, list);
  if (!unknown) return 0;
  if (unknown->empty()) return fatal(kProgram, {"invalid null option field"}, kExitUsage);
  return fatal(kProgram, {"invalid option field: ", *unknown}, kExitUsage);
}

int show(const char* path, const Fields& fields, bool numbers) {
  constexpr int kNotSupervised = 1;
  const KnownFamilies known{dialect(), families()};
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  const auto supervised = directory ? directory->supervised(known) : Result<bool>(directory.error());
  if (!supervised && supervised.error().code != ENOENT)
    return die(kProgram, error_here("check", path, supervised.error().code));
  if (!supervised || !*supervised)
    return fatal(kProgram, {"unable to read status for ", path, ": s6-supervise not running"},
                 kNotSupervised);
  const auto seen = directory->observe(known);
  if (!seen) {
    // A record that is too short is to the original a pipe that ended too soon.
    const int reason = seen.error().code == kBadFormat ? EPIPE : seen.error().code;
    return fatal(kProgram, {"unable to read status for ", path, ": ", std::strerror(reason)});
  }
  const auto down = directory->normally_down(*seen->supervisor);
  if (!down) return die(kProgram, down.error());
  const ServiceStatus status{seen->status.snapshot.main, !*down, SystemClock().now().wall};
  Output out;
  if (fields.empty()) out.add(status_text(status, numbers));
  for (std::size_t i = 0; i < fields.size(); ++i)
    out.add(i == 0 ? "" : " ").add(field_text(status, fields[i]));
  out.add("\n");
  const Status written = out.flush();
  return written ? 0 : die(kProgram, written.error());
}

}  // namespace

int svstat_main(int argc, char** argv) {
  Fields fields;
  bool numbers = false;
  Options options(argc, argv, "uwNrpgesto:n", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    if (letter == 'n') {
      numbers = true;
    } else if (letter == 'o') {
      if (const int code = read_fields(fields, options.argument()); code != 0) return code;
    } else if (const auto field = field_of(letter); field) {
      fields.push_back(*field);
    } else {
      return usage(kProgram, kUsage);
    }
  }
  if (fields.size() > kMostFields) return fatal(kProgram, {"too many fields"}, kExitUsage);
  if (options.operands().empty()) return usage(kProgram, kUsage);
  return show(options.operands().front(), fields, numbers);
}

}  // namespace kindred::s6
