#pragma once
// perpls's line about one service. Pure. Source: interfaces/perp.md section 9.2.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compat-perp/client/session.h"

namespace kindred::perp {

/// A service with what was heard of it, at one moment.
struct Listed {
  std::string name;
  Answer answer;
  WallTime now;
};

/// "[+ +++ ---]"
[[nodiscard]] std::string panel(const Listed& listed);
/// What follows the name.
[[nodiscard]] std::string tail(const Listed& listed);

/// The attributes with which names are shown.
class Colours {
 public:
  /// "KEY=ATTR:…"; what it does not say is as by default.
  explicit Colours(std::string_view table);
  [[nodiscard]] const std::string& of(const Listed& listed) const;
  /// The whole table, in the same form.
  [[nodiscard]] std::string table() const;

 private:
  std::map<std::string, std::string, std::less<>> attributes_;
};

}  // namespace kindred::perp
