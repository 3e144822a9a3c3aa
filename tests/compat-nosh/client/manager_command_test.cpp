#include "compat-nosh/client/manager_command.h"

#include <gtest/gtest.h>

#include <csignal>

namespace kindred::nosh {
namespace {

TEST(ManagerCommands, HaveBytes) {
  EXPECT_EQ(find_manager_command("rescue")->bytes, "Ss");
  EXPECT_EQ(find_manager_command("normal")->bytes, "Sn");
  EXPECT_EQ(find_manager_command("reboot")->forced_bytes, "R");
  EXPECT_EQ(find_manager_command("fastboot"), find_manager_command("reboot"));
  EXPECT_EQ(find_manager_command("fasthalt"), find_manager_command("halt"));
  for (const char* const none : {"", "fast", "fastrescue", "start", "boot"})
    EXPECT_EQ(find_manager_command(none), nullptr) << none;
}

std::string level(std::vector<std::string> words, std::size_t strange = 0) {
  std::vector<const char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  std::vector<std::string> unknown;
  const std::string_view found = run_level(pointers, unknown);
  EXPECT_EQ(unknown.size(), strange);
  return std::string(found);
}

TEST(ManagerCommands, HaveSignalsForProcess1) {
  const auto text = [](std::span<const int> signals) {
    std::string numbers;
    for (const int signal : signals) numbers += std::to_string(signal) + " ";
    return numbers;
  };
  EXPECT_EQ(text(find_manager_command("normal")->signals), "10 0 ");
  EXPECT_EQ(text(find_manager_command("rescue")->signals), "10 1 ");
  EXPECT_EQ(text(find_manager_command("emergency")->signals), "2 ");
  EXPECT_EQ(text(find_manager_command("halt")->signals), "3 ");
  EXPECT_EQ(text(find_manager_command("halt")->forced_signals), "13 ");
  EXPECT_EQ(text(find_manager_command("powercycle")->forced_signals), "17 ");
}

TEST(RunLevel, IsTheGreatestOfTheWords) {
  EXPECT_EQ(level({}), "normal");
  EXPECT_EQ(level({"3", "6", "h"}), "reboot");
  EXPECT_EQ(level({"--single", "auto"}), "rescue");
  EXPECT_EQ(level({"b", "0"}), "emergency");
  EXPECT_EQ(level({"splash", "quiet", "2"}, 2), "normal");
  EXPECT_EQ(level({"0", "-o"}), "update");
  EXPECT_EQ(level({"-o", "1"}), "rescue");
  // Options of other inits mean nothing, with their values.
  EXPECT_EQ(level({"-a", "-z", "S", "-f", "2"}), "normal");
  EXPECT_EQ(level({"-z", "-z", "S"}), "rescue");
}

TEST(RunLevel, IsACommand) {
  for (const char* const word : {"2", "h", "6", "c", "0", "s", "b"})
    EXPECT_NE(find_manager_command(level({word})), nullptr) << word;
}

}  // namespace
}  // namespace kindred::nosh
