#pragma once
// Whoever supervises a whole tree of services, as the doors of families see it that control a tree through
// one socket.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/dialect/scan_rules.h"
#include "core/service/control_command.h"
#include "core/service/status_record.h"

namespace kindred {

/// One service of a tree at this moment, its log with it wherever that is supervised.
struct TreeService {
  std::string_view name;  ///< valid until the tree is next changed
  DirectoryId id;
  GroupSnapshot snapshot;
  WallTime supervised_since;
  bool active = true;       ///< the latest scan met it
  bool returning = false;   ///< it is being ended, and is to be supervised again after that
  bool began_down = false;  ///< a file said so when it began
  bool began_once = false;
};

struct Dialect;

class TreeHost {
 public:
  virtual ~TreeHost() = default;
  [[nodiscard]] virtual std::optional<TreeService> find(std::string_view name) const noexcept = 0;
  [[nodiscard]] virtual std::optional<TreeService> find(const DirectoryId& id) const noexcept = 0;
  /// For a list: `place` counts from 0; nullopt where there is no more.
  [[nodiscard]] virtual std::optional<TreeService> at(std::size_t place) const noexcept = 0;
  enum class Commanded : std::uint8_t {
    Done,
    Unknown,  ///< there is no such service
    Busy,     ///< it is about something that has to end first
    NoGroup,  ///< it is for the process group of one that leads none; nothing was done
  };
  /// A command for a log that is not there is none. `said_in`: whose words it was said in; null: the
  /// service's home's.
  [[nodiscard]] virtual Commanded command(const DirectoryId& id, const ControlCommand& command,
                                          const Dialect* said_in) noexcept = 0;
  /// From now on the end of the service's run leaves it up, until it is wanted down. False: there is no such
  /// service, or its convention knows no way down from there.
  [[nodiscard]] virtual bool let_be_empty(const DirectoryId& id, Role role) noexcept = 0;
  virtual void rescan() noexcept = 0;
  /// Ends every service, each log after its main.
  virtual void shut_down() noexcept = 0;
};

}  // namespace kindred
