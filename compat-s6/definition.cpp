// How s6 writes down a service: execlineb scripts of its own tools, s6-log, small files of settings. Source:
// interfaces/s6.md sections 3, 12 and 13, interfaces/execline.md.

#include <algorithm>
#include <charconv>

#include "compat-s6/chain/tools.h"
#include "compat-s6/convention.h"
#include "compat-s6/execline/lexer.h"
#include "compat-s6/service_sources.h"
#include "core/base/number.h"
#include "core/base/signal_name.h"
#include "core/definition/base_tools.h"
#include "core/definition/logger_words.h"
#include "core/definition/shell_script.h"
#include "core/definition/step_lines.h"

namespace kindred::s6 {
namespace {

using definition::LogDirectory;
using definition::Logger;
using definition::Stamp;
using definition::Step;

// --- chains ---

constexpr std::string_view kLetters = "acdfloprst";

/// What no table of tools says: execline's own, and the three tools that become an account with its group alone.
std::size_t read_idiom(std::span<const std::string> words, std::vector<Step>& steps) {
  const std::string_view name = std::string_view(words[0]).substr(words[0].rfind('/') + 1);
  const auto descriptor = [](const std::string& word) -> std::optional<int> {
    const auto number = parse_unsigned<unsigned>(word);
    return number && *number < 1024 ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
  };
  const auto is = [&](std::size_t at, std::string_view word) {
    return at < words.size() && words[at] == word;
  };
  const auto plain = [&](std::size_t at) { return at < words.size() && !words[at].starts_with('-'); };
  if (name == "fdmove") {
    const bool copies = is(1, "-c");
    const std::size_t at = copies ? 2 : 1;
    if (words.size() < at + 3) return 0;
    const auto to = descriptor(words[at]), from = descriptor(words[at + 1]);
    if (!to || !from) return 0;
    steps.emplace_back(definition::CopyDescriptor{*to, *from});
    if (!copies) steps.emplace_back(definition::CloseDescriptor{*from});
    return at + 2;
  }
  if (name == "fdclose" && words.size() > 2) {
    const auto which = descriptor(words[1]);
    if (!which) return 0;
    steps.emplace_back(definition::CloseDescriptor{*which});
    return 2;
  }
  if (name == "redirfd" && words.size() > 4) {
    using For = definition::OpenFile::For;
    const auto which = descriptor(words[2]);
    if (!which || (words[1] != "-r" && words[1] != "-w" && words[1] != "-a")) return 0;
    steps.emplace_back(definition::OpenFile{*which, words[3],
                                            words[1] == "-r"   ? For::Reading
                                            : words[1] == "-w" ? For::Writing
                                                               : For::Appending});
    return 4;
  }
  if ((name == "cd" || name == "execline-cd") && words.size() > 2 && plain(1)) {
    steps.emplace_back(definition::EnterDirectory{words[1]});
    return 2;
  }
  if ((name == "umask" || name == "execline-umask") && words.size() > 2) {
    mode_t mask = 0;
    const auto [end, error] = std::from_chars(words[1].data(), words[1].data() + words[1].size(), mask, 8);
    if (error != std::errc() || end != words[1].data() + words[1].size() || mask > 0777) return 0;
    steps.emplace_back(definition::SetFileMask{mask});
    return 2;
  }
  if (name == "export" && words.size() > 3) {
    steps.emplace_back(definition::SetVariable{words[1], words[2]});
    return 3;
  }
  if (name == "unexport" && words.size() > 2 && plain(1)) {
    steps.emplace_back(definition::SetVariable{words[1], std::nullopt});
    return 2;
  }
  if (name == "emptyenv" && words.size() > 1 && plain(1)) {
    steps.emplace_back(definition::ClearEnvironment{});
    return 1;
  }
  if (name == "exec" && is(1, "-a") && words.size() > 3) {
    steps.emplace_back(definition::NameProgram{words[2]});
    return 3;
  }
  if (name == "s6-setuidgid" && words.size() > 2 && plain(1) && !words[1].empty()) {
    // It removes UID, GID and GIDLIST, which nobody has set.
    definition::Account account{.user = words[1], .all_groups = true};
    if (const std::size_t colon = words[1].find(':'); colon != std::string::npos) {
      const auto user = parse_unsigned<std::uint32_t>(std::string_view(words[1]).substr(0, colon));
      const auto group = parse_unsigned<std::uint32_t>(std::string_view(words[1]).substr(colon + 1));
      if (!user || !group) return 0;
      account = {.user = std::to_string(*user), .group = std::to_string(*group), .numeric = true};
    }
    steps.emplace_back(definition::Become{std::move(account)});
    return 2;
  }
  if (name == "s6-envuidgid" && plain(1) && is(2, "unexport") && is(3, "GIDLIST") && words.size() > 4) {
    steps.emplace_back(definition::TellAccount{{.user = words[1]}});
    return 4;
  }
  if (name == "s6-envuidgid") {
    const bool both = is(1, "-B");
    const std::size_t at = both ? 2 : 1;
    if (!is(at + 1, "export") || !is(at + 2, "GIDLIST") || !is(at + 3, "") || !is(at + 4, "s6-applyuidgid") ||
        !is(at + 5, "-Uz"))
      return 0;
    definition::Account account;
    const std::size_t colon = words[at].find(':');
    account.user = words[at].substr(0, both ? colon : std::string::npos);
    if (both && colon != std::string::npos) account.group = words[at].substr(colon + 1);
    steps.emplace_back(definition::Become{std::move(account)});
    return at + 6;
  }
  return 0;
}

struct WordsFor : StepWords {
  bool operator()(const definition::Become& step) const {
    const definition::Account& account = step.account;
    if (account.user.starts_with('-') || !account.more_groups.empty() ||
        account.user.find(':') != std::string::npos)
      return false;
    if (account.numeric)
      return account.group && !account.all_groups &&
             add({"s6-setuidgid", account.user + ":" + *account.group});
    if (account.all_groups) return !account.group && add({"s6-setuidgid", account.user});
    // s6-setuidgid gives all groups: this is what gives the one.
    if (account.group)
      add({"s6-envuidgid", "-B", account.user + ":" + *account.group});
    else
      add({"s6-envuidgid", account.user});
    return add({"export", "GIDLIST", "", "s6-applyuidgid", "-Uz"});
  }
  bool operator()(const definition::TellAccount& step) const {
    const definition::Account& account = step.account;
    if (account.numeric || account.group || account.all_groups || account.user.starts_with('-')) return false;
    add({"s6-envuidgid", account.user});
    return step.tells_list || add({"unexport", "GIDLIST"});
  }
  bool operator()(const definition::ReadEnvDirectory& step) const {
    return !step.path.starts_with('-') && add({"s6-envdir", step.path});
  }
  bool operator()(const definition::HoldLock& step) const {
    if (step.kind != definition::HoldLock::Kind::Record || step.quiet || step.path.starts_with('-'))
      return false;
    add({"s6-setlock"});
    if (!step.waits) add({"-n"});
    return add({step.path});
  }
  bool operator()(const definition::NewSession&) const { return add({"s6-setsid"}); }
  bool operator()(const definition::CopyDescriptor& step) const {
    return add({"fdmove", "-c", std::to_string(step.to), std::to_string(step.from)});
  }
  bool operator()(const definition::CloseDescriptor& step) const {
    return add({"fdclose", std::to_string(step.descriptor)});
  }
  bool operator()(const definition::OpenFile& step) const {
    using For = definition::OpenFile::For;
    return add({"redirfd",
                step.how == For::Reading   ? "-r"
                : step.how == For::Writing ? "-w"
                                           : "-a",
                std::to_string(step.descriptor), step.path});
  }
  bool operator()(const definition::EnterDirectory& step) const {
    return !step.path.starts_with('-') && add({"cd", step.path});
  }
  bool operator()(const definition::SetFileMask& step) const {
    return add({"umask", shell_statement(step)->substr(6)});
  }
  bool operator()(const definition::SetVariable& step) const {
    if (step.name.empty() || step.name.starts_with('-')) return false;
    return step.value ? add({"export", step.name, *step.value}) : add({"unexport", step.name});
  }
  bool operator()(const definition::ClearEnvironment&) const { return add({"emptyenv"}); }
  bool operator()(const definition::NameProgram& step) const { return add({"exec", "-a", step.name}); }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

std::size_t write_step(std::span<const Step> steps, std::vector<std::string>& words) {
  if (const auto* const limit = std::get_if<definition::SetLimit>(&steps.front())) {
    using Which = definition::SetLimit::Which;
    words.emplace_back("s6-softlimit");
    if (limit->which == Which::Hard) words.emplace_back("-h");
    if (limit->which == Which::Both) words.emplace_back("-H");
    return write_limits(steps, limit->which, kLetters, words);
  }
  return std::visit(WordsFor{{words}}, steps.front()) ? 1 : 0;
}

// --- execlineb scripts ---

bool is_execline(std::string_view text) {
  if (interpreter_of(text) != "execlineb") return false;
  // Words stand for themselves where no arguments are put in their place.
  const std::string_view line = text.substr(0, text.find('\n'));
  return line.find(" -P") != std::string_view::npos || text.find('$') == std::string_view::npos;
}

std::optional<definition::Command> read_script(std::string_view text) {
  if (!is_execline(text)) return read_shell_command(text, chain_tools(), nullptr);
  definition::Command command;
  execline::Lexer lexer(1 << 20);
  lexer.feed(text.substr(std::min(text.find('\n'), text.size())));
  if (lexer.finish() != execline::Lexer::Fault::None) return std::nullopt;
  Chain chain = read_chain(lexer.words(), chain_tools(), read_idiom);
  command.steps = std::move(chain.steps);
  command.program = std::move(chain.program);
  command.comments = comments_of(text);
  // exec is what any script does with its last words.
  if (command.program.size() > 1 && command.program[0] == "exec" && !command.program[1].starts_with('-'))
    command.program.erase(command.program.begin());
  return command;
}

std::string execline_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%^=?!*$&";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  // A block's words have a blank each before them, and its end is one that has only those: both are read back as such.
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\')
      text += std::string("\\") + c;
    else if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text + "\"";
}

std::string write_script(const definition::Command& command, const std::function<void(const Step&)>& lost) {
  return write_step_lines(command, {"#!/usr/bin/env -S execlineb -P", write_step, execline_word}, lost);
}

// --- s6-log ---

constexpr std::uint64_t kUsualSize = 99999, kUsualFiles = 10, kLeastSize = 4096, kMostSize = 268435455;

std::optional<Logger> read_logger(const std::vector<std::string>& program, FileSet&, std::vector<Loss>&) {
  if (program.size() < 2 || !is_program(program[0], "s6-log")) return std::nullopt;
  Logger logger;
  std::uint64_t size = kUsualSize, files = kUsualFiles, total = 0, every = 0;
  std::string processor, prefix;
  std::optional<Stamp> of_all;
  Stamp next = Stamp::None;
  std::size_t at = 1;
  // -b and -p concern who reads on, not what is written.
  if (program[at] == "-b") ++at;
  if (at < program.size() && program[at] == "--") ++at;
  for (; at < program.size(); ++at) {
    const std::string& word = program[at];
    const std::string_view rest = std::string_view(word).substr(std::min<std::size_t>(1, word.size()));
    const auto number = parse_unsigned<std::uint64_t>(rest);
    if (word == "t" || word == "T") {
      if (next != Stamp::None) return std::nullopt;
      next = word == "t" ? Stamp::Tai64n : Stamp::Local;
    } else if (word.starts_with('s') && number) {
      size = std::clamp(*number, kLeastSize, kMostSize);
    } else if (word.starts_with('n') && number && *number > 0) {
      files = *number;
    } else if (word.starts_with('S') && number) {
      total = *number;
    } else if (word.starts_with('R') && number) {
      every = *number;
    } else if (word.starts_with('?')) {
      processor = rest;
    } else if (word.starts_with('p')) {
      prefix = rest.empty() ? std::string() : std::string(rest) + " ";
    } else if (word.starts_with('.') || word.starts_with('/')) {
      if (of_all.value_or(next) != next) return std::nullopt;
      of_all = next;
      next = Stamp::None;
      LogDirectory directory{
          .path = word, .size = size, .files = files, .processor = processor, .prefix = prefix};
      if (total != 0) directory.total = total;
      if (every != 0) directory.every = std::chrono::seconds(every);
      logger.directories.push_back(std::move(directory));
    } else {
      return std::nullopt;
    }
  }
  if (logger.directories.empty() || next != Stamp::None) return std::nullopt;
  logger.stamp = *of_all;
  return logger;
}

std::vector<std::string> write_logger(const Logger& logger, FileSet&, std::vector<Loss>& losses) {
  std::vector<std::string> words{"s6-log"};
  const Stamp stamp = nearest_stamp(logger.stamp, {Stamp::None, Stamp::Tai64n, Stamp::Local}, "s6", losses);
  std::uint64_t size = kUsualSize, files = kUsualFiles, total = 0;
  std::string processor, prefix;
  for (LogDirectory directory : logger.directories) {
    const std::uint64_t wanted_size =
        bounded_size(directory.size.value_or(kUsualSize), kLeastSize, kMostSize, "s6-log", losses);
    std::uint64_t wanted_files = directory.files.value_or(kUsualFiles);
    if (wanted_files == 0) {
      wanted_files = UINT32_MAX;
      losses.push_back({"run", 0, "all old files are kept", "s6-log keeps a number of them: 4294967295", ""});
    }
    if (wanted_files != files) words.push_back("n" + std::to_string(files = wanted_files));
    if (wanted_size != size) words.push_back("s" + std::to_string(size = wanted_size));
    if (directory.total.value_or(0) != total)
      words.push_back("S" + std::to_string(total = directory.total.value_or(0)));
    // The blank that s6-log puts after its prefix.
    if (directory.prefix != prefix && (directory.prefix.empty() || directory.prefix.ends_with(' '))) {
      prefix = directory.prefix;
      words.push_back("p" + prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1));
    }
    if (directory.prefix == prefix) directory.prefix.clear();
    if (directory.processor != processor) words.push_back("?" + (processor = directory.processor));
    if (stamp != Stamp::None) words.emplace_back(stamp == Stamp::Tai64n ? "t" : "T");
    words.push_back(directory_word(directory.path));
    directory.size.reset();
    directory.files.reset();
    directory.total.reset();
    directory.processor.clear();
    lose_rest(directory, "s6", "s6-log", losses);
  }
  return words;
}

// --- settings ---

void read_settings(FileSet& files, ServiceDefinition& definition, std::vector<Loss>& losses) {
  constexpr std::size_t kLongestNumber = 11, kLongestSignal = 15;
  const auto origin = [&](const char* field, const char* file) {
    definition.origins.places.push_back({field, file, 1});
  };
  const auto wrong = [&](const char* file, const std::string& text) {
    losses.push_back(
        {file, 1, std::string(file) + " " + text, "s6-supervise does not take it either", "mend it"});
  };
  const auto number = [&](const char* file, std::uint64_t most) -> std::optional<std::uint64_t> {
    const auto line = take_line(files, file);
    if (!line) return std::nullopt;
    const auto value = parse_unsigned<std::uint64_t>(std::string_view(*line).substr(0, kLongestNumber));
    if (value && *value <= most) return value;
    wrong(file, *line);
    return std::nullopt;
  };
  const auto signal = [&](const char* file, int& into, const char* field) {
    const auto line = take_line(files, file);
    if (!line) return;
    const int value = parse_signal(std::string_view(*line).substr(0, kLongestSignal));
    if (value == 0) return wrong(file, *line);
    into = value;
    origin(field, file);
  };
  if (const auto fd = number("notification-fd", 1'048'575)) {
    definition.readiness = {definition::Readiness::How::Descriptor, static_cast<int>(*fd)};
    origin("readiness", "notification-fd");
  }
  if (const auto fd = number("lock-fd", 1'048'575)) {
    definition.lock_descriptor = static_cast<int>(*fd);
    origin("lock_descriptor", "lock-fd");
  }
  if (const auto limit = number("timeout-kill", UINT32_MAX)) {
    definition.kill_after = std::chrono::milliseconds(*limit);
    origin("kill_after", "timeout-kill");
  }
  if (const auto limit = number("timeout-finish", UINT32_MAX)) {
    if (definition.finish) definition.finish_limit = std::chrono::milliseconds(*limit);
    origin("finish_limit", "timeout-finish");
  }
  if (const auto deaths = number("max-death-tally", UINT32_MAX)) {
    definition.death_tally = static_cast<unsigned>(*deaths);
    origin("death_tally", "max-death-tally");
  }
  signal("down-signal", definition.stop_signal, "stop_signal");
  signal("reload-signal", definition.reload_signal, "reload_signal");
  for (const char* const flag : {"flag-newpidns", "flag-timeout-killpg"})
    if (take_flag(files, flag)) losses.push_back({flag, 0, flag, "no other family has it", ""});
}

void write_settings(ServiceDefinition& rest, FileSet& files, std::vector<Loss>&) {
  const auto milliseconds = [](Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + "\n";
  };
  if (rest.readiness.how == definition::Readiness::How::Descriptor && rest.readiness.descriptor > 0) {
    put_text(files, "notification-fd", std::to_string(rest.readiness.descriptor) + "\n");
    rest.readiness = {};
  }
  if (rest.lock_descriptor)
    put_text(files, "lock-fd", std::to_string(*std::exchange(rest.lock_descriptor, {})) + "\n");
  if (rest.kill_after) put_text(files, "timeout-kill", milliseconds(*std::exchange(rest.kill_after, {})));
  if (rest.finish_limit)
    put_text(files, "timeout-finish", milliseconds(*std::exchange(rest.finish_limit, {})));
  if (rest.death_tally)
    put_text(files, "max-death-tally", std::to_string(*std::exchange(rest.death_tally, {})) + "\n");
  const auto signal = [&](const char* file, int& value, int usual) {
    if (value == usual || parse_signal(signal_name(value)) != value) return;
    put_text(files, file, std::string("SIG") + signal_name(value) + "\n");
    value = usual;
  };
  signal("down-signal", rest.stop_signal, 15);
  signal("reload-signal", rest.reload_signal, 1);
}

constexpr const char* kTools[] = {"execlineb",     "s6-applyuidgid",  "s6-envdir",        "s6-envuidgid",
                                  "s6-fghack",     "s6-ftrig-listen", "s6-ftrig-listen1", "s6-ftrig-notify",
                                  "s6-ftrig-wait", "s6-log",          "s6-notifyoncheck", "s6-setlock",
                                  "s6-setsid",     "s6-setuidgid",    "s6-softlimit",     "s6-svc",
                                  "s6-svok",       "s6-svscan",       "s6-svscanctl",     "s6-svstat",
                                  "s6-svwait",     "s6-tai64n",       "s6-tai64nlocal",   "with-contenv"};
constexpr const char* kNames[] = {"notification-fd",     "lock-fd",     "timeout-kill",  "timeout-finish",
                                  "max-death-tally",     "down-signal", "reload-signal", "flag-newpidns",
                                  "flag-timeout-killpg", "event"};

const DirectoryFormat kFormat{
    .family = "s6",
    .convention = &kConvention,
    .language = {.read = read_script, .write = write_script},
    .logger = {.read = read_logger, .write = write_logger},
    .ready_descriptor = 3,
    .verdict = definition::Verdict::DownBy125,
    // 7.3.
    .finish_limit = std::chrono::seconds(5),
    .names = kNames,
    .read_settings = read_settings,
    .write_settings = write_settings,
};
constexpr ValueRules kEnvironmentFiles{.carriage_returns = true, .most = 4095};

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{
    "s6",
    [](const DirectoryContent& content) { return read_directory(kFormat, content); },
    [](const ServiceDefinition& definition) { return write_directory(kFormat, definition); },
    kTools,
    &kEnvironmentFiles,
    {},
    "s6-rc",
    [](std::span<const DirectoryContent> services) {
      return read_service_sources(services, kDefinitionCodec);
    }};

}  // namespace kindred::s6
