#include "core/definition/supervisord.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/base/number.h"
#include "core/base/signal_name.h"
#include "core/definition/unit_words.h"

namespace kindred {
namespace {

using definition::Restart;

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(kBlanks)));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);  // npos + 1 is 0
}

struct Entry {
  std::string section, key, value, file;
  unsigned line = 0;
};

/// A comment begins a line, or stands behind a blank.
std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find(';'); at != std::string_view::npos; at = line.find(';', at + 1))
    if (at == 0 || kBlanks.find(line[at - 1]) != std::string_view::npos) return line.substr(0, at);
  return line;
}

/// Lines that begin with a blank go on with the value before.
std::vector<Entry> parse_ini_entries(const SourceFile& file, std::vector<Loss>& losses) {
  std::vector<Entry> entries;
  std::string section;
  bool goes_on = false;
  std::string_view text = file.bytes;
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    const std::string_view line = without_blanks(without_comment(whole));
    if (line.empty() || whole[0] == '#') continue;
    const std::size_t equals = line.find_first_of("=:");
    if (line[0] == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      goes_on = false;
    } else if (goes_on && kBlanks.find(whole[0]) != std::string_view::npos) {
      entries.back().value.append("\n").append(line);
    } else if (equals == std::string_view::npos || equals == 0) {
      losses.push_back({file.path, number, std::string(line), "it is neither a section nor a setting", ""});
    } else {
      entries.push_back({section, std::string(without_blanks(line.substr(0, equals))),
                         std::string(without_blanks(line.substr(equals + 1))), file.path, number});
      goes_on = true;
    }
  }
  return entries;
}

bool is_true(const std::string& value) {
  return value == "true" || value == "1" || value == "yes" || value == "on";
}

/// "1MB" in bytes.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t factor = 1;
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"KB", 1ULL << 10}, {"MB", 1ULL << 20}, {"GB", 1ULL << 30}};
  for (const auto& [unit, bytes] : kUnits)
    if (text.ends_with(unit)) {
      text.remove_suffix(unit.size());
      factor = bytes;
      break;
    }
  const auto number = parse_unsigned<std::uint64_t>(text);
  return number && *number <= UINT64_MAX / factor ? std::optional(*number * factor) : std::nullopt;
}

/// A,B="c,d",… as variables; nullopt: it is no list of them.
std::optional<std::vector<definition::Step>> parse_environment(std::string_view text) {
  std::vector<definition::Step> steps;
  while (!(text = without_blanks(text)).empty()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const std::string name(without_blanks(text.substr(0, equals)));
    text = without_blanks(text.substr(equals + 1));
    std::string value;
    if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
      const std::size_t end = text.find(text[0], 1);
      if (end == std::string_view::npos) return std::nullopt;
      value = text.substr(1, end - 1);
      text = without_blanks(text.substr(end + 1));
      if (!text.empty() && text[0] != ',') return std::nullopt;
    } else {
      value = without_blanks(text.substr(0, text.find(',')));
      text.remove_prefix(std::min(text.size(), text.find(',')));
    }
    text.remove_prefix(std::min<std::size_t>(text.size(), 1));
    steps.emplace_back(definition::SetVariable{name, value});
  }
  return steps;
}

class ProgramReader {
 public:
  explicit ProgramReader(std::string name) { read_.definition.name = std::move(name); }

  void handle(const Entry& entry);
  ReadDefinition finish();

 private:
  using Handler = void (ProgramReader::*)(const Entry&, const std::string&);
  struct Key {
    std::string_view name;
    Handler handler;
  };
  static const Key kKeys[];

  void lose(const Entry& entry, std::string why, std::string advice = {}) {
    read_.losses.push_back(
        {entry.file, entry.line, entry.key + "=" + entry.value, std::move(why), std::move(advice)});
  }
  [[nodiscard]] std::string replace(const Entry& entry);

  void take_command(const Entry& entry, const std::string& value);
  void take_directory(const Entry&, const std::string& value) { directory_ = value; }
  void take_mask(const Entry& entry, const std::string& value);
  void take_user(const Entry&, const std::string& value) { user_ = value; }
  void take_start(const Entry&, const std::string& value) { read_.definition.down = !is_true(value); }
  void take_restart(const Entry& entry, const std::string& value);
  void take_signal(const Entry& entry, const std::string& value);
  void take_stop_time(const Entry& entry, const std::string& value);
  void take_redirect(const Entry&, const std::string& value) { redirects_ = is_true(value); }
  void take_log(const Entry& entry, const std::string& value);
  void take_log_size(const Entry& entry, const std::string& value);
  void take_log_count(const Entry& entry, const std::string& value);
  void take_error_log(const Entry& entry, const std::string& value);
  void take_environment(const Entry& entry, const std::string& value);
  void take_count(const Entry& entry, const std::string& value);
  void take_name(const Entry& entry, const std::string& value);
  void take_group(const Entry& entry, const std::string& value);

