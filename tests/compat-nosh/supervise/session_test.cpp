#include "compat-nosh/supervise/session.h"

#include <gtest/gtest.h>

#include <csignal>

namespace kindred::nosh {
namespace {

/// All targets that are next, in order.
std::string targets(SessionRequests& requests) {
  std::string text;
  for (std::string_view target; !(target = requests.next_target()).empty();)
    text += std::string(target) + " ";
  return text;
}

std::string after_bytes(std::string_view bytes) {
  SessionRequests requests;
  for (const char byte : bytes) EXPECT_TRUE(requests.take_byte(byte)) << byte;
  return targets(requests) + (requests.is_to_end() ? "end" : "");
}

TEST(SessionRequests, ComeInOneOrderAndOnceEach) {
  EXPECT_EQ(after_bytes("Sn"), "sysinit normal ");
  EXPECT_EQ(after_bytes("hnSnS"), "sysinit normal halt ");
  for (const char* const byte : {"h", "p", "r", "c"}) EXPECT_EQ(after_bytes(byte), "halt ");
  for (const char* const byte : {"H", "P", "R", "C"}) EXPECT_EQ(after_bytes(byte), "end");
  SessionRequests requests;
  for (const char byte : std::string_view("sbx\0\xff", 5)) EXPECT_FALSE(requests.take_byte(byte));
}

TEST(SessionRequests, SignalsAreTheSameRequests) {
  const auto after = [](int signal) {
    SessionRequests requests;
    EXPECT_TRUE(requests.take_signal(signal)) << signal;
    return targets(requests) + (requests.is_to_end() ? "end" : "");
  };
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGRTMIN + 3, SIGRTMIN + 4, SIGRTMIN + 5})
    EXPECT_EQ(after(signal), "halt ");
  for (const int kind : {0, 1, 2}) EXPECT_EQ(after(SIGRTMIN + kind), "normal ");
  for (const int kind : {13, 14, 15}) EXPECT_EQ(after(SIGRTMIN + kind), "end");
  EXPECT_EQ(after(SIGRTMIN + 10), "sysinit ");
  SessionRequests requests;
  for (const int signal : {SIGUSR1, SIGCHLD, SIGRTMIN + 7, SIGRTMIN + 17})
    EXPECT_FALSE(requests.take_signal(signal));
  for (const int signal : session_signals()) EXPECT_TRUE(requests.take_signal(signal)) << signal;
}

TEST(SessionCommands, HaveBytes) {
  EXPECT_EQ(find_session_command("rescue")->bytes, "Ss");
  EXPECT_EQ(find_session_command("normal")->bytes, "Sn");
  EXPECT_EQ(find_session_command("reboot")->forced, "R");
  EXPECT_EQ(find_session_command("fastboot"), find_session_command("reboot"));
  EXPECT_EQ(find_session_command("fasthalt"), find_session_command("halt"));
  for (const char* const none : {"", "fast", "fastrescue", "start", "boot"})
    EXPECT_EQ(find_session_command(none), nullptr) << none;
}

std::string level(std::vector<std::string> words, std::size_t strange = 0) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  std::vector<std::string> unknown;
  const std::string_view found = session_level(pointers, unknown);
  EXPECT_EQ(unknown.size(), strange);
  return std::string(found);
}

TEST(SessionLevel, IsTheGreatestOfTheWords) {
  EXPECT_EQ(level({}), "normal");
  EXPECT_EQ(level({"3", "6", "h"}), "reboot");
  EXPECT_EQ(level({"--single", "auto"}), "rescue");
  EXPECT_EQ(level({"b", "0"}), "emergency");
  EXPECT_EQ(level({"splash", "quiet", "2"}, 2), "normal");
}

TEST(SessionLevel, IsACommand) {
  for (const char* const word : {"2", "h", "6", "c", "0", "s", "b"})
    EXPECT_NE(find_session_command(level({word})), nullptr) << word;
}

}  // namespace
}  // namespace kindred::nosh
