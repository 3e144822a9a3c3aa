#include "compat-perp/chain/words.h"

#include "core/cli/output.h"
#include "core/cli/program.h"

namespace kindred::perp {

ChainRequest misuse(char** argv, std::string_view text) {
  if (text.empty()) return ChainRequest::misuse();
  return ChainRequest::misuse(std::string(base_name(argv[0])) + ": usage error: " + std::string(text));
}

ChainRequest not_numeric(char** argv, std::string_view option, std::string_view value) {
  return misuse(argv, "non-numeric argument for " + std::string(option) + ": " + std::string(value));
}

std::optional<ChainRequest> answer_option(char** argv, char letter, const Options& options) {
  switch (letter) {
    case 'h':
      return ChainRequest::answer();
    case 'V':
      return ChainRequest::answer(std::string(base_name(argv[0])) + ": version: 2.07");
    case Options::kBad:
      return misuse(argv, options.complaint());
    default:
      return std::nullopt;
  }
}

std::optional<ChainRequest> answer_options(char** argv, Options& options) {
  const char letter = options.next();
  return letter == 0 ? std::nullopt : answer_option(argv, letter, options);
}

int tell(const ChainRequest& request, const char* usage) {
  if (!request.complaint.empty()) print_error({request.complaint});
  if (!request.quiet_usage) print_error({usage});
  return request.is_answer ? 0 : kExitUsage;
}

}  // namespace kindred::perp
