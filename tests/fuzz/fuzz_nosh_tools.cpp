// Any words to any chain tool that is steps, any point of time, any pattern of a preset: each is understood or
// refused, and what is understood refers to nothing that is not there.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "compat-nosh/chain/parse.h"
#include "compat-nosh/chain/socket_rules.h"
#include "compat-nosh/chain/time_expression.h"
#include "compat-nosh/client/preset.h"

namespace kindred::nosh {
namespace {

using Parser = ChainRequest (*)(int, char**, const Environment&);
constexpr std::array<Parser, 41> kParsers = {parse_appendpath,
                                             parse_chdir,
                                             parse_chroot,
                                             parse_clearenv,
                                             parse_envdir,
                                             parse_envgid,
                                             parse_envuidgid,
                                             parse_exec,
                                             parse_fdmove,
                                             parse_fdredir,
                                             parse_fifo_listen,
                                             parse_getuidgid,
                                             parse_hardlimit,
                                             parse_line_banner,
                                             parse_local_datagram_listen,
                                             parse_local_reaper,
                                             parse_local_seqpacket_listen,
                                             parse_local_stream_connect,
                                             parse_local_stream_listen,
                                             parse_make_read_only_fs,
                                             parse_move_to_control_group,
                                             parse_netlink_listen,
                                             parse_oom_kill_protect,
                                             parse_prependpath,
                                             parse_set_mount_object,
                                             parse_setenv,
                                             parse_setgid_fromenv,
                                             parse_setlock,
                                             parse_setlogin,
                                             parse_setpgrp,
                                             parse_setsid,
                                             parse_setuidgid,
                                             parse_setuidgid_fromenv,
                                             parse_softlimit,
                                             parse_tcp_connect,
                                             parse_tcp_listen,
                                             parse_udp_connect,
                                             parse_udp_listen,
                                             parse_ulimit,
                                             parse_umask,
                                             parse_unshare};

void check(const ChainRequest& request, const std::vector<char*>& words) {
  if (request.misused && request.complaint.empty()) std::abort();
  if (!request.program.empty() &&
      request.program.data() + request.program.size() != words.data() + words.size() - 1)
    std::abort();
}

}  // namespace
}  // namespace kindred::nosh

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kindred;
  using namespace kindred::nosh;
  if (size == 0) return 0;
  // The first byte chooses the tool; words, and after an empty one variables, end with a NUL.
  std::vector<std::string> words{"tool"}, variables;
  std::vector<std::string>* list = &words;
  std::string word;
  for (std::size_t i = 1; i < size; ++i) {
    if (data[i] != 0) {
      word += static_cast<char>(data[i]);
      continue;
    }
    if (word.empty() && list == &words)
      list = &variables;
    else
      list->push_back(word);
    word.clear();
  }
  std::vector<char*> argv;
  for (std::string& each : words) argv.push_back(each.data());
  argv.push_back(nullptr);
  std::vector<const char*> block;
  for (const std::string& each : variables) block.push_back(each.c_str());
  block.push_back(nullptr);
  const Environment environment(block.data());
  check(kParsers[data[0] % kParsers.size()](static_cast<int>(words.size()), argv.data(), environment), argv);

  const auto rules = rule_directories(environment, 0, 0);
  if (rules && rules->names.empty()) std::abort();
  const auto none = [](const std::string&, TimeSources::FileTime) { return std::optional<WallTime>(); };
  for (const std::string& each : words) {
    const auto time = evaluate_time(each, {{1'000'000'000, 0}, {}, environment, none});
    if (time && *time && text_of(**time).size() != 25) std::abort();
    const auto sum = add_span(label_of({1'000'000'000, 0}), each, Calendar::Fixed);
    if (sum && sum->nanos >= 1'000'000'000) std::abort();
    if (!matches_preset("*", each)) std::abort();
    static_cast<void>(matches_preset(each, word));
    static_cast<void>(rc_conf_setting(each, word));
    static_cast<void>(fstab_setting(each, word));
  }
  return 0;
}
