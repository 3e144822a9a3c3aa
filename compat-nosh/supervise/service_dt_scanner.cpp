// service-dt-scanner, svscan: has the manager load every bundle of a directory.
// Source: interfaces/nosh.md section 8.

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "compat-nosh/client/options.h"
#include "compat-nosh/programs.h"
#include "compat-nosh/supervise/loader.h"
#include "core/cli/program.h"
#include "core/client/service_directory.h"
#include "core/sys/files.h"
#include "core/sys/path_of_descriptor.h"

namespace kindred::nosh {
namespace {

constexpr Option kOptions[] = {
    {0, "input-activation", "start a log service when there is something to read"}};

class Scanner {
 public:
  Scanner(std::string program, Loader loader, bool input_activation)
      : program_(std::move(program)), loader_(std::move(loader)), input_activation_(input_activation) {}

  /// Loads what is in the directory and not loaded yet.
  void scan(int directory) {
    for (const std::string& name : bundles(directory)) scan_bundle(directory, name);
  }

 private:
  [[nodiscard]] std::vector<std::string> bundles(int directory) const {
    std::vector<std::string> names;
    for (std::string& name : directory_names(directory, ".")) {
      struct stat st;
      // What leads nowhere is complained of when it is opened.
      if (fstatat(directory, name.c_str(), &st, 0) != 0 || S_ISDIR(st.st_mode))
        names.push_back(std::move(name));
    }
    return names;
  }

  void scan_bundle(int directory, const std::string& name) {
    const Result<LoadableBundle> main = LoadableBundle::open(directory, name.c_str(), MissingSupervise::Make);
    if (!main) return trouble(name, main.error());
    const bool was_loaded = main->is_loaded();
    if (!was_loaded && !load(*main, name)) return;
    const std::string log_name = name + "/log";
    // That there is none is told as well, as the original does.
    const Result<LoadableBundle> log = LoadableBundle::open(main->fd(), "log", MissingSupervise::Make);
    if (!log)
      trouble(log_name, log.error());
    else
      scan_log(*main, *log, log_name);
    if (!was_loaded) bring_up(*main, name);
  }

  void scan_log(const LoadableBundle& main, const LoadableBundle& log, const std::string& name) {
    const bool was_loaded = log.is_loaded();
    if (!was_loaded && !(load(log, name) && asked(loader_.ask(Request::MakePipeConnectable, log)))) return;
    if (!asked(loader_.plumb(main, log)) || was_loaded) return;
    if (input_activation_)
      (void)asked(loader_.ask(Request::MakeInputActivated, log));
    else
      bring_up(log, name);
  }

  bool load(const LoadableBundle& bundle, const std::string& name) {
    if (const Status made = bundle.make_fifos(); !made) {
      trouble(name, made.error());
      return false;
    }
    return asked(loader_.load(bundle, name));
  }

  void bring_up(const LoadableBundle& bundle, const std::string& name) {
    if (bundle.has("down")) {
      complain(program_, "INFO", {name, ": Service is initially down."});
    } else if (!bundle.wait_until_loaded()) {
      complain(program_, "ERROR", {name, "/supervise/ok: Unable to load service bundle."});
    } else if (const Status told = bundle.command('u'); !told) {
      trouble(name + "/supervise", told.error());
    }
  }

  bool asked(const Status& sent) {
    if (!sent) complain(program_, "FATAL", {reason(sent.error())});
    return static_cast<bool>(sent);
  }

  void trouble(const std::string& name, const Error& error) const {
    complain(program_, "ERROR", {name, error.object.empty() ? "" : "/", error.object, ": ", reason(error)});
  }

  std::string program_;
  Loader loader_;
  bool input_activation_;
};

/// Notices of what comes into the directory and leaves it.
UniqueFd watch_entries(int directory) {
  UniqueFd watch(inotify_init1(IN_CLOEXEC));
  constexpr std::uint32_t kChanges = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ONLYDIR;
  const auto add = [&](const char* path) { return inotify_add_watch(watch.get(), path, kChanges); };
  if (watch && with_path_in(directory, ".", add) < 0) watch = UniqueFd();
  return watch;
}

/// Waits for the directory to change, and takes in all that has come; for a while only where nothing tells.
void wait_for_change(const UniqueFd& watch) {
  constexpr unsigned kLookAgain = 5;
  if (!watch) {
    sleep(kLookAgain);
    return;
  }
  alignas(inotify_event) char events[4096];
  while (read(watch.get(), events, sizeof events) < 0 && errno == EINTR) {
  }
}

}  // namespace

int service_dt_scanner_main(int argc, char** argv) {
  const Arguments arguments = parse_arguments(argc, argv, kOptions, "DIRECTORY");
  if (arguments.exit) return *arguments.exit;
  const std::string program(base_name(argv[0]));
  if (arguments.operands.size() != 1) return fail(program, {"One directory name is required."});
  const char* path = arguments.operands[0];
  umask(022);
  const Result<UniqueFd> directory = open_directory(AT_FDCWD, path);
  if (!directory) return fail(program, {path, ": ", reason(directory.error())});
  const std::string manager = manager_path(false);
  Result<ManagerSocket> socket = ManagerSocket::connect(manager);
  if (!socket) return fail(program, {socket.error().object, ": ", reason(socket.error())});
  // The host's supply of watches is limited, and services are not to wait for one.
  UniqueFd watch = watch_entries(directory->get());
  if (!watch) complain(program, "WARNING", {path, ": ", reason(error_here("watch", path))});
  Scanner scanner(program, Loader(std::move(*socket), manager), arguments.has("input-activation"));
  for (;;) {
    scanner.scan(directory->get());
    wait_for_change(watch);
    if (!watch) watch = watch_entries(directory->get());
  }
}

}  // namespace kindred::nosh
