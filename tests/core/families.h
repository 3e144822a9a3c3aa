#pragma once
// The families under test: what the registry will know of them, without linking the programs.

#include "compat-daemontools/control.h"
#include "compat-daemontools/convention.h"
#include "compat-daemontools/status.h"
#include "compat-encore/control.h"
#include "compat-encore/convention.h"
#include "compat-encore/status.h"
#include "compat-nosh/control.h"
#include "compat-nosh/convention.h"
#include "compat-nosh/status.h"
#include "compat-perp/convention.h"
#include "compat-runit/control.h"
#include "compat-runit/convention.h"
#include "compat-runit/status.h"
#include "compat-s6/control.h"
#include "compat-s6/convention.h"
#include "compat-s6/status.h"
#include "core/dialect/dialect.h"

namespace kindred::test {

struct Family {
  const char* name = nullptr;
  const GroupConvention* convention = nullptr;
  const StatusCodec* status = nullptr;    ///< null: the family has no codec here
  const ControlCodec* control = nullptr;  ///< null: commands reach the machine as they are
};

inline const Family kDaemontools{"daemontools", &daemontools::kConvention, &daemontools::kStatusCodec,
                                 &daemontools::kControlCodec};
inline const Family kRunit{"runit", &runit::kConvention, &runit::kStatusCodec, &runit::kControlCodec};
inline const Family kS6{"s6", &s6::kConvention, &s6::kStatusCodec, &s6::kControlCodec};
inline const Family kPerp{"perp", &perp::kConvention};
inline const Family kNosh{"nosh", &nosh::kConvention, &nosh::kStatusCodec, &nosh::kControlCodec};
inline const Family kEncore{"encore", &encore::kConvention, &encore::kStatusCodec, &encore::kControlCodec};

/// What no family has in just this form: custom control scripts beside a script that is asked after each run
/// whether to run again, time limits everywhere.
inline const GroupConvention kAskedConvention = [] {
  GroupConvention g = encore::kConvention;
  Convention& c = g.main;
  c.scripts[static_cast<std::size_t>(Script::Finish)] = {
      .presence = Presence::Exists, .file = "restart", .limit = std::chrono::seconds(3)};
  c.scripts[static_cast<std::size_t>(Script::Stop)].limit = std::chrono::seconds(4);
  c.signalled = set_of({Script::Start, Script::Run, Script::Finish, Script::Stop});
  c.start_from_rest = true;
  c.start_failure_fails = false;
  c.failing_code = -1;
  c.finish_failure_stops = true;
  c.custom_control = true;
  c.kill_after = std::chrono::seconds(7);
  c.commands = runit::kConvention.main.commands;
  Steps& down = c.commands[static_cast<std::size_t>(Verb::Down)];
  c.commands[static_cast<std::size_t>(Verb::Once)] = {Do::CancelExit, Do::WantOnce, Do::Publish,
                                                      Do::StartIfDown};
  c.commands[static_cast<std::size_t>(Verb::OnceAtMost)] = {Do::CancelExit, Do::WantOnce, Do::Publish};
  c.commands[static_cast<std::size_t>(Verb::NoRestart)] = {Do::AskTerminate, Do::Publish, Do::WantDown,
                                                           Do::Publish, Do::RestIfDown};
  down = {Do::WantDown,       Do::AskTerminate, Do::Terminate, Do::ArmKill,   Do::OweStop,
          Do::TellDownOrExit, Do::Resume,       Do::Publish,   Do::RestIfDown};
  g.supervises_log = false;
  return g;
}();
inline const Family kAsked{"asked", &kAskedConvention};

/// Whose services ask for longer and longer waits, and to stay down in the end.
inline const GroupConvention kPatientConvention = [] {
  GroupConvention g = runit::kConvention;
  g.main.back_off = BackOff{.first = std::chrono::seconds(1),
                            .most = std::chrono::seconds(5),
                            .good_run = std::chrono::seconds(3),
                            .failures = 4};
  return g;
}();
inline const Family kPatient{"patient", &kPatientConvention};

/// Those that restart whatever ends without being asked to; a script decides in the others.
inline const Family* const kRealFamilies[] = {&kDaemontools, &kRunit, &kS6, &kPerp, &kEncore};
inline const Family* const kAllFamilies[] = {&kDaemontools, &kRunit, &kS6,    &kPerp,
                                             &kEncore,      &kNosh,  &kAsked, &kPatient};

}  // namespace kindred::test
