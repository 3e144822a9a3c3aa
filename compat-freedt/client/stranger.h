#pragma once
/// freedt's own supervise, whose bytes nobody knows.

#include "core/client/service_directory.h"

namespace kindred::freedt {

/// Whether freedt's own supervise holds the directory: it has a control FIFO, a status and a lock that is
/// held, no `ok`, and nothing that a family whose bytes are known would leave. It cannot be asked or
/// controlled. Source: interfaces/freedt.md sections 3.2 and 6.1.
[[nodiscard]] bool held_by_stranger(const ServiceDirectory& directory, const KnownFamilies& families);

}  // namespace kindred::freedt
