#include "core/chain/base_tools.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "core/cli/options.h"
#include "core/cli/output.h"
#include "core/sys/execute.h"
#include "core/sys/unique_fd.h"

namespace kindred {
namespace {

ChainRequest for_program(std::span<char* const> program) {
  ChainRequest request;
  request.program = program;
  return request;
}

struct LimitVariable {
  const char* name;
  char letter;
};
/// The general one comes last: it wins over the special ones.
constexpr LimitVariable kLimitVariables[] = {
    {"SOFTLIMIT_ALLBYTES", 'a'},  {"SOFTLIMIT_COREBYTES", 'c'},   {"SOFTLIMIT_DATABYTES", 'd'},
    {"SOFTLIMIT_FILEBYTES", 'f'}, {"SOFTLIMIT_LOCKEDBYTES", 'l'}, {"SOFTLIMIT_STACKBYTES", 's'},
    {"SOFTLIMIT_OPENFILES", 'o'}, {"SOFTLIMIT_PROCS", 'p'},       {"SOFTLIMIT_RSSBYTES", 'r'},
    {"SOFTLIMIT_CPUSECS", 't'},   {"SOFTLIMIT_MEMBYTES", 'm'},
};

const char* letters_of(Dashes dashes) { return dashes == Dashes::BeginOptions ? "" : nullptr; }

}  // namespace

ChainRequest parse_envdir(int argc, char** argv, const EnvdirGrammar& grammar) {
  Options options(argc, argv, grammar.has_prefix ? "p:" : letters_of(grammar.dashes),
                  Options::Complaint::Kept);
  ReadEnvDirectory step{{}, grammar.rules};
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return bad_option(argv, options);
    step.rules.prefix = options.argument();
  }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  step.path = operands[0];
  ChainRequest request = for_program(operands.subspan(1));
  request.steps.emplace_back(std::move(step));
  return request;
}

ChainRequest parse_envuidgid(int argc, char** argv, Dashes dashes) {
  Options options(argc, argv, letters_of(dashes), Options::Complaint::Kept);
  if (options.next() != 0) return bad_option(argv, options);
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  ChainRequest request = for_program(operands.subspan(1));
  request.steps.emplace_back(TellIdentity{account_name(operands[0])});
  return request;
}

ChainRequest parse_setuidgid(int argc, char** argv, bool has_all_groups, Dashes dashes) {
  Options options(argc, argv, has_all_groups ? "s" : letters_of(dashes), Options::Complaint::Kept);
  bool all_groups = false;
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return bad_option(argv, options);
    all_groups = true;
  }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  ChainRequest request = for_program(operands.subspan(1));
  request.steps.emplace_back(Become{account_name(operands[0]), all_groups});
  return request;
}

ChainRequest parse_pgrphack(int argc, char** argv, Dashes dashes) {
  Options options(argc, argv, letters_of(dashes), Options::Complaint::Kept);
  if (options.next() != 0) return bad_option(argv, options);
  ChainRequest request = for_program(options.operands());
  request.steps.emplace_back(NewSession{});
  return request;
}

ChainRequest parse_setlock(int argc, char** argv, const SetlockGrammar& grammar) {
  Options options(argc, argv, "nNxX", Options::Complaint::Kept, grammar.long_dashes);
  bool capital = true, quiet = false;
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return bad_option(argv, options);
    if (letter == 'n' || letter == 'N') capital = letter == 'N';
    if (letter == 'x' || letter == 'X') quiet = letter == 'x';
  }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  ChainRequest request = for_program(operands.subspan(1));
  request.steps.emplace_back(HoldLock{operands[0], capital != grammar.small_n_waits, grammar.opens, quiet,
                                      quiet && grammar.quiet_program});
  return request;
}

ChainRequest parse_softlimit(int argc, char** argv, const Environment& environment,
                             const SoftLimitRules& rules, bool variables, LongDashes long_dashes) {
  ChainRequest request;
  const auto limit = [&](char letter, std::string_view value) {
    const auto parsed = parse_soft_limit(letter, value, rules);
    if (parsed) request.steps.emplace_back(SetLimit{*parsed});
    return parsed.has_value();
  };
  if (variables)
    for (const LimitVariable& variable : kLimitVariables)
      if (const auto value = environment.value(variable.name))
        if (!limit(variable.letter, *value)) return ChainRequest::misuse();
  Options options(argc, argv, soft_limit_letters().c_str(), Options::Complaint::Kept, long_dashes);
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return bad_option(argv, options);
    if (!limit(letter, options.argument())) return ChainRequest::misuse();
  }
  request.program = options.operands();
  return request;
}

int run_fghack(int argc, char** argv) { return run_fghack(argc, argv, {}); }

int run_fghack(int argc, char** argv, const FghackRules& rules) {
  const std::span<char* const> program(argv + 1, argv + argc);
  if (program.empty()) {
    print_error({rules.usage});
    return kExitUsage;
  }
  std::array<int, 2> ends;
  if (::pipe(ends.data()) == -1) return fatal(rules.name, error_here("create", "pipe"));
  const UniqueFd out(ends[0]);
  UniqueFd in(ends[1]);
  constexpr SearchRules kSearch{.seeks_empty_name = true};
  const char* const path = std::getenv("PATH");
  ProgramCandidates candidates(
      program[0], path != nullptr ? std::optional<std::string_view>(path) : std::nullopt, kSearch);
  volatile int error = 0;
  const pid_t pid = ::vfork();
  if (pid == -1) return fatal(rules.name, error_here("fork", rules.name));
  if (pid == 0) {
    ::close(out.get());
    constexpr int kCopies = 30;
    int copies = 0, spare[] = {-1, -1};
    for (int copy; copies < kCopies && (copy = ::dup(in.get())) != -1; ++copies) {
      spare[0] = spare[1];
      spare[1] = copy;
    }
    // Where there are not so many, the program still finds room for what it opens itself.
    if (copies < kCopies)
      for (const int descriptor : spare) ::close(descriptor);
    error = execute(candidates, program.data(), environ, kSearch);
    ::_exit(kExitFatal);
  }
  in.reset();
  if (error != 0) {
    while (::waitpid(pid, nullptr, 0) == -1 && errno == EINTR) {
    }
    return fatal(rules.name, {"unable to ", rules.runs, " ", program[0], ": ", rules.reason(error)});
  }
  bool told = false;
  std::array<char, 4096> nothing;
  while (true) {
    const ssize_t size = ::read(out.get(), nothing.data(), nothing.size());
    if (size == 0 || (size == -1 && errno != EINTR)) break;
    told = told || size > 0;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1)
    if (errno != EINTR) return fatal(rules.name, error_here("wait for", program[0]));
  if (told && rules.told_code)
    return fatal(rules.name, {program[0], " wrote to the pipe that is to stay open"}, *rules.told_code);
  if (WIFSIGNALED(status)) return fatal(rules.name, {"child crashed"});
  return WEXITSTATUS(status);
}

}  // namespace kindred
