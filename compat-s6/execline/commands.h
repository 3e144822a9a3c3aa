#pragma once
// execline's commands: what the words of each say, and what comes of it. Source: interfaces/execline.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/pieces.h"
#include "compat-s6/execline/value.h"
#include "core/chain/step.h"

namespace kindred::execline {

// A command that is steps.
ChainRequest parse_export(int argc, char** argv, const Environment& environment);
ChainRequest parse_unexport(int argc, char** argv, const Environment& environment);
ChainRequest parse_emptyenv(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdclose(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdmove(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdswap(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdblock(int argc, char** argv, const Environment& environment);
ChainRequest parse_fdreserve(int argc, char** argv, const Environment& environment);
ChainRequest parse_piperw(int argc, char** argv, const Environment& environment);
ChainRequest parse_cd(int argc, char** argv, const Environment& environment);
ChainRequest parse_umask(int argc, char** argv, const Environment& environment);

// A command that is more than steps:
//
//   kLetters, kNames   its options, as Words has them
//   parse()            pure; nullopt: the words are refused. What comes after it is left in them
//   act()              its turn

struct Command {
  static constexpr const char* kLetters = nullptr;
  static constexpr std::span<const LongOption> kNames = {};
};
using Block = std::vector<char*>;

// script.cpp

struct Execlineb : Command {
  static constexpr const char* kLetters = "pPS:s:qwWec:";
  static std::optional<Execlineb> parse(Words& words);
  ChainTurn act(Call& call) const;

  enum class Arguments : std::uint8_t { Push, Set, Ignore, Substitute, SubstituteRest };
  Arguments arguments = Arguments::Push;
  unsigned least = 0;          ///< arguments, where they are substituted
  char strictness = 0;         ///< the letter
  const char* text = nullptr;  ///< the script itself; null: it is in a file
  const char* name = nullptr;
};

// substituting.cpp: what replaces variables in the words after it

struct Define : Command {
  static constexpr const char* kLetters = "NnsCcd:";
  static std::optional<Define> parse(Words& words);
  ChainTurn act(Call& call) const;

  ValueRules rules;
  const char *key = nullptr, *value = nullptr;
};

struct Importas : Command {
  static constexpr const char* kLetters = "iD:uSNnsCcd:";
  static std::optional<Importas> parse(Words& words);
  ChainTurn act(Call& call) const;

  ValueRules rules;
  bool must_be_set = false, removes = false;
  const char* fallback = nullptr;
  const char *key = nullptr, *name = nullptr;
};

struct Elglob : Command {
  static constexpr const char* kLetters = "vwsme0nd:";
  static std::optional<Elglob> parse(Words& words);
  ChainTurn act(Call& call) const;

  int flags = 0;  ///< glob(3)'s
  bool tells = false;
  std::optional<std::string> joiner = std::nullopt;
  bool joins_between = false;
  const char *key = nullptr, *pattern = nullptr;
};

struct Elgetpositionals : Command {
  static constexpr const char* kLetters = "P:";
  static std::optional<Elgetpositionals> parse(Words& words);
  ChainTurn act(Call& call) const;

  unsigned least = 0;
};

struct Multidefine : Command {
  static constexpr const char* kLetters = "0rNnCcd:";
  static std::optional<Multidefine> parse(Words& words);
  ChainTurn act(Call& call) const;

  ValueRules rules;
  bool missing_is_nothing = false, last_takes_rest = false;
  const char* value = nullptr;
  Block keys;
};

struct Multisubstitute : Command {
  static std::optional<Multisubstitute> parse(Words& words);
  ChainTurn act(Call& call) const;

  Block directives;
};

// environment_tools.cpp

struct ExportArray : Command {
  static constexpr const char* kLetters = "d:";
  static std::optional<ExportArray> parse(Words& words);
  ChainTurn act(Call& call) const;

  const char* name = nullptr;
  std::string value;
};

struct Envfile : Command {
  static constexpr const char* kLetters = "iI";
  static std::optional<Envfile> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool may_be_missing = false;
  const char* path = nullptr;
};

/// getcwd and getpid: the variable is told what the process is.
struct Tell : Command {
  ChainTurn act(Call& call) const;

  TellProcess::What what = TellProcess::What::Directory;
  bool substitutes = false;
  const char* variable = nullptr;
};
struct Getcwd : Tell {
  static constexpr const char* kLetters = "Ee";
  static std::optional<Getcwd> parse(Words& words);
};
struct Getpid : Tell {
  static constexpr const char* kLetters = "EePp";
  static std::optional<Getpid> parse(Words& words);
};

struct Withstdinas : Command {
  static constexpr const char* kLetters = "iID:NnEe";
  static std::optional<Withstdinas> parse(Words& words);
  ChainTurn act(Call& call) const;

  enum class OnNul : std::uint8_t { Cut, Fail, Remove, Fallback } on_nul = OnNul::Cut;
  const char* fallback = nullptr;
  bool chomps = true, substitutes = false;
  const char* variable = nullptr;
};

// children.cpp: what starts a program and goes on

struct Foreground : Command {
  static std::optional<Foreground> parse(Words& words);
  ChainTurn act(Call& call) const;

  Block block;
};

struct Background : Command {
  static constexpr const char* kLetters = "d";
  static std::optional<Background> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool detached = false;
  Block block;
};

struct Pipeline : Command {
  static constexpr const char* kLetters = "drw";
  static std::optional<Pipeline> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool detached = false, writes = false;
  Block block;
};

struct Backtick : Command {
  static constexpr const char* kLetters = "iIxD:NnEe";
  static std::optional<Backtick> parse(Words& words);
  ChainTurn act(Call& call) const;

  char on_failure = 'i';  ///< the letter
  const char* fallback = nullptr;
  bool chomps = true, substitutes = false;
  const char* variable = nullptr;
  Block block;
};

struct Heredoc : Command {
  static constexpr const char* kLetters = "d";
  static std::optional<Heredoc> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool detached = false;
  int descriptor = 0;
  const char* text = nullptr;
};

// wait.cpp, trap.cpp

struct Wait : Command {
  static constexpr const char* kLetters = "Iiaort:";
  static const std::span<const LongOption> kNames;
  static std::optional<Wait> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool time_is_fatal = false, any = false;
  std::optional<unsigned> milliseconds = std::nullopt;
  bool has_block = false;
  std::vector<pid_t> pids;
};

struct Trap : Command {
  static constexpr const char* kLetters = "x";
  static std::optional<Trap> parse(Words& words);
  ChainTurn act(Call& call) const;

  struct Answer {
    enum class What : std::uint8_t { None, PassOn, Run } what = What::None;
    Block words;  ///< none: the signal does nothing
  };
  std::vector<Answer> answers;  ///< by signal
};

// conditions.cpp

struct If : Command {
  static constexpr const char* kLetters = "nXtx:";
  static std::optional<If> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool reversed = false, may_crash = false;
  std::optional<int> code = std::nullopt;
  Block condition;
};

struct Ifelse : Command {
  static constexpr const char* kLetters = "nX";
  static std::optional<Ifelse> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool reversed = false, may_crash = false;
  Block condition, then;
};

struct Ifte : Command {
  static constexpr const char* kLetters = "nX";
  static std::optional<Ifte> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool reversed = false, may_crash = false;
  Block then, otherwise;
};

struct Ifthenelse : Command {
  static constexpr const char* kLetters = "Xs";
  static std::optional<Ifthenelse> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool may_crash = false, in_place = false;
  Block condition, then, otherwise;
};

// case.cpp, eltest.cpp

struct Case : Command {
  static constexpr const char* kLetters = "sSeEnNi";
  static std::optional<Case> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool shell = false, extended = true, flag_n = false, flag_i = false;
  const char* value = nullptr;
  Block cases;  ///< not read any further than to the one that matches
};

struct Eltest : Command {
  static std::optional<Eltest> parse(Words&) { return Eltest(); }
  ChainTurn act(Call& call) const;
};

// loops.cpp

/// Exit codes, as options name them.
struct Codes {
  std::vector<unsigned> listed;
  bool are_listed = true;  ///< the listed ones are meant; else all others

  [[nodiscard]] bool contain(int code) const;
};

struct LoopOptions {
  bool substitutes = false;
  unsigned most = 1;  ///< bodies at a time; 0: all
  Codes breaks{{}, true};
  bool has_codes = false;

  /// nullopt: another letter; false: its argument is wrong.
  std::optional<bool> take(char letter, const char* argument);
};

struct Forx : Command {
  static constexpr const char* kLetters = "EepP:o:x:";
  static std::optional<Forx> parse(Words& words);
  ChainTurn act(Call& call) const;

  LoopOptions options;
  const char* variable = nullptr;
  Block values;
};

struct Forstdin : Command {
  static constexpr const char* kLetters = "EepP:o:x:NnCc0d:";
  static std::optional<Forstdin> parse(Words& words);
  ChainTurn act(Call& call) const;

  LoopOptions options;
  PieceRules rules;
  const char* variable = nullptr;
};

struct Forbacktickx : Command {
  static constexpr const char* kLetters = Forstdin::kLetters;
  static std::optional<Forbacktickx> parse(Words& words);
  ChainTurn act(Call& call) const;

  Forstdin loop;
  Block block;
};

struct Loopwhilex : Command {
  static constexpr const char* kLetters = "no:x:";
  static std::optional<Loopwhilex> parse(Words& words);
  ChainTurn act(Call& call) const;

  Codes goes_on{{0}, true};
  bool reversed = false;
};

// descriptors.cpp

struct Redirfd : Command {
  static constexpr const char* kLetters = "rwuaxnNbfEe";
  static const std::span<const LongOption> kNames;
  static std::optional<Redirfd> parse(Words& words);
  ChainTurn act(Call& call) const;

  OpenDescriptor step;
  bool substitutes = false;  ///< the variable that is told the descriptor
};

// arguments.cpp: the script's own

struct Dollarat : Command {
  static constexpr const char* kLetters = "n0d:";
  static std::optional<Dollarat> parse(Words& words);
  ChainTurn act(Call& call) const;

  std::string separator = "\n";  ///< none: netstrings
  bool between = false;
};

struct Elgetopt : Command {
  static constexpr const char* kLetters = "D:";
  static std::optional<Elgetopt> parse(Words& words);
  ChainTurn act(Call& call) const;

  const char* fallback = "1";
  const char* letters = nullptr;
};

struct Shift : Command {
  static constexpr const char* kLetters = "n:b:";
  static std::optional<Shift> parse(Words& words);
  ChainTurn act(Call& call) const;

  unsigned count = 0, blocks = 0;
};

struct Runblock : Command {
  static constexpr const char* kLetters = "Pn:r";
  static std::optional<Runblock> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool pops = true, runs_rest = false;
  unsigned skipped = 0, wanted = 0;
};

// process.cpp

/// Options of exec and tryexec.
struct ExecOptions {
  bool empties = false, is_login = false;
  const char* name = nullptr;

  /// False for another letter.
  bool take(char letter, const char* argument);
  /// Only what the program gets is changed.
  [[nodiscard]] ChainProgram program(const Call& call, std::span<char* const> words) const;
};

struct Exec : Command {
  static constexpr const char* kLetters = "cla:";
  static std::optional<Exec> parse(Words& words);
  ChainTurn act(Call& call) const;

  ExecOptions options;
};

struct Tryexec : Command {
  static constexpr const char* kLetters = "ncla:";
  static std::optional<Tryexec> parse(Words& words);
  ChainTurn act(Call& call) const;

  ExecOptions options;
  bool block_is_second = false;
  Block block;
};

struct Exit : Command {
  static std::optional<Exit> parse(Words& words);
  ChainTurn act(Call& call) const;

  unsigned code = 0;
};

struct Homeof : Command {
  static std::optional<Homeof> parse(Words& words);
  ChainTurn act(Call& call) const;

  const char* name = nullptr;
};

// posix.cpp

struct PosixCd : Command {
  static constexpr const char* kLetters = "LP";
  static std::optional<PosixCd> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool is_logical = true;
  const char* word = nullptr;  ///< null: home
};

struct PosixUmask : Command {
  static constexpr const char* kLetters = "S";
  static std::optional<PosixUmask> parse(Words& words);
  ChainTurn act(Call& call) const;

  bool is_symbolic = false;
  const char* mode = nullptr;  ///< null: it is told
};

}  // namespace kindred::execline
