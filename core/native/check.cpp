// kindred check: what is wrong with service directories before anything runs.

#include "core/definition/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/definition/convert.h"
#include "core/definition/service_files.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/convert.h"
#include "core/native/subcommands.h"
#include "core/sys/directory_shape.h"
#include "core/sys/files.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

namespace options = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::string_view kProgram = "kindred check";
constexpr const char* kGravities[] = {"note", "warning", "error"};

struct Wishes {
  std::string family;
  bool strict = false, json = false;
  std::vector<std::string> paths;
};

CommandLine command_line(Wishes& wishes) {
  CommandLine line{std::string(kProgram), "kindred check [--family FAMILY] [--strict] [--json] DIR ...",
                   "Tells what is wrong with the service directories DIR before anything runs. Exits\n"
                   "0 without errors, 1 with, 111 where a directory cannot be read."};
  line.options.add_options()("family", options::value(&wishes.family)->value_name("FAMILY"),
                             "whose rules; without it, what each directory's shape says")(
      "strict", options::bool_switch(&wishes.strict), "warnings count as errors")(
      "json", options::bool_switch(&wishes.json), "for machines; the schema is in kindred-check(1)");
  return line;
}

/// Empty: the words are right.
std::string complaint(const Wishes& wishes) {
  if (!wishes.family.empty() && find_codec(wishes.family) == nullptr)
    return "there is no family " + wishes.family;
  return wishes.paths.empty() ? "DIR is missing" : "";
}

/// As execvp(3) would find it, by the PATH that supervisors give.
bool is_program(const std::string& name) {
  const auto executable = [](const std::string& path) {
    struct stat st;
    return ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0;
  };
  if (name.find('/') != std::string::npos) return executable(name);
  constexpr std::string_view kBuiltIn[] = {"true", "false", "exit", "test", "[", "sleep", ":"};
  if (std::find(std::begin(kBuiltIn), std::end(kBuiltIn), name) != std::end(kBuiltIn)) return true;
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  for (;;) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    if (executable((directory.empty() ? "." : std::string(directory)) + "/" + name)) return true;
    if (directory.size() == rest.size()) return false;
    rest.remove_prefix(directory.size() + 1);
  }
}

/// Its supervisor makes these for its user alone.
std::vector<std::string> open_to_all(int directory) {
  std::vector<std::string> found;
  for (const char* const name :
       {"supervise", "supervise/control", "log/supervise", "log/supervise/control"}) {
    struct stat st;
    if (::fstatat(directory, name, &st, 0) == 0 && (st.st_mode & S_IWOTH) != 0) found.emplace_back(name);
  }
  return found;
}

struct Checked {
  std::string path;
  const DefinitionCodec* family;
  std::vector<Finding> findings;
  ServiceDefinition definition;
};

Result<Checked> check(const std::string& path, const Wishes& wishes) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat st;
  if (!directory || ::fstat(directory.get(), &st) != 0) return error_here("open", path);
  if (!shape_of(directory.get(), families()).has_script) return Error{0, "find a script to run in", path};
  CheckedService service;
  auto content = load_service(path, service.unread);
  if (!content) return content.error();
  service.content = *std::move(content);
  service.family =
      wishes.family.empty() ? home_codec(directory.get(), service.content) : find_codec(wishes.family);
  if (service.family == nullptr) return Error{0, "say whose it is, with --family:", path};
  const std::string physical = physical_path(directory.get());
  service.content.name = physical.substr(physical.rfind('/') + 1);
  service.foreign_owner = st.st_uid != 0 && st.st_uid != ::geteuid();
  service.open_to_all = open_to_all(directory.get());
  service.families = definition_codecs();
  service.is_program = is_program;
  Checked checked{path, service.family, check_service(service),
                  service.family->read(service.content).definition};
  return checked;
}

void add_loops(std::vector<Checked>& all) {
  std::vector<ServiceDefinition> definitions;
  for (const Checked& each : all) definitions.push_back(each.definition);
  for (const std::vector<std::string>& loop : find_loops(definitions)) {
    std::string round;
    for (const std::string& name : loop) round += name + " -> ";
    for (Checked& each : all)
      if (each.definition.name == loop.front())
        each.findings.push_back({Gravity::Error, "loop", "", 0, "waits for itself: " + round + loop.front(),
                                 "let one of them go first"});
  }
}

std::string render(const std::vector<Checked>& all) {
  std::string text;
  for (const Checked& each : all)
    for (const Finding& finding : each.findings) {
      text += printable(each.path + (finding.file.empty() ? "" : "/" + finding.file));
      if (finding.line != 0) text += ":" + std::to_string(finding.line);
      text += ": " + std::string(kGravities[static_cast<std::size_t>(finding.gravity)]) + ": " +
              printable(finding.what);
      if (!finding.mend.empty()) text += "; " + finding.mend;
      text += " [" + finding.check + "]\n";
    }
  return text;
}

std::string render_json(const std::vector<Checked>& all) {
  Json services = Json::array();
  for (const Checked& each : all) {
    Json findings = Json::array();
    for (const Finding& finding : each.findings)
      findings.push_back({{"severity", kGravities[static_cast<std::size_t>(finding.gravity)]},
                          {"check", finding.check},
                          {"file", finding.file},
                          {"line", finding.line == 0 ? Json(nullptr) : Json(finding.line)},
                          {"what", finding.what},
                          {"mend", finding.mend}});
    services.push_back(
        {{"path", each.path}, {"family", each.family->family}, {"findings", std::move(findings)}});
  }
  return Json{{"services", std::move(services)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int check_main(int argc, char** argv) {
  Wishes wishes;
  const CommandLine line = command_line(wishes);
  if (const auto code = read_words(line, argc, argv, wishes.paths)) return *code;
  if (const std::string problem = complaint(wishes); !problem.empty()) return usage_error(line, problem);
  Output out;
  std::vector<Checked> all;
  for (const std::string& path : wishes.paths) {
    auto checked = check(path, wishes);
    if (!checked) return fatal(kProgram, checked.error());
    all.push_back(*std::move(checked));
  }
  add_loops(all);
  out.add(wishes.json ? render_json(all) : render(all));
  if (const Status written = out.flush(); !written) return fatal(kProgram, written.error());
  const Gravity counts = wishes.strict ? Gravity::Warning : Gravity::Error;
  for (const Checked& each : all)
    if (std::any_of(each.findings.begin(), each.findings.end(),
                    [&](const Finding& finding) { return finding.gravity >= counts; }))
      return 1;
  return 0;
}

}  // namespace kindred
