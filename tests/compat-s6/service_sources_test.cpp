#include "compat-s6/service_sources.h"

#include <gtest/gtest.h>

#include <map>

#include "core/definition/convert.h"

namespace kindred {
namespace {

using namespace definition;
using Words = std::vector<std::string>;

/// A source directory: "NAME/FILE" and what is in it.
class S6Rc : public ::testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    const std::size_t slash = path.find('/');
    std::map<std::string, File>& files = services_[path.substr(0, slash)];
    const std::string file = path.substr(slash + 1);
    if (const std::size_t below = file.find('/'); below != std::string::npos)
      files[file.substr(0, below)] = {
          .path = file.substr(0, below), .kind = File::Kind::Directory, .mode = 0755};
    files[file] = {.path = file, .mode = 0755, .bytes = text};
  }
  void longrun(const std::string& name, const std::string& words) {
    put(name + "/type", "longrun\n");
    put(name + "/run", "#!/bin/execlineb -P\n" + words + "\n");
  }
  void oneshot(const std::string& name, const std::string& up) {
    put(name + "/type", "oneshot\n");
    put(name + "/up", up);
  }
  void read() {
    std::vector<DirectoryContent> contents;
    for (const auto& [name, files] : services_) {
      DirectoryContent& content = contents.emplace_back(DirectoryContent{.name = name, .files = {}});
      for (const auto& [path, file] : files) content.files.push_back(file);
    }
    all_ = find_codec("s6")->read_sources(contents);
  }
  [[nodiscard]] const ReadDefinition& of(const std::string& name) const {
    for (const ReadDefinition& each : all_)
      if (each.definition.name == name) return each;
    ADD_FAILURE() << "there is no " << name;
    return all_.front();
  }
  [[nodiscard]] Words losses(const std::string& name) const {
    Words texts;
    for (const Loss& loss : of(name).losses) {
      EXPECT_FALSE(loss.why.empty()) << loss.thing;
      texts.push_back(loss.file + ": " + loss.thing);
    }
    return texts;
  }
  [[nodiscard]] Words relations(const std::string& name) const {
    static const std::map<Relation::Kind, std::string> kWords = {{Relation::Kind::Requires, "requires "},
                                                                 {Relation::Kind::After, "after "},
                                                                 {Relation::Kind::WantedBy, "wanted by "}};
    Words texts;
    for (const Relation& relation : of(name).definition.relations)
      texts.push_back(kWords.at(relation.kind) + relation.name);
    return texts;
  }
  static const Words& program(const std::optional<Body>& body) {
    return std::get<Command>(body.value().what).program;
  }

  std::map<std::string, std::map<std::string, File>> services_;
  std::vector<ReadDefinition> all_;
};

TEST_F(S6Rc, ALongrunIsAServiceDirectoryOfS6s) {
  longrun("web", "s6-setuidgid www httpd -f");
  put("web/finish", "#!/bin/execlineb -P\ntrue\n");
  put("web/notification-fd", "3\n");
  put("web/timeout-kill", "5000\n");
  put("web/data/page", "hello\n");
  read();
  ASSERT_EQ(all_.size(), 1U);
  const ServiceDefinition& web = of("web").definition;
  EXPECT_EQ(program(web.run), (Words{"httpd", "-f"}));
  EXPECT_EQ(web.readiness, (Readiness{Readiness::How::Descriptor, 3}));
  EXPECT_EQ(web.kill_after, std::chrono::seconds(5));
  EXPECT_TRUE(web.finish);
  EXPECT_EQ(web.files.size(), 2U);
  EXPECT_EQ(losses("web"), Words{});
}

TEST_F(S6Rc, WhoReadsWhatOneOtherWritesIsItsLog) {
  longrun("web", "httpd");
  put("web/producer-for", "web-log\n");
  longrun("web-log", "s6-log t /var/log/web");
  put("web-log/consumer-for", "web\n");
  put("web-log/dependencies", "disk\n");
  put("web-log/timeout-up", "3000\n");
  put("web-log/pipeline-name", "web-pipe\n");
  longrun("db", "db");
  put("db/dependencies.d/web-log", "");
  read();
  EXPECT_EQ(all_.size(), 2U);
  ASSERT_EQ(of("web").definition.log.size(), 1U);
  const ServiceDefinition& log = of("web").definition.log.front();
  ASSERT_TRUE(log.logger);
  EXPECT_EQ(log.logger->directories.at(0).path, "/var/log/web");
  EXPECT_EQ(log.relations.size(), 3U) << "what it depends on, and its pipeline";
  EXPECT_EQ(losses("web"), Words{"log/timeout-up: timeout-up 3000"});
  EXPECT_EQ(relations("db"), (Words{"requires web", "after web"}));
}

