#include "compat-nosh/chain/turns.h"

#include <unistd.h>

namespace kindred::nosh {

ChainTurn ToolTurn::end() {
  return ChainTurn::ends(tell_misuse(call_.tool, call_.interpreter.voice(), request({})));
}

ChainTurn ToolTurn::go_on(std::span<char* const> program) {
  if (program.empty()) {
    complain({"Missing terminal command."});
    return end();
  }
  ChainTurn turn;
  turn.next.emplace(program);
  return turn;
}

ChainTurn ToolTurn::fail(const Error& error, int code) {
  tell_failure(call_.tool.name, call_.interpreter.voice(), error);
  return ChainTurn::ends(code);
}

ChainTurn PauseTool::act(ToolTurn&) const {
  for (;;) ::pause();
}

}  // namespace kindred::nosh
