#pragma once
// `kindred run`: what a unit of systemd says of its process and the family's chain tools lack, as words, and as a value.
// Options are named like the unit's keys. Source: systemd.exec(5), systemd.service(5), systemd.socket(5).

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/chain/step.h"
#include "core/definition/unit_words.h"
#include "core/run/capabilities.h"
#include "core/run/room.h"
#include "core/run/system_call_filter.h"

namespace kindred {

/// A directory that the service has, below the place for directories of its kind, and that is the user's.
struct ServiceDirectories {
  const char* option;    ///< "runtime-directory"
  const char* place;     ///< "/run"
  const char* variable;  ///< "RUNTIME_DIRECTORY"
  std::vector<std::string> names = {};
  mode_t mode = 0755;
};

struct EnvironmentFile {
  std::string path;
  bool may_be_missing = false;
};

struct RunPlan {
  std::vector<EnvironmentFile> environment_files;
  std::vector<ServiceDirectories> directories;
  std::vector<ChainStep> listeners;
  std::string listener_names;  ///< LISTEN_FDNAMES
  std::vector<UnitCommand> before;

  std::optional<std::string> user, group;
  std::vector<std::string> more_groups;
  std::string root, working_directory;
  bool working_directory_may_be_missing = false, home_is_working_directory = false;

  Room room;
  bool own_network = false, own_host_name = false;
  std::optional<CapabilitySet> bounding;
  CapabilitySet ambient = 0;
  bool no_new_privileges = false;
  std::optional<SystemCallFilter> filter;
  std::optional<SystemCallFilter> guard;  ///< calls that other options forbid, beside it
  std::optional<int> oom_score;

  bool expands = false;  ///< variables in the program's words

  bool notifies = false;
  std::optional<int> notify_descriptor;  ///< gets a newline
  std::string notify_file;               ///< is there while the service is ready; empty: none
  std::optional<std::chrono::microseconds> watchdog;

  bool follows = false;  ///< a program that goes on in the background
  std::string pid_file;

  std::vector<std::string> program;

  /// Whether anything is refused to the process that it had.
  [[nodiscard]] bool confines() const {
    return room.is_wanted() || own_network || own_host_name || bounding || ambient != 0 ||
           no_new_privileges || filter || guard;
  }
};

/// Pure. Errors: code 0: what is wrong, object: the word; an empty operation: the usage is wrong.
[[nodiscard]] Result<RunPlan> parse_run(std::span<const std::string> words);

/// All options with what they take, a line each.
[[nodiscard]] std::string run_options_text();

}  // namespace kindred