TEST_F(S6Rc, OtherPipelinesAreLost) {
  for (const char* const name : {"a", "b"}) {
    longrun(name, "writer");
    put(std::string(name) + "/producer-for", "reader\n");
  }
  longrun("reader", "cat");
  put("reader/consumer-for", "a\nb\n");
  longrun("c", "writer");
  put("c/producer-for", "gone\n");
  longrun("x", "writer");
  put("x/producer-for", "y\n");
  longrun("y", "middle");
  put("y/consumer-for", "x\n");
  put("y/producer-for", "z\n");
  longrun("z", "cat");
  put("z/consumer-for", "y\n");
  read();
  EXPECT_EQ(losses("a"), Words{"producer-for: producer-for reader"});
  EXPECT_EQ(losses("b"), Words{"producer-for: producer-for reader"});
  EXPECT_EQ(losses("reader"), (Words{"consumer-for: consumer-for a", "consumer-for: consumer-for b"}));
  EXPECT_EQ(losses("c"), Words{"producer-for: producer-for gone"});
  EXPECT_EQ(losses("x"), Words{"producer-for: producer-for y"});
  EXPECT_EQ(losses("y"), Words{"consumer-for: consumer-for x"});
  EXPECT_EQ(of("y").definition.log.size(), 1U);
}

TEST_F(S6Rc, AOneshotRunsOnceAndStaysUp) {
  oneshot("net", "ip link set lo up\n");
  put("net/down", "ip link set lo down\n");
  put("net/timeout-down", "7\n");
  put("net/flag-essential", "");
  read();
  const ServiceDefinition& net = of("net").definition;
  EXPECT_EQ(program(net.run), (Words{"ip", "link", "set", "lo", "up"}));
  EXPECT_EQ(program(net.stop), (Words{"ip", "link", "set", "lo", "down"}));
  EXPECT_TRUE(net.stays_up_empty);
  EXPECT_EQ(net.restart, Restart::Never);
  EXPECT_EQ(losses("net"), (Words{"flag-essential: flag-essential", "timeout-down: timeout-down 7"}));
}

TEST_F(S6Rc, BlocksOfAOneshotAreArgumentsOfTheirProgram) {
  oneshot("net", "if { test -e /x }\necho $HOME");
  read();
  EXPECT_EQ(program(of("net").definition.run), (Words{"if", " test", " -e", " /x", "", "echo", "$HOME"}));
}

TEST_F(S6Rc, BundlesWantWhatTheyHave) {
  longrun("web", "httpd");
  put("web/dependencies", "# first of all\nbase\n\n db \n");
  longrun("db", "db");
  oneshot("mount", "mount -a");
  put("base/type", "bundle\n");
  put("base/contents.d/mount", "");
  put("base/contents.d/more", "");
  put("more/type", "bundle\n");
  put("more/contents", "base\ndb\n");  // in a circle
  read();
  EXPECT_EQ(all_.size(), 3U);
  EXPECT_EQ(relations("web"), (Words{"requires db", "after db", "requires mount", "after mount"}));
  EXPECT_EQ(relations("mount"), (Words{"wanted by base", "wanted by more"}));
}

TEST_F(S6Rc, WhatIsNoneIsSaid) {
  put("odd/type", "target\n");
  put("odd/run", "#!/bin/sh\nexec odd\n");
  put("empty/type", "longrun\n");
  put("only/type", "bundle\n");
  read();
  EXPECT_EQ(losses("odd"), Words{"type: type target"});
  EXPECT_EQ(losses("empty"), Words{": run"});
  services_.erase("odd");
  services_.erase("empty");
  read();
  ASSERT_EQ(all_.size(), 1U);
  EXPECT_EQ(all_[0].losses.at(0).why, "there is neither a longrun nor a oneshot");
}

}  // namespace
}  // namespace kindred
