// service-manager: supervises what loaders ask it to, at the datagram sockets that it was started with.
// Source: interfaces/nosh.md section 7.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "compat-nosh/client/options.h"
#include "compat-nosh/dialect.h"
#include "compat-nosh/manager_words.h"
#include "compat-nosh/programs.h"
#include "compat-nosh/supervise/manager.h"
#include "core/cli/program.h"
#include "core/client/service_directory.h"
#include "core/dialect/registry.h"
#include "core/engine/group_tree.h"
#include "core/engine/host.h"
#include "core/engine/messages.h"
#include "core/keeper/keeper.h"
#include "core/sys/descriptor_table.h"

namespace kindred::nosh {
namespace {

constexpr int kFirstSocket = 3;
constexpr long kMostSockets = 64;
constexpr rlim_t kDescriptorsOfServices = 16'384;
constexpr int kSignals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP};

/// As many as LISTEN_FDS says, if LISTEN_PID means us; otherwise one.
std::vector<int> inherited_sockets() {
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count = std::getenv("LISTEN_FDS");
  long sockets = 1;
  if (pid != nullptr && count != nullptr && parse_number(pid) == static_cast<long>(getpid()))
    if (const std::optional<long> said = parse_number(count)) sockets = std::clamp(*said, 0L, kMostSockets);
  std::vector<int> descriptors;
  for (long i = 0; i < sockets; ++i) descriptors.push_back(kFirstSocket + static_cast<int>(i));
  return descriptors;
}

/// What services inherit.
Status prepare_inheritance() {
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) unsetenv(name);
  if (!take_nothing(STDIN_FILENO)) return error_here("open", "/dev/null");
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = kDescriptorsOfServices;
    limit.rlim_max = std::max(limit.rlim_max, kDescriptorsOfServices);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      // Not root: as much as is allowed.
      (void)getrlimit(RLIMIT_NOFILE, &limit);
      limit.rlim_cur = std::min(limit.rlim_max, kDescriptorsOfServices);
      (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
  }
  return ok();
}

Status manage(std::vector<int> sockets) {
  Host host(dialect().inheritance);
  Supervisor& supervisor = host.supervisor();
  for (const int socket : sockets)
    if (Status prepared = prepare_socket(socket); !prepared) return prepared;
  if (Status prepared = prepare_inheritance(); !prepared) return prepared;
  (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  supervisor.set_notices_stops();
  if (Status opened = host.open(Host::Services::Many, kSignals, {}); !opened) return opened;
  Manager manager(host.loop(), supervisor, std::move(sockets));
  GroupTree tree(supervisor, host.loop().clock().now().wall, [&] { manager.shut_down(); });
  host.open_doors_asked_for(tree, families(), [](const Error& error) {
    tell("WARNING", error.operation, " ", error.object, ": ", reason(error));
  });
  if (Status opened = manager.open(); !opened) return opened;
  while (!manager.over()) {
    supervisor.turn();
    const int signal = supervisor.take_signal();
    if (signal != 0 && signal != SIGTSTP) manager.shut_down();
  }
  return host.close_doors();
}

}  // namespace

int service_manager_main(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, {}, "");
  if (arguments.exit) return *arguments.exit;
  const std::string_view program = base_name(argv[0]);
  if (!arguments.operands.empty()) return fail(program, {"Unexpected argument."});
  if (access("/dev/null", R_OK) != 0) complain(program, "WARNING", {"open /dev/null: ", error_text(errno)});
  std::vector<int> sockets = inherited_sockets();
  if (sockets.empty()) return fail(program, {"No sockets to listen on."});
  return keep({.signals = kSignals}, [&] {
    const Status managed = manage(sockets);
    if (!managed)
      return fail(program,
                  {managed.error().operation, " ", managed.error().object, ": ", reason(managed.error())});
    complain(program, "DEBUG", {"all engines stop"});
    return 0;
  });
}

}  // namespace kindred::nosh
