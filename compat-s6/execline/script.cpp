// execlineb: a script becomes a command line. Source: interfaces/execline.md sections 3 and 5.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/lexer.h"
#include "compat-s6/execline/positional.h"
#include "compat-s6/execline/substitution.h"
#include "core/cli/output.h"
#include "core/sys/unique_fd.h"

namespace kindred::execline {
namespace {

constexpr const char* kStrict = "EXECLINE_STRICT";

Status read_script(const char* path, Lexer& lexer) {
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return error_here("open", std::string(path) + " for reading");
  std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t size = ::read(file.get(), bytes.data(), bytes.size());
    if (size == -1 && errno == EINTR) continue;
    if (size == -1) return Error{errno, "parse script", ""};
    if (size == 0 || !lexer.feed({bytes.data(), static_cast<std::size_t>(size)})) return ok();
  }
}

const char* words_for(Lexer::Fault fault) {
  switch (fault) {
    case Lexer::Fault::UnmatchedClose:
      return "unmatched }";
    case Lexer::Fault::UnmatchedOpen:
      return "unmatched {";
    default:
      return "syntax error";
  }
}

void set_strictness(const Call& call, char letter) {
  ProcessState& state = call.state();
  if (letter == 'q') return state.change({kStrict, std::nullopt});
  if (letter != 0) return state.change({kStrict, letter == 'w' ? "1" : "2"});
  const auto value = state.environment.value(kStrict);
  if (!value || number(*value)) return;
  call.warn({"invalid ", kStrict, " value, unsetting it"});
  state.change({kStrict, std::nullopt});
}

std::vector<Variable> variables_of(const Execlineb& asked, std::span<char* const> arguments) {
  const std::size_t least = asked.least;
  const std::size_t first = asked.arguments == Execlineb::Arguments::SubstituteRest ? least : 0;
  std::vector<Variable> variables{{"#", {std::to_string(arguments.size())}}, {"0", {asked.name}}, {"@", {}}};
  for (std::size_t i = first; i < arguments.size(); ++i) variables[2].words.emplace_back(arguments[i]);
  for (std::size_t i = 0; i < std::max(least, arguments.size()); ++i)
    variables.push_back({std::to_string(i + 1), {i < arguments.size() ? arguments[i] : ""}});
  return variables;
}

void set_arguments(ProcessState& state, const Execlineb& asked, std::span<char* const> arguments) {
  Entries entries = asked.arguments == Execlineb::Arguments::Push
                        ? push(state.environment.entries(), is_positional)
                        : state.environment.entries();
  state.environment.set_entries(with_words(std::move(entries), {arguments.begin(), arguments.end()}));
  state.change({"0", asked.name});  // … and so the environment has changed
}

}  // namespace

std::optional<Execlineb> Execlineb::parse(Words& words) {
  Execlineb asked;
  while (const char letter = words.option()) switch (letter) {
      case 'p':
        asked.arguments = Arguments::Set;
        break;
      case 'P':
        asked.arguments = Arguments::Ignore;
        break;
      case 'S':
      case 's': {
        const auto least = number(words.argument());
        if (!least) return words.misused();
        asked.least = *least;
        asked.arguments = letter == 'S' ? Arguments::Substitute : Arguments::SubstituteRest;
        break;
      }
      case 'q':
      case 'w':
      case 'W':
        asked.strictness = letter;
        break;
      case 'e':
        break;
      case 'c':
        asked.text = words.argument();
        break;
      default:
        return words.misused();
    }
  asked.name = asked.text != nullptr ? words.argv0() : words.take();
  if (asked.name == nullptr) return words.misused();
  return asked;
}

ChainTurn Execlineb::act(Call& call) const {
  Lexer lexer(kMostWords);
  if (text != nullptr) {
    lexer.feed(text);
  } else if (const Status done = read_script(name, lexer); !done) {
    return call.fatal(done.error());
  }
  const Lexer::Fault fault = lexer.finish();
  if (fault == Lexer::Fault::TooLong)
    return call.too_long(lexer.words().empty() ? name : lexer.words()[0].c_str());
  if (fault != Lexer::Fault::None) {
    if (text != nullptr) return call.fatal(kExitUsage, {words_for(fault)});
    return call.fatal(kExitUsage, {words_for(fault), " in file ", name});
  }
  if (lexer.words().empty()) return ChainTurn::ends(0);
  set_strictness(call, strictness);

  std::vector<char*> words;
  for (std::string& word : lexer.words()) words.push_back(call.keep(std::move(word)));
  switch (arguments) {
    case Arguments::Push:
    case Arguments::Set:
      set_arguments(call.state(), *this, call.rest());
      break;
    case Arguments::Ignore:
      break;
    case Arguments::Substitute:
    case Arguments::SubstituteRest: {
      const auto given = call.rest();
      if (least > kMostWords) return call.too_long(words[0]);
      if (given.size() < least) {
        // Nobody has to ask for this warning.
        const auto strict = call.state().environment.value(kStrict);
        const unsigned strict_level = strictness == 'q' ? 0 : strict ? number(*strict).value_or(0) : 1;
        const std::string few = "too few arguments: expecting at least " + std::to_string(least) +
                                " but got " + std::to_string(given.size());
        if (strict_level > 1) return call.fatal(kExitUsage, {few});
        if (strict_level > 0) call.warn({few});
      }
      auto substituted = substitute(words, variables_of(*this, given), kMostWords,
                                    [&](std::string word) { return call.keep(std::move(word)); });
      if (!substituted) return call.too_long(words[0]);
      words = std::move(*substituted);
    }
  }
  return call.go_on(words);
}

}  // namespace kindred::execline
