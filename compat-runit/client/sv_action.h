#pragma once
/// sv's command words. The first character decides, but for the words that are spelled out below.
///
///   word                            letters  waits  then kills
///   u d o p c h a i q 1 2 t k ...   itself   -v
///   x e ...                         x        -v
///   s ...                           shows the status, sends nothing
///   start stop shutdown             u d x    yes
///   restart try-restart reload      tcu tc h yes
///   check                           C        yes            sends nothing
///   force-stop, D ...               d        yes    yes
///   force-reload, T ...             tc       yes    yes
///   force-restart                   tcu      yes    yes
///   force-shutdown, X ..., E ...    x        yes    yes
///
/// Source: interfaces/runit.md section 9.3.

#include <optional>
#include <string_view>

namespace kindred::runit {

struct SvAction {
  std::string_view
      letters;  ///< what is sent, and each letter's condition is waited for; empty: show the status
  bool waits = false;
  bool kills = false;  ///< sends k when the time is over

  [[nodiscard]] bool shows_status() const { return letters.empty(); }
  [[nodiscard]] bool sends() const { return !letters.empty() && letters != kCheck; }
  [[nodiscard]] bool leaves() const { return letters == "x"; }

  static constexpr std::string_view kCheck = "C";
};

/// nullopt for a word that is no command. As an init script (`lsb`) words with s must be whole.
[[nodiscard]] std::optional<SvAction> parse_action(std::string_view word, bool lsb);

}  // namespace kindred::runit
