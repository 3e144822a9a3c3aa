// convert-fstab-services and its kin. Source: interfaces/nosh-system.md section 9.

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "compat-nosh/client/options.h"
#include "compat-nosh/import/mount_import.h"
#include "compat-nosh/programs.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr const char* kTable = "/etc/fstab";
constexpr std::size_t kLongestTable = 1 << 20;
constexpr int kExitNoTable = 111;

constexpr Option kTableOptions[] = {{'o', "overwrite", "change bundles that are there"},
                                    {0, "bundle-root", "where the bundles are to be made", true},
                                    {0, "etc-bundle", "links as from /etc/service-bundles"}};
constexpr Option kVolumeOptions[] = {{'o', "overwrite", "change bundles that are there"},
                                     {0, "bundle-root", "where the bundles are to be made", true},
                                     {0, "mount-options", "how it is to be mounted", true},
                                     {0, "etc-bundle", "links as from /etc/service-bundles"},
                                     {0, "want-fsck", "check it before"}};

/// The table may be a link. Errors: an exit code, after the message.
std::optional<std::vector<MountEntry>> read_table(std::string_view program) {
  const UniqueFd file(open(kTable, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  const Result<std::string> text =
      file ? read_beginning(file.get(), kTable, kLongestTable) : error_here("open", kTable);
  if (text) return parse_fstab(*text);
  complain(program, "FATAL", {kTable, ": ", reason(text.error())});
  return std::nullopt;
}

/// One after the other; the first that cannot be made ends it.
int write_bundles(std::string_view program, const Arguments& arguments,
                  const std::vector<MountEntry>& entries) {
  const char* const given = arguments.value("bundle-root");
  const std::string root = given != nullptr ? given : ".";
  constexpr mode_t kMode = 0755;
  if (mkdir(root.c_str(), kMode) != 0 && errno != EEXIST)
    return fail(program, {root, ": ", reason(error_here("make", root))});
  const IfThere if_there = arguments.has("overwrite") ? IfThere::IsReplaced : IfThere::IsAnError;
  for (const MountEntry& entry : entries)
    for (const BundlePlan& plan : plan_mount(entry, {std::string(program), arguments.has("etc-bundle")}))
      if (const Status done = write_bundle(root, plan, if_there); !done) {
        complain(program, "ERROR", {done.error().object, ": ", reason(done.error())});
        return kExitFailed;
      }
  return 0;
}

/// Looks one half of an entry up by the other, and prints it.
int print_half(int argc, char** argv, const char* operand, std::string MountEntry::*known,
               std::string MountEntry::*wanted) {
  const std::string_view program = base_name(argv[0]);
  const Arguments arguments = parse_arguments(argc, argv, {}, operand);
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.empty()) return fail(program, {"Missing argument(s)."});
  if (arguments.operands.size() > 1) return fail(program, {"Unrecognized argument(s)."});
  const auto table = read_table(program);
  if (!table) return kExitNoTable;
  for (const MountEntry& entry : *table) {
    if (entry.*known != arguments.operands[0] || entry.is_swap()) continue;
    Output out;
    return out.add(entry.*wanted).add("\n").flush() ? 0 : kExitFailed;
  }
  return fail(program, {arguments.operands[0], ": Not in ", kTable, "."});
}

}  // namespace

int convert_fstab_services_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  const Arguments arguments = parse_arguments(argc, argv, kTableOptions, "");
  if (arguments.exit) return *arguments.exit;
  if (!arguments.operands.empty()) return fail(program, {"Unrecognized argument(s)."});
  const auto table = read_table(program);
  return table ? write_bundles(program, arguments, *table) : kExitNoTable;
}

int write_volume_service_bundles_main(int argc, char** argv) {
  const std::string_view program = base_name(argv[0]);
  constexpr std::size_t kOperands = 3;
  const Arguments arguments = parse_arguments(argc, argv, kVolumeOptions, "TYPE DEVICE DIRECTORY");
  if (arguments.exit) return *arguments.exit;
  const auto& operands = arguments.operands;
  if (operands.size() < kOperands) return fail(program, {"Missing argument(s)."});
  if (operands.size() > kOperands) return fail(program, {"Unrecognized argument(s)."});
  const char* const options = arguments.value("mount-options");
  const MountEntry entry{operands[1], operands[2], operands[0],
                         split_options(options != nullptr ? options : ""), arguments.has("want-fsck")};
  return write_bundles(program, arguments, {entry});
}

int get_mount_where_main(int argc, char** argv) {
  return print_half(argc, argv, "DEVICE", &MountEntry::device, &MountEntry::directory);
}

int get_mount_what_main(int argc, char** argv) {
  return print_half(argc, argv, "DIRECTORY", &MountEntry::directory, &MountEntry::device);
}

}  // namespace kindred::nosh
