#include "compat-s6/execline/mode_text.h"

#include <charconv>
#include <vector>

namespace kindred::execline {
namespace {

constexpr mode_t kAll = 0777, kRead = 0444, kWrite = 0222, kExecute = 0111;
constexpr mode_t kUser = 0700, kGroup = 0070, kOthers = 0007;

mode_t class_of(char letter) {
  switch (letter) {
    case 'u':
      return kUser;
    case 'g':
      return kGroup;
    case 'o':
      return kOthers;
    case 'a':
      return kAll;
    default:
      return 0;
  }
}

/// What one class has, for all of them.
mode_t copied(mode_t allowed, mode_t from) {
  const mode_t bits = from == kUser ? allowed >> 6 : from == kGroup ? allowed >> 3 : allowed;
  return (bits & 7) * kExecute;
}

mode_t permission(char letter, mode_t allowed) {
  switch (letter) {
    case 'r':
      return kRead;
    case 'w':
      return kWrite;
    case 'x':
      return kExecute;
    case 'X':
      return (allowed & kExecute) != 0 ? kExecute : 0;
    default:
      return 0;
  }
}

/// One clause; what is allowed changes. False: it is none. What it does not say stays: "", "u" and "u=" change nothing.
bool take_clause(std::string_view clause, mode_t& allowed) {
  mode_t named = 0;
  while (!clause.empty() && class_of(clause[0]) != 0) {
    named |= class_of(clause[0]);
    clause.remove_prefix(1);
  }
  const mode_t classes = named == 0 ? kAll : named;
  while (!clause.empty()) {
    const char operation = clause[0];
    if (operation != '=' && operation != '+' && operation != '-') return false;
    clause.remove_prefix(1);
    mode_t bits = 0;
    bool says_something = named == 0;
    if (named != 0 && !clause.empty() && class_of(clause[0]) != 0 && clause[0] != 'a') {
      bits = copied(allowed, class_of(clause[0]));
      says_something = true;
      clause.remove_prefix(1);
    } else {
      for (; !clause.empty() && std::string_view("rwxXst").find(clause[0]) != std::string_view::npos;
           clause.remove_prefix(1)) {
        bits |= permission(clause[0], allowed);
        says_something = true;
      }
    }
    bits &= classes;
    if (operation == '=' && says_something) allowed &= ~classes;
    if (operation == '-')
      allowed &= ~bits;
    else
      allowed |= bits;
  }
  return true;
}

}  // namespace

std::optional<mode_t> parse_mask(std::string_view text, mode_t mask) {
  mode_t octal = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octal, 8);
  if (error == std::errc() && end == text.data() + text.size()) return octal & kAll;
  mode_t allowed = ~mask & kAll;
  for (;;) {
    const std::size_t comma = text.find(',');
    if (!take_clause(text.substr(0, comma), allowed)) return std::nullopt;
    if (comma == std::string_view::npos) return ~allowed & kAll;
    text.remove_prefix(comma + 1);
  }
}

std::string symbolic_mask(mode_t mask) {
  std::string text;
  for (const auto& [name, bits] :
       {std::pair("u=", kUser), std::pair(",g=", kGroup), std::pair(",o=", kOthers)}) {
    text += name;
    const mode_t allowed = ~mask & bits;
    if ((allowed & kRead) != 0) text += 'r';
    if ((allowed & kWrite) != 0) text += 'w';
    if ((allowed & kExecute) != 0) text += 'x';
  }
  return text;
}

std::string canonical_path(std::string_view from, std::string_view directory) {
  std::vector<std::string_view> parts;
  const auto add = [&](std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = path.find('/');
      const std::string_view part = path.substr(0, slash);
      path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
      if (part == "..") {
        if (!parts.empty()) parts.pop_back();
      } else if (!part.empty() && part != ".") {
        parts.push_back(part);
      }
    }
  };
  if (!directory.starts_with('/')) add(from);
  add(directory);
  std::string path;
  for (const std::string_view part : parts) path.append("/").append(part);
  return path.empty() ? "/" : path;
}

}  // namespace kindred::execline
