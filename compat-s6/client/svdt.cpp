// s6-svdt [-S|-s] [-n MAX] DIR, s6-svdt-clear DIR: the latest deaths of a service.
// Source: interfaces/s6.md sections 5 and 10.7.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "compat-s6/client/command_line.h"
#include "compat-s6/death_tally.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/base/signal_name.h"
#include "core/base/tai64n.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/sys/files.h"

namespace kindred::s6 {
namespace {

constexpr const char* kTally = "supervise/death_tally";

/// Of another family's supervisor there is no tally to be read, or to be made.
Result<ServiceDirectory> open_service(const char* path) {
  Result<ServiceDirectory> directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory) return directory;
  const Dialect* const supervisor = directory->supervisor({dialect(), families()});
  if (supervisor->layout.tally.name == nullptr)
    return Error{0, std::string("use ") + path + ": " + supervisor->name, "keeps no death tally"};
  return directory;
}

/// Nobody can tell where the next record would begin.
Status discard(int at) {
  const UniqueFd fd(openat(at, kTally, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st;
  if (!fd || fstat(fd.get(), &st) != 0) return error_here("open", kTally);
  if (!S_ISREG(st.st_mode)) return error_here("empty", kTally, EINVAL);
  if (ftruncate(fd.get(), 0) != 0) return error_here("empty", kTally);
  return ok();
}

void print(Output& out, ByteView record, bool numbers) {
  const ExitStatus how = get_death(record, 0).how;
  out.add(tai64n_text(record));
  if (how.kind == ExitStatus::Kind::Exited)
    out.add(" exitcode ").add(int{how.value});
  else if (numbers)
    out.add(" signal ").add(int{how.value});
  else
    out.add(" signal SIG").add(signal_name(how.value));
  out.add("\n");
}

}  // namespace

int svdt_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-svdt",
                             kUsage = "s6-svdt [ -S | -s ] [ -n maxentries ] servicedir";
  bool numbers = false;
  std::uint32_t most = kMostDeaths;
  Options options(argc, argv, "Ssn:", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'S':
        numbers = false;
        break;
      case 's':
        numbers = true;
        break;
      case 'n':
        if (const auto number = parse_number(options.argument()); number) {
          most = *number;
          break;
        }
        [[fallthrough]];
      default:
        return usage(kProgram, kUsage);
    }
  if (options.operands().empty()) return usage(kProgram, kUsage);
  const auto directory = open_service(options.operands().front());
  auto unable = [&](const Error& error) {
    const std::string path = options.operands().front();
    return die(kProgram, error.code == 0 ? error : Error{error.code, "read death tally for service", path});
  };
  if (!directory) return unable(directory.error());
  // One byte more than a supervisor keeps: a longer file is not its own.
  const auto content = read_file(directory->fd(), kTally, kMostDeaths * kDeathSize + 1);
  if (!content && content.error().code == ENOENT) {
    const UniqueFd made(
        openat(directory->fd(), kTally, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    return made ? 0 : unable(error_here("create", kTally));
  }
  if (!content) return unable(content.error());
  const ByteView tally(reinterpret_cast<const std::uint8_t*>(content->data()), content->size());
  if (tally.size() % kDeathSize != 0) {
    const Status discarded = discard(directory->fd());
    return discarded ? 0 : unable(discarded.error());
  }
  Output out;
  const std::size_t count = count_deaths(tally);
  for (std::size_t i = count - std::min<std::size_t>(count, most); i < count; ++i)
    print(out, tally.subspan(i * kDeathSize, kDeathSize), numbers);
  const Status written = out.flush();
  return written ? 0 : die(kProgram, written.error());
}

int svdt_clear_main(int argc, char** argv) {
  constexpr std::string_view kProgram = "s6-svdt-clear";
  if (argc < 2) return usage(kProgram, "s6-svdt-clear servicedir");
  const auto directory = open_service(argv[1]);
  constexpr const char* kClear = "clear death tally for service";
  if (!directory && directory.error().code == 0) return die(kProgram, directory.error());
  if (!directory) return die(kProgram, error_here(kClear, argv[1], directory.error().code));
  const int error = replace_file(directory->fd(), "supervise/death_tally.new", kTally, {}, 0666);
  return error == 0 ? 0 : die(kProgram, error_here(kClear, argv[1], error));
}

}  // namespace kindred::s6
