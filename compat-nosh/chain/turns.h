#pragma once
// nosh's tools that no steps can say: they have children, end the chain, or change the words that come after them.
// Source: interfaces/nosh-system.md sections 2 and 4.

#include <optional>
#include <string>
#include <vector>

#include "compat-nosh/chain/knob_value.h"
#include "compat-nosh/chain/printed_variable.h"
#include "compat-nosh/chain/tool_words.h"
#include "core/chain/interpreter.h"
#include "core/chain/ucspi.h"

namespace kindred::nosh {

/// A turn, and the words of its tool.
class ToolTurn : public ToolWords {
 public:
  ToolTurn(const ChainCall& call, std::span<const Option> options, std::string_view operands)
      : ToolWords(static_cast<int>(call.words.size()), call.words.data(), options, operands), call_(call) {}

  /// The complaint or the help; for a tool whose words have ended().
  [[nodiscard]] ChainTurn end();
  /// The chain goes on with these words, or with what is left. None: complains.
  [[nodiscard]] ChainTurn go_on(std::span<char* const> program);
  [[nodiscard]] ChainTurn go_on() { return go_on(rest()); }
  /// The chain ends with what could not be done.
  [[nodiscard]] ChainTurn fail(const Error& error, int code = kExitFailed);

  [[nodiscard]] ProcessState& state() { return call_.interpreter.state(); }
  [[nodiscard]] char* keep(std::string word) const { return call_.interpreter.keep(std::move(word)); }
  [[nodiscard]] std::string_view name() const { return call_.tool.name; }

 private:
  const ChainCall& call_;
};

// A tool:
//
//   kOptions, kOperands   as ToolWords has them
//   read()                pure. What comes after what is read is left in the words; what is wrong ends them
//   act()                 its turn, with words that are right
struct Tool {
  static constexpr std::span<const Option> kOptions = {};
};

template <class OneTool>
ChainRequest parse_words_of(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, OneTool::kOptions, OneTool::kOperands);
  OneTool().read(words);
  ChainRequest request = words.then();
  request.needs_no_program = true;
  return request;
}

template <class OneTool>
ChainTurn turn_of(const ChainCall& call) {
  ToolTurn words(call, OneTool::kOptions, OneTool::kOperands);
  OneTool tool;
  tool.read(words);
  return words.ended() ? words.end() : tool.act(words);
}

// interpreter.cpp, printenv.cpp: the interpreter and the environment

struct NoshTool : Tool {
  static constexpr std::string_view kOperands = "FILE";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  const char* path = nullptr;
};

struct ReadConfTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "FILE PROGRAM...";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  const char* path = nullptr;
};

struct PrintenvTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "[VARIABLE...]";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  PrintForm form = PrintForm::Lines;
};

// turns.cpp: ends of chains

struct TrueTool : Tool {
  static constexpr std::string_view kOperands = "[ANYTHING...]";
  void read(ToolWords&) {}
  ChainTurn act(ToolTurn&) const { return ChainTurn::ends(0); }
};

struct FalseTool : TrueTool {
  ChainTurn act(ToolTurn&) const { return ChainTurn::ends(kExitFailed); }
};

struct PauseTool : Tool {
  static constexpr std::string_view kOperands = "";
  void read(ToolWords& words) { words.take_no_more(); }
  ChainTurn act(ToolTurn& words) const;
};

// two_programs.cpp

/// What is before and after the first word that is the separator.
struct TwoPrograms : Tool {
  static const std::span<const Option> kOptions;
  void read(ToolWords& words, std::string_view usual_separator);

  std::string_view separator;
  std::span<char*const> left, right;
};

struct ForegroundTool : TwoPrograms {
  static constexpr std::string_view kOperands = "PROGRAM... ; PROGRAM...";
  void read(ToolWords& words) { TwoPrograms::read(words, ";"); }
  ChainTurn act(ToolTurn& words) const;
};

struct BackgroundTool : TwoPrograms {
  static constexpr std::string_view kOperands = "PROGRAM... & PROGRAM...";
  void read(ToolWords& words) { TwoPrograms::read(words, "&"); }
  ChainTurn act(ToolTurn& words) const;
};

struct PipeTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "PROGRAM... | PROGRAM...";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  std::span<char* const> left;
  std::vector<char*> right;
};

struct RecordioTool : Tool {
  static constexpr std::string_view kOperands = "PROGRAM...";
  void read(ToolWords& words) { words.need_program(); }
  ChainTurn act(ToolTurn& words) const;
};

// accept.cpp, socket_rules.cpp: connections

struct AcceptTool : Tool {
  static constexpr std::string_view kOperands = "PROGRAM...";
  void read(ToolWords& words);

  bool verbose = false;
  long most = 40;
  StreamOptions stream = {};
  std::optional<std::string> local_name = std::nullopt;
};

struct TcpAcceptTool : AcceptTool {
  static const std::span<const Option> kOptions;
  ChainTurn act(ToolTurn& words) const;
};

struct LocalAcceptTool : AcceptTool {
  static const std::span<const Option> kOptions;
  ChainTurn act(ToolTurn& words) const;
};

struct TcpserverTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "HOST PORT PROGRAM...";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  const char *host = nullptr, *port = nullptr;
};

struct RulesCheckTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "PROGRAM...";
  void read(ToolWords& words) { words.need_program(); }
  ChainTurn act(ToolTurn& words) const;
};

// time_tools.cpp

struct TimeVariableTool : Tool {
  static constexpr std::string_view kOperands = "VARIABLE TIME PROGRAM...";
  void read(ToolWords& words);

  std::string variable;
  const char* expression = nullptr;
};

struct TimeEnvSetTool : TimeVariableTool {
  ChainTurn act(ToolTurn& words) const;
};

struct TimeEnvSetIfEarlierTool : TimeVariableTool {
  ChainTurn act(ToolTurn& words) const;
};

struct TimeEnvUnsetIfLaterTool : TimeVariableTool {
  ChainTurn act(ToolTurn& words) const;
};

struct TimeEnvAddTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "VARIABLE SPAN PROGRAM...";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  std::string variable;
  const char* span = nullptr;
};

struct TimePauseUntilTool : Tool {
  static constexpr std::string_view kOperands = "TIME PROGRAM...";
  void read(ToolWords& words) { expression = words.take("time"); }
  ChainTurn act(ToolTurn& words) const;

  const char* expression = nullptr;
};

struct TimePrintTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "TIME";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  const char* expression = nullptr;
};

// control_group_tools.cpp

struct CreateControlGroupTool : Tool {
  static constexpr std::string_view kOperands = "GROUP";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  const char* group = nullptr;
};

struct DelegateControlGroupTool : Tool {
  static constexpr std::string_view kOperands = "ACCOUNT";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  const char* account = nullptr;
};

struct SetControlGroupKnobTool : Tool {
  static const std::span<const Option> kOptions;
  static constexpr std::string_view kOperands = "KNOB VALUE";
  void read(ToolWords& words);
  ChainTurn act(ToolTurn& words) const;

  std::string knob;
  const char* value = nullptr;
  KnobRules rules = {};              ///< but for that of which it may be a part
  const char* percent_of = nullptr;  ///< the file that says this
};

}  // namespace kindred::nosh
