#pragma once
// eltest's expressions. Source: interfaces/execline.md section 16.
//
//   expression = and { "-o" and }        and = term { "-a" term }
//   term = "!" term | "(" expression ")" | OPERATOR operand | operand OPERATOR operand | operand
//
// A word that equals an operator is one wherever it stands; each operand loses one '\' before it. What does not have to
// be known is not asked.

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace kindred::execline {

struct Verdict {
  bool holds = false;
  std::string wrong = {};  ///< with the expression; empty: nothing
};

/// What only the system knows, for operators of one operand and of two.
struct Asked {
  std::function<Verdict(std::string_view operation, const char* operand)> one;
  std::function<Verdict(const char* left, std::string_view operation, const char* right)> two;
};

[[nodiscard]] Verdict evaluate(std::span<const char* const> words, const Asked& asked);

}  // namespace kindred::execline
