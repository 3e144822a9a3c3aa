// What changes descriptors. Source: interfaces/execline.md section 13.

#include <fcntl.h>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"

namespace kindred::execline {
namespace {

/// Two descriptors, and the program.
template <class Step>
ChainRequest parse_two(std::span<char* const> operands, const Step& step_of) {
  if (operands.size() < 3) return ChainRequest::misuse();
  const auto one = descriptor_number(operands[0]), other = descriptor_number(operands[1]);
  if (!one || !other) return ChainRequest::misuse();
  ChainRequest request;
  request.steps.emplace_back(step_of(*one, *other));
  request.program = operands.subspan(2);
  return request;
}

std::span<char* const> without_name(int argc, char** argv) { return {argv + 1, argv + argc}; }

/// How redirfd is to open its file.
struct OpenMode {
  bool reads = false, writes = false, creates = false, appends = false, truncates = false, is_new = false;
  bool does_not_block = false;

  [[nodiscard]] bool is_given() const { return reads || writes; }
  [[nodiscard]] int flags() const {
    int flags = reads && writes ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
    if (creates) flags |= O_CREAT;
    if (appends) flags |= O_APPEND;
    if (truncates) flags |= O_TRUNC;
    if (is_new) flags |= O_EXCL;
    if (does_not_block) flags |= O_NONBLOCK;
    return flags;
  }
};

// Letters of long names that have no short ones.
enum LongName : char { Read = 1, Write, Create, Append, Truncate, New, NoFlag = 16 };
constexpr LongOption kModeNames[] = {
    {"read", Read},
    {"write", Write},
    {"create", Create},
    {"append", Append},
    {"trunc", Truncate},
    {"excl", New},
    {"no-read", Read | NoFlag},
    {"no-write", Write | NoFlag},
    {"no-create", Create | NoFlag},
    {"no-append", Append | NoFlag},
    {"no-trunc", Truncate | NoFlag},
    {"no-excl", New | NoFlag},
};

bool take_mode(char letter, OpenMode& mode) {
  const bool blocks = !mode.does_not_block;
  const auto preset = [&](OpenMode whole) {
    whole.does_not_block = !blocks;
    mode = whole;
    return true;
  };
  switch (letter) {
    case 'r':
      return preset({.reads = true});
    case 'w':
      return preset({.writes = true, .creates = true, .truncates = true});
    case 'u':
      return preset({.reads = true, .writes = true});
    case 'a':
      return preset({.writes = true, .creates = true, .appends = true});
    case 'x':
      return preset({.writes = true, .creates = true, .is_new = true});
    case 'n':
      mode.does_not_block = true;
      return true;
    default:
      break;
  }
  const bool is_set = (letter & NoFlag) == 0;
  switch (letter & ~NoFlag) {
    case Read:
      mode.reads = is_set;
      return true;
    case Write:
      mode.writes = is_set;
      return true;
    case Create:
      mode.creates = is_set;
      return true;
    case Append:
      mode.appends = is_set;
      return true;
    case Truncate:
      mode.truncates = is_set;
      return true;
    case New:
      mode.is_new = is_set;
      return true;
    default:
      return false;
  }
}

}  // namespace

ChainRequest parse_fdclose(int argc, char** argv, const Environment&) {
  const auto operands = without_name(argc, argv);
  const auto closed = operands.size() < 2 ? std::nullopt : descriptor_number(operands[0]);
  if (!closed) return ChainRequest::misuse();
  ChainRequest request;
  request.steps.emplace_back(CloseDescriptor{*closed, true});
  request.program = operands.subspan(1);
  return request;
}

ChainRequest parse_fdmove(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "c", Options::Complaint::Kept);
  bool keeps = false;
  while (const char letter = options.next()) {
    if (letter != 'c') return ChainRequest::misuse();
    keeps = true;
  }
  return parse_two(options.operands(), [&](int to, int from) {
    return MoveDescriptor{to, from, keeps, true};
  });
}

ChainRequest parse_fdswap(int argc, char** argv, const Environment&) {
  return parse_two(without_name(argc, argv), [](int one, int other) { return SwapDescriptors{one, other}; });
}

ChainRequest parse_fdblock(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "n", Options::Complaint::Kept);
  SetBlocking step;
  while (const char letter = options.next()) {
    if (letter != 'n') return ChainRequest::misuse();
    step.blocking = false;
  }
  const auto operands = options.operands();
  const auto changed = operands.size() < 2 ? std::nullopt : descriptor_number(operands[0]);
  if (!changed) return ChainRequest::misuse();
  step.descriptor = *changed;
  ChainRequest request;
  request.steps.emplace_back(step);
  request.program = operands.subspan(1);
  return request;
}

ChainRequest parse_fdreserve(int argc, char** argv, const Environment&) {
  const auto operands = without_name(argc, argv);
  const auto count = operands.size() < 2 ? std::nullopt : number(operands[0]);
  if (!count) return ChainRequest::misuse();
  ChainRequest request;
  request.steps.emplace_back(TellFreeDescriptors{*count, kExitUsage});
  request.program = operands.subspan(1);
  return request;
}

ChainRequest parse_piperw(int argc, char** argv, const Environment&) {
  const auto operands = without_name(argc, argv);
  if (operands.size() > 1 && descriptor_number(operands[0]) == descriptor_number(operands[1]))
    return ChainRequest::misuse();
  return parse_two(operands, [](int reads, int writes) { return OpenPipe{reads, writes}; });
}

constinit const std::span<const LongOption> Redirfd::kNames = kModeNames;

std::optional<Redirfd> Redirfd::parse(Words& words) {
  constexpr mode_t kMode = 0666;
  Redirfd redirfd;
  OpenMode mode;
  bool tells = false;
  while (const char letter = words.option()) switch (letter) {
      case 'N':
        mode.does_not_block = false;
        break;
      case 'b':
        redirfd.step.changes_blocking = true;
        break;
      case 'f':
        tells = true;
        break;
      case 'E':
      case 'e':
        redirfd.substitutes = letter == 'E';
        break;
      default:
        if (letter == Options::kBad || !take_mode(letter, mode)) return words.misused();
    }
  const char* const target = words.take();
  const char* const path = words.take();
  if (path == nullptr || !words.has_rest() || !mode.is_given()) return words.misused();
  if (tells) {
    if (!is_variable_name(target)) return words.refuse({"invalid variable name"});
    redirfd.step.variable = target;
  } else {
    redirfd.step.descriptor = descriptor_number(target);
    if (!redirfd.step.descriptor) return words.misused();
  }
  redirfd.step.path = path;
  redirfd.step.flags = mode.flags();
  redirfd.step.mode = kMode;
  redirfd.step.needs_no_reader = mode.writes && !mode.reads && mode.does_not_block;
  return redirfd;
}

ChainTurn Redirfd::act(Call& call) const {
  if (const Status done = kindred::apply(ChainStep(step), call.state()); !done)
    return call.fatal(done.error());
  return substitutes && !step.variable.empty() ? call.go_on_substituting(step.variable.c_str())
                                               : call.go_on();
}

}  // namespace kindred::execline
