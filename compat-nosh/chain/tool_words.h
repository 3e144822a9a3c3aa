#pragma once
// The words of one chain tool, taken one after the other: its options, its arguments, and the program that comes
// next. The first thing that is wrong is kept, and what is taken after it means nothing.

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compat-nosh/client/options.h"
#include "core/chain/tool.h"

namespace kindred::nosh {

class ToolWords {
 public:
  /// `operands` is for the usage line.
  ToolWords(int argc, char* const* argv, std::span<const Option> options, std::string_view operands);

  [[nodiscard]] bool has(std::string_view option) const { return arguments_.has(option); }
  /// The last value given; null: the option is not there.
  [[nodiscard]] const char* value(std::string_view option) const { return arguments_.value(option); }
  [[nodiscard]] std::optional<std::string> text(std::string_view option) const;
  /// A value as a number from `least` to `most`, in the base that it says.
  [[nodiscard]] std::optional<long> number(std::string_view option, long least, long most);
  [[nodiscard]] std::span<const Arguments::Given> options() const { return arguments_.options; }

  /// The next argument; "Missing WHAT." where there is none.
  [[nodiscard]] const char* take(std::string_view what);
  [[nodiscard]] long take_number(std::string_view what, long least, long most);

  void complain(std::initializer_list<std::string_view> parts);
  /// Nothing is to be done: something is wrong, or only help is asked for.
  [[nodiscard]] bool ended() const { return ended_; }

  /// What is left.
  [[nodiscard]] std::span<char* const> rest() const { return arguments_.operands; }
  /// Complains of what is left.
  void take_no_more();
  /// Complains where nothing is.
  void need_program();
  /// These steps and then the program; or the complaint, or the help.
  [[nodiscard]] ChainRequest request(std::vector<ChainStep> steps);
  template <class... Steps>
  [[nodiscard]] ChainRequest then(Steps... steps) {
    std::vector<ChainStep> list;
    (list.emplace_back(std::move(steps)), ...);
    return request(std::move(list));
  }

 private:
  Arguments arguments_;
  std::string program_;
  std::string complaint_;
  bool ended_ = false;
};

}  // namespace kindred::nosh
