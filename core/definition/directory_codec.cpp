#include "core/definition/directory_codec.h"

#include <algorithm>
#include <array>

#include "core/base/signal_name.h"
#include "core/definition/shell_script.h"

namespace kindred {
namespace {

using namespace definition;
using definition::Script;

constexpr std::string_view kOriginal = ".original";
constexpr std::string_view kSupervise = "supervise", kEvent = "event";

/// The script's file, without "./"; empty: the family has no such script.
std::string file_of(const ScriptRule& rule) {
  if (rule.presence == Presence::Never || rule.file == nullptr) return {};
  const std::string_view file = rule.file;
  return std::string(file.starts_with("./") ? file.substr(2) : file);
}

std::vector<Word> words_of(const ScriptRule& rule) { return {rule.words.begin(), rule.words.end()}; }

std::string with_name(std::string_view text, std::string_view name) {
  std::string result(text);
  if (const std::size_t at = result.find("{name}"); at != std::string::npos) result.replace(at, 6, name);
  return result;
}

/// One role of a group in a format.
struct Half {
  const DirectoryFormat& format;
  const Convention& convention;
  std::string prefix;  ///< of its files: "", "service/"
  bool is_log = false;
  bool beside = false;  ///< … a script, not a directory

  [[nodiscard]] std::string file(kindred::Script script) const { return file_of(convention.script(script)); }
  [[nodiscard]] std::vector<Word> words(kindred::Script script) const {
    return words_of(convention.script(script));
  }
  /// A log beside its service runs in the service's directory.
  [[nodiscard]] bool runs_in_parent() const { return is_log && beside; }
  /// One file is both run and finish, told apart by its first word.
  [[nodiscard]] bool sections() const {
    return convention.has(kindred::Script::Finish) &&
           file(kindred::Script::Run) == file(kindred::Script::Finish);
  }
};

struct Slot {
  kindred::Script script;
  std::optional<Body> ServiceDefinition::*body;
  const char* name;
};
constexpr Slot kSlots[] = {
    {kindred::Script::Run, &ServiceDefinition::run, "run"},
    {kindred::Script::Start, &ServiceDefinition::start, "start"},
    {kindred::Script::Finish, &ServiceDefinition::finish, "finish"},
    {kindred::Script::Stop, &ServiceDefinition::stop, "stop"},
};

// --- one file with two sections ---

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t") - begin + 1);
}

struct Sections {
  std::string start, reset;  ///< shell scripts
};

/// Of the shapes in which such files are written:
///
///   case $1 in             [common lines]               [common lines]
///   start)                 if test ${1} = 'start' ; then  start() {
///     …                      …                            …
///     ;;                   fi                           }
///   reset)                 exit 0                       reset() {
///     …                                                   …
///     ;;                                                }
///   esac                                                eval "$TARGET" "$@"
///
/// nullopt: none of them.
std::optional<Sections> read_sections(std::string_view text) {
  if (!is_shell_script(text)) return std::nullopt;
  const std::string first(next_line(text));
  std::string common, start, reset;
  std::string* into = &common;
  enum class Shape : std::uint8_t { Open, Case, If, Functions } shape = Shape::Open;
  bool evaluated = false, closed = false;
  while (!text.empty()) {
    const std::string_view raw = next_line(text);
    const std::string_view line = trimmed(raw);
    const auto body = [&] {
      std::string_view kept = raw;
      if (into != &common && kept.starts_with("  ")) kept.remove_prefix(2);
      *into += std::string(kept) + "\n";
    };
    if (into == &common) {
      if (line.starts_with("TARGET=") || line.starts_with("SVNAME=") || line == "exit 0" ||
          line == "### EOF" || (closed && line.empty()))
        continue;
      if (line == "case $1 in" || line == "case \"$1\" in") {
        if (shape != Shape::Open) return std::nullopt;
        shape = Shape::Case;
        continue;
      }
      if (shape == Shape::Case && (line == "start)" || line == "reset)")) {
        into = line == "start)" ? &start : &reset;
        continue;
      }
      if (shape == Shape::Case && line == "esac") {
        closed = true;
        continue;
      }
      if (shape == Shape::Case && !closed) return std::nullopt;
      std::string squeezed;
      for (const char c : line)
        if (std::string_view(" \t'\"{};[]").find(c) == std::string_view::npos) squeezed += c;
      if (squeezed == "iftest$1=startthen" || squeezed == "if$1=startthen") {
        if (shape != Shape::Open) return std::nullopt;
        shape = Shape::If;
        into = &start;
        continue;
      }
      if ((squeezed == "start()" || squeezed == "reset()") && line.ends_with("{")) {
        if (shape != Shape::Open && shape != Shape::Functions) return std::nullopt;
        shape = Shape::Functions;
        into = squeezed == "start()" ? &start : &reset;
        continue;
      }
      if (shape == Shape::Functions && (squeezed == "eval$TARGET$@" || squeezed == "$TARGET$@" ||
                                        squeezed == "$1$@" || squeezed == "eval$1$@")) {
        evaluated = true;
        continue;
      }
      if (shape != Shape::Open) return std::nullopt;
      body();
    } else if ((shape == Shape::Case && line == ";;") || (shape == Shape::If && line == "fi") ||
               (shape == Shape::Functions && line == "}")) {
      closed = shape == Shape::If;
      into = &common;
    } else {
      body();
    }
  }
  if (into != &common || shape == Shape::Open || (shape == Shape::Functions && !evaluated))
    return std::nullopt;
  return Sections{first + "\n" + common + start, first + "\n" + (reset.empty() ? "" : common + reset)};
}

std::string indented(std::string_view script) {
  std::string text;
  next_line(script);
  while (!script.empty()) {
    const std::string_view line = next_line(script);
    text += line.empty() ? "\n" : "  " + std::string(line) + "\n";
  }
  return text;
}

/// `start` and `reset`: shell scripts; empty: nothing is done.
std::string write_sections(const std::string& start, const std::string& reset) {
  std::string text = "#!/bin/sh\ncase $1 in\n";
  text += "start)\n" + indented(start) + "  ;;\nreset)\n" + indented(reset) + "  ;;\nesac\nexit 0\n";
  return text;
}

// --- reading ---

class Reader {
 public:
  Reader(const Half& half, FileSet& files, ServiceDefinition& definition)
      : half_(half), files_(files), definition_(definition) {}

  [[nodiscard]] bool finish_is_wrapped() const { return wrapped_; }

