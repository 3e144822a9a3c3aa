#pragma once

namespace kindred {

/// Gives back the pages of all loaded code and constants, and free heap; what is still needed comes back as
/// it was. For a process that runs for years after a start that needed much more than what follows. Of
/// libraries too: who shares them with us is nothing to count on.
void release_start_up_pages() noexcept;

}  // namespace kindred
