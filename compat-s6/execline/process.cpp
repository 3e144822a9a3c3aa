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
bool ExecOptions::take(char letter, const char* argument) {
  if (letter == 'c') empties = true;
  if (letter == 'l') is_login = true;
  if (letter == 'a') name = argument;
  return letter == 'c' || letter == 'l' || letter == 'a';
}

ChainProgram ExecOptions::program(const Call& call, std::span<char* const> words) const {
  ChainProgram program(words);
  if (name != nullptr) program.words[0] = call.keep(name);
  if (is_login) program.words[0] = call.keep("-" + std::string(program.words[0]));
  return program;
}

std::optional<Exec> Exec::parse(Words& words) {
  Exec exec;
  while (const char letter = words.option())
    if (!exec.options.take(letter, words.argument())) return words.misused();
  if (!words.has_rest()) return words.misused();
  return exec;
}

ChainTurn Exec::act(Call& call) const {
  if (options.empties) {
    call.state().environment.set_entries({});
    call.state().environment_changed = true;
  }
  return {options.program(call, call.rest()), 0};
}

std::optional<Tryexec> Tryexec::parse(Words& words) {
  Tryexec tryexec;
  while (const char letter = words.option()) {
    if (letter == 'n')
      tryexec.block_is_second = true;
    else if (!tryexec.options.take(letter, words.argument()))
      return words.misused();
  }
  auto block = words.take_block();
  if (!block) return std::nullopt;
  if (block->empty()) return words.refuse({"empty block"});
  if (tryexec.block_is_second && !words.has_rest())
    return words.refuse({"empty remainder not allowed with -n"});
  tryexec.block = std::move(*block);
  return tryexec;
}

ChainTurn Tryexec::act(Call& call) const {
  const std::span<char* const> tried = block_is_second ? call.rest() : block;
  const std::span<char* const> second = block_is_second ? std::span<char* const>(block) : call.rest();
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

std::optional<Exit> Exit::parse(Words& words) {
  const char* const word = words.take();
  const auto code = word == nullptr ? 0 : number(word);
  if (!code) return words.misused();
  Exit exit;
  exit.code = *code;
  return exit;
}

ChainTurn Exit::act(Call&) const { return ChainTurn::ends(static_cast<int>(code & 0xff)); }

std::optional<Homeof> Homeof::parse(Words& words) {
  Homeof homeof;
  homeof.name = words.take();
  if (homeof.name == nullptr) return words.misused();
  return homeof;
}

ChainTurn Homeof::act(Call& call) const {
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
