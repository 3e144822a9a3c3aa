#include "compat-encore/chain/parse.h"

#include "core/cli/options.h"

namespace kindred::encore {

ChainRequest parse_envini(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "p:", Options::Complaint::Kept);
  ReadIniFile step;
  while (const char letter = options.next()) {
    if (letter == Options::kBad) return bad_option(argv, options);
    step.prefix = options.argument();
  }
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  step.path = operands[0];
  ChainRequest request;
  request.program = operands.subspan(1);
  request.steps.emplace_back(std::move(step));
  return request;
}

ChainRequest parse_setuser(int argc, char** argv, const Environment&) {
  Options options(argc, argv, "", Options::Complaint::Kept);
  if (options.next() != 0) return bad_option(argv, options);
  const auto operands = options.operands();
  if (operands.size() < 2) return ChainRequest::misuse();
  Become step;
  step.name.text = step.name.user = operands[0];
  step.all_groups = step.enters_home = step.tells_account = true;
  ChainRequest request;
  request.program = operands.subspan(1);
  request.steps.emplace_back(std::move(step));
  return request;
}

}  // namespace kindred::encore