  ReadDefinition read_;
  std::string directory_, user_, log_, error_log_;
  std::vector<std::string> program_;
  std::vector<definition::Step> variables_, mask_;
  std::string file_;
  bool redirects_ = false;
  std::optional<std::uint64_t> log_size_, log_count_;
};

constexpr ProgramReader::Key ProgramReader::kKeys[] = {
    {"command", &ProgramReader::take_command},
    {"directory", &ProgramReader::take_directory},
    {"umask", &ProgramReader::take_mask},
    {"user", &ProgramReader::take_user},
    {"autostart", &ProgramReader::take_start},
    {"autorestart", &ProgramReader::take_restart},
    {"stopsignal", &ProgramReader::take_signal},
    {"stopwaitsecs", &ProgramReader::take_stop_time},
    {"redirect_stderr", &ProgramReader::take_redirect},
    {"stdout_logfile", &ProgramReader::take_log},
    {"stdout_logfile_maxbytes", &ProgramReader::take_log_size},
    {"stdout_logfile_backups", &ProgramReader::take_log_count},
    {"stderr_logfile", &ProgramReader::take_error_log},
    {"environment", &ProgramReader::take_environment},
    {"numprocs", &ProgramReader::take_count},
    {"process_name", &ProgramReader::take_name},
    {"stopasgroup", &ProgramReader::take_group},
    {"killasgroup", &ProgramReader::take_group},
};

struct Reason {
  std::string_view key, why, advice;
};
constexpr Reason kReasons[] = {
    {"priority", "the order among services is not the supervisor's", ""},
    {"startsecs", "a service is up when it runs", "let a check say when it is ready"},
    {"startretries", "a supervisor of the family restarts for ever",
     "give it a restart back-off of kindred's"},
    {"exitcodes", "of an end only the code 0 is success", "test the code in finish"},
    {"stdout_capture_maxbytes", "nobody listens in on a service's output", ""},
    {"stderr_capture_maxbytes", "nobody listens in on a service's output", ""},
    {"stdout_events_enabled", "nobody listens in on a service's output", ""},
    {"stderr_events_enabled", "nobody listens in on a service's output", ""},
    {"stdout_syslog", "what is logged goes to the service's log", "log with logger(1)"},
    {"stderr_syslog", "what is logged goes to the service's log", "log with logger(1)"},
    {"stderr_logfile_maxbytes", "there is one log for output and errors", ""},
    {"stderr_logfile_backups", "there is one log for output and errors", ""},
    {"serverurl", "there is no such server", ""},
    {"numprocs_start", "each process is a service of its own", ""},
};

/// Python's way: %(NAME)s. Only what is known beforehand is put in.
std::string ProgramReader::replace(const Entry& entry) {
  std::string text;
  const std::string_view value = entry.value;
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value.substr(at, 2) == "%%") ++at;
    const std::size_t end =
        value.substr(at, 2) == "%(" && value[at] == '%' ? value.find(')', at) : std::string_view::npos;
    if (end == std::string_view::npos || end + 1 >= value.size()) {
      text += value[at];
      continue;
    }
    const std::string_view name = value.substr(at + 2, end - at - 2);
    if (name == "program_name" || name == "group_name") {
      text += read_.definition.name;
    } else if (name == "process_num") {
      text += "0";
    } else if (name == "here") {
      text += directory_of(entry.file);
    } else {
      text += value.substr(at, end + 2 - at);
      lose(entry, "what %(" + std::string(name) + ")s stands for is not known beforehand", "write it out");
    }
    at = end + 1;
  }
  return text;
}

void ProgramReader::handle(const Entry& entry) {
  const auto* const key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                       [&](const Key& each) { return each.name == entry.key; });
  if (key != std::end(kKeys)) return (this->*key->handler)(entry, replace(entry));
  const auto* const reason = std::find_if(std::begin(kReasons), std::end(kReasons),
                                          [&](const Reason& each) { return each.key == entry.key; });
  if (reason != std::end(kReasons)) return lose(entry, std::string(reason->why), std::string(reason->advice));
  lose(entry, "the conversion knows no such key");
}

void ProgramReader::take_command(const Entry& entry, const std::string& value) {
  file_ = entry.file;
  const auto words = split_unit_words(value);
  if (!words || words->empty()) return lose(entry, "it is no command line");
  program_ = *words;
}

void ProgramReader::take_mask(const Entry& entry, const std::string& value) {
  unsigned mask = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), mask, 8);
  if (error != std::errc() || end != value.data() + value.size() || mask > 0777)
    return lose(entry, "it is no mask");
  mask_ = {definition::SetFileMask{mask}};
}

void ProgramReader::take_restart(const Entry& entry, const std::string& value) {
  if (value == "unexpected")
    read_.definition.restart = Restart::OnFailure;
  else if (value == "true" || value == "false")
    read_.definition.restart = value == "true" ? Restart::Always : Restart::Never;
  else
    lose(entry, "it is none of supervisord's words", "it is taken for unexpected");
}

void ProgramReader::take_signal(const Entry& entry, const std::string& value) {
  const int signal = parse_signal(value);
  if (signal == 0) return lose(entry, "it is no signal");
  read_.definition.stop_signal = signal;
}

