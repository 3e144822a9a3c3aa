#include "core/native/top_model.h"

#include <gtest/gtest.h>

#include "core/base/printable.h"
#include "tests/core/native/status_rows.h"

namespace kindred {
namespace {

using Kind = TopKey::Kind;
using Words = std::vector<std::string>;

class TopModelTest : public ::testing::Test {
 protected:
  TopModelTest() { show({"cron", "db", "web"}); }

  void show(const Words& names) {
    StatusReport report;
    for (const std::string& name : names)
      report.services.push_back(
          row(name, name == "db" ? stale(Phase::Running, 7, false) : live(Phase::Running, 7)));
    model_.show(report);
  }
  TopWish type(const std::string& text) {
    TopWish wish;
    for (const char letter : text) wish = model_.press({Kind::Text, std::string(1, letter)});
    return wish;
  }
  TopWish press(Kind kind) { return model_.press({kind}); }
  std::string screen(std::size_t columns = 80, std::size_t rows = 24) const {
    std::string text;
    for (const TopLine& line : model_.lines(columns, rows))
      text += (line.selected ? ">" : "") + line.text + "\n";
    return text;
  }
  bool shows(const std::string& part) const { return screen().find(part) != std::string::npos; }
  TopModel model_;
};

TEST_F(TopModelTest, FillsTheScreenAndNoMore) {
  model_.show_log(Words(100, std::string(300, 'x')));
  show({std::string(255, 'n'), "db", "\xe6\x97\xa5\xe6\x9c\xac"});
  for (const auto& [columns, rows] :
       {std::pair<std::size_t, std::size_t>{80, 24}, {200, 60}, {20, 5}, {1, 1}}) {
    const std::vector<TopLine> lines = model_.lines(columns, rows);
    EXPECT_EQ(lines.size(), rows);
    for (const TopLine& line : lines) EXPECT_LE(display_width(line.text), columns) << line.text;
  }
  EXPECT_TRUE(shows("SERVICE"));
  EXPECT_TRUE(shows("log of nnn"));
  EXPECT_TRUE(shows("q quit"));
}

TEST_F(TopModelTest, TellsHowServicesAre) {
  EXPECT_EQ(model_.lines(80, 24)[0].text, "kindred top: 3 services, 2 up, 1 bad");
  EXPECT_TRUE(shows("stale: run, pid gone"));
  EXPECT_EQ(model_.lines(80, 24)[3].look, TopLook::Bad);
}

TEST_F(TopModelTest, TellsWhatProcessesUse) {
  StatusReport report{{row("web", live(Phase::Running, 7))}, {}};
  report.services[0].main.usage = ProcessUsage{.memory = 12900000, .cpu_seconds = 3661, .processes = 2};
  model_.show(report);
  EXPECT_TRUE(shows(" 7       12.3M  1h 1m ")) << screen();
  EXPECT_FALSE(shows("runit"));
  EXPECT_NE(screen(100).find("runit"), std::string::npos) << "the family where there is room";
}

TEST_F(TopModelTest, TheSelectionStaysWithItsService) {
  EXPECT_EQ(model_.selected(), "sv/cron");
  press(Kind::Down);
  press(Kind::Down);
  press(Kind::Down);
  EXPECT_EQ(model_.selected(), "sv/web");
  show({"a", "cron", "web", "x"});
  EXPECT_EQ(model_.selected(), "sv/web");
  show({"a", "cron", "x"});
  EXPECT_EQ(model_.selected(), "sv/x") << "the one in its place";
  press(Kind::First);
  EXPECT_EQ(model_.selected(), "sv/a");
  show({});
  EXPECT_EQ(model_.selected(), "");
  EXPECT_TRUE(shows("no services"));
  EXPECT_EQ(type("s"), TopWish{});
}

TEST_F(TopModelTest, TheSelectedOneIsAlwaysSeen) {
  Words names;
  for (int i = 100; i < 200; ++i) names.push_back("s" + std::to_string(i));
  show(names);
  press(Kind::Last);
  EXPECT_NE(screen().find(">s199"), std::string::npos) << screen();
  press(Kind::PageUp);
  EXPECT_NE(screen().find(">s189"), std::string::npos);
  EXPECT_GE(model_.log_room(24), 5U) << "the log has its part";
}

TEST_F(TopModelTest, KeysCommandTheSelectedOne) {
  press(Kind::Last);
  EXPECT_EQ(type("s"), (TopWish{.words = {"start", "sv/web"}}));
  EXPECT_EQ(type("t"), TopWish{});
  EXPECT_TRUE(shows("stop web? y"));
  EXPECT_EQ(type("y"), (TopWish{.words = {"stop", "sv/web"}}));
  EXPECT_EQ(type("rn"), TopWish{}) << "not sure";
  EXPECT_EQ(type("y"), TopWish{}) << "nothing was asked";
  EXPECT_EQ(type("ry"), (TopWish{.words = {"restart", "sv/web"}}));
  EXPECT_TRUE(type("q").quit);
}

TEST_F(TopModelTest, WhoIsAskedAboutStaysTheOneThatIsMeant) {
  press(Kind::Last);
  type("t");
  show({"cron", "db"});
  EXPECT_EQ(type("y"), (TopWish{.words = {"stop", "sv/web"}}));
}

TEST_F(TopModelTest, ASignalIsAskedFor) {
  type("k");
  EXPECT_TRUE(shows("signal: TERM_"));
  for (int i = 0; i < 4; ++i) press(Kind::Erase);
  type("hup");
  EXPECT_EQ(press(Kind::Enter), (TopWish{.words = {"signal", "hup", "sv/cron"}}));
  type("kX");
  EXPECT_EQ(press(Kind::Enter), TopWish{});
  EXPECT_TRUE(shows("there is no signal TERMX"));
  type("k");
  press(Kind::Escape);
  EXPECT_TRUE(shows("q quit"));
}

TEST_F(TopModelTest, SearchLeavesThoseThatMatch) {
  type("/we");
  EXPECT_EQ(model_.selected(), "sv/web");
  EXPECT_FALSE(shows("cron"));
  type("q");
  EXPECT_TRUE(shows("no services")) << "a letter, and no command";
  press(Kind::Erase);
  press(Kind::Enter);
  EXPECT_TRUE(shows("with \"we\" 1"));
  show({"cron", "web", "webmail"});
  EXPECT_TRUE(shows("webmail"));
  press(Kind::Escape);
  EXPECT_TRUE(shows("cron"));
  EXPECT_EQ(model_.selected(), "sv/web");
}

TEST_F(TopModelTest, ACharacterIsErasedWhole) {
  type("/");
  (void)model_.press({Kind::Text, "\xe6\x97\xa5"});
  press(Kind::Erase);
  EXPECT_TRUE(shows("search: _"));
  press(Kind::Erase);
  EXPECT_TRUE(shows("cron"));
}

TEST_F(TopModelTest, WhatIsSaidStaysUntilTheNextKey) {
  model_.say("web: done");
  EXPECT_TRUE(shows("web: done"));
  press(Kind::Down);
  EXPECT_FALSE(shows("web: done"));
}

}  // namespace
}  // namespace kindred
