#pragma once
// A file of which nothing matters but that it is there: `down`, or what another family calls it. In a
// read-only service directory it may be a link that leads to what is written; which links are followed, see
// open_no_planted_link(). Nothing that was there before is opened to be written. No allocation.

namespace kindred {

/// Whatever is there already will do, and stays as it is. Errors: errno; ELOOP for a link to nothing that is
/// not followed; 0 for none.
[[nodiscard]] int make_flag_file(int at, const char* path) noexcept;

/// Content that none is there. A link that is followed stays, and the empty file to which it leads goes; any
/// other link goes itself. Errors: errno, 0 for none.
[[nodiscard]] int remove_flag_file(int at, const char* path) noexcept;

}  // namespace kindred