  void scripts() {
    if (half_.sections()) {
      sections();
    } else {
      for (const Slot& slot : kSlots) {
        const std::string file = half_.file(slot.script);
        if (file.empty()) continue;
        if (auto text = take(half_.prefix + file))
          definition_.*slot.body = body(std::move(*text), half_.words(slot.script), half_.prefix + file,
                                        slot.script == kindred::Script::Finish);
      }
    }
    if (half_.convention.notify != nullptr)
      if (auto text =
              take(half_.prefix + file_of({.presence = Presence::Exists, .file = half_.convention.notify})))
        definition_.notify = body(std::move(*text), {}, "notify", false);
    if (half_.format.check != nullptr)
      if (auto text = take(half_.format.check))
        definition_.check = body(std::move(*text), {}, half_.format.check, false);
    if (half_.format.custom) {
      for (const char letter : std::string_view("cdhikpqtux12"))
        if (auto text = take(std::string("control/") + letter))
          definition_.custom.emplace_back(
              letter, body(std::move(*text), {}, std::string("control/") + letter, false));
      // A directory that has nothing else is no more than its scripts.
      FileSet others(files_.take_below("control"));
      if (others.names().empty()) static_cast<void>(files_.take("control"));
      for (File& file : std::move(others).rest()) {
        file.path = "control/" + file.path;
        files_.put(std::move(file));
      }
    }
  }

 private:
  std::optional<Script> take(const std::string& path) {
    const File* const file = files_.find(path);
    if (file == nullptr || file->kind != File::Kind::Regular) return std::nullopt;
    File taken = *files_.take(path);
    return Script{std::move(taken.bytes), taken.mode};
  }

  Body body(Script script, std::vector<Word> words, const std::string& file, bool is_finish) {
    const Verdict verdict_to = is_finish ? half_.format.verdict : Verdict::Nothing;
    const std::string stay_down = is_finish ? with_name(half_.format.stay_down, definition_.name) : "";
    if (auto wrapper = read_wrapper(script.text, words, verdict_to, stay_down))
      if (auto unwrapped = unwrap(*wrapper, file, is_finish)) return std::move(*unwrapped);
    if (auto command = half_.format.language.read(script.text)) return {std::move(*command), {}, {}, file};
    if (!reads_arguments(script.text)) words.clear();
    return {std::move(script), std::move(words), runs_in_parent() ? ".." : "", file};
  }

  std::optional<Body> unwrap(const Wrapper& wrapper, const std::string& file, bool is_finish) {
    if (!wrapper.file.empty() && !wrapper.file.starts_with("./")) return std::nullopt;
    if (is_finish) {
      definition_.restart = wrapper.restart;
      definition_.verdict = wrapper.verdict;
      wrapped_ = true;
    }
    if (wrapper.file.empty()) return Body{Command{}, {}, {}, file};
    const std::size_t slash = file.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : file.substr(0, slash + 1);
    auto script = take(directory + wrapper.file.substr(2));
    if (!script) return std::nullopt;
    if (auto command = half_.format.language.read(script->text))
      return Body{std::move(*command), {}, {}, file};
    return Body{std::move(*script), wrapper.wanted,
                wrapper.enter.empty() ? (runs_in_parent() ? ".." : "") : (runs_in_parent() ? "" : ".."),
                file};
  }

  void sections() {
    const std::string file = half_.file(kindred::Script::Run);
    auto text = take(half_.prefix + file);
    if (!text) return;
    const auto parts = read_sections(text->text);
    std::vector<Word> start_words = half_.words(kindred::Script::Run),
                      reset_words = half_.words(kindred::Script::Finish);
    if (!parts) {
      definition_.run = Body{*text, std::move(start_words), runs_in_parent() ? ".." : "", file};
      definition_.finish = Body{std::move(*text), std::move(reset_words), runs_in_parent() ? ".." : "", file};
      return;
    }
    Body start = body({parts->start, text->mode}, start_words, file, false);
    Body reset = body({parts->reset, text->mode}, reset_words, file, true);
    // A section that is no chain is not told from the rest of its file.
    const auto is_section = [](const Body& body, const std::string& section) {
      const auto* const script = std::get_if<Script>(&body.what);
      return script != nullptr && script->text == section;
    };
    const bool whole = is_section(start, parts->start) || is_section(reset, parts->reset);
    if (whole) {
      definition_.run = Body{*text, std::move(start_words), runs_in_parent() ? ".." : "", file};
      definition_.finish = Body{std::move(*text), std::move(reset_words), runs_in_parent() ? ".." : "", file};
      return;
    }
    definition_.run = std::move(start);
    const auto* const command = std::get_if<Command>(&reset.what);
    if (command == nullptr || *command != Command{}) definition_.finish = std::move(reset);
  }

  [[nodiscard]] bool runs_in_parent() const { return half_.runs_in_parent(); }

