#pragma once
// Files relative to an open directory. Nothing here follows a link in the last component, blocks on a FIFO
// that was put in a file's place, or leaves a descriptor open across exec.

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/dialect/scan_rules.h"
#include "core/sys/unique_fd.h"

namespace kindred {

[[nodiscard]] Result<UniqueFd> open_directory(int at, const char* path);
[[nodiscard]] Result<DirectoryId> identify(int directory);
/// As getcwd(3) says it in that directory; empty where it has none. The working directory is kept.
[[nodiscard]] std::string physical_path(int directory);

/// openat(2) that follows no link in the last component, but one that only root or this user can have made:
/// it belongs to one of them, and so does the directory that it is in, in which nobody else may write. For
/// service directories that cannot be written, with links to what is. Never waits: O_NONBLOCK and O_CLOEXEC
/// are added. No allocation.
[[nodiscard]] UniqueFd open_no_planted_link(int at, const char* path, int flags, mode_t mode = 0) noexcept;

/// What is likelier of a name that a file is to have; either is right.
enum class NameIs : std::uint8_t { MostlyTaken, MostlyFree };

/// Writes `temporary` and puts it in the place of `name`: a reader sees the old content or the new. What has the
/// name is replaced and not followed, unless it is a directory. No allocation.
/// Errors: errno of the step that failed; 0 for none.
[[nodiscard]] int replace_file(int at, const char* temporary, const char* name, ByteView content, mode_t mode,
                               NameIs name_is = NameIs::MostlyTaken) noexcept;

/// Writes `name`, of which there must be none: for a reader to whom it is not announced yet. No allocation.
/// Errors: as replace_file(), and EEXIST; then nothing was made.
[[nodiscard]] int create_file(int at, const char* name, ByteView content, mode_t mode) noexcept;

/// Writes over the beginning of `name`, in one write. Who has it open sees the new content. No allocation.
/// Errors: as replace_file(), and ENOENT where there is none; EMLINK where it has other names.
[[nodiscard]] int overwrite_file(int at, const char* name, ByteView content) noexcept;

/// The last bytes of a regular file, as many records of this size as there is room for. 0 for none; of a file
/// that ends within a record, none. No allocation.
[[nodiscard]] std::size_t read_tail(int at, const char* name, ByteSpan room, std::size_t record) noexcept;

/// The operation that failed where something else has a FIFO's name.
inline constexpr const char* kUseAsFifo = "use as a FIFO";

/// Makes the FIFO unless there is one; an existing one keeps its mode and owner.
/// Errors: EEXIST if something else has the name.
[[nodiscard]] Result<UniqueFd> open_fifo(int at, const char* path, mode_t mode);

/// mkdir that is content with an existing directory, and that makes the directory to which a dangling
/// symbolic link points (one level). Errors: ENAMETOOLONG for a link text of 256 bytes or more, otherwise
/// mkdir's.
[[nodiscard]] Status make_directory(int at, const char* path, mode_t mode);

/// Where a symbolic link leads, in the words that it has; empty where it is none, or may not be read.
[[nodiscard]] std::string link_text(const std::string& path);

/// Makes `path` a symbolic link to an open directory, or to a name in one, whether it exists or not; what had
/// the path is replaced.
[[nodiscard]] Status link_to_directory(int at, const char* path, int directory);
[[nodiscard]] Status link_to_file(int at, const char* path, int directory, const char* name);

/// Makes `path` a shell script that executes ./NAME in that directory, if such a file is there.
[[nodiscard]] Status make_script_for(int at, const char* path, int directory, const char* name);

/// Removes a file, a link, or a directory with all that is in it. Follows nothing.
void remove_tree(int at, const char* path) noexcept;

/// The names in a directory, but for those that begin with a dot, sorted.
[[nodiscard]] Result<std::vector<std::string>> list_directory(int at, const char* path);
/// Likewise; none where it cannot be read.
[[nodiscard]] std::vector<std::string> directory_names(int at, const char* path);

/// What is left to be read of an open file, `limit` bytes at most. Errors: read's, object `object`.
[[nodiscard]] Result<std::string> read_beginning(int fd, std::string_view object, std::size_t limit);
/// A file of /proc or of control groups, of which no size is known; empty where it cannot be read.
[[nodiscard]] std::string read_kernel_file(const char* path, std::size_t limit);

/// At most `limit` bytes of a regular file. Errors: EINVAL for anything that is not a regular file.
[[nodiscard]] Result<std::string> read_file(int at, const char* path, std::size_t limit);

/// All of `bytes`, whatever write(2) makes of it. Errors: errno, 0 for none.
[[nodiscard]] int write_all(int fd, std::string_view bytes) noexcept;

/// One write of all parts, which are lost where it would have to wait: a pipe that nobody reads must stop
/// nobody. No allocation.
void write_without_waiting(int fd, std::span<const iovec> parts) noexcept;

}  // namespace kindred
