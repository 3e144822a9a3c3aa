#include "compat-runit/client/sv_action.h"

namespace kindred::runit {
namespace {

struct Word {
  std::string_view word;
  SvAction action;
};

constexpr SvAction kShow{};

constexpr Word kWords[] = {
    {"start", {"u", true}},
    {"stop", {"d", true}},
    {"shutdown", {"x", true}},
    {"status", kShow},
    {"restart", {"tcu", true}},
    {"reload", {"h", true}},
    {"try-restart", {"tc", true}},
    {"check", {SvAction::kCheck, true}},
    {"force-stop", {"d", true, true}},
    {"force-reload", {"tc", true, true}},
    {"force-restart", {"tcu", true, true}},
    {"force-shutdown", {"x", true, true}},
};

constexpr Word kFirstLetters[] = {
    {"u", {"u"}},
    {"d", {"d"}},
    {"o", {"o"}},
    {"p", {"p"}},
    {"c", {"c"}},
    {"h", {"h"}},
    {"a", {"a"}},
    {"i", {"i"}},
    {"q", {"q"}},
    {"1", {"1"}},
    {"2", {"2"}},
    {"t", {"t"}},
    {"k", {"k"}},
    {"x", {"x"}},
    {"e", {"x"}},
    {"s", kShow},
    {"D", {"d", true, true}},
    {"T", {"tc", true, true}},
    {"X", {"x", true, true}},
    {"E", {"x", true, true}},
};

}  // namespace

std::optional<SvAction> parse_action(std::string_view word, bool lsb) {
  for (const Word& row : kWords)
    if (word == row.word) return row.action;
  for (const Word& row : kFirstLetters)
    if (word.starts_with(row.word)) {
      if (lsb && row.action.shows_status()) return std::nullopt;
      return row.action;
    }
  return std::nullopt;
}

}  // namespace kindred::runit