  const Half& half_;
  FileSet& files_;
  ServiceDefinition& definition_;
  bool wrapped_ = false;  ///< finish has said what it decides
};

/// Adds losses of a part, whose files are below `prefix`.
void add_losses(std::vector<Loss> own, const std::string& prefix, std::vector<Loss>& losses) {
  for (Loss& loss : own) {
    if (!loss.file.starts_with(prefix)) loss.file = prefix + loss.file;
    losses.push_back(std::move(loss));
  }
}

void read_logger(const DirectoryFormat& format, ServiceDefinition& log, FileSet& files,
                 std::vector<Loss>& losses) {
  auto* const command = log.run ? std::get_if<Command>(&log.run->what) : nullptr;
  if (command == nullptr || command->program.empty() || format.logger.read == nullptr) return;
  std::vector<Loss> own;
  log.logger = format.logger.read(command->program, files, own);
  add_losses(std::move(own), "log/", losses);
  if (log.logger) command->program.clear();
}

void take_supervise(FileSet& files, ServiceDefinition& definition) {
  if (auto link = files.take(kSupervise); link && link->kind == File::Kind::Link)
    definition.supervise_link = link->bytes;
  static_cast<void>(files.take_below(kSupervise));
  static_cast<void>(files.take(kEvent));
  static_cast<void>(files.take_below(kEvent));
}

Command* steps_of(ServiceDefinition& definition) {
  return definition.run ? std::get_if<Command>(&definition.run->what) : nullptr;
}

// --- writing ---

/// Where the family's tools do not become an account kindred's own does: what ran as somebody is never run as root in its
/// place. nullopt: that does not, either.
std::optional<Step> through_tool(const Step& step) {
  const auto* const become = std::get_if<definition::Become>(&step);
  if (become == nullptr || !become->account.all_groups || become->account.numeric) return std::nullopt;
  const definition::Account& account = become->account;
  definition::RunThrough tool{{"kindred", "run", "--user=" + account.user}};
  if (account.group) tool.words.push_back("--group=" + *account.group);
  for (const std::string& group : account.more_groups)
    tool.words.push_back("--supplementary-groups=" + group);
  return tool;
}

/// Where READY=1 is waited for by a tool, it tells it in the family's way, if that has one.
void carry_notices(const DirectoryFormat& format, ServiceDefinition& rest) {
  Command* const command = rest.readiness.how == Readiness::How::Socket ? steps_of(rest) : nullptr;
  if (command == nullptr) return;
  for (Step& step : command->steps) {
    // From there it is no longer the service directory that it looks into.
    if (std::holds_alternative<definition::EnterDirectory>(step) ||
        std::holds_alternative<definition::ChangeRoot>(step))
      return;
    auto* const tool = std::get_if<definition::RunThrough>(&step);
    if (tool == nullptr) continue;
    const auto notify = std::find(tool->words.begin(), tool->words.end(), "--notify");
    if (notify == tool->words.end()) continue;
    if (format.ready_descriptor > 0) {
      rest.readiness = {Readiness::How::Descriptor, format.ready_descriptor};
    } else if (format.check != nullptr && !rest.check) {
      // Where the supervisor can write, and its clients may look.
      tool->words.insert(notify + 1, "--notify-file=supervise/ready");
      rest.check = Body{definition::Script{"#!/bin/sh\nexec test -e supervise/ready\n"}};
      rest.readiness = {};
    }
    return;
  }
}

class Writer {
 public:
  Writer(const Half& half, ServiceDefinition& rest, FileSet& files, std::vector<Loss>& losses)
      : half_(half), rest_(rest), files_(files), losses_(losses) {}

  void scripts() {
    if (half_.sections()) {
      sections();
    } else {
      for (const Slot& slot : kSlots) {
        const std::string file = half_.file(slot.script);
        if (file.empty()) continue;
        if (slot.script == kindred::Script::Finish)
          finish(half_.prefix + file);
        else
          plain(slot, half_.prefix + file);
      }
    }
    if (half_.convention.notify != nullptr && rest_.notify)
      write(half_.prefix + file_of({.presence = Presence::Exists, .file = half_.convention.notify}),
            *std::exchange(rest_.notify, {}), {}, Verdict::Nothing);
    if (half_.format.check != nullptr && rest_.check)
      write(half_.format.check, *std::exchange(rest_.check, {}), {}, Verdict::Nothing);
    if (half_.format.custom && !rest_.custom.empty()) {
      directory("control");
      for (const auto& [letter, script] : std::exchange(rest_.custom, {}))
        write(std::string("control/") + letter, script, {}, Verdict::Nothing);
    }
  }

  void directory(const std::string& path) {
    if (!files_.has(path)) files_.put({path, File::Kind::Directory, 0755});
  }

 private:
  std::string chain(const ScriptLanguage& language, const Command& command, const std::string& file) {
    Command with_tool = command;
    const auto put_tool = [&](const Step& step) {
      const auto at = std::find(with_tool.steps.begin(), with_tool.steps.end(), step);
      if (std::optional<Step> tool = through_tool(step); tool && at != with_tool.steps.end()) *at = *tool;
    };
    static_cast<void>(language.write(command, put_tool));
    return language.write(with_tool, lost(file));
  }

  std::function<void(const Step&)> lost(const std::string& file) {
    return [this, file](const Step& step) {
      losses_.push_back({file, 0, describe(step), std::string(half_.format.family) + " has no tool for it",
                         "do it in a script of your own"});
    };
  }

  void plain(const Slot& slot, const std::string& path) {
    auto& body = rest_.*slot.body;
    if (!body) return;
    write(path, *body, half_.words(slot.script), Verdict::Nothing);
    body.reset();
  }

  /// The text of the script itself, and its mode.
  std::pair<std::string, mode_t> text_of(const Body& body, bool is_told) {
    if (const auto* const script = std::get_if<Script>(&body.what)) return {script->text, script->mode};
    return {chain(language(is_told), std::get<Command>(body.what), body.file), 0755};
  }

  [[nodiscard]] const ScriptLanguage& language(bool is_told) const {
    const ScriptLanguage& told = half_.format.told_language;
    return is_told && told.write != nullptr ? told : half_.format.language;
  }

  [[nodiscard]] bool told_otherwise(const Body& body, const std::vector<Word>& words) const {
    const auto* const script = std::get_if<Script>(&body.what);
    if (script == nullptr) return false;
    return (body.words != words && reads_arguments(script->text)) || !enter_for(body).empty();
  }

  /// Where a log's script must go from where it begins.
  [[nodiscard]] std::string enter_for(const Body& body) const {
    if (!half_.is_log || !std::holds_alternative<Script>(body.what)) return {};
    if (half_.runs_in_parent()) return body.enter.empty() ? "log" : "";
    return body.enter.empty() ? "" : half_.format.above_log;
  }

  [[nodiscard]] Wrapper wrapper_for(const Body& body, std::vector<Word> words,
                                    const std::string& path) const {
    return {.told = std::move(words),
            .wanted = body.words,
            .name = rest_.name,
            .enter = enter_for(body),
            .file = "./" + path.substr(path.rfind('/') + 1) + std::string(kOriginal)};
  }

  void write(const std::string& path, const Body& body, const std::vector<Word>& words, Verdict verdict) {
    auto [text, mode] = text_of(body, !words.empty());
    if (!told_otherwise(body, words)) {
      files_.put({path, File::Kind::Regular, mode, std::move(text)});
      return;
    }
    files_.put({path + std::string(kOriginal), File::Kind::Regular, mode, std::move(text)});
    Wrapper wrapper = wrapper_for(body, words, path);
    wrapper.verdict = wrapper.verdict_to = verdict;
    files_.put({path, File::Kind::Regular, 0755, wrapper_text(wrapper)});
  }

