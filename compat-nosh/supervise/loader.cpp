#include "compat-nosh/supervise/loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr time_t kLoadSeconds = 5;

/// A directory of the bundle, or the bundle itself where that is not there.
Result<UniqueFd> below_or_itself(int bundle, const char* name) {
  Result<UniqueFd> below = open_directory(bundle, name);
  if (below || below.error().code != ENOENT) return below;
  return open_directory(bundle, ".");
}

Status make_supervise(int bundle, MissingSupervise missing) {
  if (missing == MissingSupervise::Leave) return ok();
  // A link that leads nowhere yet is there already.
  if (mkdirat(bundle, "supervise", 0700) != 0 && errno != EEXIST) return error_here("create", "supervise");
  char target[PATH_MAX];
  const ssize_t size = missing == MissingSupervise::MakeTarget
                           ? readlinkat(bundle, "supervise", target, sizeof target - 1)
                           : -1;
  if (size < 0) return ok();
  target[size] = '\0';
  return make_directory(bundle, target, 0755);
}

void ignore_alarm(int) {}

}  // namespace

Result<LoadableBundle> LoadableBundle::open(int at, const char* path, MissingSupervise missing) {
  auto failed = [](const Error& error, const char* object) {
    return Error{error.code, error.operation, object};
  };
  Result<UniqueFd> bundle = open_directory(at, path);
  if (!bundle) return failed(bundle.error(), "");
  Result<UniqueFd> service = below_or_itself(bundle->get(), "service");
  if (!service) return failed(service.error(), "service");
  if (Status made = make_supervise(bundle->get(), missing); !made) return failed(made.error(), "supervise");
  Result<UniqueFd> supervise = below_or_itself(bundle->get(), "supervise");
  if (!supervise) return failed(supervise.error(), "supervise");
  return LoadableBundle(std::move(*bundle), std::move(*service), std::move(*supervise));
}

bool LoadableBundle::has(const char* flag) const {
  struct stat st;
  return fstatat(service_fd(), flag, &st, 0) == 0 || errno != ENOENT;
}

bool LoadableBundle::is_loaded() const {
  const UniqueFd ok(openat(supervise_fd(), "ok", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  return static_cast<bool>(ok);
}

Status LoadableBundle::make_fifos() const {
  for (const auto& [name, mode] : {std::pair{"ok", 0666}, std::pair{"control", 0600}})
    if (mkfifoat(supervise_fd(), name, static_cast<mode_t>(mode)) != 0 && errno != EEXIST)
      return error_here("create", name);
  return ok();
}

bool LoadableBundle::wait_until_loaded() const {
  // Opening blocks until there is a reader; the alarm comes again, in case it came before that.
  struct sigaction action {
  }, before{};
  action.sa_handler = ignore_alarm;
  sigaction(SIGALRM, &action, &before);
  itimerval timer{};
  timer.it_value.tv_sec = kLoadSeconds;
  timer.it_interval.tv_usec = 100'000;
  setitimer(ITIMER_REAL, &timer, nullptr);
  const UniqueFd ok(openat(supervise_fd(), "ok", O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  timer = {};
  setitimer(ITIMER_REAL, &timer, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  return static_cast<bool>(ok);
}

Status LoadableBundle::command(char letter) const {
  const UniqueFd control(openat(supervise_fd(), "control", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat st;
  if (!control || fstat(control.get(), &st) != 0) return error_here("open", "control");
  if (!S_ISFIFO(st.st_mode)) return error_here("open", "control", EINVAL);
  if (write(control.get(), &letter, 1) != 1) return error_here("write to", "control");
  return ok();
}

Status Loader::send(Request request, std::string_view name, std::span<const int> descriptors) {
  Status sent = socket_.send(request, name, descriptors);
  if (sent || (sent.error().code != ECONNREFUSED && sent.error().code != ENOTCONN)) return sent;
  Result<ManagerSocket> again = ManagerSocket::connect(path_);
  if (!again) return again.error();
  socket_ = std::move(*again);
  return socket_.send(request, name, descriptors);
}

Status Loader::load(const LoadableBundle& bundle, std::string_view name) {
  return send(Request::Load, name, std::array{bundle.supervise_fd(), bundle.service_fd()});
}

Status Loader::ask(Request request, const LoadableBundle& bundle) {
  return send(request, {}, std::array{bundle.supervise_fd()});
}

Status Loader::plumb(const LoadableBundle& producer, const LoadableBundle& consumer) {
  return send(Request::Plumb, {}, std::array{producer.supervise_fd(), consumer.supervise_fd()});
}

}  // namespace kindred::nosh
