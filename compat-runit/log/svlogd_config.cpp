#include "compat-runit/log/svlogd_config.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace kindred::runit {
namespace {

constexpr std::uint64_t kKilo = 1024, kMega = 1024 * 1024;
constexpr std::uint64_t kMinute = 60, kHour = 3600;
/// More than any disk and any life has; what it is multiplied by leaves it a number.
constexpr std::uint64_t kMost = std::uint64_t{1} << 40;
constexpr std::uint16_t kSyslogPort = 514;
constexpr Duration kProcessorPause = std::chrono::seconds(1);

constexpr std::array kSteps = {
    RotationStep::Sync,      RotationStep::MarkCurrent, RotationStep::Close,
    RotationStep::ToArchive, RotationStep::OpenFresh,   RotationStep::Prune,
};

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Takes the leading digits off the text; none are 0.
std::uint64_t take_number(std::string_view& text) {
  std::uint64_t value = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1))
    value = std::min(kMost, value * 10 + static_cast<std::uint64_t>(text.front() - '0'));
  return value;
}

std::uint64_t scaled(std::string_view text, char small, std::uint64_t small_unit, char large,
                     std::uint64_t large_unit) {
  const std::uint64_t value = take_number(text);
  if (text.starts_with(small)) return value * small_unit;
  return text.starts_with(large) ? value * large_unit : value;
}

/// Four numbers, of which the lowest eight bits count; what follows the address is left.
std::optional<std::uint32_t> take_host(std::string_view& text) {
  constexpr int kNumbers = 4, kBits = 8;
  std::uint32_t host = 0;
  for (int i = 0; i < kNumbers; ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    host = host << kBits | static_cast<std::uint8_t>(take_number(text));
  }
  return host;
}

void take_address(SvlogdConfig& config, std::string_view text, bool only) {
  std::string_view rest = text;
  const std::optional<std::uint32_t> host = take_host(rest);
  if (!host) {
    config.complaints.push_back("unable to scan ip address: " + std::string(text));
    return;
  }
  std::uint16_t port = kSyslogPort;
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    const std::string_view digits = rest;
    const std::uint64_t number = take_number(rest);
    if (number == 0) {
      config.complaints.push_back("unable to scan port number: " + std::string(digits));
      return;
    }
    port = static_cast<std::uint16_t>(number);
  }
  config.address = SvlogdConfig::Address{*host, port};
  config.only_address = config.only_address || only;
}

RotationRules rotation_rules(const SvlogdConfig& config, std::size_t limit) {
  RotationRules rules;
  rules.size = {SizeRule::Cut::AfterLineOrAtMax, config.size, limit};
  rules.keep.names = KeepRule::Names::At27;
  rules.keep.count = config.number;
  rules.keep.by_count = config.number != 0;
  rules.keep.one_at_a_time = true;
  rules.keep.not_counted = 'u';
  rules.keep.swept = 't';
  if (config.spared < config.number) rules.keep.spared_when_full = config.spared;
  rules.opening.empty_is_complete = true;
  rules.steps = kSteps;
  rules.every = std::chrono::seconds(config.seconds);
  rules.processor.files = ProcessorRule::Files::Archive;
  rules.processor.retry = kProcessorPause;
  if (!config.processor.empty()) {
    rules.processor.argv = {"/bin/sh", "-c", config.processor};
    rules.processor.complaint = "svlogd: fatal: unable to run: " + config.processor + ": ";
  }
  return rules;
}

}  // namespace

SvlogdConfig parse_svlogd_config(std::string_view text) {
  SvlogdConfig config;
  if (text.size() == 1) return config;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    line = line.substr(0, line.find('\0'));
    if (line.empty()) continue;
    const char kind = line.front();
    line.remove_prefix(1);
    switch (kind) {
      case 's':
        config.size = scaled(line, 'k', kKilo, 'm', kMega);
        break;
      case 'n':
        config.number = take_number(line);
        break;
      case 'N':
        config.spared = take_number(line);
        break;
      case 't':
        config.seconds = std::min(kMost, scaled(line, 'm', kMinute, 'h', kHour));
        break;
      case '!':
        if (!line.empty()) config.processor = line;
        break;
      case 'p':
        if (!line.empty()) config.prefix = line;
        break;
      case 'u':
      case 'U':
        take_address(config, line, kind == 'U');
        break;
      case '+':
      case '-':
      case 'e':
      case 'E':
        config.selections.push_back({kind, std::string(line)});
        break;
      default:
        break;
    }
  }
  return config;
}

void add_svlogd_directory(LogScript& script, const std::string& path, const SvlogdConfig& config,
                          StampKind stamp) {
  using Kind = LogInstruction::Kind;
  LineFormat format;
  format.stamps[0] = stamp;
  format.prefix = config.prefix;
  const auto add = [&](Kind kind, std::size_t index) {
    script.instructions.push_back({kind, index, format});
  };
  const auto select = [&](char selects, char deselects) {
    for (const SvlogdConfig::Selection& selection : config.selections) {
      if (selection.kind != selects && selection.kind != deselects) continue;
      script.patterns.push_back(LinePattern::star_plus(selection.pattern));
      add(selection.kind == selects ? Kind::Select : Kind::Deselect, script.patterns.size() - 1);
    }
  };
  const auto tell = [&](Teller teller) {
    teller.limit = teller.cut_from = script.lines.limit;
    teller.outlet = script.outlets.size() - 1;
    script.tellers.push_back(std::move(teller));
    add(Kind::Tell, script.tellers.size() - 1);
  };
  // A script begins with each line selected.
  if (!script.instructions.empty()) add(Kind::SelectAll, 0);
  script.outlets.push_back({path, rotation_rules(config, script.lines.limit), true});
  select('+', '-');
  if (config.address) {
    Teller teller;
    teller.kind = Teller::Kind::Datagram;
    teller.address = config.address->host;
    teller.port = config.address->port;
    teller.no_socket = "warning: no udp socket available: ";
    teller.not_sent = "warning: failure sending through udp: ";
    tell(std::move(teller));
  }
  if (!config.only_address) add(Kind::Write, script.outlets.size() - 1);
  const bool shows = std::any_of(config.selections.begin(), config.selections.end(),
                                 [](const auto& selection) { return selection.kind == 'e'; });
  if (!shows) return;
  add(Kind::DeselectAll, 0);
  select('e', 'E');
  tell({});
}

}  // namespace kindred::runit