void ProgramReader::take_stop_time(const Entry& entry, const std::string& value) {
  constexpr unsigned kMost = 100000000;
  const auto seconds = parse_unsigned<unsigned>(value);
  if (!seconds || *seconds > kMost) return lose(entry, "it is no span of time");
  read_.definition.kill_after = std::chrono::seconds(*seconds);
}

void ProgramReader::take_log(const Entry& entry, const std::string& value) {
  log_.clear();
  if (value == "NONE") return;
  if (value == "AUTO" || value == "/dev/stdout" || value == "/dev/fd/1") return;
  if (value == "syslog") return lose(entry, "what is logged goes to the service's log", "log with logger(1)");
  log_ = value;
  lose(entry, "a log of the family is a directory", "look in " + value + ".d/current");
}

void ProgramReader::take_log_size(const Entry& entry, const std::string& value) {
  log_size_ = parse_size(value);
  if (!log_size_) lose(entry, "it is no size");
}

void ProgramReader::take_log_count(const Entry& entry, const std::string& value) {
  log_count_ = parse_unsigned<std::uint64_t>(value);
  if (!log_count_) lose(entry, "it is no number");
}

void ProgramReader::take_error_log(const Entry& entry, const std::string& value) {
  if (value == "AUTO" || value == "/dev/stderr" || value == "/dev/fd/2") return;
  error_log_ = value == "NONE" ? "/dev/null" : value;
  if (value != "NONE")
    lose(entry, "a file that a service writes itself is not rotated", "rotate it with logrotate(8)");
}

void ProgramReader::take_environment(const Entry& entry, const std::string& value) {
  auto steps = parse_environment(value);
  if (!steps) return lose(entry, "it is no list of variables");
  variables_ = std::move(*steps);
}

void ProgramReader::take_count(const Entry& entry, const std::string& value) {
  if (value != "1") lose(entry, "each process is a service of its own", "copy the service directory");
}

void ProgramReader::take_name(const Entry& entry, const std::string& value) {
  if (value != read_.definition.name) lose(entry, "a service has one name", "");
}

void ProgramReader::take_group(const Entry& entry, const std::string& value) {
  if (is_true(value))
    lose(entry, "only the main process is signalled", "have the program end its own children");
}

ReadDefinition ProgramReader::finish() {
  ServiceDefinition& service = read_.definition;
  if (!service.kill_after) service.kill_after = std::chrono::seconds(10);
  if (program_.empty()) {
    read_.losses.push_back({service.name, 0, "command=", "there is no command to run", "write run by hand"});
    return std::move(read_);
  }
  definition::Command run;
  run.steps = std::move(variables_);
  run.steps.insert(run.steps.end(), mask_.begin(), mask_.end());
  if (!error_log_.empty() && !redirects_)
    run.steps.emplace_back(definition::OpenFile{2, error_log_, definition::OpenFile::For::Appending});
  else
    run.steps.emplace_back(definition::CopyDescriptor{2, 1});
  if (!user_.empty()) {
    definition::Account account{user_};
    account.all_groups = true;
    run.steps.emplace_back(definition::Become{account});
  }
  if (!directory_.empty()) run.steps.emplace_back(definition::EnterDirectory{directory_});
  run.program = std::move(program_);
  service.run = definition::Body{std::move(run), {}, file_};
  if (!log_.empty()) {
    ServiceDefinition log;
    definition::LogDirectory directory{log_ + ".d"};
    directory.size = log_size_.value_or(50ULL << 20);
    directory.files = log_count_.value_or(10);
    log.logger = definition::Logger{definition::Stamp::None, {directory}};
    log.run = definition::Body{definition::Command{}, {}, file_};
    service.log.push_back(std::move(log));
  }
  return std::move(read_);
}

}  // namespace

std::vector<ReadDefinition> read_supervisord(std::span<const SourceFile> files) {
  constexpr std::string_view kProgram = "program:";
  std::map<std::string, ProgramReader> programs;
  std::vector<Loss> others;
  for (const SourceFile& file : files)
    for (const Entry& entry : parse_ini_entries(file, others)) {
      if (entry.section.starts_with(kProgram)) {
        const std::string name = entry.section.substr(kProgram.size());
        programs.try_emplace(name, name).first->second.handle(entry);
        continue;
      }
      const bool include = entry.section == "include";
      others.push_back({entry.file, entry.line, "[" + entry.section + "] " + entry.key + "=" + entry.value,
                        include ? "other files are read where they are named" : "it is supervisord's own",
                        include ? "name them on the command line, too" : ""});
    }
  std::vector<ReadDefinition> all;
  for (auto& [name, reader] : programs) all.push_back(reader.finish());
  if (all.empty()) {
    all.emplace_back();
    others.push_back(
        {files.empty() ? "" : files.front().path, 0, "[program:NAME]", "there is no program", ""});
  }
  all.front().losses.insert(all.front().losses.end(), others.begin(), others.end());
  return all;
}

}  // namespace kindred