  /// The wrapper of a finish that decides what becomes of the service; nullopt: none is needed. What it says is struck
  /// from the definition.
  std::optional<Wrapper> decision(const std::vector<Word>& words, const std::string& path) {
    const DirectoryFormat& format = half_.format;
    Wrapper wrapper =
        rest_.finish ? wrapper_for(*rest_.finish, words, path) : Wrapper{.told = words, .name = rest_.name};
    wrapper.verdict = rest_.finish ? rest_.verdict : Verdict::Nothing;
    wrapper.verdict_to = format.verdict;
    wrapper.stay_down = with_name(format.stay_down, rest_.name);
    wrapper.restart = rest_.restart;
    // What ended as nobody had asked is no verdict: 125 by chance is nobody's exit code.
    const bool same_verdict =
        wrapper.verdict == wrapper.verdict_to ||
        (wrapper.verdict == Verdict::Nothing && wrapper.verdict_to == Verdict::DownBy125);
    if (same_verdict && wrapper.restart == Restart::Always) return std::nullopt;
    if (!is_possible(wrapper)) return std::nullopt;
    rest_.restart = Restart::Always;
    rest_.verdict = Verdict::Nothing;
    return wrapper;
  }

  void finish(const std::string& path) {
    const std::vector<Word> words = half_.words(kindred::Script::Finish);
    if (half_.format.no_finish_means_success && !rest_.finish) {
      if (rest_.restart == Restart::OnSuccess) {
        rest_.restart = Restart::Always;
        return;
      }
      if (rest_.restart == Restart::Always) {
        files_.put({path, File::Kind::Regular, 0755,
                    language(!words.empty()).write(Command{.program = {"true"}}, lost(path))});
        return;
      }
    }
    auto wrapper = decision(words, path);
    if (!wrapper) {
      if (rest_.finish && (rest_.verdict == half_.format.verdict || rest_.verdict == Verdict::Nothing))
        rest_.verdict = Verdict::Nothing;
      if (rest_.finish) write(path, *std::exchange(rest_.finish, {}), words, half_.format.verdict);
      return;
    }
    if (rest_.finish) {
      auto [text, mode] = text_of(*rest_.finish, !words.empty());
      files_.put({path + std::string(kOriginal), File::Kind::Regular, mode, std::move(text)});
      rest_.finish.reset();
    }
    files_.put({path, File::Kind::Regular, 0755, wrapper_text(*wrapper)});
  }

  /// A section: the chain itself, or a wrapper of the script that lies beside under the slot's name.
  std::string section(std::optional<Body>& body, const std::vector<Word>& words, const char* name) {
    if (!body) return {};
    const Body taken = *std::exchange(body, {});
    if (const auto* const command = std::get_if<Command>(&taken.what))
      return chain(half_.format.language, *command, taken.file);
    const auto& script = std::get<Script>(taken.what);
    const std::string file = std::string(half_.is_log ? "log-" : "") + name;
    files_.put({half_.prefix + file + std::string(kOriginal), File::Kind::Regular, script.mode, script.text});
    return wrapper_text(wrapper_for(taken, words, file));
  }

  void sections() {
    const std::string path = half_.prefix + half_.file(kindred::Script::Run);
    const std::vector<Word> start_words = half_.words(kindred::Script::Run),
                            reset_words = half_.words(kindred::Script::Finish);
    if (rest_.run && rest_.finish && rest_.run->words == start_words && rest_.finish->words == reset_words &&
        rest_.run->what == rest_.finish->what && enter_for(*rest_.run).empty() &&
        std::holds_alternative<Script>(rest_.run->what)) {
      const auto& script = std::get<Script>(rest_.run->what);
      files_.put({path, File::Kind::Regular, script.mode, script.text});
      rest_.run.reset();
      rest_.finish.reset();
      return;
    }
    if (rest_.finish && rest_.verdict == half_.format.verdict) rest_.verdict = Verdict::Nothing;
    if (!rest_.run && !rest_.finish) return;
    const std::string start = section(rest_.run, start_words, "run");
    const std::string reset = section(rest_.finish, reset_words, "finish");
    files_.put({path, File::Kind::Regular, 0755, write_sections(start, reset)});
  }

  const Half& half_;
  ServiceDefinition& rest_;
  FileSet& files_;
  std::vector<Loss>& losses_;
};

std::string seconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

constexpr const char* kRelationNames[] = {"wants",     "requires",    "after",      "before", "conflicts",
                                          "wanted by", "required by", "stopped by", "expects"};
constexpr const char* kRestartWords[] = {"always", "on failure only", "on success only", "never"};

/// Whatever has not been struck from the definition.
class Remains {
 public:
  Remains(const DirectoryFormat& format, const ServiceDefinition& rest, const std::string& prefix,
          std::vector<Loss>& losses)
      : format_(format), rest_(rest), prefix_(prefix), losses_(losses) {}

