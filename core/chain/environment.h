#pragma once
// The environment of the program to be, as a value: nothing here touches this process's own, in whose PATH
// the program is still searched for.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kindred {

/// A variable gets a value, or, without one, is removed.
struct VariableChange {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const VariableChange&, const VariableChange&) = default;
};

class Environment {
 public:
  /// `block` as environ: null at its end.
  explicit Environment(const char* const* block);

  /// A variable that was there more than once is there once, or not at all.
  void apply(const VariableChange& change);
  /// One after the other, in time that grows with their number only.
  void apply_all(std::span<const VariableChange> changes);

  void set_entries(std::vector<std::string> entries) { entries_ = std::move(entries); }

  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;

  /// In the order of their names, each once: as it was first. What has no value has an empty one.
  void sort();
  /// As execve(2) wants it; valid until the next change.
  [[nodiscard]] std::vector<char*> block();
  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string> entries_;
};

/// How the content of a file becomes a value.
struct ValueRules {
  bool whole_file = false;        ///< not its first line; without its last newline
  bool chomps = true;             ///< blanks at the end are no part of it, nor is that newline
  bool carriage_returns = false;  ///< are such blanks, too
  std::size_t most = SIZE_MAX;    ///< bytes of the file that are looked at
  bool trims_lines = false;       ///< no blanks before it, nor at the end of any of its lines
  char nul_becomes = '\n';
  bool escaped =
      false;  ///< blanks before it are no part of it either; it is unescaped, and an empty one removes
};

/// What a file of an environment directory does:
///
///   0 bytes       the variable is removed
///   otherwise     its value is the first line without the blanks and tabs at its end; each NUL in it is a
///                 newline
///
/// The variable is called as the file is. A name with '=' ends there: what follows, and another '=' where
/// there is content, is the beginning of the value. Source: interfaces/daemontools.md section 10.1,
/// interfaces/runit.md section 11.2.
[[nodiscard]] VariableChange variable_of_file(std::string_view name, std::string_view content,
                                              const ValueRules& rules = {});

}  // namespace kindred
