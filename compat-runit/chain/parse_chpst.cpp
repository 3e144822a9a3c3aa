#include "compat-runit/chain/parse_chpst.h"

#include <charconv>
#include <map>

#include "core/cli/options.h"

namespace kindred::runit {
namespace {

constexpr SoftLimitRules kLimits{.equals_is_hard = false};

/// N, +N or -N; nothing is 0.
std::optional<int> niceness(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return 0;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ChainRequest parse_chpst(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "u:U:b:e:m:d:o:p:f:c:r:t:/:C:n:l:L:vVP012", Options::Complaint::Kept,
                  LongDashes::All);
  std::optional<ReadEnvDirectory> variables;
  std::optional<ChangeRoot> root;
  std::optional<EnterDirectory> directory;
  std::optional<AddNiceness> nice;
  std::optional<TellIdentity> told;
  std::optional<Become> become;
  std::optional<HoldLock> lock;
  std::optional<NameProgram> name;
  std::map<char, SoftLimit> limits;
  bool session = false;
  bool closed[3] = {};
  while (const char letter = options.next()) {
    const char* const argument = options.argument();
    switch (letter) {
      case 'P':
        session = true;
        break;
      case 'v':
        break;
      case 'e':
        variables = ReadEnvDirectory{argument, {.skips_directories = true, .enters = "switch to directory"}};
        break;
      case '/':
        root = ChangeRoot{argument};
        break;
      case 'C':
        directory = EnterDirectory{argument};
        break;
      case 'n': {
        const auto increment = niceness(argument);
        if (!increment) return ChainRequest::misuse();
        nice = AddNiceness{*increment};
        break;
      }
      case 'U':
        told = TellIdentity{parse_identity_name(argument)};
        break;
      case 'u':
        become = Become{parse_identity_name(argument)};
        break;
      case 'l':
      case 'L':
        if (lock) return ChainRequest::misuse();
        lock = HoldLock{argument, letter == 'l', "open lock"};
        break;
      case '0':
      case '1':
      case '2':
        closed[letter - '0'] = true;
        break;
      case 'b':
        name = NameProgram{argument};
        break;
      case 'V':
        return ChainRequest::misuse("chpst of kindred " KINDRED_VERSION);
      case Options::kBad:
        return bad_option(argv, options);
      default: {
        const auto limit = parse_soft_limit(letter, argument, kLimits);
        if (!limit) return ChainRequest::misuse();
        limits.insert_or_assign(letter, *limit);
      }
    }
  }
  ChainRequest request;
  request.program = options.operands();
  const auto add = [&](auto& step) {
    if (step) request.steps.emplace_back(std::move(*step));
  };
  if (session) request.steps.emplace_back(NewSession{});
  add(variables);
  add(root);
  add(directory);
  add(nice);
  add(told);
  add(become);
  add(lock);
  for (int descriptor = 0; descriptor < 3; ++descriptor)
    if (closed[descriptor]) request.steps.emplace_back(CloseDescriptor{descriptor});
  // The general one first: a special one beside it wins.
  if (const auto general = limits.extract('m')) request.steps.emplace_back(SetLimit{general.mapped()});
  for (const auto& [letter, limit] : limits) request.steps.emplace_back(SetLimit{limit});
  add(name);
  return request;
}

}  // namespace kindred::runit
