#include "core/client/log_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "core/base/nul_words.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

constexpr std::size_t kLongestScript = 64 * 1024;
constexpr std::size_t kLongestCommandLine = 64 * 1024;

bool is_log_directory(const std::string& path) {
  struct stat st;
  if (::stat((path + "/current").c_str(), &st) == 0) return S_ISREG(st.st_mode);
  // Who may not look into it is told so when it is opened, and not that there is none.
  return errno == EACCES && ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

/// One file is a log only where it is told last, and nothing executes it.
bool is_log_file(const std::string& path) {
  struct stat st;
  return ::stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111U) == 0;
}

std::vector<std::string> existing(const std::vector<std::string>& candidates) {
  std::vector<std::string> places;
  std::set<DirectoryId> known;
  for (const std::string& candidate : candidates) {
    struct stat st;
    if (!is_log_directory(candidate) || ::stat(candidate.c_str(), &st) != 0) continue;
    if (known.insert({st.st_dev, st.st_ino}).second) places.push_back(candidate);
  }
  if (places.empty() && !candidates.empty() && is_log_file(candidates.back()))
    places.push_back(candidates.back());
  return places;
}

/// What a running logger was told.
std::vector<std::string> told_to(std::int32_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  const std::string directory = link_text(process + "/cwd");
  const Result<std::string> line = read_file(AT_FDCWD, (process + "/cmdline").c_str(), kLongestCommandLine);
  if (!line) return {};
  std::vector<std::string> words = split_words(*line);
  // The first is the program.
  if (!words.empty()) words.erase(words.begin());
  return log_words(words, directory);
}

}  // namespace

std::vector<std::string> log_words(std::span<const std::string> words, const std::string& directory) {
  std::vector<std::string> paths;
  for (const std::string& word : words) {
    if (word.empty() || word.find_first_of("$`*?\n") != std::string::npos) continue;
    const char first = word.front();
    // Directives and options of every logger begin with something else.
    if (first == '/')
      paths.push_back(word);
    else if ((first == '.' || std::isalnum(static_cast<unsigned char>(first)) != 0) && !directory.empty())
      paths.push_back(directory + "/" + word);
  }
  return paths;
}

std::vector<std::string> words_of_script(std::string_view script) {
  std::vector<std::string> words;
  while (!script.empty()) {
    std::string_view line = script.substr(0, script.find('\n'));
    script.remove_prefix(std::min(script.size(), line.size() + 1));
    std::string word;
    char quote = 0;
    bool any = false;
    const auto end_word = [&] {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    };
    for (const char c : line) {
      if (quote != 0) {
        if (c == quote)
          quote = 0;
        else
          word += c;
      } else if (c == '\'' || c == '"') {
        quote = c;
        any = true;
      } else if (c == ' ' || c == '\t' || c == ';') {
        end_word();
      } else if (c == '#' && !any) {
        break;
      } else {
        word += c;
        any = true;
      }
    }
    end_word();
  }
  return words;
}

std::vector<std::string> log_places(const std::string& path, const ServiceSurvey& survey) {
  if (survey.log && survey.log->status && survey.log->supervision == Supervision::Live) {
    const std::int32_t pid = survey.log->status->snapshot.main.pid;
    if (pid > 0)
      if (std::vector<std::string> places = existing(told_to(pid)); !places.empty()) return places;
  }
  const std::string log = path + "/log";
  for (const auto& [script, directory] : {std::pair{log + "/run", log}, std::pair{path + "/rc.log", path}}) {
    const Result<std::string> text = read_file(AT_FDCWD, script.c_str(), kLongestScript);
    if (!text) continue;
    const std::vector<std::string> words = words_of_script(*text);
    if (std::vector<std::string> places = existing(log_words(words, directory)); !places.empty())
      return places;
  }
  const std::string name = path.substr(path.rfind('/') + 1);
  return existing({log + "/main", log, path + "/main", "/var/log/" + name});
}

}  // namespace kindred
