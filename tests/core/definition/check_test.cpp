#include "core/definition/check.h"

#include <gtest/gtest.h>

#include "core/definition/convert.h"

namespace kindred {
namespace {

using namespace definition;

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() {
    service_.content.name = "web";
    service_.family = find_codec("runit");
    service_.families = definition_codecs();
    service_.is_program = [](const std::string& name) {
      return name == "/bin/sh" || name == "web" || name == "sshd" || name == "sleep" || name == "memcached";
    };
    put("run", "#!/bin/sh\nexec 2>&1\nexec chpst -u web web\n");
  }

  void put(const char* path, const char* text, mode_t mode = 0755) {
    std::erase_if(service_.content.files, [&](const File& file) { return file.path == path; });
    service_.content.files.push_back({path, File::Kind::Regular, mode, text});
  }
  void directory(const char* path, mode_t mode = 0755) {
    service_.content.files.push_back({path, File::Kind::Directory, mode});
  }

  /// "check file:line", for each.
  std::string found() {
    std::string text;
    for (const Finding& finding : check_service(service_)) {
      EXPECT_FALSE(finding.what.empty() || finding.mend.empty()) << finding.check;
      text += finding.check + " " + finding.file + ":" + std::to_string(finding.line) + "\n";
    }
    return text;
  }

