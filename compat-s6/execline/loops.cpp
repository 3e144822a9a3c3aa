// What runs the words after it again and again. Source: interfaces/execline.md section 12.

#include <sys/wait.h>

#include <algorithm>
#include <charconv>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/pieces.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

/// Exit codes, as options name them.
struct Codes {
  std::vector<unsigned> listed;
  bool are_listed = true;  ///< the listed ones are meant; else all others

  [[nodiscard]] bool contain(int code) const {
    return (std::find(listed.begin(), listed.end(), static_cast<unsigned>(code)) != listed.end()) ==
           are_listed;
  }
};

/// The list ends where something else than a number comes. nullopt: there is none.
std::optional<std::vector<unsigned>> code_list(std::string_view text) {
  constexpr std::string_view kSeparators = ",:; \t\r\n";
  constexpr std::size_t kMost = 256;
  constexpr unsigned kMostCode = 65535;
  std::vector<unsigned> codes;
  while (codes.size() < kMost) {
    text.remove_prefix(std::min(text.find_first_not_of(kSeparators), text.size()));
    unsigned code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (error != std::errc() || code > kMostCode) break;
    codes.push_back(code);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (codes.empty()) return std::nullopt;
  return codes;
}

struct LoopOptions {
  bool substitutes = false;
  unsigned most = 1;  ///< bodies at a time; 0: all
  Codes breaks{{}, true};
  bool has_codes = false;

  /// nullopt: another letter; false: its argument is wrong.
  std::optional<bool> take(char letter, const char* argument) {
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
};

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

ChainTurn for_pieces(const Call& call, const LoopOptions& options, const char* variable, int input,
                     const PieceRules& rules, std::span<const int> closed) {
  constexpr int kNoPiece = 1;
  Pieces pieces(input, rules, kMostWords);
  Loop loop(call, options, variable, closed);
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

constexpr const char* kLoopOverPieces = "EepP:o:x:NnCc0d:";

/// The options, and the variable that is each piece's; null: wrong use.
const char* take_loop_over_pieces(Call& call, LoopOptions& options, PieceRules& rules) {
  while (const char letter = call.option()) {
    const auto taken = options.take(letter, call.argument());
    if (taken ? !*taken : !take_piece_option(letter, call.argument(), rules)) return nullptr;
  }
  const char* const variable = call.take();
  return variable != nullptr && is_variable_name(variable) && call.has_rest() ? variable : nullptr;
}

}  // namespace

ChainTurn forx(const ChainCall& chain_call) {
  Call call(chain_call, "EepP:o:x:");
  LoopOptions options;
  while (const char letter = call.option())
    if (!options.take(letter, call.argument()).value_or(false)) return call.usage();
  const char* const variable = call.take();
  if (variable == nullptr || !call.has_rest()) return call.usage();
  if (!is_variable_name(variable)) return call.fatal(kExitUsage, {"invalid variable name"});
  const auto values = call.take_block();
  if (!values) return Call::bad_block();
  if (!call.has_rest()) return ChainTurn::ends(0);
  Loop loop(call, options, variable, {});
  for (const char* const value : *values)
    if (auto end = loop.run(value)) return *end;
  if (auto failed = loop.finish()) return *failed;
  // Where all run at once, what would have ended the loop is told by its code.
  return ChainTurn::ends(options.most == 0 && options.has_codes && loop.has_met_a_break() ? 1 : 0);
}

ChainTurn forstdin(const ChainCall& chain_call) {
  Call call(chain_call, kLoopOverPieces);
  LoopOptions options;
  PieceRules rules;
  const char* const variable = take_loop_over_pieces(call, options, rules);
  if (variable == nullptr) return call.usage();
  return for_pieces(call, options, variable, 0, rules, {});
}

ChainTurn forbacktickx(const ChainCall& chain_call) {
  Call call(chain_call, kLoopOverPieces);
  LoopOptions options;
  PieceRules rules;
  const char* const variable = take_loop_over_pieces(call, options, rules);
  if (variable == nullptr) return call.usage();
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (block->empty()) return call.fatal(kExitUsage, {"empty block"});
  const auto output = start_reading(call, *block);
  if (!output) return call.fatal(output.error());
  // Whose number it was in a program before, it is no loop's.
  call.state().change({"!", std::nullopt});
  const int closed[] = {output->end.get()};
  return for_pieces(call, options, variable, output->end.get(), rules, closed);
}

ChainTurn loopwhilex(const ChainCall& chain_call) {
  Call call(chain_call, "no:x:");
  Codes goes_on{{0}, true};
  bool reversed = false;
  while (const char letter = call.option()) {
    if (letter == 'n') {
      reversed = true;
      continue;
    }
    auto codes = letter == Options::kBad ? std::nullopt : code_list(call.argument());
    if (!codes) return call.usage();
    goes_on = {std::move(*codes), letter == 'o'};
  }
  if (!call.has_rest()) return call.usage();
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
