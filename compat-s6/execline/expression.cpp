#include "compat-s6/execline/expression.h"

#include <algorithm>
#include <array>
#include <vector>

namespace kindred::execline {
namespace {

constexpr std::array<std::string_view, 23> kOfOne = {"-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k",
                                                     "-L", "-n", "-N", "-O", "-U", "-G", "-p", "-r",
                                                     "-s", "-S", "-t", "-u", "-v", "-w", "-x"};
constexpr std::string_view kIsEmpty = "-z";
constexpr std::array<std::string_view, 16> kOfTwo = {"=",   "!=",  "<",   "<=",  ">",   ">=",  "=~",  "-eq",
                                                     "-ne", "-gt", "-ge", "-lt", "-le", "-nt", "-ot", "-ef"};

enum class Kind { OfOne, OfTwo, Not, And, Or, Open, Close, Operand };

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& all, std::string_view word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

Kind kind_of(std::string_view word) {
  if (word == "!") return Kind::Not;
  if (word == "-a") return Kind::And;
  if (word == "-o") return Kind::Or;
  if (word == "(") return Kind::Open;
  if (word == ")") return Kind::Close;
  if (contains(kOfOne, word) || word == kIsEmpty) return Kind::OfOne;
  return contains(kOfTwo, word) ? Kind::OfTwo : Kind::Operand;
}

const char* operand_text(const char* word) { return *word == '\\' ? word + 1 : word; }

Verdict wrong(std::string text) { return {false, std::move(text)}; }
Verdict wrong_at(std::size_t index) { return wrong("parse error at argument " + std::to_string(index)); }

/// A run of terms that are and-ed, in a run of those that are or-ed, between parentheses. Parentheses are a stack
/// and not our own calls: their number is the user's.
struct Level {
  bool any_holds = false;  ///< of the runs before
  bool all_hold = true;    ///< of the terms of this run
  bool negates = false;    ///< the next term
  bool is_asked = true;    ///< else its value does not count

  [[nodiscard]] bool asks_next() const { return is_asked && !any_holds && all_hold; }
  void take(bool holds) {
    all_hold = all_hold && holds != negates;
    negates = false;
  }
  void begin_run() {
    any_holds = any_holds || all_hold;
    all_hold = true;
  }
  [[nodiscard]] bool value() const { return any_holds || all_hold; }
};

}  // namespace

Verdict evaluate(std::span<const char* const> words, const Asked& asked) {
  if (words.empty()) return {false};
  std::vector<Level> levels(1);
  bool wants_term = true;
  std::size_t at = 0;
  const auto is_operand = [&](std::size_t index) {
    return index < words.size() && kind_of(words[index]) == Kind::Operand;
  };
  for (; at < words.size(); ++at) {
    const std::string_view word = words[at];
    const Kind kind = kind_of(word);
    Level& level = levels.back();
    if (!wants_term) {
      if (kind == Kind::Close) {
        if (levels.size() == 1)
          return wrong("parse error: bad right parenthesis at argument " + std::to_string(at));
        const bool holds = level.value();
        levels.pop_back();
        levels.back().take(holds);
        continue;
      }
      if (kind != Kind::And && kind != Kind::Or) return wrong_at(at);
      if (kind == Kind::Or) level.begin_run();
      wants_term = true;
      continue;
    }
    if (kind == Kind::Not) {
      level.negates = !level.negates;
      continue;
    }
    if (kind == Kind::Open) {
      const bool is_asked = level.asks_next();
      levels.emplace_back().is_asked = is_asked;
      continue;
    }
    Verdict term{*operand_text(words[at]) != '\0'};
    if (kind == Kind::OfOne) {
      if (!is_operand(at + 1)) return wrong_at(at + 1);
      const char* const operand = operand_text(words[++at]);
      if (word == "-n" || word == kIsEmpty)
        term.holds = (*operand != '\0') == (word == "-n");
      else if (level.asks_next())
        term = asked.one(word, operand);
    } else if (kind != Kind::Operand) {
      return wrong_at(at);
    } else if (at + 1 < words.size() && kind_of(words[at + 1]) == Kind::OfTwo) {
      if (!is_operand(at + 2)) return wrong_at(at + 2);
      if (level.asks_next())
        term = asked.two(operand_text(words[at]), words[at + 1], operand_text(words[at + 2]));
      at += 2;
    }
    if (!term.wrong.empty()) return term;
    level.take(term.holds);
    wants_term = false;
  }
  if (wants_term) return wrong_at(at);
  if (levels.size() > 1) return wrong("parse error: too many left parentheses");
  return {levels.back().value()};
}

}  // namespace kindred::execline
