#pragma once
// A loader's part: prepares a bundle's supervise directory and asks the manager to supervise it.
// Source: interfaces/nosh.md sections 3, 7.2, 8, 14.

#include <optional>
#include <string>

#include "compat-nosh/manager_socket.h"

namespace kindred::nosh {

/// What is done about a bundle's directory `supervise` that is not there.
enum class MissingSupervise : std::uint8_t {
  Make,        ///< it is made
  MakeTarget,  ///< … and where it is a link, what that leads to
  Leave,       ///< the bundle is its own supervise directory
};

/// A bundle with what the manager is told of it.
class LoadableBundle {
 public:
  /// Errors: object "", "service" or "supervise".
  static Result<LoadableBundle> open(int at, const char* path, MissingSupervise missing);

  [[nodiscard]] int fd() const { return bundle_.get(); }
  [[nodiscard]] int supervise_fd() const { return supervise_.get(); }
  [[nodiscard]] int service_fd() const { return service_.get(); }
  /// Whether a flag of its service directory is set.
  [[nodiscard]] bool has(const char* flag) const;
  /// Whether a supervisor has it.
  [[nodiscard]] bool is_loaded() const;
  /// The FIFOs that the manager would make otherwise.
  [[nodiscard]] Status make_fifos() const;
  /// Waits until the manager has it, but not for ever. False: it has not.
  [[nodiscard]] bool wait_until_loaded() const;
  /// Errors: object "control".
  [[nodiscard]] Status command(char letter) const;

 private:
  LoadableBundle(UniqueFd bundle, UniqueFd service, UniqueFd supervise)
      : bundle_(std::move(bundle)), service_(std::move(service)), supervise_(std::move(supervise)) {}
  UniqueFd bundle_, service_, supervise_;
};

class Loader {
 public:
  /// `socket`: to the manager at `path`.
  Loader(ManagerSocket socket, std::string path) : socket_(std::move(socket)), path_(std::move(path)) {}

  [[nodiscard]] Status load(const LoadableBundle& bundle, std::string_view name);
  /// A request about a service that is loaded.
  [[nodiscard]] Status ask(Request request, const LoadableBundle& bundle);
  [[nodiscard]] Status plumb(const LoadableBundle& producer, const LoadableBundle& consumer);

 private:
  /// A manager that has gone may have a successor at the same place.
  [[nodiscard]] Status send(Request request, std::string_view name, std::span<const int> descriptors);

  ManagerSocket socket_;
  std::string path_;
};

}  // namespace kindred::nosh
