// service-show, svshow: the state of services for programs, as INI or JSON.
// Source: interfaces/nosh.md section 12.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "compat-nosh/client/options.h"
#include "compat-nosh/client/status_text.h"
#include "compat-nosh/programs.h"
#include "core/cli/output.h"
#include "core/cli/program.h"
#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {{0, "json", "one JSON object; otherwise INI"}};

constexpr std::pair<const char*, const char*> kRelations[] = {
    {"Wants", "wants"},
    {"Wanted-By", "wanted-by"},
    {"Before", "before"},
    {"After", "after"},
    {"Expects", "expects"},
    {"Requires", "requires"},
    {"Required-By", "required-by"},
    {"Conflicts", "conflicts"},
    {"Stopped-By", "stopped-by"},
};

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      json += escape;
    } else {
      json += c;
    }
  }
  return json + "\"";
}

/// One service's keys and values, in either form.
class Section {
 public:
  Section(bool json, std::string_view name)
      : json_(json), text_(json ? quoted(name) + ":{ " : "[" + std::string(name) + "]\n") {}

  void word(const char* key, std::string_view value) { put(key, json_ ? quoted(value) : std::string(value)); }
  void truth(const char* key, bool value) {
    put(key, json_ ? (value ? "true" : "false") : (value ? "yes" : "no"));
  }
  template <std::integral Number>
  void number(const char* key, Number value) {
    put(key, std::to_string(value));
  }
  void list(const char* key, const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
      if (!text.empty()) text += json_ ? "," : " ";
      text += json_ ? quoted(value) : value;
    }
    put(key, json_ ? "[" + text + "]" : text);
  }
  [[nodiscard]] std::string finished() const { return json_ ? text_ + "}" : text_ + "\n"; }

 private:
  void put(const char* key, const std::string& value) {
    if (json_)
      text_.append(first_ ? "" : ",").append(quoted(key)).append(":").append(value);
    else
      text_.append(key).append("=").append(value).append("\n");
    first_ = false;
  }
  bool json_;
  bool first_ = true;
  std::string text_;
};

std::string link_target(int at, const char* name) {
  char target[4096];
  const ssize_t size = readlinkat(at, name, target, sizeof target);
  return size > 0 ? std::string(target, static_cast<std::size_t>(size)) : std::string();
}

/// Where the links of a directory of relations lead, seen from the bundle.
std::vector<std::string> relations(int bundle, const char* directory) {
  std::vector<std::string> targets;
  for (const std::string& name : directory_names(bundle, directory)) {
    std::string target = link_target(bundle, (std::string(directory) + "/" + name).c_str());
    if (target.empty()) continue;
    constexpr std::string_view kUp = "../";
    targets.push_back(target.starts_with(kUp) ? target.substr(kUp.size()) : target);
  }
  return targets;
}

const char* want_word(const StatusFields& status) {
  switch (status.pending) {
    case 'u':
      return status.activity || status.pid == 0 ? "up" : "nothing";
    case 'd':
      return status.activity || status.pid != 0 ? "down" : "nothing";
    case 'o':
      return "once";
    case 'O':
      return "once at most";
    default:
      return "nothing";
  }
}

void tell(Section& section, const StatusFields& status) {
  section.word("DaemontoolsState", status.pid != 0 ? "up" : "down");
  if (status.activity) section.word("DaemontoolsEncoreState", activity_word(*status.activity));
  section.number("MainPID", status.pid);
  section.number("Timestamp", status.label);
  section.number("UTCTimestamp", status.since.seconds);
  section.word("Want", want_word(status));
  section.truth("Paused", status.paused);
  static constexpr const char* kNames[] = {"Start", "Run", "Restart", "Stop"};
  static_assert(std::size(kNames) == kScripts);
  for (std::size_t i = 0; i < kScripts; ++i) {
    const StatusFields::End& end = status.ends[i];
    if (!end.there) continue;
    auto key = [&](const char* what) { return std::string(kNames[i]) + what; };
    section.number(key("ExitStatusCode").c_str(), end.code);
    section.number(key("ExitStatusNumber").c_str(), end.number);
    if (!end.stamped) continue;
    section.number(key("Timestamp").c_str(), end.label);
    section.number(key("UTCTimestamp").c_str(), end.at.seconds);
  }
}

/// Empty, after a message, where there is nothing to show.
std::string show(const char* path, bool json) {
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, path);
  if (!bundle) {
    print_error({path, ": ", reason(bundle.error())});
    return {};
  }
  const Result<bool> supervised = bundle->supervised();
  if (!supervised) {
    print_error({path, ": ", supervised.error().object, ": ", reason(supervised.error())});
    return {};
  }
  if (!*supervised) {
    print_error({path, ": No supervisor is running"});
    return {};
  }
  const Result<std::optional<StatusFields>> status = bundle->status();
  if (!status) print_error({path, ": ", status.error().object, ": ", reason(status.error())});
  Section section(json, path);
  if (status && *status)
    tell(section, **status);
  else
    section.truth("Loading", true);
  const Flags flags = bundle->flags();
  section.truth("Enabled", !flags.down);
  section.truth("RemainAfterExit", flags.remain);
  section.truth("ReadyAfterRun", flags.ready_after_run);
  for (const auto& [key, directory] : kRelations) section.list(key, relations(bundle->fd(), directory));
  section.word("LogService", link_target(bundle->fd(), "log"));
  return section.finished();
}

}  // namespace

int service_show_main(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "DIRECTORY...");
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.empty()) return fail(base_name(argv[0]), {"Missing directory name(s)."});
  const bool json = arguments.has("json");
  Output out;
  bool first = true;
  if (json) out.add("{\n");
  for (const char* path : arguments.operands) {
    const std::string text = show(path, json);
    if (text.empty()) continue;
    if (json)
      out.add(first ? " " : ",").add(text).add("\n");
    else
      out.add(text);
    first = false;
  }
  if (json) out.add("}\n");
  return out.flush() ? 0 : kExitFailed;
}

}  // namespace kindred::nosh
