#include "compat-nosh/import/group_lines.h"

#include <algorithm>

#include "core/base/number.h"

namespace kindred::nosh {
namespace {

constexpr const char* kEndOfCommand = ";";

ToolLine in_foreground(std::string_view tool) { return ToolLine(std::string("foreground ").append(tool)); }

struct Knob {
  const char* key;
  const char* controller;
  const char* options;
  const char* file;
};
constexpr const char* kMemoryOptions = " --infinity-is-max --multiplier-suffixes";
constexpr Knob kKnobs[] = {
    {"cpuweight", "cpu", "", "cpu.weight"},
    {"cpuquota", "cpu", "", "cpu.max"},
    {"tasksmax", "pids", " --percent-of /proc/sys/kernel/threads-max --infinity-is-max", "pids.max"},
    {"memorylow", "memory", kMemoryOptions, "memory.low"},
    {"memoryhigh", "memory", kMemoryOptions, "memory.high"},
    {"memorymax", "memory", kMemoryOptions, "memory.max"},
    {"memorymin", "memory", kMemoryOptions, "memory.min"},
    {"memoryswapmax", "memory", kMemoryOptions, "memory.swap.max"},
    {"ioweight", "io", "", "io.weight"},
    {"iodeviceweight", "io", " --device-name-key", "io.weight"},
    {"ioreadbandwidthmax", "io", " --multiplier-suffixes --device-name-key --nested-key rbps", "io.max"},
    {"iowritebandwidthmax", "io", " --multiplier-suffixes --device-name-key --nested-key wbps", "io.max"},
    {"ioreadiopsmax", "io", " --multiplier-suffixes --device-name-key --nested-key riops", "io.max"},
    {"iowriteiopsmax", "io", " --multiplier-suffixes --device-name-key --nested-key wiops", "io.max"},
    {"rdmahcahandlesmax", "rdma", " --nested-key hca_handle", "rdma.max"},
    {"rdmahcaobjectsmax", "rdma", " --nested-key hca_object", "rdma.max"},
};
struct Accounting {
  const char* key;
  const char* controller;
};
constexpr Accounting kControllers[] = {{"cpuaccounting", "cpu"},
                                       {"memoryaccounting", "memory"},
                                       {"ioaccounting", "io"},
                                       {"tasksaccounting", "pids"},
                                       {"rdmaaccounting", "rdma"}};

/// A share of a processor as the kernel has it: microseconds of each 100 milliseconds.
std::string knob_text(const Knob& knob, const std::string& value) {
  constexpr unsigned kMicrosecondsOfAPercent = 1000;
  if (knob.key != std::string_view("cpuquota") || !value.ends_with('%')) return value;
  const auto percent = parse_unsigned<unsigned>(std::string_view(value).substr(0, value.size() - 1));
  constexpr unsigned kMost = 1000000;
  return percent && *percent <= kMost ? std::to_string(*percent * kMicrosecondsOfAPercent) : value;
}

}  // namespace

void read_group_lines(const UnitValues& service, const UnitName& name, ServiceLines& lines) {
  const std::string slice = service.text("slice");
  std::string group = slice.empty() ? "../" : "../../" + slice + "/";
  std::vector<std::string> subtrees = {"../cgroup.subtree_control"};
  const auto within = [&](const std::string& made) {
    lines.make_groups.add(in_foreground("create-control-group").word(made).plain(kEndOfCommand).text());
    subtrees.insert(subtrees.begin(), "../" + subtrees.front());
  };
  if (!slice.empty()) within("../../" + slice);
  if (name.instance) {
    group += name.template_file();
    within(group);
    group += "/";
  }
  lines.join_group.add("move-to-control-group", group + name.full());

  std::vector<std::string_view> controllers;
  for (const Knob& knob : kKnobs)
    for (const std::string& value : service.texts(knob.key)) {
      controllers.emplace_back(knob.controller);
      lines.knobs.add(in_foreground("set-control-group-knob" + std::string(knob.options))
                          .word(knob.file)
                          .word(knob_text(knob, value))
                          .plain(kEndOfCommand)
                          .text());
    }
  for (const Accounting& accounting : kControllers) {
    const bool asked = service.flag(accounting.key);
    if (!asked &&
        std::find(controllers.begin(), controllers.end(), accounting.controller) == controllers.end())
      continue;
    for (const std::string& subtree : subtrees)
      lines.controllers.add(in_foreground("set-control-group-knob")
                                .word(subtree)
                                .word(std::string("+") + accounting.controller)
                                .plain(kEndOfCommand)
                                .text());
  }
  const std::string user = service.text("user");
  if (service.flag("delegate") && !user.empty())
    lines.knobs.add(in_foreground("delegate-control-group-to").word(user).plain(kEndOfCommand).text());
}

}  // namespace kindred::nosh
