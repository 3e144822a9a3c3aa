#include "core/native/own_program.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <string_view>

namespace kindred {

std::vector<std::string> own_program_paths(const std::string& installed, const std::string& built) {
  std::vector<std::string> paths;
  std::array<char, PATH_MAX> self;
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  if (size > 0 && size < static_cast<ssize_t>(self.size())) {
    const std::string_view program(self.data(), static_cast<std::size_t>(size));
    const std::string directory(program.substr(0, program.rfind('/') + 1));
    paths = {directory + "../libexec/kindred/" + installed, directory + built};
  }
  paths.push_back(std::string(KINDRED_LIBEXEC "/") + installed);
  return paths;
}

}  // namespace kindred
