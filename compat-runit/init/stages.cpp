#include "compat-runit/init/stages.h"

#include <sys/wait.h>

namespace kindred::runit {
namespace {

constexpr int kSkipsStageTwo = 100;  // of stage 1
constexpr int kAgain = 111;          // of stage 2

}  // namespace

const char* path_of(Stage stage) noexcept {
  switch (stage) {
    case Stage::One:
      return "/etc/runit/1";
    case Stage::Two:
      return "/etc/runit/2";
    case Stage::Three:
      break;
  }
  return "/etc/runit/3";
}

AfterStage after(Stage stage, int wait_status, bool told_to_end) noexcept {
  const bool crashed = !WIFEXITED(wait_status) && !told_to_end;
  const int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
  AfterStage after;
  if (crashed)
    after.end = StageEnd::Crashed;
  else if (code != 0)
    after.end = StageEnd::Failed;
  if (stage == Stage::One) after.next = code == kSkipsStageTwo ? Stage::Three : Stage::Two;
  if (stage == Stage::Two)
    after.next = (crashed || code == kAgain) && !told_to_end ? Stage::Two : Stage::Three;
  return after;
}

InitRequest init_request(const char* word) noexcept {
  if (word != nullptr && *word == '0') return InitRequest::PowerOff;
  if (word != nullptr && *word == '6') return InitRequest::Reboot;
  return InitRequest::None;
}

}  // namespace kindred::runit
