#include "compat-nosh/chain/voice.h"

#include "core/cli/output.h"

namespace kindred::nosh {
namespace {

struct Phrase {
  std::string_view operation, here;
};
/// What core says of things that there are not, in this family's words.
constexpr Phrase kPhrases[] = {
    {"unknown account", "No such user"},
    {"unknown user:", "No such user"},
    {"unknown group", "No such group"},
    {"unknown group:", "No such group"},
};

std::string_view phrase(std::string_view operation) {
  for (const Phrase& each : kPhrases)
    if (operation == each.operation) return each.here;
  return operation;
}

}  // namespace

void tell_error(std::string_view speaker, Severity severity, const Error& error) {
  const std::string_view label = severity == Severity::Fatal ? ": FATAL: " : ": WARNING: ";
  const std::string_view operation = phrase(error.operation);
  const std::string_view what = error.object.empty() ? operation : std::string_view(error.object);
  if (error.code != 0)
    print_error({speaker, label, what, ": ", system_error_text(error.code)});
  else if (error.object.empty())
    print_error({speaker, label, operation, "."});
  else
    print_error({speaker, label, what, ": ", operation, "."});
}

}  // namespace kindred::nosh
