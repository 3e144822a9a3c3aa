#include "compat-perp/client/panel.h"

#include <cerrno>

#include "compat-perp/client/status_text.h"
#include "compat-perp/words.h"

namespace kindred::perp {
namespace {

constexpr std::string_view kNoHalf = "---";
constexpr std::size_t kLongestAttribute = 14;

std::string half_panel(const StatusRecord& half, WallTime now) {
  const bool process = half.pid != 0;
  const bool reset = process && in_reset(half);
  if (process && !reset && uptime(half, now) == 0) return "!..";
  const char there = process ? '+' : '.';
  std::string text(3, there);
  if (process == (half.want == Want::Down)) text[0] = '!';
  if (process && half.once) text[1] = 'o';
  if (reset)
    text[2] = 'r';
  else if (process && half.paused)
    text[2] = 'p';
  return text;
}

char state_letter(const Answer& answer) {
  if (answer.trouble == Trouble::NotActivated) return '-';
  if (!answer.status) return 'E';
  if (!answer.status->deactivating()) return '+';
  return answer.status->reactivating ? 'R' : '!';
}

struct Halves {
  std::string main{kNoHalf}, log{kNoHalf};
};
Halves halves(const Listed& listed) {
  Halves halves;
  if (!listed.answer.status) return halves;
  const GroupSnapshot& group = listed.answer.status->snapshot;
  halves.main = half_panel(group.main, listed.now);
  if (group.log) halves.log = half_panel(*group.log, listed.now);
  return halves;
}

bool shows_process(const std::string& half) { return half[1] == '+' || half[1] == 'o'; }

std::string_view trouble_text(Trouble trouble) {
  switch (trouble) {
    case Trouble::Missing:
      return "failure stat() on service directory";
    case Trouble::NotDirectory:
      return "not a directory";
    case Trouble::Refused:
      return "error reported in status reply";
    case Trouble::Write:
      return "failure pkt_write() during status query";
    case Trouble::Read:
      return "failure pkt_read() during status query";
    case Trouble::Protocol:
      return "unknown packet protocol in status reply";
    case Trouble::Unreachable:
      return "no perpd to ask";
    case Trouble::Type:
    case Trouble::None:
    case Trouble::NotActivated:
    case Trouble::Inexpressible:
      break;
  }
  return "unknown packet type in status reply";
}

constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"df", "00"},    {"na", "00"},    {"ex", "01;31"}, {"er", "01;31"}, {"wu", "01;33"},
    {"wd", "01;33"}, {"ad", "01;34"}, {"ap", "01;33"}, {"ar", "01;33"}, {"an", "01"},
};

}  // namespace

std::string panel(const Listed& listed) {
  const Halves shown = halves(listed);
  return std::string("[") + state_letter(listed.answer) + " " + shown.main + " " + shown.log + "]";
}

std::string tail(const Listed& listed) {
  switch (state_letter(listed.answer)) {
    case '-':
      return "(service not activated)";
    case '!':
      return "(service deactivation in progress)";
    case 'R':
      return "(service reactivation in progress)";
    case 'E':
      return "error: " + std::string(trouble_text(listed.answer.trouble)) + " [" +
             errno_name(listed.answer.code) + "]";
    default:
      break;
  }
  const Halves shown = halves(listed);
  const GroupSnapshot& group = listed.answer.status->snapshot;
  const StatusRecord& log = group.of(Role::Log);
  const auto figure = [](bool shows, std::uint64_t number) {
    return shows ? std::to_string(number) : std::string("-");
  };
  const bool main_up = shows_process(shown.main), log_up = shows_process(shown.log);
  return "uptime: " + figure(main_up, uptime(group.main, listed.now)) + "s/" +
         figure(log_up, uptime(log, listed.now)) +
         "s  pids: " + figure(main_up, static_cast<std::uint32_t>(group.main.pid)) + "/" +
         figure(log_up, static_cast<std::uint32_t>(log.pid));
}

Colours::Colours(std::string_view table) {
  const bool given = !table.empty();
  while (!table.empty()) {
    const std::string_view entry = table.substr(0, table.find(':'));
    table.remove_prefix(std::min(table.size(), entry.size() + 1));
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || entry.size() - equals - 1 > kLongestAttribute) continue;
    attributes_[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
  }
  if (given && attributes_.find("df") == attributes_.end()) attributes_["df"] = "0";
  for (const auto& [key, attribute] : kDefaults)
    if (attributes_.find(key) == attributes_.end()) attributes_[key] = given ? attributes_["df"] : attribute;
}

std::string Colours::table() const {
  std::string text;
  for (const auto& [key, attribute] : kDefaults)
    text.append(text.empty() ? "" : ":").append(key).append("=").append(attributes_.find(key)->second);
  return text;
}

const std::string& Colours::of(const Listed& listed) const {
  const auto key = [&] {
    switch (state_letter(listed.answer)) {
      case '-':
        return "na";
      case '!':
      case 'R':
        return "ex";
      case 'E':
        return "er";
      default:
        break;
    }
    const Halves shown = halves(listed);
    for (const std::string& half : {shown.main, shown.log})
      if (half[0] == '!') return half[1] == '.' ? "wu" : "wd";
    if (shown.main[1] == '.') return "ad";
    if (shown.main[2] == 'p') return "ap";
    return shown.main[2] == 'r' ? "ar" : "an";
  };
  return attributes_.find(key())->second;
}

}  // namespace kindred::perp
