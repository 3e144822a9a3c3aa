#include "core/definition/wrapper.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/definition/shell_script.h"

namespace kindred {
namespace {

using namespace definition;

constexpr std::string_view kMark = "# kindred convert: ";

/// By Word's own numbers.
constexpr std::string_view kWordNames[] = {
    "start",          "reset",          "name",    "code-or-minus-one", "code-or-256", "wait-status-low-byte",
    "exit-or-signal", "code-or-signal", "SIGNAME", "end-kind",          "signal-name", "signal-number",
    "core",
};
static_assert(std::size(kWordNames) == static_cast<std::size_t>(Word::CoreDumped) + 1);
constexpr std::string_view kVerdictNames[] = {"nothing", "down-by-125", "down-by-failure"};
constexpr std::string_view kRestartNames[] = {"always", "on-failure", "on-success", "never"};

template <std::size_t N>
std::optional<std::size_t> number_of(const std::string_view (&names)[N], std::string_view name) {
  const auto* const at = std::find(std::begin(names), std::end(names), name);
  if (at == std::end(names)) return std::nullopt;
  return static_cast<std::size_t>(at - std::begin(names));
}

bool tells_end(const std::vector<Word>& words) {
  return std::any_of(words.begin(), words.end(), [](Word word) {
    return word != Word::LiteralStart && word != Word::LiteralReset && word != Word::ServiceName;
  });
}

/// Sets code and signal from the words that the supervisor tells; signal is 0 after an exit.
std::string extraction(const std::vector<Word>& told) {
  const auto place = [&](Word word) {
    const auto at = std::find(told.begin(), told.end(), word);
    return at == told.end() ? std::string() : std::to_string(at - told.begin() + 1);
  };
  if (const std::string code = place(Word::CodeOrMinusOne); !code.empty())
    return "code=$" + code + " signal=$(($" + place(Word::WaitStatusLowByte) + " & 127))\n";
  if (const std::string code = place(Word::CodeOr256); !code.empty())
    return "code=$" + code + " signal=$" + place(Word::SignalNumber) + "\n";
  if (const std::string kind = place(Word::ExitOrSignal); !kind.empty()) {
    const std::string code = place(Word::CodeOrSignalNumber);
    return "code=$" + code + " signal=0\nif [ \"$" + kind + "\" = signal ]; then signal=$" + code + "; fi\n";
  }
  if (const std::string kind = place(Word::EndKind); !kind.empty())
    return "code=$2 signal=0\nif [ \"$" + kind + "\" != exit ]; then signal=$3; fi\n";
  return "code=0 signal=0\n";
}

std::string word_after_exit(Word word) {
  switch (word) {
    case Word::CodeOrMinusOne:
    case Word::CodeOr256:
    case Word::CodeOrSignalNumber:
      return "\"$code\"";
    case Word::WaitStatusLowByte:
    case Word::SignalNumber:
      return "0";
    case Word::ExitOrSignal:
    case Word::EndKind:
      return "exit";
    default:
      return {};
  }
}

std::string word_after_signal(Word word) {
  switch (word) {
    case Word::CodeOrMinusOne:
      return "-1";
    case Word::CodeOr256:
      return "256";
    case Word::WaitStatusLowByte:
    case Word::SignalNumber:
    case Word::CodeOrSignalNumber:
      return "\"$signal\"";
    case Word::ExitOrSignal:
      return "signal";
    case Word::SignalName:
      return "\"SIG$(kill -l \"$signal\")\"";
    case Word::SignalShortName:
      return "\"$(kill -l \"$signal\")\"";
    case Word::EndKind:
      return "\"$kind\"";
    default:
      return {};
  }
}

std::string arguments(const Wrapper& wrapper, std::string (*of_end)(Word)) {
  std::string text = "set --";
  for (const Word word : wrapper.wanted) {
    const std::string argument = word == Word::LiteralStart   ? "start"
                                 : word == Word::LiteralReset ? "reset"
                                 : word == Word::ServiceName  ? shell_word(wrapper.name)
                                                              : of_end(word);
    if (!argument.empty()) text += " " + argument;
  }
  return text + "\n";
}

bool decides(const Wrapper& wrapper) {
  return wrapper.restart != Restart::Always || wrapper.verdict != wrapper.verdict_to;
}

std::string mark(const Wrapper& wrapper) {
  std::string text(kMark);
  text += "for";
  for (const Word word : wrapper.wanted)
    text += " " + std::string(kWordNames[static_cast<std::size_t>(word)]);
  text += "; exit decides " + std::string(kVerdictNames[static_cast<std::size_t>(wrapper.verdict)]);
  text += "; restart " + std::string(kRestartNames[static_cast<std::size_t>(wrapper.restart)]);
  text += "; enter " + shell_word(wrapper.enter) + "; run " + shell_word(wrapper.file) + "; name " +
          shell_word(wrapper.name);
  return text + "\n";
}

}  // namespace

bool is_possible(const Wrapper& wrapper) {
  if (wrapper.name.find('\n') != std::string::npos || wrapper.file.find('\n') != std::string::npos)
    return false;
  const bool stays = wrapper.restart != Restart::Always || wrapper.verdict != Verdict::Nothing;
  return !stays || wrapper.verdict_to != Verdict::Nothing || !wrapper.stay_down.empty();
}

std::string wrapper_text(const Wrapper& wrapper) {
  std::string text = "#!/bin/sh\n" + mark(wrapper);
  const bool deciding = decides(wrapper);
  const bool end_wanted = tells_end(wrapper.wanted);
  if (end_wanted || (wrapper.restart != Restart::Always && wrapper.restart != Restart::Never))
    text += extraction(wrapper.told);
  if (!wrapper.file.empty()) {
    if (!wrapper.enter.empty()) text += "cd " + shell_word(wrapper.enter) + " || exit 111\n";
    if (end_wanted) {
      if (std::find(wrapper.wanted.begin(), wrapper.wanted.end(), Word::EndKind) != wrapper.wanted.end())
        text +=
            "case $signal in\n9) kind=kill ;;\n15 | 2 | 1 | 13) kind=term ;;\n6 | 14 | 3) kind=abort ;;\n*) "
            "kind=crash "
            ";;\nesac\n";
      text += "if [ \"$signal\" = 0 ]; then\n  " + arguments(wrapper, word_after_exit) + "else\n  " +
              arguments(wrapper, word_after_signal) + "fi\n";
    } else {
      text += arguments(wrapper, word_after_exit);
    }
    // Where it was before is where the script lies.
    const std::string program =
        wrapper.enter.empty() ? shell_word(wrapper.file) : "\"$OLDPWD\"/" + shell_word(wrapper.file);
    if (!deciding) return text + "exec " + program + " \"$@\"\n";
    text += program + " \"$@\"\nresult=$?\n";
  }
  text += "down=0\n";
  if (!wrapper.file.empty() && wrapper.verdict == Verdict::DownBy125)
    text += "if [ \"$result\" = 125 ]; then down=1; fi\n";
  if (!wrapper.file.empty() && wrapper.verdict == Verdict::DownByFail)
    text += "if [ \"$result\" != 0 ]; then down=1; fi\n";
  constexpr const char* kWell = "[ \"$signal\" = 0 ] && [ \"$code\" = 0 ]";
  if (wrapper.restart == Restart::Never) text += "down=1\n";
  if (wrapper.restart == Restart::OnFailure) text += "if " + std::string(kWell) + "; then down=1; fi\n";
  if (wrapper.restart == Restart::OnSuccess)
    text += "if ! { " + std::string(kWell) + "; }; then down=1; fi\n";
  switch (wrapper.verdict_to) {
    case Verdict::DownBy125:
      return text + "if [ \"$down\" = 1 ]; then exit 125; fi\nexit 0\n";
    case Verdict::DownByFail:
      return text + "exit \"$down\"\n";
    case Verdict::Nothing:
      break;
  }
  return text + "if [ \"$down\" = 1 ]; then " + wrapper.stay_down + "; fi\nexit 0\n";
}

std::optional<Wrapper> read_wrapper(std::string_view text, const std::vector<Word>& told, Verdict verdict_to,
                                    const std::string& stay_down) {
  const std::size_t begin = text.find('\n');
  if (begin == std::string_view::npos || !text.substr(begin + 1).starts_with(kMark)) return std::nullopt;
  std::string_view line = text.substr(begin + 1 + kMark.size());
  line = line.substr(0, line.find('\n'));
  std::vector<std::vector<std::string>> parts;
  for (const std::string_view next : {"; exit ", "; restart ", "; enter ", "; run ", "; name ", ""}) {
    const std::size_t end = next.empty() ? std::string_view::npos : line.find(next);
    auto words = read_plain_words(line.substr(0, end));
    if (!words) return std::nullopt;
    parts.push_back(std::move(*words));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 2);
  }
  if (parts.size() != 6 || parts[0].empty() || parts[1].size() != 3 || parts[2].size() != 2 ||
      parts[3].size() != 2 || parts[4].size() != 2 || parts[5].size() != 2)
    return std::nullopt;
  Wrapper wrapper{.told = told,
                  .name = parts[5][1],
                  .enter = parts[3][1],
                  .file = parts[4][1],
                  .verdict_to = verdict_to,
                  .stay_down = stay_down};
  for (std::size_t at = 1; at < parts[0].size(); ++at) {
    const auto word = number_of(kWordNames, parts[0][at]);
    if (!word) return std::nullopt;
    wrapper.wanted.push_back(static_cast<Word>(*word));
  }
  const auto verdict = number_of(kVerdictNames, parts[1][2]);
  const auto restart = number_of(kRestartNames, parts[2][1]);
  if (!verdict || !restart) return std::nullopt;
  wrapper.verdict = static_cast<Verdict>(*verdict);
  wrapper.restart = static_cast<Restart>(*restart);
  if (wrapper_text(wrapper) != text) return std::nullopt;
  return wrapper;
}

}  // namespace kindred
