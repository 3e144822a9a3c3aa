// s6-svperms [-v] [-u|-g G|-G G|-o|-O G] [-e|-E G] DIR...: shows and changes who may look at a service,
// control it, and listen to its events. Source: interfaces/s6.md section 10.9.

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "compat-s6/client/command_line.h"
#include "compat-s6/dialect.h"
#include "compat-s6/programs.h"
#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"

namespace kindred::s6 {
namespace {

constexpr std::string_view kProgram = "s6-svperms";

/// What one file is to be given; a mode of 0 leaves it as it is. Without a group of its own it is the
/// caller's.
struct Change {
  mode_t mode = 0;
  std::optional<gid_t> group;
};

struct Request {
  bool show = false;
  Change supervise, control, events;
  [[nodiscard]] bool changes() const { return supervise.mode != 0 || events.mode != 0; }
};

/// A name, or a number after a colon.
std::optional<gid_t> parse_group(std::string_view text) {
  if (text.starts_with(':')) return parse_number(text.substr(1));
  const group* const entry = getgrnam(std::string(text).c_str());
  if (entry == nullptr) return std::nullopt;
  return entry->gr_gid;
}

std::string group_text(gid_t gid) {
  const group* const entry = getgrgid(gid);
  return "group " + (entry != nullptr ? std::string(entry->gr_name) : std::to_string(gid));
}

/// Opened without being used: neither links nor other people's FIFOs do any harm.
Result<UniqueFd> locate(const ServiceDirectory& directory, const char* name, mode_t type) {
  // `supervise` and `event` may be links; what lies in them may not.
  const int follow = type == S_IFDIR ? 0 : O_NOFOLLOW;
  UniqueFd fd(openat(directory.fd(), name, O_PATH | O_CLOEXEC | follow));
  struct stat st;
  if (!fd || fstat(fd.get(), &st) != 0) return error_here("open", name);
  if ((st.st_mode & S_IFMT) != type) return error_here("open", name, type == S_IFDIR ? ENOTDIR : EINVAL);
  return fd;
}

Status apply(const ServiceDirectory& directory, const char* name, mode_t type, const Change& change) {
  if (change.mode == 0) return ok();
  const Result<UniqueFd> fd = locate(directory, name, type);
  if (!fd) return fd.error();
  const std::string path = "/proc/self/fd/" + std::to_string(fd->get());
  const gid_t group = change.group.value_or(getegid());
  if (fchownat(fd->get(), "", static_cast<uid_t>(-1), group, AT_EMPTY_PATH) != 0)
    return error_here("change the group of", name);
  if (chmod(path.c_str(), change.mode) == 0) return ok();
  if (access("/proc/self/fd", F_OK) == 0) return error_here("change the mode of", name);
  // Without /proc only what is open for use can be changed; it must be what was found to be right.
  const int follow = type == S_IFDIR ? 0 : O_NOFOLLOW;
  const UniqueFd used(openat(directory.fd(), name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | follow));
  struct stat found, opened;
  if (!used || fstat(fd->get(), &found) != 0 || fstat(used.get(), &opened) != 0)
    return error_here("change the mode of", name);
  if (found.st_dev != opened.st_dev || found.st_ino != opened.st_ino)
    return error_here("change the mode of", name, ESTALE);
  if (fchmod(used.get(), change.mode) != 0) return error_here("change the mode of", name);
  return ok();
}

struct Known {
  mode_t mode;
  const char* who;  ///< null: the group that owns the file
};

/// Who the mode is for; empty where it is none that this program sets.
template <std::size_t N>
std::string who(const struct stat& st, const Known (&modes)[N]) {
  for (const Known& known : modes)
    if (known.mode == (st.st_mode & 07777)) return known.who != nullptr ? known.who : group_text(st.st_gid);
  return {};
}

/// False where something is not as this program would set it.
bool show(Output& out, const ServiceDirectory& directory, std::string_view path) {
  constexpr Known kSupervise[] = {{0700, "owner"}, {0710, nullptr}, {0711, "public"}};
  constexpr Known kControl[] = {{0600, "owner"}, {0620, nullptr}};
  constexpr Known kEvents[] = {{01733, "public"}, {03730, nullptr}};
  bool expected = true;
  const auto line = [&](const char* what, const char* name, mode_t type, const auto& modes) {
    struct stat st;
    const Result<UniqueFd> fd = locate(directory, name, type);
    const std::string text = fd && fstat(fd->get(), &st) == 0 ? who(st, modes) : std::string();
    if (!text.empty()) {
      out.add(path).add(" ").add(what).add(": ").add(text).add("\n");
      return;
    }
    expected = false;
    if (fd)
      print_warning(kProgram, {path, "/", name, " has unexpected permissions"});
    else
      print_warning(kProgram, {"unable to stat ", path, "/", name, ": ", std::strerror(fd.error().code)});
  };
  line("status", "supervise", S_IFDIR, kSupervise);
  line("control", "supervise/control", S_IFIFO, kControl);
  line("events", "event", S_IFDIR, kEvents);
  return expected;
}

/// 0, 1 for unexpected permissions, 111.
int handle(const char* path, const Request& request, Output& out) {
  const auto directory = ServiceDirectory::open(AT_FDCWD, path);
  if (!directory && (request.show || !request.changes())) {
    for (const char* const name : {"supervise", "event"})
      print_warning(kProgram,
                    {"unable to stat ", path, "/", name, ": ", std::strerror(directory.error().code)});
    return 1;
  }
  if (!directory)
    return fatal(kProgram, {"unable to stat ", path, "/supervise: ", std::strerror(directory.error().code)});
  const Dialect* const supervisor = directory->supervisor({dialect(), families()});
  if (supervisor != &dialect())
    return fatal(kProgram,
                 {"unable to handle ", path, ": the permissions of ", supervisor->name, " are not these"});
  Status done = apply(*directory, "supervise", S_IFDIR, request.supervise);
  if (done) done = apply(*directory, "supervise/control", S_IFIFO, request.control);
  if (done) done = apply(*directory, "event", S_IFDIR, request.events);
  if (!done) return die(kProgram, done.error());
  if (!request.show && request.changes()) return 0;
  return show(out, *directory, path) ? 0 : 1;
}

}  // namespace

int svperms_main(int argc, char** argv) {
  constexpr std::string_view kUsage =
      "s6-svperms [ -v ] [ -u | -g group | -G group | -o | -O group ] [ -e | -E group ] servicedir...";
  Request request;
  Options options(argc, argv, "vug:G:oO:eE:", Options::Complaint::Kept);
  while (const char letter = options.next()) {
    std::optional<gid_t> group;
    if (options.argument() != nullptr && !(group = parse_group(options.argument())))
      return *options.argument() == ':'
                 ? usage(kProgram, kUsage)
                 : fatal(kProgram, {"unable to find entry for ", options.argument(), " in group database"},
                         kExitUsage);
    switch (letter) {
      case 'v':
        request.show = true;
        break;
      case 'u':
        request.supervise = {0700, {}};
        request.control = {0600, {}};
        break;
      case 'g':
        request.supervise = {0710, group};
        request.control = {0600, {}};
        break;
      case 'G':
        request.supervise = {0710, group};
        request.control = {0620, group};
        break;
      case 'o':
        request.supervise = {0711, {}};
        request.control = {0600, {}};
        break;
      case 'O':
        request.supervise = {0711, {}};
        request.control = {0620, group};
        break;
      case 'e':
        request.events = {01733, {}};
        break;
      case 'E':
        request.events = {03730, group};
        break;
      default:
        return usage(kProgram, kUsage);
    }
  }
  if (options.operands().empty()) return usage(kProgram, kUsage);
  Output out;
  int worst = 0;
  for (const char* path : options.operands()) worst = std::max(worst, handle(path, request, out));
  const Status written = out.flush();
  return written ? worst : die(kProgram, written.error());
}

}  // namespace kindred::s6
