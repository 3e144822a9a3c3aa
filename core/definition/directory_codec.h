#pragma once
// What all families' service directories have in common, with what differs as data. Pure.
//
// Reading: scripts are taken apart where they are plainly chains, settings become fields, and every other file is kept
// as it is. Writing: each field that the family can say is said and struck from the list; what is left is lost, and
// named. So nothing is lost in silence, whatever a family's own part forgets.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/definition/chain.h"
#include "core/definition/codec.h"
#include "core/definition/wrapper.h"
#include "core/service/convention.h"

namespace kindred {

/// The files of a directory by path, from which a reader takes what it has understood.
class FileSet {
 public:
  explicit FileSet(std::vector<definition::File> files);

  [[nodiscard]] const definition::File* find(std::string_view path) const;
  [[nodiscard]] bool has(std::string_view path) const { return find(path) != nullptr; }
  /// … and it is no part of what is left.
  std::optional<definition::File> take(std::string_view path);
  /// What lies below a directory, and it itself, with paths from there; without what is at `path` itself.
  std::vector<definition::File> take_below(std::string_view directory);
  void put(definition::File file);
  [[nodiscard]] std::vector<definition::File> rest() &&;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::map<std::string, definition::File, std::less<>> files_;
};

/// How a family writes a chain.
struct ScriptLanguage {
  /// nullopt: no script of this language, or not plain.
  std::optional<definition::Command> (*read)(std::string_view text) = nullptr;
  std::string (*write)(const definition::Command& command,
                       const std::function<void(const definition::Step&)>& lost) = nullptr;
};

/// How a family keeps logs. Paths in a script are from the directory in which it runs.
struct LoggerLanguage {
  /// The program and its words, with the files beside it, from which it takes what it reads. nullopt: none of the
  /// family's loggers, or not plain.
  std::optional<definition::Logger> (*read)(const std::vector<std::string>& program, FileSet& files,
                                            std::vector<Loss>& losses) = nullptr;
  /// Puts the files that the logger needs.
  std::vector<std::string> (*write)(const definition::Logger& logger, FileSet& files,
                                    std::vector<Loss>& losses) = nullptr;
};

struct DirectoryFormat {
  const char* family = nullptr;
  const GroupConvention* convention = nullptr;
  ScriptLanguage language{};
  /// Of scripts that are told words, where the family's interpreter takes none; null: the same.
  ScriptLanguage told_language{};
  LoggerLanguage logger{};
  bool log_in_directory = true;      ///< `log/`, a service directory of its own; else a script beside run
  const char* log_script = nullptr;  ///< a script that is the log, where there is no such directory
  const char* above_log = "..";      ///< the service directory, from where its log runs
  mode_t mode = 0755;                ///< of the directory
  mode_t mode_with_log = 0755;       ///< … of one with a log
  bool sticky_is_active = false;     ///< a directory without that bit is no service
  const char* check = nullptr;       ///< a script that clients ask
  int ready_descriptor =
      0;  ///< of a service that says nothing else, to hear that it is ready; 0: that is not heard
  bool custom = false;                                         ///< control/LETTER
  definition::Verdict verdict = definition::Verdict::Nothing;  ///< what finish's exit decides
  std::optional<Duration> finish_limit =
      std::nullopt;                      ///< what finish may take, unless a setting says so; 0: for ever
  bool no_finish_means_success = false;  ///< without finish only a run that ended well is restarted
  const char* stay_down = "";            ///< what a finish runs to keep its service down
  bool has_supervise = true;  ///< a directory of the supervisor's own lies in it, or a link in its place
  /// Names that mean something to the family, besides the scripts'.
  std::span<const char* const> names{};
  /// The family's own files: what is read is taken from the set.
  void (*read_settings)(FileSet& files, ServiceDefinition& definition, std::vector<Loss>& losses) = nullptr;
  /// … what is written is struck from the definition.
  void (*write_settings)(ServiceDefinition& rest, FileSet& files, std::vector<Loss>& losses) = nullptr;
};

[[nodiscard]] ReadDefinition read_directory(const DirectoryFormat& format, const DirectoryContent& content);
[[nodiscard]] WrittenDefinition write_directory(const DirectoryFormat& format,
                                                const ServiceDefinition& definition);

/// A shell script of the family's tools.
[[nodiscard]] std::optional<definition::Command> read_shell_command(std::string_view text,
                                                                    std::span<const ChainTool> tools,
                                                                    ChainIdiom idiom = nullptr);
[[nodiscard]] std::string write_shell_command(const definition::Command& command, ChainWriter writer,
                                              const std::function<void(const definition::Step&)>& lost);

/// For settings that are a file with one number, or one line: without its newline.
[[nodiscard]] std::optional<std::string> take_line(FileSet& files, std::string_view path);
[[nodiscard]] bool take_flag(FileSet& files, std::string_view path);
void put_text(FileSet& files, std::string path, std::string text);
void put_flag(FileSet& files, std::string path);

/// Whether a path leads into the service directory: "./main", "main".
[[nodiscard]] std::optional<std::string> path_inside(std::string_view path);

}  // namespace kindred
