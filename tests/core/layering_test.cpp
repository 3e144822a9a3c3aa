// The arrows between the folders, read from the #include lines, and the rule that core knows no family by
// name.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {
namespace {

namespace fs = std::filesystem;

/// What each folder of core may include. One that is not listed may include all of core.
const std::map<std::string, std::set<std::string>> kAllowed = {
    {"base", {"base"}},
    {"service", {"base", "service"}},
    {"dialect", {"base", "service", "dialect"}},
    {"cli", {"base", "cli"}},
    // The words of service and dialect (a role, a directory's identity, a lock's kind), none of their
    // functions.
    {"sys", {"base", "service", "dialect", "sys"}},
    {"keeper", {"base", "sys", "keeper"}},
    {"view", {"base", "service", "dialect", "sys", "view"}},
    {"engine", {"base", "service", "dialect", "sys", "keeper", "view", "engine"}},
    {"client", {"base", "service", "dialect", "sys", "client"}},
    {"frontend",
     {"base", "service", "dialect", "sys", "keeper", "view", "engine", "client", "cli", "frontend"}},
    {"log", {"base", "cli", "sys", "log"}},
    {"chain", {"base", "cli", "sys", "chain"}},
    {"run", {"base", "cli", "sys", "chain", "definition", "run"}},
    {"definition", {"base", "service", "cli", "sys", "chain", "log", "definition"}},
};

const std::set<std::string> kFamilies = {"daemontools", "encore", "runit", "perp", "freedt", "nosh", "s6"};

struct Source {
  std::string path;    ///< from the root
  std::string folder;  ///< "core/base", "compat-runit"
  std::string text;
};

std::vector<Source> sources() {
  const fs::path root = KINDRED_SOURCE_DIR;
  std::vector<Source> all;
  for (const fs::directory_entry& top : fs::directory_iterator(root)) {
    const std::string name = top.path().filename();
    if (name != "core" && name.rfind("compat-", 0) != 0) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp" && extension != ".in") continue;
      const fs::path path = entry.path().lexically_relative(root);
      std::string folder = name;
      if (name == "core") folder += "/" + std::next(path.begin())->string();
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      all.push_back({path.string(), folder, text.str()});
    }
  }
  return all;
}

/// The paths of the lines that begin `#include "`.
std::vector<std::string> includes_of(const Source& source) {
  constexpr std::string_view kBegin = "#include \"";
  std::vector<std::string> paths;
  std::istringstream lines(source.text);
  for (std::string line; std::getline(lines, line);)
    if (line.rfind(kBegin, 0) == 0)
      paths.push_back(line.substr(kBegin.size(), line.rfind('"') - kBegin.size()));
  return paths;
}

/// The code alone: what stands in comments is left out, what stands in strings is not.
std::string without_comments(const std::string& text) {
  std::string code;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "//") == 0) {
      while (i < text.size() && text[i] != '\n') ++i;
      code += '\n';
    } else if (text.compare(i, 2, "/*") == 0) {
      const std::size_t end = text.find("*/", i + 2);
      i = end == std::string::npos ? text.size() : end + 1;
      code += ' ';
    } else if (text[i] == '"') {
      code += text[i];
      while (++i < text.size() && text[i] != '"' && text[i] != '\n') {
        code += text[i];
        if (text[i] == '\\' && i + 1 < text.size()) code += text[++i];
      }
      if (i < text.size()) code += text[i];
    } else {
      code += text[i];
    }
  }
  return code;
}

/// The words of the code, those within identifiers too: "is_runit", "RunitCodec" and "kRunit" hold "runit".
std::set<std::string> words_of(const std::string& code) {
  std::set<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.insert(word);
    word.clear();
  };
  char before = 0;
  for (const char c : code) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    const bool hump =
        std::isupper(static_cast<unsigned char>(c)) != 0 && std::islower(static_cast<unsigned char>(before));
    if (!letter || hump) end_word();
    if (letter) word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    before = c;
  }
  end_word();
  return words;
}

TEST(Layering, ThereAreSourcesToReadAndIncludesInThem) {
  std::size_t files = 0, includes = 0;
  for (const Source& source : sources()) {
    ++files;
    includes += includes_of(source).size();
  }
  EXPECT_GT(files, 30U);
  EXPECT_GT(includes, files);
}

TEST(Layering, CoresFoldersIncludeOnlyWhatLiesBelowThem) {
  for (const Source& source : sources()) {
    if (source.folder.rfind("core/", 0) != 0) continue;
    const auto rule = kAllowed.find(source.folder.substr(5));
    if (rule == kAllowed.end()) continue;
    for (const std::string& path : includes_of(source)) {
      if (path.rfind("core/", 0) != 0) continue;
      const std::string folder = path.substr(5, path.find('/', 5) - 5);
      EXPECT_TRUE(rule->second.count(folder)) << source.path << " includes " << path;
    }
  }
}

TEST(Layering, CoreIncludesNoFamily) {
  for (const Source& source : sources()) {
    if (source.folder.rfind("core/", 0) != 0) continue;
    for (const std::string& path : includes_of(source))
      EXPECT_NE(path.rfind("compat-", 0), 0U) << source.path << " includes " << path;
  }
}

TEST(Layering, NoFamilyIncludesAnother) {
  for (const Source& source : sources()) {
    if (source.folder.rfind("compat-", 0) != 0) continue;
    for (const std::string& path : includes_of(source))
      if (path.rfind("compat-", 0) == 0) {
        EXPECT_EQ(path.rfind(source.folder + "/", 0), 0U) << source.path << " includes " << path;
      }
  }
}

TEST(Layering, EverythingIsIncludedFromTheRoot) {
  for (const Source& source : sources())
    for (const std::string& path : includes_of(source))
      EXPECT_TRUE(path.rfind("core/", 0) == 0 || path.rfind("compat-", 0) == 0)
          << source.path << ": " << path;
}

TEST(Layering, EveryHeaderIsReadOnce) {
  for (const Source& source : sources()) {
    if (fs::path(source.path).extension() != ".h") continue;
    EXPECT_NE(source.text.find("#pragma once"), std::string::npos) << source.path;
    EXPECT_EQ(source.text.find("using namespace"), std::string::npos) << source.path;
  }
}

TEST(Layering, CoreNamesNoFamily) {
  for (const Source& source : sources()) {
    if (source.folder.rfind("core/", 0) != 0) continue;
    for (const std::string& word : words_of(without_comments(source.text)))
      EXPECT_FALSE(kFamilies.count(word)) << source.path << " says " << word;
  }
}

TEST(Layering, WordsAreFoundWithinIdentifiers) {
  for (const char* code : {"bool is_runit;", "class RunitCodec;", "kRunit", "\"runit\"", "runit::dialect()"})
    EXPECT_TRUE(words_of(without_comments(code)).count("runit")) << code;
  for (const char* code : {"// runit", "/* runit */ int x;", "\"a//b\" // runit", "int perpetual; // perp"})
    EXPECT_FALSE(words_of(without_comments(code)).count("runit") ||
                 words_of(without_comments(code)).count("perp"))
        << code;
  EXPECT_TRUE(words_of(without_comments("char c = '\"'; // x\n int runit;")).count("runit"));
}

}  // namespace
}  // namespace kindred
