// sissylog. Source: interfaces/perp.md section 12.

#include "compat-perp/log/sissylog.h"

#include <gtest/gtest.h>
#include <syslog.h>

#include <csignal>

#include "core/cli/output.h"
#include "tests/core/cli/run_main.h"

namespace kindred::perp {
namespace {

using test::Ran;
using test::run_main;
using test::RunningMain;

/// Prints what a system's log would get.
class Printed final : public SystemLog {
 public:
  void open(const char* ident, int facility) override {
    static_cast<void>(write_text(1, std::string(ident) + " " + std::to_string(facility >> 3) + "\n"));
  }
  void send(int priority, const std::string& text) override {
    static_cast<void>(write_text(1, std::to_string(priority) + " " + text + "\n"));
  }
};
int printing_main(int argc, char** argv) {
  Printed log;
  return run_sissylog(argc, argv, log);
}

const std::string kFirst = "6 logging from stdin ...\n", kLast = "6 terminating normally\n";

std::string sent(const std::string& input, std::vector<std::string> words = {"sissylog"}) {
  RunningMain sissylog(printing_main, words, RunningMain::Input::Pipe);
  sissylog.write(input);
  sissylog.end_input();
  const Ran ran = sissylog.end();
  EXPECT_EQ(ran.code, 0);
  return ran.out;
}

TEST(Sissylog, SendsLines) {
  EXPECT_EQ(sent("one\n\n\x01two\n\nno end"), "sissylog 3\n" + kFirst + "6 one\n6 ?two\n6 no end\n" + kLast);
  EXPECT_EQ(sent("", {"sissylog", "me", "LOG_MAIL"}), "me 2\n" + kFirst + kLast);
  EXPECT_EQ(sent("", {"sissylog", "me", "log_mail"}), "me 3\n" + kFirst + kLast);
}

TEST(Sissylog, AWordSaysWhichPriority) {
  EXPECT_EQ(priority_of("perpd: error: and alert: too"), LOG_ALERT);
  EXPECT_EQ(priority_of("warning: x error: y"), LOG_ERR);
  EXPECT_EQ(priority_of("x warning: y"), LOG_WARNING);
  EXPECT_EQ(priority_of("notice: debug:"), LOG_NOTICE);
  EXPECT_EQ(priority_of("debug:"), LOG_DEBUG);
  EXPECT_EQ(priority_of("Error: error :"), LOG_INFO);
}

TEST(Sissylog, FacilitiesAreSpeltExactly) {
  EXPECT_EQ(facility_called("LOG_AUTH"), LOG_AUTH);
  EXPECT_EQ(facility_called("LOG_UUCP"), LOG_UUCP);
  EXPECT_EQ(facility_called("LOG_LOCAL0"), LOG_DAEMON);
  EXPECT_EQ(facility_called(""), LOG_DAEMON);
}

TEST(Sissylog, TheRestOfALongLineHasItsPriority) {
  const std::string piece(800, 'x');
  EXPECT_EQ(sent("error: " + piece + piece + "\nnext\n" + piece + "\n"),
            "sissylog 3\n" + kFirst + "3 error: " + piece.substr(7) + "\n3 +" + piece + "\n3 +" +
                piece.substr(0, 7) + "\n6 next\n6 " + piece + "\n" + kLast);
}

TEST(Sissylog, TermEndsItAfterTheLine) {
  RunningMain sissylog(printing_main, {"sissylog"}, RunningMain::Input::Pipe);
  sissylog.write("one\ntw");
  ASSERT_TRUE(sissylog.prints("one\n"));
  sissylog.kill(SIGTERM);
  sissylog.write("o\nthree\n");
  const Ran ran = sissylog.end();
  EXPECT_EQ(ran.code, 0);
  EXPECT_TRUE(ran.out.ends_with("6 two\n" + kLast)) << ran.out;
  EXPECT_EQ(sissylog.unread(), "three\n");
}

TEST(Sissylog, Options) {
  EXPECT_EQ(run_main(printing_main, {"sissylog", "-h"}).code, 0);
  EXPECT_EQ(run_main(printing_main, {"sissylog", "-V"}).err, "sissylog: version: 2.07\n");
  EXPECT_EQ(run_main(printing_main, {"sissylog", "-x"}).code, 100);
}

}  // namespace
}  // namespace kindred::perp
