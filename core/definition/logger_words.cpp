#include "core/definition/logger_words.h"

#include <algorithm>

#include "core/base/number.h"

namespace kindred {
namespace {

using definition::LogDirectory;
using definition::Logger;
using definition::Stamp;

constexpr std::uint64_t kUsualSize = 99999, kUsualFiles = 10;
constexpr std::uint64_t kLeastSize = 4096, kLeastFiles = 2;
constexpr const char* kStampNames[] = {"none",       "TAI64N labels", "UTC, _ between", "UTC, T between",
                                       "local time", "UTC, compact",  "a calendar's",   "UNIX seconds"};

std::string as_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

bool is_program(std::string_view word, std::string_view name) {
  return word.substr(word.rfind('/') + 1) == name;
}

std::optional<Logger> read_multilog_words(const std::vector<std::string>& program,
                                          const MultilogLimits& limits) {
  if (program.size() < 2 || !is_program(program[0], "multilog")) return std::nullopt;
  Logger logger;
  std::uint64_t size = kUsualSize, files = kUsualFiles;
  std::string processor;
  for (std::size_t at = 1; at < program.size(); ++at) {
    const std::string& word = program[at];
    const std::string_view rest = std::string_view(word).substr(std::min<std::size_t>(1, word.size()));
    const auto number = parse_unsigned<std::uint64_t>(rest);
    if (word == "t" && at == 1) {
      logger.stamp = Stamp::Tai64n;
    } else if (word == "T" && at == 1 && limits.seconds) {
      logger.stamp = Stamp::Seconds;
    } else if (word.starts_with('s') && number) {
      size = std::clamp(*number, kLeastSize, limits.largest);
    } else if (word.starts_with('n') && number) {
      files = std::max(*number, kLeastFiles);
    } else if (word.starts_with('!')) {
      processor = rest;
    } else if (word.starts_with('.') || word.starts_with('/')) {
      logger.directories.push_back({.path = word, .size = size, .files = files, .processor = processor});
    } else {
      return std::nullopt;
    }
  }
  if (logger.directories.empty()) return std::nullopt;
  return logger;
}

std::string directory_word(const std::string& path) {
  return path.starts_with('.') || path.starts_with('/') ? path : "./" + path;
}

std::vector<std::string> write_multilog_words(const Logger& logger, const MultilogLimits& limits,
                                              const char* family, std::vector<Loss>& losses) {
  std::vector<std::string> words{"multilog"};
  const Stamp stamp =
      limits.seconds
          ? nearest_stamp(logger.stamp, {Stamp::None, Stamp::Tai64n, Stamp::Seconds}, family, losses)
          : nearest_stamp(logger.stamp, {Stamp::None, Stamp::Tai64n}, family, losses);
  if (stamp != Stamp::None) words.emplace_back(stamp == Stamp::Seconds ? "T" : "t");
  std::uint64_t size = kUsualSize, files = kUsualFiles;
  std::string processor;
  for (LogDirectory directory : logger.directories) {
    const std::uint64_t wanted_size =
        bounded_size(directory.size.value_or(kUsualSize), kLeastSize, limits.largest, "multilog", losses);
    std::uint64_t wanted_files = directory.files.value_or(kUsualFiles);
    if (wanted_files == 0) {
      wanted_files = 1'000'000'000;
      losses.push_back(
          {"run", 0, "all old files are kept", "multilog keeps a number of them: 1000000000", ""});
    }
    if (wanted_files < kLeastFiles) {
      losses.push_back({"run", 0, "one old file is kept", "multilog keeps two", ""});
      wanted_files = kLeastFiles;
    }
    if (wanted_size != size) words.push_back("s" + std::to_string(size = wanted_size));
    if (wanted_files != files) words.push_back("n" + std::to_string(files = wanted_files));
    if (directory.processor != processor) words.push_back("!" + (processor = directory.processor));
    words.push_back(directory_word(directory.path));
    directory.size.reset();
    directory.files.reset();
    directory.processor.clear();
    lose_rest(directory, family, "multilog", losses);
  }
  return words;
}

void lose_rest(const LogDirectory& rest, const char* family, const char* logger, std::vector<Loss>& losses) {
  static_cast<void>(family);
  const auto lose = [&](std::string thing, const char* why, const char* advice) {
    losses.push_back({"run", 0, std::move(thing), std::string(logger) + " " + why, advice});
  };
  if (rest.size)
    lose("rotated at " + std::to_string(*rest.size) + " bytes", "has no limit of a file's size",
         "rotate it with another program");
  if (rest.files)
    lose(std::to_string(*rest.files) + " old files are kept", "does not count old files",
         "remove them with another program");
  if (rest.total)
    lose("old files may have " + std::to_string(*rest.total) + " bytes", "counts files, not bytes",
         "choose how many files it keeps");
  if (rest.every && *rest.every != Duration{0})
    lose("rotated every " + as_text(*rest.every), "rotates by size alone", "send it its signal from a timer");
  if (!rest.processor.empty())
    lose("processor " + rest.processor, "has no processor", "work on the old files with another program");
  if (!rest.prefix.empty()) lose("prefix " + rest.prefix, "puts no prefix", "");
}

Stamp nearest_stamp(Stamp wanted, std::initializer_list<Stamp> possible, const char* family,
                    std::vector<Loss>& losses) {
  if (std::find(possible.begin(), possible.end(), wanted) != possible.end()) return wanted;
  // Without one there is only the first; with one, the one that comes next to "none".
  Stamp found = *possible.begin();
  for (const Stamp each : possible)
    if (wanted != Stamp::None && each != Stamp::None) {
      found = each;
      break;
    }
  losses.push_back({"run", 0, std::string("stamps: ") + kStampNames[static_cast<std::size_t>(wanted)],
                    std::string("the logger of ") + family +
                        " puts others: " + kStampNames[static_cast<std::size_t>(found)],
                    "whoever reads the log must know them"});
  return found;
}

std::uint64_t bounded_size(std::uint64_t wanted, std::uint64_t least, std::uint64_t most, const char* logger,
                           std::vector<Loss>& losses) {
  const std::uint64_t size = wanted == 0 ? most : std::clamp(wanted, least, most);
  if (size != wanted)
    losses.push_back({"run", 0,
                      wanted == 0 ? "not rotated by size" : "rotated at " + std::to_string(wanted) + " bytes",
                      std::string(logger) + " rotates at " + std::to_string(size), ""});
  return size;
}

void put_log_directory(const std::string& path, FileSet& files) {
  if (const auto inside = path_inside(path); inside && !inside->empty() && !files.has(*inside))
    files.put({*inside, definition::File::Kind::Directory, 0755});
}

}  // namespace kindred
