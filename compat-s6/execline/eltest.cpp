// eltest: what is true of files, words and numbers. Source: interfaces/execline.md section 16.

#include <regex.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/expression.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

/// What a word begins with; all of it need not be one.
std::optional<long> integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return text.starts_with('-') ? INT64_MIN : INT64_MAX;
  if (error != std::errc()) return std::nullopt;
  return value;
}

bool is_of_kind(char operation, const struct stat& file) {
  switch (operation) {
    case 'f':
      return S_ISREG(file.st_mode);
    case 'd':
      return S_ISDIR(file.st_mode);
    case 'b':
      return S_ISBLK(file.st_mode);
    case 'c':
      return S_ISCHR(file.st_mode);
    case 'p':
      return S_ISFIFO(file.st_mode);
    case 'S':
      return S_ISSOCK(file.st_mode);
    case 'g':
      return (file.st_mode & S_ISGID) != 0;
    case 'u':
      return (file.st_mode & S_ISUID) != 0;
    case 'k':
      return (file.st_mode & S_ISVTX) != 0;
    case 's':
      return file.st_size > 0;
    case 'O':
    case 'U':
      return file.st_uid == ::geteuid();
    case 'G':
      return file.st_gid == ::getegid();
    case 'N':
      return file.st_mtime > file.st_atime;
    default:
      return false;
  }
}

Verdict of_one(const Environment& environment, std::string_view operation, const char* operand) {
  const char letter = operation[1];
  struct stat file {};
  switch (letter) {
    case 'v':
      return {environment.value(operand).has_value()};
    case 't': {
      const auto descriptor = descriptor_number(operand);
      if (!descriptor) return {false, "-t requires an integer argument"};
      return {::isatty(*descriptor) == 1};
    }
    case 'h':
    case 'L':
      return {::lstat(operand, &file) == 0 && S_ISLNK(file.st_mode)};
    case 'e':
      return {::access(operand, F_OK) == 0};
    case 'r':
      return {::access(operand, R_OK) == 0};
    case 'w':
      return {::access(operand, W_OK) == 0};
    case 'x':
      return {::access(operand, X_OK) == 0};
    default:
      return {::stat(operand, &file) == 0 && is_of_kind(letter, file)};
  }
}

Verdict matches(const char* text, const char* expression) {
  regex_t compiled;
  if (const int error = ::regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB); error != 0)
    return {false, std::string("unable to compile ") + expression};
  const bool holds = ::regexec(&compiled, text, 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return {holds};
}

Verdict of_files(const char* left, char operation, const char* right) {
  struct stat one {
  }, other{};
  const bool is_one = ::stat(left, &one) == 0, is_other = ::stat(right, &other) == 0;
  if (operation == 'e')
    return {is_one && is_other && one.st_dev == other.st_dev && one.st_ino == other.st_ino};
  if (operation == 'n') return {is_one && (!is_other || one.st_mtime > other.st_mtime)};
  return {is_other && (!is_one || one.st_mtime < other.st_mtime)};
}

Verdict of_two(const char* left, std::string_view operation, const char* right) {
  if (operation == "=~") return matches(left, right);
  if (operation == "-nt" || operation == "-ot" || operation == "-ef")
    return of_files(left, operation[1], right);
  int order = 0;
  std::string_view relation = operation;
  if (operation[0] == '-') {
    const auto one = integer(left), other = integer(right);
    if (!one || !other) return {false, std::string(operation) + " requires integer arguments"};
    order = *one < *other ? -1 : *one > *other ? 1 : 0;
    relation.remove_prefix(1);
  } else {
    order = std::strcmp(left, right);
  }
  if (relation == "=" || relation == "eq") return {order == 0};
  if (relation == "!=" || relation == "ne") return {order != 0};
  if (relation == "<" || relation == "lt") return {order < 0};
  if (relation == "<=" || relation == "le") return {order <= 0};
  if (relation == ">" || relation == "gt") return {order > 0};
  return {order >= 0};
}

}  // namespace

ChainTurn Eltest::act(Call& call) const {
  const Environment& environment = call.state().environment;
  const Verdict verdict = evaluate(call.rest(), {[&](std::string_view operation, const char* operand) {
                                                   return of_one(environment, operation, operand);
                                                 },
                                                 of_two});
  if (!verdict.wrong.empty()) return call.fatal(kExitUsage, {verdict.wrong});
  return ChainTurn::ends(verdict.holds ? 0 : 1);
}

}  // namespace kindred::execline