  void tell() {
    script("start", rest_.start, "runs nothing before the first run", "begin run with it");
    script("run", rest_.run, "has no place for it", "");
    script("finish", rest_.finish, "runs nothing after run", "do the work at the beginning of run");
    script("stop", rest_.stop, "runs nothing when a service is stopped",
           "do the work where the service is stopped");
    script("check", rest_.check, "asks no script whether a service is ready", "ask it yourself");
    script("notify", rest_.notify, "tells nobody of starts and ends", "");
    for (const auto& [letter, body] : rest_.custom)
      lose("custom", body.file, "control/" + std::string(1, letter), "has no scripts in the place of signals",
           "");
    if (rest_.verdict != Verdict::Nothing)
      lose("verdict", "finish", "the exit code of finish keeps the service down",
           "asks no exit code of finish", "let finish stop the service itself");
    if (rest_.finish_limit)
      lose("finish_limit", "timeout-finish",
           *rest_.finish_limit == Duration{0} ? "finish may take for ever"
                                              : "finish is killed after " + seconds_text(*rest_.finish_limit),
           *rest_.finish_limit == Duration{0} ? "ends it after its own limit" : "lets finish take for ever",
           "run it through timeout(1)");
    if (rest_.restart != Restart::Always)
      lose("restart", "run",
           "restarted " + std::string(kRestartWords[static_cast<std::size_t>(rest_.restart)]),
           "restarts whatever ends", "stop the service where run ends");
    if (rest_.down) lose("down", "down", "not started at first", "starts every service", "");
    if (rest_.tree)
      lose("tree", "kindred.d", "what run has left behind is ended", "leaves it alone",
           "run it under kindred");
    if (rest_.back_off)
      lose("back_off", "kindred.d", "restarts wait longer and longer", "always waits as long",
           "run it under kindred");
    if (rest_.own_session)
      lose("own_session", "run", *rest_.own_session ? "a session of its own" : "no session of its own",
           *rest_.own_session ? "leaves services in the supervisor's session"
                              : "gives every service a session of its own",
           "");
    if (rest_.stop_signal != 15)
      lose("stop_signal", "down-signal", std::string("down-signal ") + signal_name(rest_.stop_signal),
           "stops services by TERM alone", "let the program, or a script before it, take TERM for that");
    if (rest_.reload_signal != 1)
      lose("reload_signal", "reload-signal", std::string("reload-signal ") + signal_name(rest_.reload_signal),
           "reloads by HUP", "send the signal yourself");
    if (rest_.hang_up)
      lose("hang_up", "use_hangup", "HUP when it is stopped", "sends TERM and CONT only", "");
    if (rest_.kill_after)
      lose("kill_after", "timeout-kill", "timeout-kill " + seconds_text(*rest_.kill_after),
           "kills nothing by itself", "kill what has not ended where you stop it");
    if (rest_.stays_up_empty)
      lose("stays_up_empty", "remain", "up when run has ended", "restarts run then",
           "end run in a program that waits");
    readiness();
    if (rest_.lock_descriptor)
      lose("lock_descriptor", "lock-fd", "lock-fd " + std::to_string(*rest_.lock_descriptor),
           "keeps no lock for a service", "take it with a tool in run");
    if (rest_.death_tally)
      lose("death_tally", "max-death-tally", "max-death-tally " + std::to_string(*rest_.death_tally),
           "remembers no deaths", "");
    for (const Relation& relation : rest_.relations)
      lose("relations", "",
           std::string(kRelationNames[static_cast<std::size_t>(relation.kind)]) + " " + relation.name,
           "knows nothing between services", "wait for it in run");
    for (const Listener& listener : rest_.listeners)
      lose("listeners", "",
           "listens on " + listener.address + (listener.port.empty() ? "" : " " + listener.port),
           "opens no sockets", "let the program open it, or a tool in run");
    if (!rest_.supervise_link.empty())
      lose("supervise_link", "supervise", "supervise leads to " + rest_.supervise_link, "keeps nothing there",
           "");
    if (!rest_.description.empty())
      lose("description", "", "description \"" + rest_.description + "\"", "has no place for it", "");
    if (rest_.logger) lose("logger", "run", "the logger's settings", "has no such logger", "");
    for (const ServiceDefinition& log : rest_.log) {
      static_cast<void>(log);
      lose("log", "log", "the log service", "has no log for it", "");
    }
  }

 private:
  void lose(const std::string& field, std::string file, std::string thing, const std::string& why,
            std::string advice) {
    Loss loss{std::move(file), 0, std::move(thing), std::string(format_.family) + " " + why,
              std::move(advice)};
    for (const Origins::Place& place : rest_.origins.places)
      if (place.field == field) {
        loss.file = place.file;
        loss.line = place.line;
      }
    if (!loss.file.empty() && !prefix_.empty() && !loss.file.starts_with(prefix_))
      loss.file = prefix_ + loss.file;
    losses_.push_back(std::move(loss));
  }

  void script(const char* name, const std::optional<Body>& body, const std::string& why, std::string advice) {
    if (body)
      lose(name, body->file.empty() ? name : body->file, std::string(name) + " script", why,
           std::move(advice));
  }

  void readiness() {
    switch (rest_.readiness.how) {
      case Readiness::How::Started:
        return;
      case Readiness::How::Descriptor:
        return lose("readiness", "notification-fd",
                    "notification-fd " + std::to_string(rest_.readiness.descriptor),
                    "takes what runs for ready",
                    "what it writes there goes nowhere; whoever waits for it has to ask it");
      case Readiness::How::Socket:
        return lose("readiness", "", "READY=1 on NOTIFY_SOCKET", "takes what runs for ready",
                    "whoever waits for it has to ask it");
      case Readiness::How::Exited:
        return lose("readiness", "ready_after_run", "ready when run has ended", "takes what runs for ready",
                    "");
    }
  }

