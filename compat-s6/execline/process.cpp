// What is executed, and in which state. Source: interfaces/execline.md sections 10 and 15.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"
#include "core/chain/account.h"
#include "core/cli/output.h"

namespace kindred::execline {
namespace {

/// Options of exec and tryexec.
struct ExecOptions {
  bool empties = false, is_login = false;
  const char* name = nullptr;

  /// False for another letter.
  bool take(char letter, const char* argument) {
    if (letter == 'c') empties = true;
    if (letter == 'l') is_login = true;
    if (letter == 'a') name = argument;
    return letter == 'c' || letter == 'l' || letter == 'a';
  }

  /// Only what the program gets is changed.
  [[nodiscard]] ChainProgram program(const Call& call, std::span<char* const> words) const {
    ChainProgram program(words);
    if (name != nullptr) program.words[0] = call.keep(name);
    if (is_login) program.words[0] = call.keep("-" + std::string(program.words[0]));
    return program;
  }
};

}  // namespace

ChainTurn exec(const ChainCall& chain_call) {
  Call call(chain_call, "cla:");
  ExecOptions options;
  while (const char letter = call.option())
    if (!options.take(letter, call.argument())) return call.usage();
  if (!call.has_rest()) return call.usage();
  if (options.empties) {
    call.state().environment.set_entries({});
    call.state().environment_changed = true;
  }
  return {options.program(call, call.rest()), 0};
}

ChainTurn tryexec(const ChainCall& chain_call) {
  Call call(chain_call, "ncla:");
  ExecOptions options;
  bool block_is_second = false;
  while (const char letter = call.option()) {
    if (letter == 'n')
      block_is_second = true;
    else if (!options.take(letter, call.argument()))
      return call.usage();
  }
  const auto block = call.take_block();
  if (!block) return Call::bad_block();
  if (block->empty()) return call.fatal(kExitUsage, {"empty block"});
  if (block_is_second && !call.has_rest())
    return call.fatal(kExitUsage, {"empty remainder not allowed with -n"});
  const std::span<char* const> tried = block_is_second ? call.rest() : *block;
  const std::span<char* const> second = block_is_second ? std::span<char* const>(*block) : call.rest();
  const ChainProgram program = options.program(call, tried);
  if (call.interpreter().tool_of(program) != nullptr) {
    if (options.empties) call.state().environment.set_entries({});
    call.state().environment_changed = call.state().environment_changed || options.empties;
    return {program, 0};
  }
  char* const nothing[] = {nullptr};
  static_cast<void>(options.empties ? call.interpreter().execute(program, nothing)
                                    : call.interpreter().execute(program));
  return call.go_on(second);
}

ChainTurn exit(const ChainCall& chain_call) {
  Call call(chain_call);
  const char* const word = call.take();
  const auto code = word == nullptr ? 0 : number(word);
  if (!code) return call.usage();
  return ChainTurn::ends(static_cast<int>(*code & 0xff));
}

ChainTurn homeof(const ChainCall& chain_call) {
  Call call(chain_call);
  const char* const name = call.take();
  if (name == nullptr) return call.usage();
  const auto account = find_account(name);
  if (!account) return call.fatal(account.error());
  if (!*account) return call.fatal(kExitFatal, {"unable to get passwd entry for ", name, ": no such user"});
  if (const Status told = write_text(1, (*account)->home + "\n"); !told) return call.fatal(told.error());
  return ChainTurn::ends(0);
}

ChainRequest parse_cd(int argc, char** argv, const Environment&) {
  if (argc < 3) return ChainRequest::misuse();
  ChainRequest request;
  request.steps.emplace_back(EnterDirectory{argv[1], "chdir to"});
  request.program = {argv + 2, argv + argc};
  return request;
}

ChainRequest parse_umask(int argc, char** argv, const Environment&) {
  constexpr unsigned kMost = 0777;
  if (argc < 3) return ChainRequest::misuse();
  unsigned mask = 0;
  const char* digit = argv[1];
  for (; *digit >= '0' && *digit <= '7'; ++digit)
    mask = (mask * 8 + static_cast<unsigned>(*digit - '0')) & kMost;
  if (digit == argv[1]) return ChainRequest::misuse();
  ChainRequest request;
  request.steps.emplace_back(SetFileMask{mask});
  request.program = {argv + 2, argv + argc};
  return request;
}

}  // namespace kindred::execline