  CheckedService service_;
};

TEST_F(CheckTest, NothingIsSaidOfWhatIsWell) { EXPECT_EQ(found(), ""); }

TEST_F(CheckTest, ScriptsThatNobodyCanExecute) {
  put("run", "#!/bin/sh\nexec web\n", 0644);
  EXPECT_EQ(found(), "not-executable run:0\n");
  put("run", "exec web\n");
  EXPECT_EQ(found(), "no-interpreter run:1\n");
  put("run", "#!/bin/gone\nexec web\n");
  EXPECT_EQ(found(), "no-interpreter run:1\n");
  put("run", "#!sh\nexec web\n");
  EXPECT_EQ(found(), "no-interpreter run:1\n");
  put("run", "#!/bin/sh\r\nexec web\r\n");
  EXPECT_EQ(found(), "carriage-return run:1\n");
  put("run", "");
  EXPECT_EQ(found(), "empty run:0\n");
  put("run", "#!/bin/sh\nexec web");
  EXPECT_EQ(found(), "no-newline run:0\n");
}

TEST_F(CheckTest, ProgramsThatAreNotThere) {
  put("run", "#!/bin/sh\nexec chpst -u web gone\n");
  EXPECT_EQ(found(), "no-program run:0\n");
  put("run", "#!/bin/sh\n[ -r conf ] && . ./conf\nexec gone $OPTIONS\n");
  EXPECT_EQ(found(), "no-program run:3\n");
  put("run", "#!/bin/sh\nexec ./here $OPTIONS\n");
  EXPECT_EQ(found(), "");
}

TEST_F(CheckTest, ADaemonThatIsNotTheScriptItself) {
  put("run", "#!/bin/sh\n[ -r conf ] && . ./conf\nweb \\\n  --all\n# end\n");
  EXPECT_EQ(found(), "no-exec run:3\n");
  put("run", "#!/bin/sh\n[ -r conf ] && exec web\nexit 1\n");
  EXPECT_EQ(found(), "");
  put("run", "#!/bin/sh\nhelper &\nexec web $X\n");
  EXPECT_EQ(found(), "background run:2\n");
  put("run", "#!/bin/sh\nexec sshd\n");
  EXPECT_EQ(found(), "background run:0\n");
  put("run", "#!/bin/sh\nexec sshd -D\n");
  EXPECT_EQ(found(), "");
  put("run", "#!/bin/sh\nexec memcached -d\n");
  EXPECT_EQ(found(), "background run:0\n");
}

TEST_F(CheckTest, LogsThatCannotRun) {
  directory("log");
  EXPECT_EQ(found(), "log log:0\n");
  put("log/run", "#!/bin/sh\nexec web\n", 0600);
  EXPECT_EQ(found(), "not-executable log/run:0\n");
  put("log/run", "#!/bin/sh\nexec web\n");
  EXPECT_EQ(found(), "");
  service_.family = find_codec("daemontools");
  EXPECT_EQ(found(), "log :0\nno-program run:0\n")
      << "chpst is none of daemontools' tools, and the sticky bit is missing";
}

TEST_F(CheckTest, WhatTheFamilyDoesNotReadAndAnotherDoes) {
  put("notification-fd", "3\n", 0644);
  put("notes", "3\n", 0644);
  EXPECT_EQ(found(), "ignored notification-fd:0\n");
  put("rc.main", "#!/bin/sh\n");
  EXPECT_EQ(found(), "ignored notification-fd:0\ntwo-families rc.main:0\n");
}

TEST_F(CheckTest, SettingsThatAreMisread) {
  service_.family = find_codec("s6");
  put("run", "#!/bin/sh\nexec web\n");
  put("timeout-kill", " 5 s\n", 0644);
  put("finish", "#!/bin/sh\nsleep 9\nsleep $X\n");
  EXPECT_EQ(found(), "finish-limit finish:2\nsetting timeout-kill:1\n");
  put("timeout-finish", "10000\n", 0644);
  put("timeout-kill", "5\n", 0644);
  EXPECT_EQ(found(), "");
}

TEST_F(CheckTest, ABackOffThatIsNotUnderstood) {
  directory("kindred.d");
  put("kindred.d/back-off", "failures 3\n", 0644);
  EXPECT_EQ(found(), "");
  put("kindred.d/back-off", "failures three\n", 0644);
  EXPECT_EQ(found(), "setting kindred.d/back-off:0\n");
}

TEST_F(CheckTest, AWishForTheProcessTreeThatIsNotUnderstood) {
  directory("kindred.d");
  put("kindred.d/process-tree", "after-run follow\n", 0644);
  EXPECT_EQ(found(), "");
  put("kindred.d/process-tree", "after-run stay\n", 0644);
  EXPECT_EQ(found(), "setting kindred.d/process-tree:0\n");
}

TEST_F(CheckTest, OthersWhoMayWriteWhatRuns) {
  service_.content.mode = 0775;
  put("finish", "#!/bin/sh\nexec web\n", 0757);
  EXPECT_EQ(found(), "writable :0\nwritable finish:0\n");
  service_.content.mode = 0755;
  service_.open_to_all = {"supervise/control"};
  EXPECT_EQ(found(), "writable finish:0\nwritable supervise/control:0\n");
  service_.open_to_all.clear();
  service_.foreign_owner = true;
  service_.content.files.back().mode = 0755;
  service_.content.files.back().owner = "1000:1000";
  EXPECT_EQ(found(), "owner :0\nowner finish:0\n");
}

TEST_F(CheckTest, NamesThatAreNone) {
  for (const char* const name :
       {".web", "we b", "we\nb", "a-name-that-is-longer-than-any-script-of-perp-is-ever-told"}) {
    service_.content.name = name;
    EXPECT_EQ(found(), "name :0\n");
  }
}

TEST_F(CheckTest, NothingToRun) {
  service_.content.files.clear();
  EXPECT_EQ(found(), "no-run :0\n");
}

ServiceDefinition after(const char* name, std::initializer_list<const char*> others) {
  ServiceDefinition service;
  service.name = name;
  for (const char* const other : others) service.relations.push_back({Relation::Kind::After, other});
  return service;
}

TEST(FindLoops, EachIsFoundOnce) {
  using Loops = std::vector<std::vector<std::string>>;
  EXPECT_EQ(find_loops(std::vector{after("a", {"b"}), after("b", {"c"}), after("c", {})}), Loops{});
  EXPECT_EQ(find_loops(std::vector{after("a", {"b"}), after("b", {"c"}), after("c", {"a"})}),
            (Loops{{"a", "b", "c"}}));
  EXPECT_EQ(find_loops(std::vector{after("a", {"a"}), after("b", {"a", "gone"})}), (Loops{{"a"}}));
  ServiceDefinition waits;
  waits.name = "d";
  waits.run = Body{
      definition::Script{"#!/bin/sh\nsv check e >/dev/null || exit 1\nsv start /etc/service/f; exec $X\n"}};
  ServiceDefinition before = after("g", {});
  before.relations.push_back({Relation::Kind::Before, "d"});
  EXPECT_EQ(find_loops(std::vector{waits, after("e", {"d"}), before, after("f", {})}), (Loops{{"d", "e"}}));
}

}  // namespace
}  // namespace kindred
