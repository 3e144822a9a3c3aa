// What runs the words after it again and again. Source: interfaces/execline.md section 12.

#include <sys/wait.h>

#include <algorithm>
#include <climits>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/pieces.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

/// The list ends where something else than a number comes. nullopt: it begins so.
std::optional<std::vector<unsigned>> code_list(std::string_view text) {
  constexpr std::string_view kSeparators = ",:; \t\r\n";
  constexpr std::size_t kMost = 256;
  std::vector<unsigned> codes;
  while (codes.size() < kMost) {
    const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
    if (digits.empty()) break;
    // What is too large for a number is too large for a code: it is listed, and nothing ends with it.
    codes.push_back(number(digits).value_or(UINT_MAX));
    text.remove_prefix(digits.size());
    text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
  }
  if (codes.empty()) return std::nullopt;
  return codes;
}

/// Runs the body for one value after the other.
class Loop {
 public:
  Loop(const Call& call, const LoopOptions& options, const char* variable, std::span<const int> closed)
      : call_(call), options_(options), variable_(variable), closed_(closed) {
    const auto body = call.rest();
    program_ = options.substitutes ? call.substituting(variable, body) : ChainProgram(body);
  }

  /// The end of the loop, if it is.
  [[nodiscard]] std::optional<ChainTurn> run(std::string value) {
    if (program_.words.empty()) return std::nullopt;
    // What cannot be in a variable ends it.
    value.resize(std::min(value.find('\0'), value.size()));
    call_.state().change({variable_, std::move(value)});
    if (options_.most > 1 && running_ == options_.most)
      if (auto failed = reap_one()) return failed;
    const auto child = call_.interpreter().start(program_, {.closed = closed_});
    if (!child) return call_.fatal(child.error());
    if (options_.most != 1) {
      ++running_;
      return std::nullopt;
    }
    const auto status = wait_for(*child);
    if (!status) return call_.fatal(status.error());
    const int code = exit_code(*status);
    if (options_.breaks.contain(code)) return ChainTurn::ends(code);
    return std::nullopt;
  }

  /// Those that run beside each other have ended.
  [[nodiscard]] std::optional<ChainTurn> finish() {
    while (running_ > 0)
      if (auto failed = reap_one()) return failed;
    return std::nullopt;
  }
  /// Of one that ran beside others.
  [[nodiscard]] bool has_met_a_break() const { return has_met_a_break_; }

 private:
  std::optional<ChainTurn> reap_one() {
    const auto status = wait_for(-1);
    if (!status) return call_.fatal(status.error());
    has_met_a_break_ = has_met_a_break_ || options_.breaks.contain(exit_code(*status));
    --running_;
    return std::nullopt;
  }

  const Call& call_;
  const LoopOptions& options_;
  const char* variable_;
  std::span<const int> closed_;
  ChainProgram program_;
  unsigned running_ = 0;
  bool has_met_a_break_ = false;
};

bool take_piece_option(char letter, const char* argument, PieceRules& rules) {
  switch (letter) {
    case 'N':
    case 'n':
      rules.keeps_separator = letter == 'N';
      return true;
    case 'C':
    case 'c':
      rules.skips_empty = letter == 'C';
      return true;
    case '0':
      rules.separators = std::string(1, '\0');
      return true;
    case 'd':
      rules.separators = argument;
      return true;
    default:
      return false;
  }
}

ChainTurn for_pieces(const Call& call, const Forstdin& how, int input, std::span<const int> closed) {
  constexpr int kNoPiece = 1;
  Pieces pieces(input, how.rules, kMostWords);
  Loop loop(call, how.options, how.variable, closed);
  bool any = false;
  for (;;) {
    auto piece = pieces.next();
    if (!piece) return call.fatal(piece.error());
    if (!*piece) break;
    any = true;
    if (auto end = loop.run(std::move(**piece))) return *end;
  }
  if (auto failed = loop.finish()) return *failed;
  return ChainTurn::ends(any ? 0 : kNoPiece);
}

}  // namespace

