#include "core/frontend/svc.h"

#include <fcntl.h>

#include <cerrno>
#include <optional>
#include <string>

#include "core/cli/output.h"
#include "core/client/translate.h"

namespace kindred {
namespace {

/// Where bytes go, and which.
struct Delivery {
  ControlChannel channel;
  std::string bytes;
};

/// Those of `commands` that are for `role`, as commands to a service of its own.
Commands of_role(const Commands& commands, Role role) {
  Commands chosen;
  for (ControlCommand command : commands)
    if (command.role == role) {
      command.role = Role::Main;
      chosen.push_back(command);
    }
  return chosen;
}

/// To the supervisor of one log that has a supervise directory of its own.
std::optional<Delivery> to_log(const ServiceDirectory& service, const Commands& commands,
                               const KnownFamilies& families) {
  // An absolute path is that of this service alone.
  if (*families.home.layout.directory == '/') return std::nullopt;
  const auto log = service.open_log(families.home.layout);
  if (!log) return std::nullopt;
  const auto bytes = write_letters(commands, log->supervisor(families)->control);
  if (!bytes) return std::nullopt;
  auto channel = ControlChannel::open(*log, families.home.layout);
  if (!channel) return std::nullopt;
  return Delivery{std::move(*channel), *bytes};
}

class Controller {
 public:
  Controller(std::string_view program, const char* path, const ControlMessage& message,
             const KnownFamilies& families)
      : program_(program), path_(path), message_(message), families_(families) {}

  bool control() {
    const auto directory = ServiceDirectory::open(AT_FDCWD, path_);
    if (!directory) {
      warn("unable to chdir to", directory.error());
      return true;
    }
    const Dialect& supervisor = *directory->supervisor(families_);
    auto channel = ControlChannel::open(*directory, supervisor.layout);
    if (!channel) {
      if (channel.error().code == ENXIO)
        print_warning(program_, {"unable to control ", path_, ": supervise not running"});
      else
        warn("unable to control", channel.error());
      return true;
    }
    if (message_.bytes.empty()) return true;
    const Commands commands = read_letters(message_.bytes, families_.home.control);
    const auto send_to_main = [&](const std::string& bytes) {
      if (directory->lacks_group(families_, commands)) {
        print_warning(program_, {"unable to control ", path_, ": ", kLacksGroup});
        return false;
      }
      send({std::move(*channel), bytes});
      return true;
    };
    if (&supervisor == &families_.home) return send_to_main(std::string(message_.bytes));
    if (const auto bytes = write_letters(commands, supervisor.control)) return send_to_main(*bytes);
    const Commands for_log = of_role(commands, Role::Log);
    const auto for_main = write_letters(of_role(commands, Role::Main), supervisor.control);
    std::optional<Delivery> log;
    if (!for_log.empty() && for_main) log = to_log(*directory, for_log, families_);
    if (!log) {
      print_warning(program_, {"unable to control ", path_, ": ", supervisor.name, " cannot express -",
                               message_.options});
      return false;
    }
    if (!send_to_main(*for_main)) return false;
    send(std::move(*log));
    return true;
  }

 private:
  void send(Delivery delivery) {
    const Status sent = delivery.channel.send(delivery.bytes, ControlChannel::WhenFull::Wait);
    if (!sent) warn("error writing commands to", sent.error());
  }
  void warn(std::string_view operation, const Error& error) {
    print_warning(program_, {operation, " ", path_, ": ", why(error)});
  }

  std::string_view program_;
  const char* path_;
  const ControlMessage& message_;
  const KnownFamilies& families_;
};

}  // namespace

bool control_service(std::string_view program, const char* path, const ControlMessage& message,
                     const KnownFamilies& families) {
  return Controller(program, path, message, families).control();
}

}  // namespace kindred
