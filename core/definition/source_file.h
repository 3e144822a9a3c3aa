#pragma once
// A file that defines services in another way than the family's, read by whoever converts it.

#include <string>
#include <string_view>

namespace kindred {

/// By the path by which the user knows it.
struct SourceFile {
  std::string path;
  std::string bytes;
  std::string unit = {};  ///< whose it is, where its path does not say: a template's file is an instance's
};

/// The last component of a path, and what is before it, without a slash at its end.
[[nodiscard]] inline std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
[[nodiscard]] inline std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return path.substr(0, slash == std::string_view::npos ? 0 : slash);
}

}  // namespace kindred
