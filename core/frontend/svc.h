#pragma once
// svc, for every family that has one: what its options mean to whoever supervises.

#include <string_view>

#include "core/client/service_directory.h"

namespace kindred {

struct ControlMessage {
  std::string_view bytes;    ///< in the control bytes of the program's own family
  std::string_view options;  ///< as the user gave them: for a complaint
};

/// Sends the message to the supervisor of the service at `path`, in that supervisor's dialect: all of it, in
/// one write, or nothing. What is for the log goes to `path`/log where the log is controlled there.
/// Trouble is a warning on standard error. False where that family cannot express the message, or it is for a
/// process group that there is not: the failures that svc's exit code tells.
[[nodiscard]] bool control_service(std::string_view program, const char* path, const ControlMessage& message,
                                   const KnownFamilies& families);

}  // namespace kindred
