#pragma once
/// Where a service's supervise directory lies. By the environment variable SUPERVISEDIR:
///
///   unset      `supervise` in the service directory
///   relative   that name in the service directory
///   absolute   that path, followed at once by the service's physical path with a `:` for each `/` but the
///              first: /run/sv and /srv/foo make /run/sv/srv:foo
///   empty      the root directory
///
/// Source: interfaces/encore.md section 2.1.

#include <string>
#include <string_view>

#include "core/client/service_directory.h"
#include "core/dialect/dialect.h"

namespace kindred::encore {

/// `value`: the variable's; null if it is unset. `physical` counts only where it is absolute.
[[nodiscard]] std::string supervise_directory(const char* value, std::string_view physical);

/// This family's dialect with the supervise directory of one service, or with where to find each one's.
class Home {
 public:
  /// `service` is a path relative to the working directory; it need not exist.
  explicit Home(const char* service);
  /// That of each of many services.
  Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  [[nodiscard]] const Dialect& dialect() const { return dialect_; }
  /// What a client knows: every family, and this one at home.
  [[nodiscard]] KnownFamilies known() const;

 private:
  std::string directory_;
  Dialect dialect_;
};

}  // namespace kindred::encore
