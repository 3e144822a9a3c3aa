#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/native/subcommands.h"
#include "tests/core/cli/run_main.h"
#include "tests/core/client/fake_service.h"

namespace kindred {
namespace {

using test::FakeService;
using test::Ran;
using test::RunningMain;

class KindredMetrics : public ::testing::Test {
 protected:
  KindredMetrics() { web_.record({.age = 50, .pid = 7}); }
  static Ran metrics(std::vector<std::string> words) {
    words.insert(words.begin(), "metrics");
    return test::run_main(metrics_main, words);
  }
  /// What is answered; empty: nobody listens yet.
  [[nodiscard]] std::string ask(const std::string& request) const {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    root_.path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
    EXPECT_EQ(write(socket.get(), request.data(), request.size()), static_cast<ssize_t>(request.size()));
    std::string answer;
    std::array<char, 4096> buffer;
    for (ssize_t got; (got = read(socket.get(), buffer.data(), buffer.size())) > 0;)
      answer.append(buffer.data(), static_cast<std::size_t>(got));
    return answer;
  }
  test::TestDirectory root_;
  FakeService web_{root_.path("sv/web"), FakeService::Of::Daemontools};
  const std::string scan_ = root_.path("sv");
};

TEST_F(KindredMetrics, AreToldOnceOnStandardOutput) {
  const Ran ran = metrics({scan_});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(
      ran.out.find("\nkindred_service_pid{service=\"web\",role=\"main\",directory=\"" + scan_ + "\"} 7\n"),
      std::string::npos);
}

TEST_F(KindredMetrics, AreAnsweredAtASocket) {
  const test::Main main = metrics_main;
  RunningMain running(main, {"metrics", "--listen", "unix:" + root_.path("socket"), scan_});
  std::string answer;
  ASSERT_TRUE(test::wait_until([&] {
    return !(answer =
                 ask("GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0\r\n\r\n"))
                .empty();
  }));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; "))
      << answer;
  EXPECT_TRUE(answer.ends_with("# EOF\n"));
  web_.record({.pid = 8});
  answer = ask("GET /metrics HTTP/1.0\r\n\r\n");
  EXPECT_NE(answer.find("\nkindred_service_restarts_total{service=\"web\",role=\"main\",directory=\"" +
                        scan_ + "\"} 1\n"),
            std::string::npos)
      << answer;
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(ask("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask("\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(ask("HEAD /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_F(KindredMetrics, AreWrittenForTheNodeExporter) {
  const std::string file = root_.path("kindred.prom");
  EXPECT_EQ(metrics({"--textfile", file, scan_}).code, 0);
  EXPECT_NE(root_.read("kindred.prom").find("kindred_service_up{"), std::string::npos);
  EXPECT_FALSE(root_.exists("kindred.prom.new"));
  const Ran ran = metrics({"--textfile", "/nonexistent/x.prom", scan_});
  EXPECT_EQ(ran.code, 111);
  EXPECT_EQ(ran.err, "kindred metrics: fatal: unable to open /nonexistent/: file does not exist\n");
}

TEST_F(KindredMetrics, OnlyThisHostIsAnswered) {
  for (const std::string where : {"0.0.0.0:9123", "192.0.2.1:9123", "[::]:9123", "localhost:x", "9123x"}) {
    const Ran ran = metrics({"--listen", where, scan_});
    EXPECT_EQ(ran.code, 111) << where;
    EXPECT_TRUE(ran.err.starts_with("kindred metrics: fatal: unable to listen on " + where + ": "))
        << ran.err;
  }
  EXPECT_EQ(metrics({"--listen", "9123", "--textfile", "x"}).code, 100);
  EXPECT_EQ(metrics({"--every", "1"}).code, 100);
}

}  // namespace
}  // namespace kindred