  const DirectoryFormat& format_;
  const ServiceDefinition& rest_;
  const std::string& prefix_;
  std::vector<Loss>& losses_;
};

/// Where the account as which the logger runs is to write, the directory is its own.
std::string owner_for(const Command& command) {
  for (const Step& step : command.steps)
    if (const auto* const become = std::get_if<definition::Become>(&step))
      return become->account.user + (become->account.group ? ":" + *become->account.group : "");
  return {};
}

void write_logger(const DirectoryFormat& format, ServiceDefinition& log, FileSet& files,
                  std::vector<Loss>& losses) {
  Command* const command = steps_of(log);
  if (!log.logger || command == nullptr || format.logger.write == nullptr) return;
  std::vector<Loss> own;
  FileSet made({});
  command->program = format.logger.write(*log.logger, made, own);
  log.logger.reset();
  for (File& file : std::move(made).rest()) {
    if (file.kind == File::Kind::Directory) file.owner = owner_for(*command);
    files.put(std::move(file));
  }
  add_losses(std::move(own), "log/", losses);
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

// --- FileSet ---

FileSet::FileSet(std::vector<File> files) {
  for (File& file : files) put(std::move(file));
}

const File* FileSet::find(std::string_view path) const {
  const auto at = files_.find(path);
  return at == files_.end() ? nullptr : &at->second;
}

std::optional<File> FileSet::take(std::string_view path) {
  const auto at = files_.find(path);
  if (at == files_.end()) return std::nullopt;
  File file = std::move(at->second);
  files_.erase(at);
  return file;
}

std::vector<File> FileSet::take_below(std::string_view directory) {
  const std::string prefix = std::string(directory) + "/";
  std::vector<File> below;
  for (auto at = files_.lower_bound(prefix); at != files_.end() && at->first.starts_with(prefix);) {
    File file = std::move(at->second);
    file.path.erase(0, prefix.size());
    below.push_back(std::move(file));
    at = files_.erase(at);
  }
  return below;
}

void FileSet::put(File file) {
  std::string path = file.path;
  files_.insert_or_assign(std::move(path), std::move(file));
}

std::vector<File> FileSet::rest() && {
  std::vector<File> files;
  for (auto& [path, file] : files_) files.push_back(std::move(file));
  files_.clear();
  return files;
}

std::vector<std::string> FileSet::names() const {
  std::vector<std::string> names;
  for (const auto& [path, file] : files_) names.push_back(path);
  return names;
}

// --- reading and writing ---

namespace {

/// Whether the exit of a finish can keep its service down, as far as its text says.
bool may_decide(const Body& finish, Verdict verdict) {
  if (verdict == Verdict::DownByFail) return true;
  const auto* const script = std::get_if<Script>(&finish.what);
  if (script == nullptr) return !std::get<Command>(finish.what).program.empty();
  return !script->text.starts_with("#!") || script->text.find("125") != std::string::npos;
}

/// The file of that name, if it is understood.
template <class Parse>
auto take_rules(FileSet& files, const char* name, const Parse& parse) -> decltype(parse(std::string_view())) {
  const File* const file = files.find(name);
  if (file == nullptr || file->kind != File::Kind::Regular) return std::nullopt;
  auto rules = parse(file->bytes);
  if (rules) static_cast<void>(files.take(name));
  return rules;
}

/// What kindred's own supervisors read, whatever the family.
void take_own_rules(FileSet& files, ServiceDefinition& definition) {
  definition.back_off = take_rules(files, kBackOffFile, parse_back_off);
  definition.tree = take_rules(files, kTreeWishFile, parse_tree_wish);
  if (!definition.back_off && !definition.tree) return;
  FileSet others(files.take_below(kBackOffDirectory));
  if (others.names().empty()) static_cast<void>(files.take(kBackOffDirectory));
  for (File& other : std::move(others).rest()) {
    other.path = std::string(kBackOffDirectory) + "/" + other.path;
    files.put(std::move(other));
  }
}

/// `name`: of the service whose scripts are told it.
ServiceDefinition read_half(const DirectoryFormat& format, const Convention& convention,
                            const std::string& name, bool is_log, bool beside, FileSet& files,
                            std::vector<Loss>& losses) {
  ServiceDefinition definition;
  definition.name = name;
  const char* const below = format.convention->service_directory;
  const File* const inner = below != nullptr ? files.find(below) : nullptr;
  const Half half{format, convention, inner != nullptr ? std::string(below) + "/" : "", is_log, beside};
  if (inner != nullptr) static_cast<void>(files.take(below));
  if (format.has_supervise) take_supervise(files, definition);
  Reader reader(half, files, definition);
  reader.scripts();
  if (convention.down_file != nullptr) definition.down = take_flag(files, half.prefix + convention.down_file);
  if (convention.once_file != nullptr && take_flag(files, half.prefix + convention.once_file))
    definition.restart = Restart::Never;
  if (convention.stay_in_session != nullptr && take_flag(files, half.prefix + convention.stay_in_session))
    definition.own_session = false;
  if (format.no_finish_means_success && !definition.finish) {
    if (definition.restart == Restart::Always) definition.restart = Restart::OnSuccess;
  } else if (definition.finish && !reader.finish_is_wrapped()) {
    const auto* const command = std::get_if<Command>(&definition.finish->what);
    if (format.no_finish_means_success && command != nullptr && *command == Command{.program = {"true"}})
      definition.finish.reset();
    else if (may_decide(*definition.finish, format.verdict))
      definition.verdict = format.verdict;
  }
  // A wrapper that runs nothing has said all that there is in its restart.
  if (definition.finish)
    if (const auto* const command = std::get_if<Command>(&definition.finish->what);
        command != nullptr && *command == Command{} && definition.restart != Restart::Always)
      definition.finish.reset();
  if (format.read_settings != nullptr) {
    std::vector<Loss> own;
    FileSet settings(half.prefix.empty() ? std::move(files).rest()
                                         : files.take_below(half.prefix.substr(0, half.prefix.size() - 1)));
    format.read_settings(settings, definition, own);
    for (File& file : std::move(settings).rest()) files.put(std::move(file));
    add_losses(std::move(own), is_log ? "log/" : "", losses);
  }
  if (definition.finish && !definition.finish_limit) definition.finish_limit = format.finish_limit;
  if (!is_log) take_own_rules(files, definition);
  return definition;
}

constexpr std::string_view kLogDirectory = "log";

bool begins_with(const ServiceDefinition& log, const char* directory) {
  const auto* const command = log.run ? std::get_if<Command>(&log.run->what) : nullptr;
  return command != nullptr && !command->steps.empty() &&
         command->steps.front() == Step(definition::EnterDirectory{directory});
}

}  // namespace

namespace {

bool is_relative(std::string_view word) {
  return word.starts_with("./") || word.starts_with("../") || word == "." || word == "..";
}

struct PathOf {
  std::string_view operator()(const definition::ReadEnvDirectory& step) const { return step.path; }
  std::string_view operator()(const definition::EnterDirectory& step) const { return step.path; }
  std::string_view operator()(const definition::ChangeRoot& step) const { return step.path; }
  std::string_view operator()(const definition::HoldLock& step) const { return step.path; }
  std::string_view operator()(const definition::OpenFile& step) const { return step.path; }
  template <class Other>
  std::string_view operator()(const Other&) const {
    return "/";
  }
};

/// Whether it matters in which directory the chain begins.
bool depends_on_directory(const ServiceDefinition& log) {
  const auto* const command = log.run ? std::get_if<Command>(&log.run->what) : nullptr;
  if (command == nullptr) return true;
  return std::any_of(command->steps.begin(), command->steps.end(),
                     [](const Step& step) { return !std::visit(PathOf{}, step).starts_with('/'); }) ||
         std::any_of(command->program.begin(), command->program.end(), is_relative) ||
         (log.logger && std::any_of(log.logger->directories.begin(), log.logger->directories.end(),
                                    [](const LogDirectory& each) { return !each.path.starts_with('/'); }));
}

}  // namespace

ReadDefinition read_directory(const DirectoryFormat& format, const DirectoryContent& content) {
  ReadDefinition result;
  FileSet files(content.files);
  const GroupConvention& convention = *format.convention;
  std::optional<ServiceDefinition> log;
  const File* const directory = files.find(kLogDirectory);
  const std::string beside = format.log_script != nullptr ? format.log_script : "";
  if (!beside.empty() && files.has(beside) && files.find(beside)->kind == File::Kind::Regular) {
    // It runs in the service directory, where a log that is a directory runs in that.
    FileSet own({*files.take(beside)});
    for (const std::string_view original : {"log-run.original", "log-finish.original"})
      if (auto file = files.take(original)) own.put(std::move(*file));
    log = read_half(format, convention.log, content.name, true, true, own, result.losses);
    for (File& file : std::move(own).rest()) files.put(std::move(file));
    const bool in_log = begins_with(*log, "log");
    if (!in_log) read_logger(format, *log, files, result.losses);
    FileSet below(files.take_below(kLogDirectory));
    if (directory != nullptr) static_cast<void>(files.take(kLogDirectory));
    Command* const command = steps_of(*log);
    if (in_log) {
      command->steps.erase(command->steps.begin());
      read_logger(format, *log, below, result.losses);
    } else if (command != nullptr && (!below.names().empty() || depends_on_directory(*log))) {
      command->steps.insert(command->steps.begin(), definition::EnterDirectory{".."});
    }
    log->files = std::move(below).rest();
  } else if (format.log_in_directory && directory != nullptr && directory->kind == File::Kind::Directory &&
             files.has("log/run")) {
    static_cast<void>(files.take(kLogDirectory));
    FileSet below(files.take_below(kLogDirectory));
    const Convention& of_log =
        convention.supervises_log && convention.log_is_directory ? convention.log : convention.main;
    log = read_half(format, of_log, content.name, true, false, below, result.losses);
    read_logger(format, *log, below, result.losses);
    log->files = std::move(below).rest();
  } else if (format.log_in_directory && directory != nullptr && directory->kind == File::Kind::Directory &&
             convention.service_directory != nullptr &&
             files.has("log/" + std::string(convention.service_directory) + "/run")) {
    static_cast<void>(files.take(kLogDirectory));
    FileSet below(files.take_below(kLogDirectory));
    log = read_half(format, convention.main, content.name, true, false, below, result.losses);
    read_logger(format, *log, below, result.losses);
    log->files = std::move(below).rest();
  }
  result.definition = read_half(format, convention.main, content.name, false, false, files, result.losses);
  if (log) {
    log->name.clear();
    if (format.log_in_directory && begins_with(*log, format.above_log))
      steps_of(*log)->steps.front() = definition::EnterDirectory{".."};
    if (convention.log_hears_errors)
      if (Command* const command = steps_of(result.definition)) {
        // What its log hears anyway is what others have to say.
        const Step errors = CopyDescriptor{2, 1};
        if (std::find(command->steps.begin(), command->steps.end(), errors) == command->steps.end())
          command->steps.insert(command->steps.begin(), errors);
      }
    result.definition.log.push_back(std::move(*log));
  }
  if (format.sticky_is_active && (content.mode & 01000) == 0) {
    result.losses.push_back({"", 0, "the directory lacks the sticky bit",
                             std::string(format.family) + " does not supervise it",
                             "it is converted as one that is down"});
    result.definition.down = true;
  }
  result.definition.files = std::move(files).rest();
  return result;
}

namespace {

/// Everything of one half but its log and its other files. `prefix`: of losses.
void write_half(const DirectoryFormat& format, const Convention& convention, bool is_log, bool beside,
                ServiceDefinition& rest, FileSet& files, const std::string& prefix,
                std::vector<Loss>& losses) {
  const char* const below = format.convention->service_directory;
  const Half half{format, convention, below != nullptr ? std::string(below) + "/" : "", is_log, beside};
  std::vector<Loss> own;
  if (format.has_supervise && !rest.supervise_link.empty())
    files.put({std::string(kSupervise), File::Kind::Link, 0777, std::exchange(rest.supervise_link, {})});
  if (rest.own_session) {
    if (*rest.own_session == convention.own_session) {
      rest.own_session.reset();
    } else if (*rest.own_session) {
      if (Command* const command = steps_of(rest)) {
        // What a shell does itself comes first, and needs no shell of its own.
        const auto first = std::find_if(command->steps.begin(), command->steps.end(),
                                        [](const Step& step) { return !shell_statement(step); });
        command->steps.insert(first, definition::NewSession{});
        rest.own_session.reset();
      }
    } else if (convention.stay_in_session != nullptr) {
      put_flag(files, half.prefix + convention.stay_in_session);
      rest.own_session.reset();
    }
  }
  if (convention.once_file != nullptr && rest.restart == Restart::Never) {
    put_flag(files, half.prefix + convention.once_file);
    rest.restart = Restart::Always;
  }
  // Where kindred looks for it, whatever the family; its own supervisor passes it over.
  if (rest.back_off && !is_log) {
    put_text(files, kBackOffFile, format_back_off(*rest.back_off));
    rest.back_off.reset();
  }
  if (rest.tree && !is_log) {
    put_text(files, kTreeWishFile, format_tree_wish(*rest.tree));
    rest.tree.reset();
  }
  if (rest.down && convention.down_file != nullptr) {
    put_flag(files, half.prefix + convention.down_file);
    rest.down = false;
  }
  // Who runs no finish limits none.
  if (!rest.finish || !convention.has(kindred::Script::Finish) || rest.finish_limit == format.finish_limit)
    rest.finish_limit.reset();
  carry_notices(format, rest);
  if (format.write_settings != nullptr) {
    FileSet settings({});
    format.write_settings(rest, settings, own);
    for (File& file : std::move(settings).rest()) {
      file.path = half.prefix + file.path;
      files.put(std::move(file));
    }
  }
  // What such a program writes to must be there, whoever hears it.
  if (rest.readiness.how == Readiness::How::Descriptor)
    if (Command* const command = steps_of(rest))
      command->steps.insert(command->steps.begin(),
                            OpenFile{rest.readiness.descriptor, "/dev/null", OpenFile::For::Writing});
  Writer(half, rest, files, own).scripts();
  Remains(format, rest, prefix, own).tell();
  if (!half.prefix.empty()) files.put({below, File::Kind::Directory, 0755});
  add_losses(std::move(own), prefix, losses);
}

/// The files that are carried as they are, unless the family would take one for its own.
void add_files(const DirectoryFormat& format, const std::vector<File>& carried, FileSet& files,
               const std::string& inner, const std::string& prefix, std::vector<Loss>& losses) {
  std::vector<std::string> reserved(format.names.begin(), format.names.end());
  const Convention& main = format.convention->main;
  for (const Slot& slot : kSlots) reserved.push_back(file_of(main.script(slot.script)));
  for (const char* const name : {main.down_file, main.once_file, main.notify, main.stay_in_session,
                                 format.check, format.log_script, format.convention->service_directory})
    if (name != nullptr) reserved.push_back(file_of({.presence = Presence::Exists, .file = name}));
  if (format.has_supervise) reserved.emplace_back(kSupervise);
  if (format.log_in_directory) reserved.emplace_back(kLogDirectory);
  if (format.custom) reserved.emplace_back("control");
  std::vector<std::string> left_out;
  for (File file : carried) {
    const std::string path = file.path;
    const std::string first = path.substr(0, path.find('/'));
    file.path = inner + path;
    const File* const there = files.find(file.path);
    if (there != nullptr && *there == file) continue;
    const bool both_directories =
        there != nullptr && there->kind == File::Kind::Directory && file.kind == File::Kind::Directory;
    if (both_directories) {
      files.put(file);
      continue;
    }
    if (there != nullptr || std::find(reserved.begin(), reserved.end(), first) != reserved.end()) {
      if (std::find(left_out.begin(), left_out.end(), first) == left_out.end())
        losses.push_back({prefix + path, 0, "the file " + path,
                          "it would mean something else to " + std::string(format.family),
                          "give it another name"});
      left_out.push_back(first);
      continue;
    }
    files.put(file);
  }
}

}  // namespace

WrittenDefinition write_directory(const DirectoryFormat& format, const ServiceDefinition& definition) {
  WrittenDefinition result;
  const GroupConvention& convention = *format.convention;
  ServiceDefinition rest = definition;
  FileSet files({});
  bool logs = false;
  if (!rest.log.empty() && (format.log_in_directory || format.log_script != nullptr)) {
    logs = true;
    ServiceDefinition log = std::move(rest.log.front());
    rest.log.erase(rest.log.begin());
    log.name = definition.name;
    FileSet below({});
    std::vector<File> carried = log.files;
    const bool beside = !format.log_in_directory;
    const bool in_parent = begins_with(log, "..");
    if (beside && in_parent) {
      auto& steps = steps_of(log)->steps;
      steps.erase(steps.begin());
    }
    const Convention& of_log = convention.supervises_log && (beside || convention.log_is_directory)
                                   ? convention.log
                                   : convention.main;
    // Where it runs, its own paths begin.
    const std::string inner = format.convention->service_directory != nullptr
                                  ? std::string(format.convention->service_directory) + "/"
                                  : "";
    FileSet settings({});
    const bool depends = depends_on_directory(log) || !carried.empty();
    write_logger(format, log, settings, result.losses);
    for (File& file : std::move(settings).rest()) {
      file.path = inner + file.path;
      (in_parent ? files : below).put(std::move(file));
    }
    if (Command* const command = steps_of(log); beside && command != nullptr && !in_parent && depends)
      command->steps.insert(command->steps.begin(), definition::EnterDirectory{"log"});
    if (beside && !in_parent && depends) files.put({"log", File::Kind::Directory, 0755});
    write_half(format, of_log, true, beside, log, beside ? files : below, "log/", result.losses);
    add_files(format, carried, below, inner, "log/", result.losses);
    std::vector<File> written = std::move(below).rest();
    if (!written.empty() || !beside) files.put({"log", File::Kind::Directory, 0755});
    for (File& file : written) {
      file.path = "log/" + file.path;
      files.put(std::move(file));
    }
  }
  rest.files.clear();
  rest.name = definition.name;
  if (logs && convention.log_hears_errors)
    if (const Command* const command = steps_of(rest)) {
      const Step errors = CopyDescriptor{2, 1};
      if (std::find(command->steps.begin(), command->steps.end(), errors) == command->steps.end())
        result.losses.push_back({rest.run->file, 0, "what it says on standard error is not its log's",
                                 std::string(format.family) + " gives the log both",
                                 "send it elsewhere in run"});
    }
  write_half(format, convention.main, false, false, rest, files, "", result.losses);
  const char* const inner = convention.service_directory;
  add_files(format, definition.files, files, inner != nullptr ? std::string(inner) + "/" : "", "",
            result.losses);
  for (const std::string& name : files.names())
    for (std::string parent = parent_of(name); !parent.empty(); parent = parent_of(parent))
      if (!files.has(parent)) files.put({parent, File::Kind::Directory, 0755});
  result.content.name = definition.name;
  result.content.mode = logs ? format.mode_with_log : format.mode;
  result.content.files = std::move(files).rest();
  return result;
}

// --- shell scripts of a family's tools ---

std::optional<Command> read_shell_command(std::string_view text, std::span<const ChainTool> tools,
                                          ChainIdiom idiom) {
  auto plain = read_plain_script(text);
  if (!plain) return std::nullopt;
  Chain chain = read_chain(std::move(plain->chain), tools, idiom);
  Command command{std::move(plain->comments), std::move(plain->steps), std::move(chain.program)};
  command.steps.insert(command.steps.end(), chain.steps.begin(), chain.steps.end());
  put_limits_in_order(command.steps);
  return command;
}

std::string write_shell_command(const Command& command, ChainWriter writer,
                                const std::function<void(const Step&)>& lost) {
  std::string text = "#!/bin/sh\n";
  for (const std::string& comment : command.comments) text += "#" + comment + "\n";
  std::span<const Step> steps(command.steps);
  for (; !steps.empty(); steps = steps.subspan(1)) {
    const auto statement = shell_statement(steps.front());
    if (!statement) break;
    text += (*statement == "exec 2>&1" ? std::string("exec 2>&1") : *statement) + "\n";
  }
  const std::vector<std::string> words = write_chain(steps, command.program, writer, lost);
  if (!words.empty()) text += "exec " + shell_words(words) + "\n";
  return text;
}

// --- settings ---

std::optional<std::string> take_line(FileSet& files, std::string_view path) {
  const File* const file = files.find(path);
  if (file == nullptr || file->kind != File::Kind::Regular) return std::nullopt;
  std::string text = files.take(path)->bytes;
  return text.substr(0, text.find('\n'));
}

bool take_flag(FileSet& files, std::string_view path) { return files.take(path).has_value(); }

void put_text(FileSet& files, std::string path, std::string text) {
  files.put({std::move(path), File::Kind::Regular, 0644, std::move(text)});
}

void put_flag(FileSet& files, std::string path) { put_text(files, std::move(path), ""); }

std::optional<std::string> path_inside(std::string_view path) {
  if (path.starts_with('/') || path.empty()) return std::nullopt;
  std::string inside;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part == "..") return std::nullopt;
    if (part.empty() || part == ".") continue;
    inside += (inside.empty() ? "" : "/") + std::string(part);
  }
  return inside;
}

}  // namespace kindred
