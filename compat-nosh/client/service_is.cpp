// service-is-ok (svok), service-is-up (svup), service-is-enabled: a question about one service, answered by
// exit code. Source: interfaces/nosh.md section 13.

#include <fcntl.h>

#include "compat-nosh/client/bundle.h"
#include "compat-nosh/client/options.h"
#include "compat-nosh/programs.h"
#include "core/cli/program.h"

namespace kindred::nosh {
namespace {

constexpr int kYes = 0, kNo = 100, kCannotTell = 111;
constexpr std::uint8_t kRunning = 3;

constexpr Option kQuiet[] = {{'q', "quiet", "as without it: nothing is ever said"}};

template <class Answer>
int ask(int argc, char** argv, std::span<const Option> options, const Answer& answer) {
  const Arguments arguments = parse_arguments(argc, argv, options, "DIRECTORY");
  if (arguments.exit) return *arguments.exit;
  if (arguments.operands.size() != 1) return fail(base_name(argv[0]), {"One directory name is required."});
  const Result<Bundle> bundle = Bundle::open(AT_FDCWD, arguments.operands[0]);
  return bundle ? answer(*bundle) : kCannotTell;
}

}  // namespace

int service_is_ok_main(int argc, char** argv) {
  return ask(argc, argv, {}, [](const Bundle& bundle) {
    const Result<bool> supervised = bundle.supervised();
    return supervised && *supervised ? kYes : kNo;
  });
}

int service_is_up_main(int argc, char** argv) {
  return ask(argc, argv, {}, [](const Bundle& bundle) {
    const Result<bool> supervised = bundle.supervised();
    if (!supervised || !*supervised) return kCannotTell;
    const Result<std::optional<StatusFields>> status = bundle.status();
    if (!status || !*status) return kCannotTell;
    const StatusFields& fields = **status;
    return (fields.activity ? *fields.activity == kRunning : fields.pid != 0) ? kYes : kNo;
  });
}

int service_is_enabled_main(int argc, char** argv) {
  return ask(argc, argv, kQuiet, [](const Bundle& bundle) { return bundle.flags().down ? kNo : kYes; });
}

}  // namespace kindred::nosh
