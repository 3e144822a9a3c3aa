#include "compat-nosh/init/requests.h"

#include <csignal>

namespace kindred::nosh {
namespace {

using enum TargetRequest;

constexpr unsigned kEventSeconds = 60, kRegularSeconds = 480;

/// In the order of their requests.
constexpr TargetJob kJobs[] = {
    {JobSlot::Emergency, "activate", "emergency", kEventSeconds},
    {JobSlot::Events, "activate", "powerfail", kEventSeconds},
    {JobSlot::Events, "activate", "kbrequest", kEventSeconds},
    {JobSlot::Events, "activate", "secure-attention-key", kEventSeconds},
    {JobSlot::Regular, "start", "sysinit", kRegularSeconds},
    {JobSlot::Regular, "start", "normal", kRegularSeconds},
    {JobSlot::Regular, "start", "rescue", kRegularSeconds},
    {JobSlot::Regular, "start", "halt", kRegularSeconds},
    {JobSlot::Regular, "start", "poweroff", kRegularSeconds},
    {JobSlot::Regular, "start", "powercycle", kRegularSeconds},
    {JobSlot::Regular, "start", "reboot", kRegularSeconds},
};

// The last one is for containers.
constexpr RequestSignal kSystemSignals[] = {
    {SIGINT, SecureAttentionKey}, {SIGWINCH, KeyboardRequest}, {SIGPWR, PowerFail}, {SIGTERM, EndByLeaving}};
constexpr std::span kMachineSignals = std::span(kSystemSignals).first<std::size(kSystemSignals) - 1>();
constexpr RequestSignal kSystemRealTime[] = {{0, Normal},         {1, Rescue},       {2, Emergency},
                                             {3, Halt},           {4, PowerOff},     {5, Reboot},
                                             {7, PowerCycle},     {10, Sysinit},     {13, EndByHalt},
                                             {14, EndByPowerOff}, {15, EndByReboot}, {17, EndByPowerCycle}};

constexpr RequestSignal kSessionSignals[] = {{SIGTERM, Halt}, {SIGINT, Halt}, {SIGHUP, Halt}};
constexpr RequestSignal kSessionRealTime[] = {
    {0, Normal}, {1, Normal},   {2, Normal},        {3, Halt},          {4, Halt},
    {5, Halt},   {10, Sysinit}, {13, EndByLeaving}, {14, EndByLeaving}, {15, EndByLeaving}};
constexpr RequestByte kSessionBytes[] = {
    {'S', Sysinit}, {'n', Normal},       {'h', Halt},         {'p', Halt},         {'r', Halt},
    {'c', Halt},    {'H', EndByLeaving}, {'P', EndByLeaving}, {'R', EndByLeaving}, {'C', EndByLeaving}};

constexpr std::uint32_t bit_of(std::size_t request) { return std::uint32_t{1} << request; }

}  // namespace

const RequestWords kMachineRequests{kMachineSignals, kSystemRealTime, {}};
const RequestWords kContainerRequests{kSystemSignals, kSystemRealTime, {}};
const RequestWords kSessionRequests{kSessionSignals, kSessionRealTime, kSessionBytes};

std::vector<int> TargetRequests::signals() const {
  std::vector<int> numbers;
  for (const RequestSignal& each : words_.signals) numbers.push_back(each.number);
  for (const RequestSignal& each : words_.real_time) numbers.push_back(SIGRTMIN + each.number);
  return numbers;
}

bool TargetRequests::take_signal(int signal) {
  const bool is_real_time = signal >= SIGRTMIN;
  const int number = is_real_time ? signal - SIGRTMIN : signal;
  for (const RequestSignal& each : is_real_time ? words_.real_time : words_.signals) {
    if (each.number != number) continue;
    take(each.request);
    return true;
  }
  return false;
}

bool TargetRequests::take_byte(char byte) {
  for (const RequestByte& each : words_.bytes) {
    if (each.byte != byte) continue;
    take(each.request);
    return true;
  }
  return false;
}

void TargetRequests::take(TargetRequest request) {
  if (request >= EndByLeaving) {
    if (!end_) end_ = request;
  } else {
    wanted_ |= bit_of(static_cast<std::size_t>(request));
  }
}

const TargetJob* TargetRequests::next(JobSlot slot) const {
  for (std::size_t request = 0; request < std::size(kJobs); ++request)
    if (kJobs[request].slot == slot && (wanted_ & bit_of(request)) != 0) return &kJobs[request];
  return nullptr;
}

void TargetRequests::begun(const TargetJob& job) {
  wanted_ &= ~bit_of(static_cast<std::size_t>(&job - kJobs));
}

}  // namespace kindred::nosh
