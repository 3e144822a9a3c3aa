#pragma once
// nosh's tools that no steps can say: they have children, end the chain, or change the words that come after them.
// Source: interfaces/nosh-system.md sections 2 and 4.

#include "compat-nosh/chain/tool_words.h"
#include "core/chain/interpreter.h"

namespace kindred::nosh {

/// What all of them do with their words.
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

 private:
  const ChainCall& call_;
};

// The interpreter and the environment.
[[nodiscard]] ChainTurn nosh_turn(const ChainCall& call);
[[nodiscard]] ChainTurn read_conf_turn(const ChainCall& call);
[[nodiscard]] ChainTurn printenv_turn(const ChainCall& call);

// Ends of chains.
[[nodiscard]] ChainTurn true_turn(const ChainCall& call);
[[nodiscard]] ChainTurn false_turn(const ChainCall& call);
[[nodiscard]] ChainTurn pause_turn(const ChainCall& call);

// Two programs.
[[nodiscard]] ChainTurn foreground_turn(const ChainCall& call);
[[nodiscard]] ChainTurn background_turn(const ChainCall& call);
[[nodiscard]] ChainTurn pipe_turn(const ChainCall& call);
[[nodiscard]] ChainTurn recordio_turn(const ChainCall& call);

// Connections.
[[nodiscard]] ChainTurn tcp_accept_turn(const ChainCall& call);
[[nodiscard]] ChainTurn local_stream_accept_turn(const ChainCall& call);
[[nodiscard]] ChainTurn local_seqpacket_accept_turn(const ChainCall& call);
[[nodiscard]] ChainTurn rules_check_turn(const ChainCall& call);
[[nodiscard]] ChainTurn tcpserver_turn(const ChainCall& call);

// Times.
[[nodiscard]] ChainTurn time_env_set_turn(const ChainCall& call);
[[nodiscard]] ChainTurn time_env_set_if_earlier_turn(const ChainCall& call);
[[nodiscard]] ChainTurn time_env_unset_if_later_turn(const ChainCall& call);
[[nodiscard]] ChainTurn time_env_add_turn(const ChainCall& call);
[[nodiscard]] ChainTurn time_pause_until_turn(const ChainCall& call);
[[nodiscard]] ChainTurn time_print_tai64n_turn(const ChainCall& call);

// Control groups.
[[nodiscard]] ChainTurn create_control_group_turn(const ChainCall& call);
[[nodiscard]] ChainTurn delegate_control_group_turn(const ChainCall& call);
[[nodiscard]] ChainTurn set_control_group_knob_turn(const ChainCall& call);

}  // namespace kindred::nosh
