#pragma once
// A log that is one file: appended to under its name, for as long as nobody renames it away and says so.

#include <string>
#include <string_view>

#include "core/sys/unique_fd.h"

namespace kindred {

class AppendedFile {
 public:
  explicit AppendedFile(std::string path) : path_(std::move(path)) {}

  /// By its name, anew if it is open; made with mode 0666 less the umask, never emptied, never waited for. What
  /// was open is closed even where that fails. Errors: open(2)'s; 0 for none.
  [[nodiscard]] int open();
  [[nodiscard]] bool is_open() const { return static_cast<bool>(file_); }
  /// Takes what was written off the front of `text`: as a rule all of it, in one write. Errors: write(2)'s.
  [[nodiscard]] int append(std::string_view& text);

 private:
  std::string path_;
  UniqueFd file_;
};

}  // namespace kindred
