// What comes of the units of packages: each service that is given is converted to each of the families that are named,
// and a line tells what is lost. Usage: convert_units FAMILY,... DIRECTORY..., one directory a package.
//
// A list of losses is complete where each setting makes a difference: without its line, the definition or the list is
// another one.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/definition/convert.h"
#include "core/definition/systemd_service.h"
#include "core/definition/unit_file.h"
#include "core/definition/unit_name.h"

namespace kindred {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Units by name; a template as an instance of it. What /etc has overrules.
std::map<std::string, std::string> units_in(const fs::path& directory) {
  std::map<std::string, std::string> units;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file() || entry.is_symlink() ||
        entry.path().string().find("/user/") != std::string::npos)
      continue;
    UnitName name = parse_unit_name(entry.path().filename().string());
    const std::string extension = entry.path().extension().string();
    if (extension != ".service" && extension != ".socket") continue;
    if (name.instance == "") name.instance = "instance";
    units[name.full()] = content_of(entry.path());
  }
  return units;
}

/// Whether it is meant to stay: a one-shot is not, and neither is what only other managers start.
bool is_long_running(const UnitFile& unit) {
  bool has_command = false;
  for (const UnitSetting& setting : unit.settings) {
    if (setting.key == "Type" && setting.value == "oneshot") return false;
    has_command = has_command || (setting.key == "ExecStart" && !setting.value.empty());
  }
  return has_command;
}

std::string without_line(std::string_view text, std::size_t number) {
  std::string rest;
  for (std::size_t at = 1; !text.empty(); ++at) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // A comment keeps the numbers of the lines behind it, and a continued line is one of several.
    rest.append(at == number ? std::string_view("#") : line).append("\n");
  }
  return rest;
}

ReadDefinition read(const std::string& name, const std::string& text,
                    const std::map<std::string, std::string>& units) {
  std::vector<SourceFile> files = {{name, text}};
  const std::string socket = name.substr(0, name.rfind('.')) + ".socket";
  if (const auto found = units.find(socket); found != units.end()) files.push_back({socket, found->second});
  auto all = read_systemd_units(files);
  return std::move(all.front());
}

struct Totals {
  unsigned services = 0, converted = 0, losses = 0, without_losses = 0, silent = 0;
};

/// Settings that neither the definition nor the list has.
unsigned silent_settings(const std::string& name, const std::string& text, const ReadDefinition& whole,
                         const std::map<std::string, std::string>& units) {
  // What says again what is so anyway.
  static const std::set<std::string> kDefaults = {"Type=simple",
                                                  "Type=exec",
                                                  "KillMode=process",
                                                  "KillMode=mixed",
                                                  "Restart=no",
                                                  "KillSignal=SIGTERM",
                                                  "StandardOutput=journal",
                                                  "StandardError=journal",
                                                  "StandardOutput=syslog",
                                                  "StandardError=syslog",
                                                  "StandardOutput=inherit",
                                                  "StandardError=inherit",
                                                  "TimeoutStopSec=90",
                                                  "NotifyAccess=main",
                                                  "NotifyAccess=all",
                                                  "NotifyAccess=exec",
                                                  "SendSIGKILL=yes",
                                                  "WorkingDirectory=/",
                                                  "GuessMainPID=no",
                                                  "IgnoreSIGPIPE=no",
                                                  "IgnoreSIGPIPE=false",
                                                  "RemainAfterExit=no",
                                                  "RestartSec=1",
                                                  "RestartSec=1s",
                                                  "RestartSec=100ms",
                                                  "TimeoutStopSec=90s",
                                                  "RestartSec=500ms",
                                                  "Group=root",
                                                  "Nice=0",
                                                  "PrivateTmp=no",
                                                  "PrivateTmp=false",
                                                  "SendSIGHUP=no"};
  unsigned silent = 0;
  const std::vector<UnitSetting> settings = parse_unit_file(text, name).settings;
  for (const UnitSetting& setting : settings) {
    // A reload by HUP is what every supervisor of the family does.
    if (setting.key == "ExecReload" && setting.value.find("kill") != std::string::npos &&
        setting.value.find("HUP") != std::string::npos)
      continue;
    // What is taken back later is not so.
    const auto takes_back = [&](const UnitSetting& other) {
      return other.key == setting.key && other.line > setting.line &&
             (other.value == "no" || other.value == "yes");
    };
    if (std::any_of(settings.begin(), settings.end(), takes_back)) continue;
    // What is said twice is said once without either.
    const auto is_same = [&](const UnitSetting& other) {
      return other.key == setting.key && other.value == setting.value;
    };
    if (std::count_if(settings.begin(), settings.end(), is_same) > 1) continue;
    if (kDefaults.contains(setting.key + "=" + setting.value) || setting.section.starts_with("X-") ||
        setting.key.starts_with("X-"))
      continue;
    // That what is not said is not said, either, is no loss.
    const bool off = setting.value == "no" || setting.value == "false" || setting.value.empty();
    const ReadDefinition less = read(name, without_line(text, setting.line), units);
    if (less.definition != whole.definition || less.losses != whole.losses || off) continue;
    std::printf("    SILENT %s:%zu: %s=%s\n", name.c_str(), setting.line, setting.key.c_str(),
                setting.value.c_str());
    ++silent;
  }
  return silent;
}

