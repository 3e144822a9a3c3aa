// cd and umask as POSIX has them. Source: interfaces/execline.md section 15.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/mode_text.h"

namespace kindred::execline {
namespace {

std::string physical_directory() {
  const std::unique_ptr<char, decltype(&::free)> path(::getcwd(nullptr, 0), ::free);
  return path ? path.get() : "";
}

/// PWD where it is the working directory, else what the kernel says.
std::string logical_directory(const Environment& environment) {
  struct stat told {
  }, here{};
  const auto value = environment.value("PWD");
  if (value && value->starts_with('/') && ::stat(std::string(*value).c_str(), &told) == 0 &&
      ::stat(".", &here) == 0 && told.st_dev == here.st_dev && told.st_ino == here.st_ino)
    return std::string(*value);
  return physical_directory();
}

bool is_directory(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool begins_with_dots(std::string_view path) {
  const std::string_view first = path.substr(0, path.find('/'));
  return first == "." || first == "..";
}

struct Target {
  std::string path;
  bool is_told = false;  ///< on standard output
};

/// Where CDPATH leads.
Target search(const Environment& environment, std::string directory) {
  const auto path = environment.value("CDPATH");
  if (path && !directory.empty() && directory[0] != '/' && !begins_with_dots(directory)) {
    std::string_view rest = *path;
    for (bool more = true; more;) {
      const std::size_t colon = rest.find(':');
      const std::string_view element = rest.substr(0, colon);
      more = colon != std::string_view::npos;
      if (more) rest.remove_prefix(colon + 1);
      if (element.empty()) continue;
      std::string candidate = std::string(element) + "/" + directory;
      if (is_directory(candidate)) return {std::move(candidate), true};
    }
  }
  return {std::move(directory), false};
}

}  // namespace

std::optional<PosixCd> PosixCd::parse(Words& words) {
  PosixCd cd;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    cd.is_logical = letter == 'L';
  }
  cd.word = words.take();
  if (cd.word != nullptr && *cd.word == '\0') return words.misused();
  return cd;
}

ChainTurn PosixCd::act(Call& call) const {
  const Environment& environment = call.state().environment;
  const bool is_back = word != nullptr && std::string_view(word) == "-";
  Target target;
  if (word == nullptr || is_back) {
    const auto value = environment.value(is_back ? "OLDPWD" : "HOME");
    if (!value || value->empty()) return call.usage();
    target = {std::string(*value), is_back};
  } else {
    target = search(environment, word);
  }
  const std::string before = logical_directory(environment);
  std::string after = is_logical ? canonical_path(before, target.path) : target.path;
  if (::chdir(after.c_str()) == -1) return call.fatal(error_here("chdir to", target.path));
  if (!is_logical) after = physical_directory();
  if (target.is_told)
    if (const Status told = write_text(1, after + "\n"); !told) return call.fatal(told.error());
  call.state().change({"OLDPWD", before});
  call.state().change({"PWD", after});
  return call.go_on();
}

std::optional<PosixUmask> PosixUmask::parse(Words& words) {
  PosixUmask umask;
  while (const char letter = words.option()) {
    if (letter != 'S') return words.misused();
    umask.is_symbolic = true;
  }
  umask.mode = words.take();
  return umask;
}

ChainTurn PosixUmask::act(Call& call) const {
  constexpr int kBadMode = 1;
  const mode_t before = ::umask(0);
  ::umask(before);
  if (mode == nullptr) {
    char octal[8];
    std::snprintf(octal, sizeof octal, "%04o", static_cast<unsigned>(before));
    const Status told = write_text(1, (is_symbolic ? symbolic_mask(before) : octal) + "\n");
    return told ? ChainTurn::ends(0) : call.fatal(told.error());
  }
  const auto mask = parse_mask(mode, before);
  if (!mask) return call.fatal(kBadMode, {"invalid mode string"});
  ::umask(*mask);
  return call.go_on();
}

}  // namespace kindred::execline
