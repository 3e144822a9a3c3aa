#include "compat-nosh/import/unit_import.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kindred::nosh {
namespace {

UnitSettings settings(const std::string& file, const std::string& text) {
  return {file, parse_unit_file(text, file)};
}

ImportOptions without_quirks() {
  ImportOptions options;
  options.quirks = false;
  options.generation_comment = false;
  return options;
}

Result<BundlePlan> convert(const std::string& name, const std::string& text,
                           const ImportOptions& options = without_quirks()) {
  UnitParts parts{parse_unit_name(name), settings(name, text), {}, {}, name};
  return plan_import(parts, options, {"id", "me", "/home/me"});
}

std::string script(const Result<BundlePlan>& plan, std::string_view name) {
  if (!plan) return plan.error().object + ": " + plan.error().operation;
  for (const auto& [each, text] : plan->scripts)
    if (each == name) return text;
  return "none";
}

bool has_link(const BundlePlan& plan, std::string_view directory, std::string_view name) {
  return std::any_of(plan.links.begin(), plan.links.end(),
                     [&](const auto& link) { return link.directory == directory && link.name == name; });
}

TEST(UnitImport, WhatASystemDoesOfItsOwnAccordIsWrittenDown) {
  ImportOptions options;
  const auto plan = convert("a", "[Service]\nExecStart=/x\nUser=u\n", options);
  EXPECT_EQ(script(plan, "run"),
            "#!/bin/nosh\n#Run file generated from a\nmove-to-control-group ../a.service\n"
            "envuidgid --supplementary -- u\nuserenv-fromenv\nchdir /\nsetuidgid --supplementary -- u\n/x");
  EXPECT_TRUE(plan->warnings.empty());
}

TEST(UnitImport, AnInstanceOfASliceHasItsGroupsMade) {
  const auto plan = convert("a@1", "[Service]\nExecStart=/x\nSlice=s.slice\nCPUQuota=20%\n");
  EXPECT_EQ(script(plan, "start"),
            "#!/bin/nosh\n"
            "foreground create-control-group ../../s.slice ;\n"
            "foreground create-control-group \"../../s.slice/a@.service\" ;\n"
            "move-to-control-group \"../../s.slice/a@.service/a@1.service\"\n"
            "foreground set-control-group-knob ../../../cgroup.subtree_control \"+cpu\" ;\n"
            "foreground set-control-group-knob ../../cgroup.subtree_control \"+cpu\" ;\n"
            "foreground set-control-group-knob ../cgroup.subtree_control \"+cpu\" ;\n"
            "foreground set-control-group-knob cpu.max 20000 ;\n"
            "true\n");
}

TEST(UnitImport, DeviceLimitsGoToTheFileThatIsForThem) {
  const auto plan = convert("a", "[Service]\nExecStart=/x\nIOReadBandwidthMax=/dev/sda 1M\n");
  EXPECT_NE(script(plan, "start").find("--device-name-key --nested-key rbps io.max \"/dev/sda 1M\" ;"),
            std::string::npos);
}

TEST(UnitImport, EveryLineOfARelationCounts) {
  const auto plan = convert(
      "a", "[Unit]\nAfter=b.service\nAfter=c.service\nRequisite=d\nWants=x/../y\n[Service]\nExecStart=/x\n");
  ASSERT_TRUE(plan);
  for (const char* const name : {"b", "c"}) EXPECT_TRUE(has_link(*plan, "after", name));
  EXPECT_TRUE(has_link(*plan, "needs", "d"));
  EXPECT_EQ(plan->warnings, std::vector<std::string>{"a: x/../y: Not a unit name."});
}

TEST(UnitImport, WhatHasNoPartIsNamed) {
  const auto plan = convert(
      "a", "[Service]\nExecStart=/x\nNice=5\nstray\nTTYReset=yes\nStandardOutput=journal\n[X]\ny=1\n");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->warnings,
            (std::vector<std::string>{"a: Unused setting: [service] nice = 5",
                                      "a: Unused setting: [service] ttyreset = yes",
                                      "a: Unused setting: [service] standardoutput = journal",
                                      "a: Unused setting: [x] y = 1", "a: Unused setting: stray"}));
}

TEST(UnitImport, NamesMakeNoMoreOfACommandThanItSays) {
  EXPECT_EQ(script(convert("a@x\\x3brm", "[Service]\nExecStart=/x %I\n"), "run"),
            "a@x\\x3brm: %I: Not fit for a command.");
  EXPECT_EQ(script(convert("a@x\\x3brm", "[Service]\nExecStart=/x %i\n"), "run"),
            "#!/bin/nosh\nmove-to-control-group \"../a@.service/a@x\\\\x3brm.service\"\n/x x\\x3brm");
  const auto plan = convert("a@x\\x0arm", "[Unit]\nDescription=%I\n[Service]\nExecStart=/x\n");
  EXPECT_NE(script(plan, "run").find("\n#x rm\n"), std::string::npos);
}

