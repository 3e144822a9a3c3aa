#include "compat-perp/chain/parse.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "compat-perp/chain/words.h"
#include "compat-perp/words.h"
#include "core/chain/text_file.h"
#include "core/cli/output.h"

namespace kindred::perp {
namespace {

ChainRequest request_for(std::span<char* const> program) {
  ChainRequest request;
  request.program = program;
  return request;
}

/// "-" is standard input.
std::optional<std::string> input_file(const char* word) {
  const std::string_view path = word;
  return path == "-" ? std::nullopt : std::optional<std::string>(path);
}

/// The names of limits in files and in the environment; of two of one letter the later wins.
struct LimitName {
  std::string_view name;
  char letter;
};
constexpr std::array kLimitNames = {
    LimitName{"RLIMIT_VMEM", 'a'},    LimitName{"RLIMIT_AS", 'a'},     LimitName{"RLIMIT_CORE", 'c'},
    LimitName{"RLIMIT_CPU", 't'},     LimitName{"RLIMIT_DATA", 'd'},   LimitName{"RLIMIT_FSIZE", 'f'},
    LimitName{"RLIMIT_MEMLOCK", 'l'}, LimitName{"RLIMIT_NOFILE", 'o'}, LimitName{"RLIMIT_NPROC", 'p'},
    LimitName{"RLIMIT_RSS", 'r'},     LimitName{"RLIMIT_STACK", 's'},
};

/// A number, or all that the hard limit allows, which one of `hard` at its beginning says.
std::optional<SoftLimit> parse_limit(char letter, std::string_view value, std::string_view hard) {
  if (!value.empty() && hard.find(value.front()) != std::string_view::npos)
    return SoftLimit{letter, RLIM_INFINITY};
  const auto number = parse_number(value);
  if (!number) return std::nullopt;
  return SoftLimit{letter, *number};
}

constexpr std::string_view kHardOfRunlimit = "=_^", kHardOfRuntool = "!";

/// … where an empty value is none.
std::optional<SoftLimit> parse_limit_by_name(char letter, std::string_view value) {
  return value.empty() ? std::nullopt : parse_limit(letter, value, kHardOfRunlimit);
}

/// Seconds; the empty word, which would be "for ever", is none.
std::optional<Pause> parse_pause(std::string_view text) {
  const auto seconds = parse_number(text);
  if (!seconds || text.empty()) return std::nullopt;
  return Pause{*seconds};
}

HoldRecordLock lock_file(std::string_view path, bool waits, bool tells_pid) {
  constexpr mode_t kMode = 0644;
  HoldRecordLock step;
  step.path = path;
  if (!waits) step.milliseconds = 0;
  step.mode = kMode;
  step.mode_is_exact = true;
  step.tells_pid = tells_pid;
  step.failure_code.reset();
  return step;
}

/// Calls `use` with each part between colons, until one is wrong.
template <class Use>
bool each_part(std::string_view text, Use use) {
  while (true) {
    const std::size_t colon = text.find(':');
    if (!use(text.substr(0, colon))) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

/// `FD OP TARGET`, without blanks. nullopt: none of these.
std::optional<ChainStep> parse_descriptor(std::string_view text) {
  constexpr mode_t kMode = 0600;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() < 3 || !digit(text[0])) return std::nullopt;
  const int descriptor = text[0] - '0';
  const std::string_view target = text.substr(2);
  if (text[1] == '=') {
    if (target == "!") return CloseDescriptor{descriptor};
    if (target.size() == 1 && digit(target[0])) return MoveDescriptor{descriptor, target[0] - '0', true};
    return std::nullopt;
  }
  if (target != "%" && target[0] != '/' && target[0] != '.') return std::nullopt;
  OpenDescriptor step{descriptor, target == "%" ? "/dev/null" : std::string(target), 0, kMode};
  switch (text[1]) {
    case '<':
      step.flags = O_RDONLY;
      return step;
    case '>':
      step.flags = O_WRONLY | O_CREAT | O_TRUNC;
      return step;
    case '+':
      step.flags = O_WRONLY | O_CREAT | O_APPEND;
      return step;
    default:
      return std::nullopt;
  }
}

std::optional<mode_t> parse_mask(std::string_view text) {
  constexpr mode_t kMost = 0777;
  mode_t mask = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mask = mask * 8 + static_cast<mode_t>(c - '0');
    if (mask > kMost) return std::nullopt;
  }
  if (text.empty()) return std::nullopt;
  return mask;
}

}  // namespace

Result<std::vector<SoftLimit>> parse_limit_lines(std::string_view text) {
  std::vector<SoftLimit> limits;
  for (const std::string_view line : text_lines(text)) {
    const std::size_t equals = line.find('=');
    const auto* const name =
        std::ranges::find(kLimitNames, without_blanks(line.substr(0, equals)), &LimitName::name);
    if (equals == std::string_view::npos || name == kLimitNames.end())
      return error_here("take as a limit", line, EPROTO);
    const auto limit = parse_limit_by_name(name->letter, without_blanks(line.substr(equals + 1)));
    if (!limit) return error_here("take as a limit", line, EINVAL);
    limits.push_back(*limit);
  }
  return limits;
}

ChainRequest parse_runargs(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hVi", Options::Complaint::Kept);
  ReadWords words;
  while (const char letter = options.next()) {
    if (auto answer = answer_option(argv, letter, options)) return *std::move(answer);
    words.place = ReadWords::Place::Last;
  }
  const auto operands = options.operands();
  if (operands.size() < 2) return misuse(argv, kMissing);
  words.path = input_file(operands[0]);
  ChainRequest request = request_for(operands.subspan(1));
  request.steps.emplace_back(std::move(words));
  return request;
}

ChainRequest parse_runfile(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hV", Options::Complaint::Kept);
  if (auto answer = answer_options(argv, options)) return *std::move(answer);
  const auto operands = options.operands();
  if (operands.empty()) return misuse(argv, kMissing);
  ChainRequest request = request_for(operands.subspan(1));
  request.needs_no_program = true;
  request.steps.emplace_back(ReadWords{input_file(operands[0]), ReadWords::Place::Program, kExitUsage});
  return request;
}

ChainRequest parse_runargv0(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hV", Options::Complaint::Kept);
  if (auto answer = answer_options(argv, options)) return *std::move(answer);
  ChainRequest request = request_for(options.operands());
  if (request.program.size() < 2) return misuse(argv, kMissing);
  request.program_name_follows = true;
  return request;
}

ChainRequest parse_rundetach(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hV", Options::Complaint::Kept);
  if (auto answer = answer_options(argv, options)) return *std::move(answer);
  ChainRequest request = request_for(options.operands());
  if (request.program.empty()) return misuse(argv, kMissing);
  request.steps.emplace_back(Detach{});
  return request;
}

ChainRequest parse_runsession(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hV", Options::Complaint::Kept);
  if (auto answer = answer_options(argv, options)) return *std::move(answer);
  ChainRequest request = request_for(options.operands());
  if (request.program.empty()) return misuse(argv, kMissing);
  request.steps.emplace_back(NewSession{});
  return request;
}

ChainRequest parse_runpause(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hVL:", Options::Complaint::Kept);
  while (const char letter = options.next())
    if (auto answer = answer_option(argv, letter, options)) return *std::move(answer);
  const auto operands = options.operands();
  if (operands.size() < 2) return misuse(argv, kMissing);
  const auto pause = parse_pause(operands[0]);
  if (!pause) return not_numeric(argv, "seconds", operands[0]);
  ChainRequest request = request_for(operands.subspan(1));
  request.steps.emplace_back(*pause);
  return request;
}

ChainRequest parse_runuid(int argc, char** argv, const Environment&) {
  constexpr std::size_t kMostGroups = 32;
  Options options(argc, argv, "hVg:sS:", Options::Complaint::Kept);
  FindIdentity who;
  bool listed = false;
  while (const char letter = options.next()) switch (letter) {
      case 'g':
        who.group = options.argument();
        break;
      case 's':
        who.all_groups = true;
        break;
      case 'S':
        listed = true;
        who.more_groups.clear();
        if (!each_part(options.argument(), [&](std::string_view group) {
              who.more_groups.emplace_back(group);
              return !group.empty() && who.more_groups.size() <= kMostGroups;
            }))
          return misuse(argv, "bad list for -S: " + std::string(options.argument()));
        break;
      default:
        return *answer_option(argv, letter, options);
    }
  if (listed && who.all_groups) return misuse(argv, "either -s or -S");
  const auto operands = options.operands();
  if (operands.size() < 2) return misuse(argv, kMissing);
  who.user = operands[0];
  ChainRequest request = request_for(operands.subspan(1));
  BecomeFound become{who.user};
  request.steps.emplace_back(RequireRoot{kExitUsage});
  request.steps.emplace_back(std::move(who));
  request.steps.emplace_back(std::move(become));
  return request;
}

ChainRequest parse_runlock(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hVbcpqx", Options::Complaint::Kept);
  bool waits = false, tests = false, tells_pid = false, quiet = false, ends_well = false;
  while (const char letter = options.next()) switch (letter) {
      case 'b':
        waits = true;
        break;
      case 'c':
        tests = true;
        break;
      case 'p':
        tells_pid = true;
        break;
      case 'q':
        quiet = true;
        break;
      case 'x':
        ends_well = true;
        break;
      default:
        return *answer_option(argv, letter, options);
    }
  const auto operands = options.operands();
  if (operands.size() < (tests ? 1 : 2)) return misuse(argv, kMissing);
  ChainRequest request = request_for(operands.subspan(1));
  request.needs_no_program = tests;
  if (tests) {
    request.steps.emplace_back(TellRecordLock{operands[0], quiet});
    return request;
  }
  HoldRecordLock lock = lock_file(operands[0], waits, tells_pid);
  lock.quiet = ends_well;
  request.steps.emplace_back(std::move(lock));
  return request;
}

ChainRequest parse_runenv(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hViU:", Options::Complaint::Kept);
  bool clears = false;
  const char* account = nullptr;
  while (const char letter = options.next()) switch (letter) {
      case 'i':
        clears = true;
        break;
      case 'U':
        account = options.argument();
        break;
      default:
        return *answer_option(argv, letter, options);
    }
  const auto operands = options.operands();
  if (operands.size() < 2) return misuse(argv, kMissing);
  ChainRequest request = request_for(operands.subspan(1));
  if (clears) request.steps.emplace_back(SetEnvironment{});
  request.steps.emplace_back(ReadVariables{input_file(operands[0]), kExitUsage});
  if (account != nullptr) request.steps.emplace_back(TellIdentity{account_name(account)});
  return request;
}

ChainRequest parse_runlimit(int argc, char** argv, const Environment& environment) {
  Options options(argc, argv, ("hvVEF:" + soft_limit_letters()).c_str(), Options::Complaint::Kept);
  SetLimits limits;
  bool by_variables = false;
  while (const char letter = options.next()) switch (letter) {
      case 'v':
        limits.tells_cut = true;
        break;
      case 'E':
        by_variables = true;
        break;
      case 'F':
        limits.file = SetLimits::File{input_file(options.argument()), parse_limit_lines, kExitUsage};
        break;
      default: {
        if (auto answer = answer_option(argv, letter, options)) return *std::move(answer);
        const auto limit = parse_limit(letter, options.argument(), kHardOfRunlimit);
        if (!limit) return not_numeric(argv, std::string("-") + letter, options.argument());
        limits.last.push_back(*limit);
      }
    }
  if (by_variables)
    for (const LimitName& row : kLimitNames) {
      const auto value = environment.value(row.name);
      if (!value) continue;
      const auto limit = parse_limit_by_name(row.letter, *value);
      if (!limit) return not_numeric(argv, row.name, *value);
      limits.first.push_back(*limit);
    }
  ChainRequest request = request_for(options.operands());
  if (request.program.empty()) return misuse(argv, kMissing);
  request.steps.emplace_back(std::move(limits));
  return request;
}

ChainRequest parse_runchoom(int argc, char** argv, const Environment& environment) {
  const auto variable = [&](const char* name, const char* otherwise) {
    return std::string(environment.value(name).value_or(otherwise));
  };
  WriteProcessFile step{variable("CHOOM_BASE", "/proc"), 0, variable("CHOOM_KEY", "oom_adj"),
                        variable("CHOOM_SET", "-17"), Trouble::Silent};
  Options options(argc, argv, "hVevb:k:p:s:", Options::Complaint::Kept);
  while (const char letter = options.next()) switch (letter) {
      case 'e':
        step.failure = Trouble::Fatal;
        break;
      case 'v':
        if (step.failure == Trouble::Silent) step.failure = Trouble::Warning;
        break;
      case 'b':
        step.base = options.argument();
        break;
      case 'k':
        step.name = options.argument();
        break;
      case 'p': {
        const auto process = parse_number(options.argument());
        if (!process) return not_numeric(argv, "-p", options.argument());
        step.process = *process;
        break;
      }
      case 's':
        step.line = options.argument();
        break;
      default:
        return *answer_option(argv, letter, options);
    }
  if (!step.base.starts_with('/')) return misuse(argv, "no absolute path: " + step.base);
  ChainRequest request = request_for(options.operands());
  if (request.program.empty()) return misuse(argv, kMissing);
  request.steps.emplace_back(std::move(step));
  return request;
}

ChainRequest parse_runtool(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "hV0:a:A:c:C:de:E:F:L:P:m:R:sS:u:U:Wz:", Options::Complaint::Kept);
  std::optional<NameProgram> name;
  std::optional<ReadWords> first, last;
  std::optional<EnterDirectory> directory;
  std::optional<ChangeRoot> root;
  std::optional<ReadVariables> variables;
  std::optional<HoldRecordLock> lock;
  std::optional<SetFileMask> mask;
  std::optional<SearchIn> search;
  std::optional<FindIdentity> who;
  std::optional<TellIdentity> told;
  std::optional<Pause> pause;
  std::vector<ChainStep> descriptors;
  std::vector<SoftLimit> limits;
  bool clears = false, detaches = false, session = false, warns = false;
  char lock_letter = 0;
  while (const char letter = options.next()) {
    const char* const argument = options.argument();
    switch (letter) {
      case '0':
        name = NameProgram{argument};
        break;
      case 'a':
        first = ReadWords{argument, ReadWords::Place::First};
        break;
      case 'A':
        last = ReadWords{argument, ReadWords::Place::Last};
        break;
      case 'c':
        directory = EnterDirectory{argument};
        break;
      case 'C':
        root = ChangeRoot{argument, false};
        break;
      case 'd':
        detaches = true;
        break;
      case 'e':
      case 'E':
        variables = ReadVariables{argument, kExitUsage};
        clears = letter == 'E';
        break;
      case 'F':
        descriptors.clear();
        if (!each_part(argument, [&](std::string_view part) {
              const auto step = parse_descriptor(part);
              if (step) descriptors.push_back(*step);
              return step.has_value();
            }))
          return misuse(argv, "bad descriptors for -F: " + std::string(argument));
        break;
      case 'L':
      case 'P': {
        if (lock_letter != 0 && lock_letter != letter) return misuse(argv, "either -L or -P");
        lock_letter = letter;
        const bool waits = *argument == ':';
        lock = lock_file(waits ? argument + 1 : argument, waits, letter == 'P');
        if (lock->path.empty()) return misuse(argv, std::string("no file for -") + letter);
        break;
      }
      case 'm': {
        const auto bits = parse_mask(argument);
        if (!bits) return not_numeric(argv, "-m", argument);
        mask = SetFileMask{*bits};
        break;
      }
      case 'R':
        limits.clear();
        if (!each_part(argument, [&](std::string_view part) {
              if (part.size() < 3 || part[1] != '=' || part[0] == 'l' ||
                  soft_limit_letters().find(part[0]) == std::string::npos)
                return false;
              const auto limit = parse_limit(part[0], part.substr(2), kHardOfRuntool);
              if (limit) limits.push_back(*limit);
              return limit.has_value();
            }))
          return misuse(argv, "bad limits for -R: " + std::string(argument));
        break;
      case 's':
        session = true;
        break;
      case 'S':
        search = SearchIn{argument};
        break;
      case 'u':
        who = FindIdentity{argument};
        who->unknown_code = kExitUsage;
        break;
      case 'U':
        told = TellIdentity{account_name(argument), kExitUsage};
        break;
      case 'W':
        warns = true;
        break;
      case 'z':
        pause = parse_pause(argument);
        if (!pause) return not_numeric(argv, "-z", argument);
        break;
      default:
        return *answer_option(argv, letter, options);
    }
  }
  ChainRequest request = request_for(options.operands());
  if (request.program.empty()) return misuse(argv, kMissing);
  const auto add = [&](auto& step) {
    if (step) request.steps.emplace_back(std::move(*step));
  };
  std::optional<BecomeFound> become;
  if (who) become = BecomeFound{who->user};
  // Who it will be is known before a root directory with other accounts in it.
  if (who || root) request.steps.emplace_back(RequireRoot{kExitUsage});
  add(who);
  add(name);
  add(first);
  add(last);
  if (clears) request.steps.emplace_back(SetEnvironment{});
  add(variables);
  add(told);
  if (detaches) request.steps.emplace_back(Detach{});
  if (session && !detaches)
    request.steps.emplace_back(LeadGroup{.failure = warns ? Trouble::Warning : Trouble::Silent});
  add(lock);
  add(mask);
  for (ChainStep& step : descriptors) request.steps.push_back(std::move(step));
  if (!limits.empty()) request.steps.emplace_back(SetLimits{std::move(limits), std::nullopt, {}, warns});
  add(directory);
  add(root);
  add(become);
  add(pause);
  add(search);
  return request;
}

}  // namespace kindred::perp
