#include "core/engine/core_link.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/engine/run_directory.h"
#include "core/sys/socket.h"
#include "core/sys/waiting.h"

namespace kindred {
namespace {
constexpr std::size_t kAtOnce = 3;  // descriptors with one request
constexpr int kPatience = 10'000;   // milliseconds
}  // namespace

Result<CoreLink> CoreLink::connect(const DirectoryId& scan_directory) {
  const Result<UniqueFd> run_directory = open_run_directory(default_run_directory());
  if (!run_directory) return run_directory.error();
  Result<UniqueFd> socket = connect_to(run_directory->get(), core_socket_name(scan_directory).c_str());
  if (!socket) return socket.error();
  return CoreLink(std::move(*socket));
}

Status CoreLink::await() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return error_here("create", "pipe");
  const UniqueFd seen(ends[0]);
  {
    // Of a writing end it has no use.
    const UniqueFd theirs(ends[1]);
    if (Status given = give(std::array{theirs.get()}); !given) return given;
  }
  pollfd closed{seen.get(), 0, 0};
  return wait_for_any(std::span(&closed, 1), kPatience) > 0 ? ok() : Error{ETIME, "hear from", "the core"};
}

Status CoreLink::give(std::span<const int> descriptors) {
  while (!descriptors.empty()) {
    const std::size_t count = std::min(descriptors.size(), kAtOnce);
    if (!send_request(socket_.get(), core_request::kGive, descriptors.first(count)))
      return error_here("ask", "the core");
    descriptors = descriptors.subspan(count);
  }
  return ok();
}

Result<UniqueFd> CoreLink::take_over(int service_directory, Role role, int supervisor) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return error_here("create", "pipe");
  UniqueFd done(ends[0]);
  const UniqueFd theirs(ends[1]);
  const std::array files{service_directory, supervisor, theirs.get()};
  const char what = role == Role::Log ? core_request::kTakeOverLog : core_request::kTakeOverMain;
  if (!send_request(socket_.get(), what, files)) return error_here("ask", "the core");
  return done;
}

}  // namespace kindred
