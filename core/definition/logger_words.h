#pragma once
// What the loggers' codecs share. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition/directory_codec.h"

namespace kindred {

/// Whether the word names this program, by whatever path.
[[nodiscard]] bool is_program(std::string_view word, std::string_view name);

/// A directory where a script takes its words by their first letter.
[[nodiscard]] std::string directory_word(const std::string& path);

/// multilog, which two families have: `t`, sN, nN, !COMMAND, DIR. Source: interfaces/daemontools.md section 8.
struct MultilogLimits {
  std::uint64_t largest = 16777215;  ///< bytes of a file
  bool seconds = false;              ///< T
};
[[nodiscard]] std::optional<definition::Logger> read_multilog_words(const std::vector<std::string>& program,
                                                                    const MultilogLimits& limits);
[[nodiscard]] std::vector<std::string> write_multilog_words(const definition::Logger& logger,
                                                            const MultilogLimits& limits, const char* family,
                                                            std::vector<Loss>& losses);

/// A log directory of which what is said is struck; the rest is told by lose_rest().
void lose_rest(const definition::LogDirectory& rest, const char* family, const char* logger,
               std::vector<Loss>& losses);
/// The stamp that the logger has, of those that it can put: the same, or one of another shape, which is told.
[[nodiscard]] definition::Stamp nearest_stamp(definition::Stamp wanted,
                                              std::initializer_list<definition::Stamp> possible,
                                              const char* family, std::vector<Loss>& losses);
/// What a log directory's size is brought to, which is told where it matters.
[[nodiscard]] std::uint64_t bounded_size(std::uint64_t wanted, std::uint64_t least, std::uint64_t most,
                                         const char* logger, std::vector<Loss>& losses);
/// A directory below the one in which the logger runs is made for a logger that makes none. It is the account's as which
/// the logger runs; whoever writes it makes it so.
void put_log_directory(const std::string& path, FileSet& files);

}  // namespace kindred
