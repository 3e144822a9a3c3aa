#include "compat-nosh/chain/tool_words.h"

#include "core/cli/program.h"

namespace kindred::nosh {

ToolWords::ToolWords(int argc, char* const* argv, std::span<const Option> options, std::string_view operands)
    : arguments_(read_arguments(argc, argv, options, operands)), program_(base_name(argv[0])) {
  ended_ = arguments_.exit.has_value();
  if (arguments_.exit == kExitFailed) complaint_ = program_ + ": FATAL: " + arguments_.text;
}

std::optional<std::string> ToolWords::text(std::string_view option) const {
  const char* const given = value(option);
  return given != nullptr ? std::optional<std::string>(given) : std::nullopt;
}

std::optional<long> ToolWords::number(std::string_view option, long least, long most) {
  const char* const given = value(option);
  if (given == nullptr) return std::nullopt;
  const auto parsed = parse_number(given);
  if (!parsed || *parsed < least || *parsed > most) {
    complain({given, ": not a number"});
    return std::nullopt;
  }
  return parsed;
}

const char* ToolWords::take(std::string_view what) {
  if (ended_) return "";
  if (arguments_.operands.empty()) {
    complain({"Missing ", what, "."});
    return "";
  }
  const char* const word = arguments_.operands.front();
  arguments_.operands = arguments_.operands.subspan(1);
  return word;
}

long ToolWords::take_number(std::string_view what, long least, long most) {
  const char* const word = take(what);
  if (ended_) return least;
  const auto parsed = parse_number(word);
  if (parsed && *parsed >= least && *parsed <= most) return *parsed;
  complain({word, ": Not a number."});
  return least;
}

void ToolWords::complain(std::initializer_list<std::string_view> parts) {
  if (ended_) return;
  ended_ = true;
  complaint_ = program_ + ": FATAL: ";
  for (const std::string_view part : parts) complaint_ += part;
}

void ToolWords::take_no_more() {
  if (!rest().empty()) complain({rest().front(), ": Unexpected argument."});
}

void ToolWords::need_program() {
  if (rest().empty()) complain({"Missing next program."});
}

ChainRequest ToolWords::request(std::vector<ChainStep> steps) {
  if (!complaint_.empty()) {
    ChainRequest wrong = ChainRequest::misuse(complaint_);
    wrong.quiet_usage = true;
    return wrong;
  }
  if (ended_) {
    std::string help = arguments_.text;
    help.pop_back();
    ChainRequest answer = ChainRequest::answer(std::move(help));
    answer.on_output = true;
    return answer;
  }
  ChainRequest request;
  request.steps = std::move(steps);
  request.program = arguments_.operands;
  return request;
}

}  // namespace kindred::nosh