bool has_script(const WrittenDefinition& written) {
  return std::any_of(written.content.files.begin(), written.content.files.end(),
                     [](const definition::File& file) {
                       return (file.path == "run" || file.path == "service/run") && (file.mode & 0111) != 0 &&
                              !file.bytes.empty();
                     });
}

void convert_package(const fs::path& directory, const std::vector<const DefinitionCodec*>& codecs,
                     std::map<std::string, Totals>& totals) {
  const auto units = units_in(directory);
  for (const auto& [name, text] : units) {
    if (!name.ends_with(".service") || !is_long_running(parse_unit_file(text, name))) continue;
    const ReadDefinition whole = read(name, text, units);
    // Its socket may say the same.
    const unsigned silent = silent_settings(name, text, read(name, text, {}), {});
    std::printf("%s %s", (directory.has_filename() ? directory : directory.parent_path()).filename().c_str(),
                name.c_str());
    for (const DefinitionCodec* const codec : codecs) {
      const WrittenDefinition written = write_definition(whole, nullptr, *codec);
      Totals& total = totals[codec->family];
      const bool converted = whole.definition.run && has_script(written) && silent == 0;
      ++total.services;
      total.converted += converted ? 1 : 0;
      total.losses += static_cast<unsigned>(written.losses.size());
      total.without_losses += converted && written.losses.empty() ? 1 : 0;
      total.silent += silent;
      std::printf(" %s:%s:%zu", codec->family, converted ? "yes" : "NO", written.losses.size());
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace kindred

int main(int argc, char** argv) {
  using namespace kindred;
  if (argc < 3) {
    std::fprintf(stderr, "usage: convert_units FAMILY,... DIRECTORY...\n");
    return 2;
  }
  std::vector<const DefinitionCodec*> codecs;
  std::istringstream names(argv[1]);
  for (std::string name; std::getline(names, name, ',');) {
    codecs.push_back(find_codec(name));
    if (codecs.back() == nullptr) {
      std::fprintf(stderr, "convert_units: no family %s\n", name.c_str());
      return 2;
    }
  }
  std::map<std::string, Totals> totals;
  for (int i = 2; i < argc; ++i) convert_package(argv[i], codecs, totals);
  bool enough = !totals.empty();
  for (const auto& [family, total] : totals) {
    std::printf("%s: %u of %u converted (%u %%), %u without a loss, %u losses, %u silent\n", family.c_str(),
                total.converted, total.services, total.converted * 100 / std::max(total.services, 1U),
                total.without_losses, total.losses, total.silent);
    enough = enough && total.converted * 10 >= total.services * 9;
  }
  return enough ? 0 : 1;
}
