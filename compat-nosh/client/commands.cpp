#include "compat-nosh/client/commands.h"

#include "compat-nosh/control.h"
#include "compat-nosh/dialect.h"
#include "core/client/translate.h"

namespace kindred::nosh {

std::optional<std::string> in_words_of(const Dialect& supervisor, std::string_view letters) {
  if (std::string_view(supervisor.name) == dialect().name) return std::string(letters);
  const Commands commands = read_letters(letters, kControlCodec);
  // Exit stops no service here; one that is to stop anyway may.
  bool stops = false;
  for (const ControlCommand& command : commands) {
    stops = command.verb == Verb::Down || (stops && command.verb == Verb::Exit);
    if (command.verb == Verb::Exit && !stops && exit_stops_service(supervisor.convention.main))
      return std::nullopt;
  }
  return write_letters(commands, supervisor.control);
}

}  // namespace kindred::nosh
