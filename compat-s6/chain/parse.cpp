#include "compat-s6/chain/parse.h"

#include <charconv>

#include "core/chain/base_tools.h"
#include "core/cli/options.h"

namespace kindred::s6 {
namespace {

/// Digits, all of the word.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int> descriptor_number(const char* text) {
  const auto descriptor = number<unsigned>(text);
  if (!descriptor || *descriptor > INT32_MAX) return std::nullopt;
  return static_cast<int>(*descriptor);
}

/// Numbers with commas between; nothing is none.
std::optional<std::vector<gid_t>> number_list(std::string_view text) {
  std::vector<gid_t> list;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const auto value = number<gid_t>(text.substr(0, comma));
    if (!value) return std::nullopt;
    list.push_back(*value);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return list;
}

/// "UID:GID:LIST", of which each may be empty or missing.
std::optional<TellAccount::Numbers> fallback(std::string_view text) {
  TellAccount::Numbers numbers;
  const auto field = [&] {
    const std::size_t colon = text.find(':');
    const std::string_view value = text.substr(0, colon);
    text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
    return value;
  };
  for (auto* const value : {&numbers.user, &numbers.group}) {
    const std::string_view word = field();
    if (word.empty()) continue;
    const auto parsed = number<uid_t>(word);
    if (!parsed) return std::nullopt;
    *value = *parsed;
  }
  if (!number_list(text)) return std::nullopt;
  numbers.list = text;
  return numbers;
}

ChainRequest request_for(std::span<char* const> program) {
  ChainRequest request;
  request.program = program;
  return request;
}

void remove_variables(ChainRequest& request) {
  for (const char* name : {"UID", "GID", "GIDLIST"})
    request.steps.emplace_back(SetVariable{{name, std::nullopt}});
}

}  // namespace

ChainRequest parse_envdir(int argc, char** argv, const Environment&) {
  constexpr std::size_t kMost = 4095;
  Options options(argc, argv, "IinfLc:", Options::Complaint::Kept);
  ReadEnvDirectory step;
  step.rules.enters = "envdir";
  step.rules.skips_equals = true;
  step.rules.value.carriage_returns = true;
  step.rules.value.most = kMost;
  while (const char letter = options.next()) switch (letter) {
      case 'I':
        step.rules.missing_is_empty = true;
        break;
      case 'i':
        step.rules.missing_is_empty = false;
        break;
      case 'n':
        step.rules.value.chomps = false;
        break;
      case 'f':
        step.rules.value.whole_file = true;
        break;
      case 'L':
        step.rules.value.most = SIZE_MAX;
        break;
      case 'c':
        step.rules.value.nul_becomes = *options.argument();
        break;
      default:
        return ChainRequest::misuse();
    }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  step.path = operands[0];
  ChainRequest request = request_for(operands.subspan(1));
  request.steps.emplace_back(std::move(step));
  return request;
}

ChainRequest parse_envuidgid(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "iD:ugBn", Options::Complaint::Kept);
  TellAccount step;
  char form = 0;
  while (const char letter = options.next()) switch (letter) {
      case 'i':
        step.fallback.reset();
        break;
      case 'D':
        step.fallback = fallback(options.argument());
        if (!step.fallback) return ChainRequest::misuse();
        break;
      case 'u':
      case 'g':
      case 'B':
        form = letter;
        break;
      case 'n':
        step.numbers = true;
        break;
      default:
        return ChainRequest::misuse();
    }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  if (form == 0 && step.numbers) form = 'B';
  const std::string_view account = operands[0];
  step.user = account;
  if (form == 'u') {
    step.tells_group = step.tells_list = false;
  } else if (form == 'g') {
    step.tells_user = step.tells_list = false;
    step.group = account;
  } else if (form == 'B') {
    const std::size_t colon = account.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == account.size())
      return ChainRequest::misuse();
    step.user = account.substr(0, colon);
    step.group = account.substr(colon + 1);
    step.tells_list = false;
  }
  ChainRequest request = request_for(operands.subspan(1));
  request.steps.emplace_back(std::move(step));
  return request;
}

