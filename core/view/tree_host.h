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
  };
  /// A command for a log that is not there is none.
  [[nodiscard]] virtual Commanded command(const DirectoryId& id, const ControlCommand& command) noexcept = 0;
  virtual void rescan() noexcept = 0;
  /// Ends every service, each log after its main.
  virtual void shut_down() noexcept = 0;
};

}  // namespace kindred
