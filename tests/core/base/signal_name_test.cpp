#include "core/base/signal_name.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

namespace kindred {
namespace {

TEST(SignalName, IsReadAsItIsWritten) {
  for (int signal = 1; signal < 32; ++signal) {
    const std::string name = signal_name(signal);
    EXPECT_EQ(parse_signal(name), signal) << name;
    EXPECT_EQ(parse_signal("SIG" + name), signal) << name;
    EXPECT_EQ(parse_signal(std::to_string(signal)), signal);
  }
}

TEST(SignalName, AnyCaseWillDo) {
  for (const char* text : {"term", "SigTerm", "SIGTERM", "15"})
    EXPECT_EQ(parse_signal(text), SIGTERM) << text;
}

TEST(SignalName, ANumberWithTwoNamesIsReadUnderBoth) {
  EXPECT_STREQ(signal_name(SIGABRT), "ABRT");
  EXPECT_STREQ(signal_name(SIGCHLD), "CHLD");
  EXPECT_STREQ(signal_name(SIGPOLL), "POLL");
  EXPECT_EQ(parse_signal("SIGIOT"), SIGABRT);
  EXPECT_EQ(parse_signal("cld"), SIGCHLD);
  EXPECT_EQ(parse_signal("IO"), SIGPOLL);
}

TEST(SignalName, WhatIsNoSignalIsNone) {
  for (const char* text :
       {"", "SIG", "0", "-1", "65", "15 ", " 15", "TERM\n", "SIGSIGTERM", "99999999999", "RTMIN"})
    EXPECT_EQ(parse_signal(text), 0) << text;
  EXPECT_STREQ(signal_name(0), "???");
  EXPECT_STREQ(signal_name(200), "???");
}

}  // namespace
}  // namespace kindred
