#include "core/chain/soft_limit.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace kindred {
namespace {

struct Limited {
  char letter;
  __rlimit_resource_t resource;
};

/// A letter with several rows limits them all.
constexpr Limited kLimited[] = {
    {'a', RLIMIT_AS},      {'c', RLIMIT_CORE},   {'d', RLIMIT_DATA},   {'f', RLIMIT_FSIZE},
    {'l', RLIMIT_MEMLOCK}, {'m', RLIMIT_DATA},   {'m', RLIMIT_STACK},  {'m', RLIMIT_MEMLOCK},
    {'m', RLIMIT_AS},      {'o', RLIMIT_NOFILE}, {'p', RLIMIT_NPROC},  {'r', RLIMIT_RSS},
    {'s', RLIMIT_STACK},   {'t', RLIMIT_CPU},    {'P', RLIMIT_RTPRIO},
};

/// Only the newest family member has it: whoever wants it adds it to the letters.
constexpr char kNewLetter = 'P';

}  // namespace

std::string soft_limit_letters() {
  std::string letters;
  for (const Limited& row : kLimited)
    if (row.letter != kNewLetter && letters.find(row.letter) == std::string::npos)
      letters.append({row.letter, ':'});
  return letters;
}

std::optional<SoftLimit> parse_soft_limit(char letter, std::string_view value, const SoftLimitRules& rules) {
  if (std::ranges::find(kLimited, letter, &Limited::letter) == std::end(kLimited)) return std::nullopt;
  if (value == "=" && rules.equals_is_hard) return SoftLimit{letter, RLIM_INFINITY};
  if (value == "-" && rules.dash_is_unlimited)
    return SoftLimit{letter, RLIM_INFINITY, SoftLimit::Which::Both};
  if (value.empty() && rules.empty_is_zero) return SoftLimit{letter, 0};
  rlim_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error != std::errc::result_out_of_range) return SoftLimit{letter, number};
  return rules.too_great_is_hard ? std::optional(SoftLimit{letter, RLIM_INFINITY}) : std::nullopt;
}

bool is_cut(const SoftLimit& limit) {
  if (limit.value == RLIM_INFINITY) return false;
  for (const Limited& row : kLimited) {
    rlimit both{};
    if (row.letter == limit.letter && ::getrlimit(row.resource, &both) == 0 && both.rlim_max < limit.value)
      return true;
  }
  return false;
}

Status apply(const SoftLimit& limit) {
  for (const Limited& row : kLimited) {
    if (row.letter != limit.letter) continue;
    rlimit both{};
    if (::getrlimit(row.resource, &both) != 0) return error_here("get limit", {&row.letter, 1});
    if (limit.which != SoftLimit::Which::Soft) {
      // What was lowered is not raised again, not even by who may.
      if (limit.value != RLIM_INFINITY && limit.value > both.rlim_max)
        return error_here("set limit", {&row.letter, 1}, EPERM);
      both.rlim_max = limit.value;
    }
    if (limit.which != SoftLimit::Which::Hard) both.rlim_cur = std::min(limit.value, both.rlim_max);
    if (::setrlimit(row.resource, &both) != 0) return error_here("set limit", {&row.letter, 1});
  }
  return ok();
}

}  // namespace kindred
