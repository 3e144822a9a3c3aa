// How nosh writes down a service: bundles, scripts of its own interpreter, cyclog. Source: interfaces/nosh.md sections 3, 6,
// 15, 16 and 17.

#include <algorithm>
#include <array>

#include "compat-nosh/chain/tools.h"
#include "compat-nosh/convention.h"
#include "core/base/number.h"
#include "core/base/quoted_words.h"
#include "core/definition/base_tools.h"
#include "core/definition/logger_words.h"
#include "core/definition/shell_script.h"
#include "core/definition/step_lines.h"

namespace kindred::nosh {
namespace {

using definition::LogDirectory;
using definition::Logger;
using definition::Relation;
using definition::Stamp;
using definition::Step;

constexpr std::string_view kLetters = "acdfloprst";

struct WordsFor : StepWords {
  bool operator()(const definition::Become& step) const {
    const definition::Account& account = step.account;
    if (account.numeric || account.user.starts_with('-') || !account.more_groups.empty()) return false;
    add({"setuidgid"});
    if (account.all_groups) add({"--supplementary"});
    if (account.group) add({"--primary-group", *account.group});
    return add({"--", account.user});
  }
  bool operator()(const definition::TellAccount& step) const {
    const definition::Account& account = step.account;
    if (account.numeric || account.group || account.all_groups || step.tells_list) return false;
    return add({"envuidgid", "--", account.user});
  }
  bool operator()(const definition::ReadEnvDirectory& step) const { return add({"envdir", "--", step.path}); }
  bool operator()(const definition::HoldLock& step) const {
    if (step.kind != definition::HoldLock::Kind::Flock) return false;
    add({"setlock"});
    if (!step.waits) add({"--non-blocking"});
    if (step.quiet) add({"--ignore"});
    return add({"--", step.path});
  }
  bool operator()(const definition::NewSession&) const { return add({"setsid"}); }
  bool operator()(const definition::CopyDescriptor& step) const {
    return add({"fdmove", "-c", std::to_string(step.to), std::to_string(step.from)});
  }
  bool operator()(const definition::OpenFile& step) const {
    using For = definition::OpenFile::For;
    return add({"fdredir",
                step.how == For::Reading   ? "--read"
                : step.how == For::Writing ? "--write"
                                           : "--append",
                std::to_string(step.descriptor), step.path});
  }
  bool operator()(const definition::EnterDirectory& step) const {
    return !step.path.starts_with('-') && add({"chdir", step.path});
  }
  bool operator()(const definition::ChangeRoot& step) const {
    if (step.path.starts_with('-')) return false;
    add({"chroot", step.path});
    return !step.enters || add({"chdir", "/"});
  }
  bool operator()(const definition::SetFileMask& step) const {
    return add({"umask", shell_statement(step)->substr(6)});
  }
  bool operator()(const definition::SetVariable& step) const {
    if (step.name.empty() || step.name.starts_with('-')) return false;
    return step.value ? add({"setenv", step.name, *step.value}) : add({"unsetenv", step.name});
  }
  bool operator()(const definition::ClearEnvironment&) const { return add({"exec", "--clear"}); }
  bool operator()(const definition::NameProgram& step) const { return add({"exec", "--arg0", step.name}); }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

std::size_t write_step(std::span<const Step> steps, std::vector<std::string>& words) {
  if (const auto* const limit = std::get_if<definition::SetLimit>(&steps.front())) {
    using Which = definition::SetLimit::Which;
    if (limit->which == Which::Both) return 0;
    words.emplace_back(limit->which == Which::Soft ? "softlimit" : "hardlimit");
    return write_limits(steps, limit->which, kLetters, words);
  }
  return std::visit(WordsFor{{words}}, steps.front()) ? 1 : 0;
}

/// Two tools that are one step, and one that also removes GIDLIST.
std::size_t read_idiom(std::span<const std::string> words, std::vector<Step>& steps) {
  const auto is = [&](std::size_t at, std::string_view word) {
    return at < words.size() && words[at] == word;
  };
  if (is(0, "chroot") && words.size() > 4 && is(2, "chdir") && is(3, "/") && !words[1].starts_with('-')) {
    steps.emplace_back(definition::ChangeRoot{words[1], true});
    return 4;
  }
  const std::size_t at = is(1, "--") ? 2 : 1;
  if (is(0, "envuidgid") && words.size() > at + 1 && !words[at].starts_with('-')) {
    steps.emplace_back(definition::TellAccount{{.user = words[at]}});
    return at + 1;
  }
  return 0;
}

// --- scripts of the interpreter ---

std::optional<definition::Command> read_script(std::string_view text) {
  if (interpreter_of(text) != "nosh") return read_shell_command(text, chain_tools(), read_idiom);
  const QuotedWords read = split_quoted_words(text);
  if (read.end != QuotedWords::End::Whole || read.words.empty()) return std::nullopt;
  Chain chain = read_chain(read.words, chain_tools(), read_idiom);
  definition::Command command{{}, std::move(chain.steps), std::move(chain.program)};
  command.comments = comments_of(text);
  return command;
}

std::string nosh_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%^=?!*$&(){}[]<>|;~`";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

std::string write_script(const definition::Command& command, const std::function<void(const Step&)>& lost) {
  return write_step_lines(command, {"#!/usr/bin/env nosh", write_step, nosh_word}, lost);
}

// --- cyclog ---

constexpr std::uint64_t kUsualSize = 16777215, kUsualTotal = 1073741823, kLeastSize = 4096;

std::optional<Logger> read_logger(const std::vector<std::string>& program, FileSet&, std::vector<Loss>&) {
  if (program.size() < 2 || !is_program(program[0], "cyclog")) return std::nullopt;
  std::uint64_t size = kUsualSize, total = kUsualTotal;
  std::size_t at = 1;
  for (; at < program.size() && program[at].starts_with("--"); at += 2) {
    if (program[at] == "--") {
      ++at;
      break;
    }
    const bool is_size = program[at] == "--max-file-size";
    if ((!is_size && program[at] != "--max-total-size") || at + 1 == program.size()) return std::nullopt;
    const auto number = parse_unsigned<std::uint64_t>(program[at + 1]);
    if (!number) return std::nullopt;
    (is_size ? size : total) = *number;
  }
  size = std::max(size, kLeastSize);
  Logger logger;
  logger.stamp = Stamp::Tai64n;
  for (; at < program.size(); ++at) {
    if (program[at].starts_with('-')) return std::nullopt;
    logger.directories.push_back({.path = program[at], .size = size, .total = std::max(total, size)});
  }
  if (logger.directories.empty()) return std::nullopt;
  return logger;
}

std::vector<std::string> write_logger(const Logger& logger, FileSet& files, std::vector<Loss>& losses) {
  std::vector<std::string> words{"cyclog"};
  static_cast<void>(nearest_stamp(logger.stamp, {Stamp::Tai64n}, "nosh", losses));
  std::vector<std::string> paths;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> of_all;
  for (LogDirectory directory : logger.directories) {
    const std::uint64_t size =
        bounded_size(directory.size.value_or(kUsualSize), kLeastSize, UINT32_MAX, "cyclog", losses);
    std::uint64_t total = directory.total.value_or(kUsualTotal);
    if (directory.files && !directory.total) {
      // As many bytes as that many files have.
      total =
          *directory.files == 0 ? UINT64_MAX / 2 : size * std::min(*directory.files, UINT64_MAX / 2 / size);
      losses.push_back({"run", 0,
                        *directory.files == 0 ? "all old files are kept"
                                              : std::to_string(*directory.files) + " old files are kept",
                        "cyclog counts bytes: old files have " + std::to_string(total) + " at most", ""});
      directory.files.reset();
    }
    if (of_all && *of_all != std::pair(size, total))
      losses.push_back({"run", 0, "the rotation of " + directory.path,
                        "cyclog has one for all its directories", "run a cyclog for each"});
    else
      of_all = {size, total};
    put_log_directory(directory.path, files);
    paths.push_back(directory.path);
    directory.size.reset();
    directory.total.reset();
    lose_rest(directory, "nosh", "cyclog", losses);
  }
  if (of_all && of_all->first != kUsualSize)
    words.insert(words.end(), {"--max-file-size", std::to_string(of_all->first)});
  if (of_all && of_all->second != kUsualTotal)
    words.insert(words.end(), {"--max-total-size", std::to_string(of_all->second)});
  words.insert(words.end(), paths.begin(), paths.end());
  return words;
}

// --- flags and relations ---

void read_settings(FileSet& files, ServiceDefinition& definition, std::vector<Loss>&) {
  const auto flag = [&](const char* file, const char* field) {
    if (!take_flag(files, file)) return false;
    definition.origins.places.push_back({field, file, 0});
    return true;
  };
  definition.hang_up = flag("use_hangup", "hang_up");
  definition.stays_up_empty = flag("remain", "stays_up_empty");
  if (flag("ready_after_run", "readiness")) definition.readiness = {definition::Readiness::How::Exited, -1};
  if (flag("no_kill_signal", "kill_after")) definition.kill_after = Duration{0};
}

void write_settings(ServiceDefinition& rest, FileSet& files, std::vector<Loss>&) {
  if (std::exchange(rest.hang_up, false)) put_flag(files, "use_hangup");
  if (std::exchange(rest.stays_up_empty, false)) put_flag(files, "remain");
  if (rest.readiness.how == definition::Readiness::How::Exited) {
    put_flag(files, "ready_after_run");
    rest.readiness = {};
  }
  if (rest.kill_after == Duration{0}) {
    put_flag(files, "no_kill_signal");
    rest.kill_after.reset();
  }
}

constexpr std::pair<std::string_view, Relation::Kind> kRelations[] = {
    {"wants", Relation::Kind::Wants},
    {"requires", Relation::Kind::Requires},
    {"after", Relation::Kind::After},
    {"before", Relation::Kind::Before},
    {"conflicts", Relation::Kind::Conflicts},
    {"wanted-by", Relation::Kind::WantedBy},
    {"required-by", Relation::Kind::RequiredBy},
    {"stopped-by", Relation::Kind::StoppedBy},
    {"expects", Relation::Kind::Expects},
};

/// The relations of a bundle, which lie beside its service directory.
void take_relations(DirectoryContent& content, ServiceDefinition& definition) {
  FileSet files(std::move(content.files));
  for (const auto& [directory, kind] : kRelations) {
    if (const definition::File* const there = files.find(directory);
        there == nullptr || there->kind != definition::File::Kind::Directory)
      continue;
    static_cast<void>(files.take(directory));
    for (definition::File& file : files.take_below(directory)) {
      if (file.kind == definition::File::Kind::Link && file.path.find('/') == std::string::npos) {
        definition.relations.push_back({kind, file.path, file.bytes});
        definition.origins.places.push_back({"relations", std::string(directory) + "/" + file.path, 0});
      } else {
        file.path = std::string(directory) + "/" + file.path;
        files.put(std::move(file));
      }
    }
  }
  content.files = std::move(files).rest();
}

constexpr const char* kTools[] = {"nosh",
                                  "clearenv",
                                  "cyclog",
                                  "envdir",
                                  "envuidgid",
                                  "fdmove",
                                  "fdredir",
                                  "setenv",
                                  "setlock",
                                  "setuidgid",
                                  "softlimit",
                                  "hardlimit",
                                  "unsetenv",
                                  "userenv",
                                  "machineenv",
                                  "read-conf",

                                  "recordio",
                                  "service-control",
                                  "service-status",
                                  "service-is-up",
                                  "service-is-ok",
                                  "system-control",
                                  "tcp-socket-listen",
                                  "udp-socket-listen",
                                  "local-stream-socket-listen",
                                  "tcp-socket-accept",
                                  "local-stream-socket-accept",
                                  "ucspi-socket-rules-check",
                                  "move-to-control-group",
                                  "create-control-group",
                                  "set-control-group-knob"};
constexpr const char* kNames[] = {"wants",      "requires",        "after",         "before",  "conflicts",
                                  "wanted-by",  "required-by",     "stopped-by",    "expects", "remain",
                                  "use_hangup", "ready_after_run", "no_kill_signal"};

const DirectoryFormat kFormat{
    .family = "nosh",
    .convention = &kConvention,
    .language = {.read = read_script, .write = write_script},
    // Section 16: the interpreter takes no arguments, and restart is told some.
    .told_language = {.read = read_script,
                      .write =
                          [](const definition::Command& command, const auto& lost) {
                            return write_shell_command(command, write_step, lost);
                          }},
    .logger = {.read = read_logger, .write = write_logger},
    .above_log = "../../service",
    // Section 6: restart decides.
    .verdict = definition::Verdict::DownByFail,
    .finish_limit = Duration{0},
    .no_finish_means_success = true,
    .names = kNames,
    .read_settings = read_settings,
    .write_settings = write_settings,
};
constexpr ValueRules kEnvironmentFiles{.chomps = false};

ReadDefinition read_bundle(const DirectoryContent& content) {
  DirectoryContent rest = content;
  ServiceDefinition related;
  take_relations(rest, related);
  ReadDefinition result = read_directory(kFormat, rest);
  result.definition.relations = std::move(related.relations);
  for (auto& place : related.origins.places) result.definition.origins.places.push_back(std::move(place));
  return result;
}

WrittenDefinition write_bundle(const ServiceDefinition& definition) {
  ServiceDefinition rest = definition;
  std::vector<definition::File> links;
  for (const Relation& relation : std::exchange(rest.relations, {})) {
    const auto* const row = std::find_if(std::begin(kRelations), std::end(kRelations),
                                         [&](const auto& each) { return each.second == relation.kind; });
    const std::string directory(row->first);
    links.push_back({directory, definition::File::Kind::Directory, 0755});
    links.push_back({directory + "/" + relation.name, definition::File::Kind::Link, 0777,
                     relation.target.empty() ? "../../" + relation.name : relation.target});
  }
  WrittenDefinition result = write_directory(kFormat, rest);
  FileSet files(std::move(result.content.files));
  for (definition::File& link : links) files.put(std::move(link));
  result.content.files = std::move(files).rest();
  return result;
}

}  // namespace

extern const DefinitionCodec kDefinitionCodec;
const DefinitionCodec kDefinitionCodec{"nosh", read_bundle, write_bundle, kTools, &kEnvironmentFiles};

}  // namespace kindred::nosh
