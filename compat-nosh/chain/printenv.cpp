// printenv: the environment as text. Source: interfaces/nosh-system.md section 4.3.

#include <algorithm>

#include "compat-nosh/chain/printed_variable.h"
#include "compat-nosh/chain/turns.h"
#include "core/cli/output.h"

namespace kindred::nosh {
namespace {

constexpr Option kPrintenvOptions[] = {{'0', "print0", "a NUL after each, not a newline"},
                                       {0, "envdir", "as in a file of an environment directory"},
                                       {0, "conf", "quoted for read-conf and sh"},
                                       {'f', "full", "with the names"}};

}  // namespace

std::string quoted_value(std::string_view value) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '-' || c == '.' || c == '_';
  };
  const auto special = std::ranges::find_if_not(value, plain);
  if (special == value.end() && !value.empty()) return std::string(value);
  std::string text;
  if (!value.empty() && *special == '\'') {
    text = '"';
    for (const char c : value) {
      if (c == '\n') {
        // Elsewhere a newline behind a backslash is none.
        text += "\"'\n'\"";
        continue;
      }
      if (c == '"' || c == '\\' || c == '$' || c == '`') text += '\\';
      text += c;
    }
    return text + '"';
  }
  text = '\'';
  for (const char c : value)
    if (c == '\'')
      text += "'\\''";
    else
      text += c;
  return text + '\'';
}

std::string printed_value(std::string_view value, PrintForm form) {
  std::string text(value);
  switch (form) {
    case PrintForm::Lines:
      return text + '\n';
    case PrintForm::Nul:
      return text + '\0';
    case PrintForm::EnvironmentDirectory:
      for (char& c : text)
        if (c == '\n')
          c = '\0';
        else if (c == '\0')
          c = '\n';
      return text + '\n';
    case PrintForm::Configuration:
      return quoted_value(text) + '\n';
  }
  return text;
}

constinit const std::span<const Option> PrintenvTool::kOptions = kPrintenvOptions;

void PrintenvTool::read(ToolWords& words) {
  if (words.has("print0")) form = PrintForm::Nul;
  if (words.has("envdir")) form = PrintForm::EnvironmentDirectory;
  if (words.has("conf")) form = PrintForm::Configuration;
}

ChainTurn PrintenvTool::act(ToolTurn& words) const {
  Environment& environment = words.state().environment;
  environment.sort();
  Output out;
  bool all = true;
  if (words.rest().empty())
    for (const std::string& entry : environment.entries()) {
      const std::size_t equals = entry.find('=');
      out.add(entry.substr(0, equals + 1)).add(printed_value(entry.substr(equals + 1), form));
    }
  for (const char* const name : words.rest()) {
    const auto value = environment.value(name);
    if (!value) {
      all = false;
      continue;
    }
    if (words.has("full")) out.add(name).add("=");
    out.add(printed_value(*value, form));
  }
  return ChainTurn::ends(out.flush() && all ? 0 : kExitFailed);
}

}  // namespace kindred::nosh
