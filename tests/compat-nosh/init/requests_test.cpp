#include "compat-nosh/init/requests.h"

#include <gtest/gtest.h>

#include <csignal>

namespace kindred::nosh {
namespace {

constexpr JobSlot kSlots[] = {JobSlot::Emergency, JobSlot::Events, JobSlot::Regular};

/// All jobs that are next, slot by slot, and the end.
std::string jobs(TargetRequests& requests) {
  std::string text;
  for (const JobSlot slot : kSlots)
    while (const TargetJob* const job = requests.next(slot)) {
      text += std::string(job->verb) + " " + job->target + ", ";
      requests.begun(*job);
    }
  if (requests.end()) text += "end " + std::to_string(static_cast<int>(*requests.end()));
  return text;
}
std::string end(TargetRequest request) { return "end " + std::to_string(static_cast<int>(request)); }

std::string after(const RequestWords& words, std::initializer_list<int> signals) {
  TargetRequests requests(words);
  for (const int signal : signals) EXPECT_TRUE(requests.take_signal(signal)) << signal;
  return jobs(requests);
}

std::string after_bytes(std::string_view bytes) {
  TargetRequests requests(kSessionRequests);
  for (const char byte : bytes) EXPECT_TRUE(requests.take_byte(byte)) << byte;
  return jobs(requests);
}

TEST(SystemRequests, HaveSignals) {
  const int first = SIGRTMIN;
  EXPECT_EQ(after(kMachineRequests, {first + 0}), "start normal, ");
  EXPECT_EQ(after(kMachineRequests, {first + 1}), "start rescue, ");
  EXPECT_EQ(after(kMachineRequests, {first + 2}), "activate emergency, ");
  EXPECT_EQ(after(kMachineRequests, {first + 3}), "start halt, ");
  EXPECT_EQ(after(kMachineRequests, {first + 4}), "start poweroff, ");
  EXPECT_EQ(after(kMachineRequests, {first + 5}), "start reboot, ");
  EXPECT_EQ(after(kMachineRequests, {first + 7}), "start powercycle, ");
  EXPECT_EQ(after(kMachineRequests, {first + 10}), "start sysinit, ");
  EXPECT_EQ(after(kMachineRequests, {SIGINT}), "activate secure-attention-key, ");
  EXPECT_EQ(after(kMachineRequests, {SIGWINCH}), "activate kbrequest, ");
  EXPECT_EQ(after(kMachineRequests, {SIGPWR}), "activate powerfail, ");
  EXPECT_EQ(after(kMachineRequests, {first + 13}), end(TargetRequest::EndByHalt));
  EXPECT_EQ(after(kMachineRequests, {first + 14}), end(TargetRequest::EndByPowerOff));
  EXPECT_EQ(after(kMachineRequests, {first + 15}), end(TargetRequest::EndByReboot));
  EXPECT_EQ(after(kMachineRequests, {first + 17}), end(TargetRequest::EndByPowerCycle));
  EXPECT_EQ(after(kContainerRequests, {SIGTERM}), end(TargetRequest::EndByLeaving));
  TargetRequests requests(kMachineRequests);
  for (const int signal : {SIGTERM, SIGHUP, SIGUSR1, SIGPIPE, first + 6, first + 16})
    EXPECT_FALSE(requests.take_signal(signal));
  for (const char byte : std::string_view("SnhHx")) EXPECT_FALSE(requests.take_byte(byte));
}

TEST(SystemRequests, ComeInOneOrderAndOnceEach) {
  const int first = SIGRTMIN;
  EXPECT_EQ(
      after(kMachineRequests, {first + 3, first + 0, first + 10, first + 0, SIGWINCH, SIGPWR, first + 2}),
      "activate emergency, activate powerfail, activate kbrequest, start sysinit, start normal, start "
      "halt, ");
  // The end that was asked for first is the end.
  EXPECT_EQ(after(kMachineRequests, {first + 15, first + 13}), end(TargetRequest::EndByReboot));
}

TEST(SystemRequests, APowercycleIsDoneOnce) {
  TargetRequests requests(kMachineRequests);
  EXPECT_TRUE(requests.take_signal(SIGRTMIN + 7));
  const TargetJob* const job = requests.next(JobSlot::Regular);
  ASSERT_NE(job, nullptr);
  // Until it has been begun.
  EXPECT_EQ(requests.next(JobSlot::Regular), job);
  requests.begun(*job);
  EXPECT_EQ(requests.next(JobSlot::Regular), nullptr);
}

TEST(SessionRequests, ComeInOneOrderAndOnceEach) {
  EXPECT_EQ(after_bytes("Sn"), "start sysinit, start normal, ");
  EXPECT_EQ(after_bytes("hnSnS"), "start sysinit, start normal, start halt, ");
  for (const char* const byte : {"h", "p", "r", "c"}) EXPECT_EQ(after_bytes(byte), "start halt, ");
  for (const char* const byte : {"H", "P", "R", "C"})
    EXPECT_EQ(after_bytes(byte), end(TargetRequest::EndByLeaving));
  TargetRequests requests(kSessionRequests);
  for (const char byte : std::string_view("sbx\0\xff", 5)) EXPECT_FALSE(requests.take_byte(byte));
}

TEST(SessionRequests, SignalsAreTheSameRequests) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGRTMIN + 3, SIGRTMIN + 4, SIGRTMIN + 5})
    EXPECT_EQ(after(kSessionRequests, {signal}), "start halt, ");
  for (const int kind : {0, 1, 2}) EXPECT_EQ(after(kSessionRequests, {SIGRTMIN + kind}), "start normal, ");
  for (const int kind : {13, 14, 15})
    EXPECT_EQ(after(kSessionRequests, {SIGRTMIN + kind}), end(TargetRequest::EndByLeaving));
  EXPECT_EQ(after(kSessionRequests, {SIGRTMIN + 10}), "start sysinit, ");
  TargetRequests requests(kSessionRequests);
  for (const int signal : {SIGUSR1, SIGCHLD, SIGRTMIN + 7, SIGRTMIN + 17})
    EXPECT_FALSE(requests.take_signal(signal));
}

TEST(Requests, AreTakenByTheSignalsThatAreTold) {
  for (const RequestWords* const words : {&kMachineRequests, &kContainerRequests, &kSessionRequests}) {
    TargetRequests requests(*words);
    for (const int signal : requests.signals()) EXPECT_TRUE(requests.take_signal(signal)) << signal;
  }
}

}  // namespace
}  // namespace kindred::nosh
