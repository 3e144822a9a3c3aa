// softlimit, hardlimit, ulimit. Source: interfaces/nosh.md section 17.1, interfaces/nosh-system.md section 4.5.

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/tool_words.h"

namespace kindred::nosh {
namespace {

struct Unit {
  std::string_view name;
  rlim_t factor;
};
constexpr rlim_t kKilo = 1000, kKibi = 1024;
constexpr Unit kCountUnits[] = {
    {"h", 100},
    {"k", kKilo},
    {"M", kKilo* kKilo},
    {"G", kKilo* kKilo* kKilo},
    {"T", kKilo* kKilo* kKilo* kKilo},
    {"E", kKilo* kKilo* kKilo* kKilo* kKilo* kKilo},
    {"Ki", kKibi},
    {"Mi", kKibi* kKibi},
    {"Gi", kKibi* kKibi* kKibi},
    {"Ti", kKibi* kKibi* kKibi* kKibi},
};
constexpr rlim_t kMinute = 60, kHour = 3600, kDay = 86400, kWeek = 604800;
constexpr Unit kTimeUnits[] = {
    {"min", kMinute}, {"minute", kMinute}, {"minutes", kMinute}, {"h", kHour},
    {"hour", kHour},  {"hours", kHour},    {"d", kDay},          {"day", kDay},
    {"days", kDay},   {"w", kWeek},        {"week", kWeek},      {"weeks", kWeek},
};

struct Limited {
  const char* option;
  int resource;
  rlim_t unit = 1;
  std::span<const Unit> suffixes = kCountUnits;
  bool clamps = false;
};

constexpr Option kOptions[] = {
    {'m', "memory", "address space, data, locked memory and stack, within the hard limits", true},
    {'a', "address-space", "address space", true},
    {'c', "core", "core files", true},
    {'d', "data", "data segment", true},
    {'f', "file-size", "files that are written", true},
    {'l', "locked-memory", "locked memory", true},
    {'o', "open-files", "open descriptors", true},
    {'p', "processes", "processes of the user", true},
    {'r', "resident", "resident set", true},
    {'s', "stack", "stack", true},
    {'t', "cpu", "CPU seconds", true},
};
/// In the order in which they are set.
constexpr Limited kLimited[] = {
    {"memory", RLIMIT_AS, 1, kCountUnits, true},
    {"memory", RLIMIT_DATA, 1, kCountUnits, true},
    {"memory", RLIMIT_MEMLOCK, 1, kCountUnits, true},
    {"memory", RLIMIT_STACK, 1, kCountUnits, true},
    {"address-space", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"data", RLIMIT_DATA},
    {"file-size", RLIMIT_FSIZE},
    {"locked-memory", RLIMIT_MEMLOCK},
    {"open-files", RLIMIT_NOFILE},
    {"processes", RLIMIT_NPROC},
    {"resident", RLIMIT_RSS},
    {"stack", RLIMIT_STACK},
    {"cpu", RLIMIT_CPU, 1, kTimeUnits},
};

constexpr rlim_t kBlock = 512;
constexpr Option kUlimitOptions[] = {
    {'H', "hard", "the hard limits"},
    {'S', "soft", "the soft limits"},
    {'a', "memory", "address space, data, locked memory and stack, within the hard limits, in KiB", true},
    {'c', "core", "core files, in half KiB", true},
    {'d', "data", "data segment, in KiB", true},
    {'e', "nice", "highest priority", true},
    {'f', "file-size", "files that are written, in half KiB", true},
    {'i', "sigpending", "pending signals", true},
    {'l', "locked-memory", "locked memory, in KiB", true},
    {'m', "resident", "resident set, in KiB", true},
    {'n', "open-files", "open descriptors", true},
    {'q', "msgqueue", "bytes in message queues", true},
    {'s', "stack", "stack, in KiB", true},
    {'t', "cpu", "CPU seconds", true},
    {'u', "processes", "processes of the user", true},
    {'v', "address-space", "address space, in KiB", true},
    {'x', "locks", "file locks", true},
};
constexpr Limited kUlimited[] = {
    {"memory", RLIMIT_AS, kKibi, kCountUnits, true},
    {"memory", RLIMIT_DATA, kKibi, kCountUnits, true},
    {"memory", RLIMIT_MEMLOCK, kKibi, kCountUnits, true},
    {"memory", RLIMIT_STACK, kKibi, kCountUnits, true},
    {"core", RLIMIT_CORE, kBlock},
    {"data", RLIMIT_DATA, kKibi},
    {"nice", RLIMIT_NICE},
    {"file-size", RLIMIT_FSIZE, kBlock},
    {"sigpending", RLIMIT_SIGPENDING},
    {"locked-memory", RLIMIT_MEMLOCK, kKibi},
    {"resident", RLIMIT_RSS, kKibi},
    {"open-files", RLIMIT_NOFILE},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"stack", RLIMIT_STACK, kKibi},
    {"cpu", RLIMIT_CPU, 1, kTimeUnits},
    {"processes", RLIMIT_NPROC},
    {"address-space", RLIMIT_AS, kKibi},
    {"locks", RLIMIT_LOCKS},
};

/// Null, or what is wrong.
const char* read_value(std::string_view text, const Limited& limited, ChangeLimit& step) {
  if (text == "hard" || text == "=") {
    step.value = ChangeLimit::Value::HardLimit;
  } else if (text == "soft") {
    step.value = ChangeLimit::Value::SoftLimit;
  } else if (text == "infinity" || text == "unlimited") {
    step.number = RLIM_INFINITY;
  } else {
    const std::string word(text);
    char* end = nullptr;
    errno = 0;
    const unsigned long long number = std::strtoull(word.c_str(), &end, 0);
    if (end == word.c_str() || errno != 0 || word[0] < '0' || word[0] > '9') return "not a number";
    rlim_t factor = limited.unit;
    const std::string_view suffix = end;
    if (!suffix.empty()) {
      const auto unit = std::ranges::find(limited.suffixes, suffix, &Unit::name);
      if (limited.unit != 1 || unit == limited.suffixes.end()) return "trailing rubbish after number";
      factor = unit->factor;
    }
    if (__builtin_mul_overflow(number, factor, &step.number) || step.number == RLIM_INFINITY)
      return "number too great";
  }
  return nullptr;
}

void add_limits(std::vector<ChainStep>& steps, ToolWords& words, std::span<const Limited> table,
                ChangeLimit::Which which) {
  for (const Limited& limited : table) {
    const char* const text = words.value(limited.option);
    if (text == nullptr) continue;
    ChangeLimit step;
    step.resource = limited.resource;
    step.name = limited.option;
    step.which = which;
    step.clamps = limited.clamps;
    if (const char* const wrong = read_value(text, limited, step))
      words.complain({limited.option, ": ", text, ": ", wrong});
    steps.emplace_back(std::move(step));
  }
}

ChainRequest parse_limits(int argc, char** argv, ChangeLimit::Which which) {
  ToolWords words(argc, argv, kOptions, "PROGRAM...");
  std::vector<ChainStep> steps;
  add_limits(steps, words, kLimited, which);
  return words.request(std::move(steps));
}

}  // namespace

ChainRequest parse_softlimit(int argc, char** argv, const Environment&) {
  return parse_limits(argc, argv, ChangeLimit::Which::Soft);
}

ChainRequest parse_hardlimit(int argc, char** argv, const Environment&) {
  return parse_limits(argc, argv, ChangeLimit::Which::Hard);
}

ChainRequest parse_ulimit(int argc, char** argv, const Environment&) {
  ToolWords words(argc, argv, kUlimitOptions, "PROGRAM...");
  ChangeLimit::Which which = ChangeLimit::Which::Soft;
  if (words.has("hard")) which = words.has("soft") ? ChangeLimit::Which::Both : ChangeLimit::Which::Hard;
  std::vector<ChainStep> steps;
  add_limits(steps, words, kUlimited, which);
  return words.request(std::move(steps));
}

}  // namespace kindred::nosh