ChainRequest parse_applyuidgid(int argc, char** argv, const Environment& environment) {
  Options options(argc, argv, "zu:g:G:U", Options::Complaint::Kept);
  BecomeNumbers step;
  bool removes = false;
  while (const char letter = options.next()) switch (letter) {
      case 'z':
        removes = true;
        break;
      case 'u':
        step.user = number<uid_t>(options.argument());
        if (!step.user) return ChainRequest::misuse();
        break;
      case 'g':
        step.group = number<gid_t>(options.argument());
        if (!step.group) return ChainRequest::misuse();
        break;
      case 'G':
        step.groups = number_list(options.argument());
        if (!step.groups) return ChainRequest::misuse();
        break;
      case 'U': {
        const auto of_variable = [&](const char* name, auto parse, auto& into) -> std::string {
          const auto value = environment.value(name);
          if (!value) return std::string(name) + " not set";
          into = parse(*value);
          return into ? "" : std::string("invalid $") + name;
        };
        std::string wrong = of_variable("UID", number<uid_t>, step.user);
        if (wrong.empty()) wrong = of_variable("GID", number<gid_t>, step.group);
        if (wrong.empty()) wrong = of_variable("GIDLIST", number_list, step.groups);
        if (wrong.empty()) break;
        ChainRequest request = ChainRequest::misuse("s6-applyuidgid: fatal: " + wrong);
        request.quiet_usage = true;
        return request;
      }
      default:
        return ChainRequest::misuse();
    }
  ChainRequest request = request_for(options.operands());
  request.steps.emplace_back(std::move(step));
  if (removes) remove_variables(request);
  return request;
}

ChainRequest parse_setuidgid(int argc, char** argv, const Environment&) {
  if (argc < 3) return ChainRequest::misuse();
  const std::string_view account = argv[1];
  if (account.starts_with('-')) return ChainRequest::misuse();
  ChainRequest request = request_for({argv + 2, argv + argc});
  if (account.empty()) return request;
  const std::size_t colon = account.find(':');
  if (colon == std::string_view::npos) {
    request.steps.emplace_back(BecomeNamedAccount{std::string(account)});
  } else {
    const auto user = number<uid_t>(account.substr(0, colon));
    const auto group = number<gid_t>(account.substr(colon + 1));
    if (!user || !group) return ChainRequest::misuse();
    request.steps.emplace_back(BecomeNumbers{*user, *group, std::vector<gid_t>()});
  }
  remove_variables(request);
  return request;
}

ChainRequest parse_softlimit(int argc, char** argv, const Environment&) {
  constexpr SoftLimitRules kRules{.empty_is_zero = false, .too_great_is_hard = false};
  Options options(argc, argv, (soft_limit_letters() + "hHP:").c_str(), Options::Complaint::Kept);
  ChainRequest request;
  SoftLimit::Which which = SoftLimit::Which::Soft;
  while (const char letter = options.next()) {
    if (letter == Options::kBad) continue;
    if (letter == 'h' || letter == 'H') {
      which = letter == 'h' ? SoftLimit::Which::Hard : SoftLimit::Which::Both;
      continue;
    }
    auto limit = parse_soft_limit(letter, options.argument(), kRules);
    if (!limit) return ChainRequest::misuse();
    limit->which = which;
    request.steps.emplace_back(SetLimit{*limit});
  }
  request.program = options.operands();
  return request;
}

ChainRequest parse_setsid(int argc, char** argv, const Environment&) {
  constexpr LongOption kNames[] = {{"session", 's'}, {"background-process-group", 'b'}};
  Options options(argc, argv, "sbfgiIqd:", std::span(kNames));
  LeadGroup step;
  while (const char letter = options.next()) switch (letter) {
      case 's':
        step.session = true;
        break;
      case 'b':
      case 'f':
      case 'g':
        step.session = false;
        step.foreground = letter != 'b';
        step.guarded = letter == 'g';
        break;
      case 'i':
        step.failure = Trouble::Fatal;
        break;
      case 'I':
        step.failure = Trouble::Warning;
        break;
      case 'q':
        step.failure = Trouble::Silent;
        break;
      case 'd': {
        const auto descriptor = descriptor_number(options.argument());
        if (!descriptor) return ChainRequest::misuse();
        step.terminal = *descriptor;
        break;
      }
      default:
        return ChainRequest::misuse();
    }
  ChainRequest request = request_for(options.operands());
  request.steps.emplace_back(step);
  return request;
}

ChainRequest parse_setlock(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "rwnNt:d:", Options::Complaint::Kept);
  HoldRecordLock step;
  while (const char letter = options.next()) switch (letter) {
      case 'r':
      case 'w':
        step.shared = letter == 'r';
        break;
      case 'n':
        step.milliseconds = 0;
        break;
      case 'N':
        step.milliseconds.reset();
        break;
      case 't':
        step.milliseconds = number<unsigned>(options.argument());
        if (!step.milliseconds) return ChainRequest::misuse();
        break;
      case 'd':
        step.descriptor = descriptor_number(options.argument());
        if (!step.descriptor) return ChainRequest::misuse();
        break;
      default:
        return ChainRequest::misuse();
    }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  step.path = operands[0];
  ChainRequest request = request_for(operands.subspan(1));
  request.steps.emplace_back(std::move(step));
  return request;
}

int fghack_main(int argc, char** argv) {
  constexpr int kToldCode = 102;
  return run_fghack(argc, argv,
                    {.name = "s6-fghack",
                     .usage = "s6-fghack: usage: s6-fghack prog...",
                     .runs = "exec",
                     .reason = system_error_text,
                     .told_code = kToldCode});
}

}  // namespace kindred::s6