bool Codes::contain(int code) const {
  return (std::find(listed.begin(), listed.end(), static_cast<unsigned>(code)) != listed.end()) == are_listed;
}

std::optional<bool> LoopOptions::take(char letter, const char* argument) {
  switch (letter) {
    case 'E':
    case 'e':
      substitutes = letter == 'E';
      return true;
    case 'p':
      most = 0;
      return true;
    case 'P': {
      const auto value = number(argument);
      if (!value) return false;
      most = *value;
      return true;
    }
    case 'o':
    case 'x': {
      auto codes = code_list(argument);
      if (!codes) return false;
      breaks = {std::move(*codes), letter == 'x'};
      has_codes = true;
      return true;
    }
    default:
      return std::nullopt;
  }
}

std::optional<Forx> Forx::parse(Words& words) {
  Forx forx;
  while (const char letter = words.option())
    if (!forx.options.take(letter, words.argument()).value_or(false)) return words.misused();
  forx.variable = words.take();
  if (forx.variable == nullptr || !words.has_rest()) return words.misused();
  if (!is_variable_name(forx.variable)) return words.refuse({"invalid variable name"});
  auto values = words.take_block();
  if (!values) return std::nullopt;
  forx.values = std::move(*values);
  return forx;
}

ChainTurn Forx::act(Call& call) const {
  if (!call.has_rest()) return ChainTurn::ends(0);
  Loop loop(call, options, variable, {});
  for (const char* const value : values)
    if (auto end = loop.run(value)) return *end;
  if (auto failed = loop.finish()) return *failed;
  // Where all run at once, what would have ended the loop is told by its code.
  return ChainTurn::ends(options.most == 0 && options.has_codes && loop.has_met_a_break() ? 1 : 0);
}

std::optional<Forstdin> Forstdin::parse(Words& words) {
  Forstdin forstdin;
  while (const char letter = words.option()) {
    const auto taken = forstdin.options.take(letter, words.argument());
    if (taken ? !*taken : !take_piece_option(letter, words.argument(), forstdin.rules))
      return words.misused();
  }
  forstdin.variable = words.take();
  if (forstdin.variable == nullptr || !is_variable_name(forstdin.variable) || !words.has_rest())
    return words.misused();
  return forstdin;
}

ChainTurn Forstdin::act(Call& call) const { return for_pieces(call, *this, 0, {}); }

std::optional<Forbacktickx> Forbacktickx::parse(Words& words) {
  auto loop = Forstdin::parse(words);
  if (!loop) return std::nullopt;
  auto block = words.take_block();
  if (!block) return std::nullopt;
  if (block->empty()) return words.refuse({"empty block"});
  Forbacktickx forbacktickx;
  forbacktickx.loop = std::move(*loop);
  forbacktickx.block = std::move(*block);
  return forbacktickx;
}

ChainTurn Forbacktickx::act(Call& call) const {
  const auto output = start_reading(call, block);
  if (!output) return call.fatal(output.error());
  // Whose number it was in a program before, it is no loop's.
  call.state().change({"!", std::nullopt});
  const int closed[] = {output->end.get()};
  return for_pieces(call, loop, output->end.get(), closed);
}

std::optional<Loopwhilex> Loopwhilex::parse(Words& words) {
  Loopwhilex loop;
  while (const char letter = words.option()) {
    if (letter == 'n') {
      loop.reversed = true;
      continue;
    }
    auto codes = letter == Options::kBad ? std::nullopt : code_list(words.argument());
    if (!codes) return words.misused();
    loop.goes_on = {std::move(*codes), letter == 'o'};
  }
  if (!words.has_rest()) return words.misused();
  return loop;
}

ChainTurn Loopwhilex::act(Call& call) const {
  for (;;) {
    const auto child = call.interpreter().start(ChainProgram(call.rest()));
    if (!child) return call.fatal(child.error());
    const auto status = wait_for(*child);
    if (!status) return call.fatal(status.error());
    const int code = exit_code(*status);
    if (goes_on.contain(code) == reversed) return ChainTurn::ends(code);
  }
}

}  // namespace kindred::execline
