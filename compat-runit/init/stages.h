#pragma once
// What follows a stage of the system's life, and what runit-init is asked for. Pure.
// Source: interfaces/runit.md sections 13.1 and 13.2.

#include <cstdint>
#include <optional>

namespace kindred::runit {

/// 1 prepares the system, 2 is its work, 3 takes it down. Then all processes are killed and the machine stops.
enum class Stage : std::uint8_t { One, Two, Three };

/// The script of a stage.
[[nodiscard]] const char* path_of(Stage stage) noexcept;

enum class StageEnd : std::uint8_t { Done, Failed, Crashed };

struct AfterStage {
  StageEnd end = StageEnd::Done;
  std::optional<Stage>
      next;  ///< none: everything ends. The stage itself: once more, after what is left of it was killed
};
/// `wait_status` as waitpid(2) has it. `told_to_end`: by us, so that a signal is no crash of it.
/// A stage 2 that a signal ends is run again, as its documentation says; the original goes on to stage 3.
[[nodiscard]] AfterStage after(Stage stage, int wait_status, bool told_to_end) noexcept;

/// Of runit-init, by its first argument.
enum class InitRequest : std::uint8_t { None, PowerOff, Reboot };
[[nodiscard]] InitRequest init_request(const char* word) noexcept;

}  // namespace kindred::runit