TEST(UnitImport, APauseIsInSeconds) {
  EXPECT_EQ(script(convert("a", "[Service]\nExecStart=/x\nRestartSec=1min 100ms\n"), "restart"),
            "#!/bin/sh\nsleep 60.1\nexec true\t# ignore script arguments\n");
  EXPECT_EQ(script(convert("a", "[Service]\nExecStart=/x\nRestartSec=a'b\n"), "restart"),
            "#!/bin/sh\nsleep 'a'\\''b'\nexec true\t# ignore script arguments\n");
}

TEST(UnitImport, ReadOnlyPathsCountAlone) {
  EXPECT_EQ(script(convert("a", "[Service]\nExecStart=/x\nReadOnlyPaths=/b\n"), "run"),
            "#!/bin/nosh\nmove-to-control-group ../a.service\nunshare --mount\n"
            "set-mount-object --recursive slave /\nmake-read-only-fs --include /b\n"
            "set-mount-object --recursive shared /\n/x");
}

TEST(UnitImport, AConnectionIsItsOwnInputAndOutput) {
  UnitParts parts{
      parse_unit_name("s.socket"),
      settings(
          "s@.service",
          "[Service]\nExecStart=/x\nStandardInput=socket\nStandardOutput=socket\nStandardError=socket\n"),
      settings("s.socket", "[Socket]\nListenStream=80\nAccept=yes\n"),
      {},
      ""};
  const auto plan = plan_import(parts, without_quirks(), {});
  EXPECT_EQ(script(plan, "service"), "#!/bin/nosh\nfdmove -c 2 0\n/x");
  EXPECT_TRUE(plan->warnings.empty());
}

TEST(UnitImport, ATimerWaitsBetweenItsRuns) {
  UnitParts parts{parse_unit_name("t.timer"),
                  settings("t.service", "[Service]\nExecStart=/x\n"),
                  {},
                  settings("t.timer", "[Unit]\nDescription=T\n[Timer]\nOnBootSec=5min\nOnUnitActiveSec=1h\n"),
                  ""};
  const auto plan = plan_import(parts, without_quirks(), {});
  EXPECT_EQ(script(plan, "start"), "#!/bin/nosh\nforeground touch stamp-on-start ;\ntrue\n");
  EXPECT_EQ(
      script(plan, "run"),
      "#!/bin/nosh\n#T\nunsetenv wake_time\n"
      "time-env-set since_boot boot\ntime-env-add -- since_boot 5min\n"
      "time-env-unset-if-later since_boot now\ntime-env-set-if-earlier wake_time \"$since_boot\"\n"
      "time-env-set since_service \">stamp-on-service\"\ntime-env-add -- since_service 1h\n"
      "time-env-unset-if-later since_service now\ntime-env-set-if-earlier wake_time \"$since_service\"\n"
      "move-to-control-group ../t.timer\n"
      "time-pause-until \"$wake_time\"\nforeground touch stamp-on-service ;\n./service\n");
  EXPECT_EQ(script(plan, "service"), "#!/bin/nosh\n/x");
  EXPECT_EQ(script(plan, "restart"),
            "#!/bin/sh\ntouch stamp-on-restart\nexec true\t# ignore script arguments\n");
  EXPECT_TRUE(has_link(*plan, "wanted-by", "timers"));
}

TEST(UnitImport, ATimerThatNeverWakesIsWarnedOf) {
  UnitParts parts{parse_unit_name("t.timer"),
                  settings("t.service", "[Service]\nExecStart=/x\n"),
                  {},
                  settings("t.timer", "[Timer]\nOnCalendar=daily\n"),
                  ""};
  const auto plan = plan_import(parts, without_quirks(), {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->warnings,
            (std::vector<std::string>{"t.timer: No time that can be waited for: it never wakes.",
                                      "t.timer: Unused setting: [timer] oncalendar = daily"}));
}

TEST(UnitImport, WhatCannotBeIsRefused) {
  for (const auto& [text, why] :
       {std::pair{"Type=notify", "notify: Not a supported service type."},
        {"KillMode=process", "process: Unsupported service stop mechanism."},
        {"RuntimeDirectory=a .b", "Hidden runtime directories are not permitted."},
        {"RuntimeDirectory=\"\"", "Empty runtime directory names are not permitted."}})
    EXPECT_EQ(script(convert("a", std::string("[Service]\nExecStart=/x\n") + text), "run"),
              std::string("a: ") + why);
  EXPECT_EQ(script(convert("a", "[Service]\n"), "run"), "a: Missing mandatory ExecStart entry.");
}

}  // namespace
}  // namespace kindred::nosh
