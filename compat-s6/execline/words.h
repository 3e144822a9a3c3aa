#pragma once
// The words of a command, from the front: options, operands, blocks. Pure: what is wrong with them, and what there is to
// warn of, is kept for whoever speaks. Source: interfaces/execline.md sections 2 and 4.

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/chain/environment.h"
#include "core/cli/options.h"

namespace kindred::execline {

class Words {
 public:
  /// `words`: argv[0] first. `letters` as getopt's; null: the command has no options, and words that look like some are
  /// operands. `environment` says how strict blocks are taken, and outlives this.
  Words(std::span<char* const> words, const Environment& environment, const char* letters = nullptr,
        std::span<const LongOption> names = {});
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  /// As Options has them; after the last one the operands can be taken.
  [[nodiscard]] char option();
  [[nodiscard]] const char* argument() const { return options_ ? options_->argument() : nullptr; }

  /// The next operand; null after the last one.
  [[nodiscard]] char* take();
  /// The operands that have not been taken.
  [[nodiscard]] std::span<char* const> rest() const { return rest_; }
  [[nodiscard]] bool has_rest() const { return !rest_.empty(); }
  /// The words of the block that comes next, with one blank less each. nullopt, refused: it has no end, or the user
  /// wants only blocks that are quoted, and this is none.
  [[nodiscard]] std::optional<std::vector<char*>> take_block(std::string_view name = "block") {
    return take_block_of(rest_, name);
  }
  /// … in other words than the operands, which lose it.
  [[nodiscard]] std::optional<std::vector<char*>> take_block_of(std::span<char* const>& words,
                                                                std::string_view name);

  /// EXECLINE_STRICT; 0 if it is unset or no number.
  [[nodiscard]] unsigned strictness() const;

  /// The words are wrong: the usage tells how they should be. After an option that is none: what is wrong with that.
  std::nullopt_t misused();
  /// … or this does.
  std::nullopt_t refuse(std::initializer_list<std::string_view> parts);
  [[nodiscard]] bool are_refused() const { return refused_; }
  /// Why; empty: the usage is to be told.
  [[nodiscard]] const std::string& reason() const { return reason_; }

  void warn_of(std::string text) { warnings_.push_back(std::move(text)); }
  /// What has been warned of since the last call.
  [[nodiscard]] std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

  [[nodiscard]] const char* argv0() const { return argv_[0]; }

 private:
  std::vector<char*> argv_;
  const Environment& environment_;
  std::optional<Options> options_;
  std::span<char* const> rest_;
  unsigned blocks_ = 0;
  bool refused_ = false;
  std::string reason_;
  std::vector<std::string> warnings_;
};

/// What a variable may be called.
[[nodiscard]] bool is_variable_name(std::string_view name);

[[nodiscard]] std::string joined(std::initializer_list<std::string_view> parts);

}  // namespace kindred::execline
