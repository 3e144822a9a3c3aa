#include "core/native/top_model.h"

#include <algorithm>

#include "core/base/printable.h"
#include "core/base/signal_name.h"
#include "core/native/time_words.h"

namespace kindred {
namespace {

constexpr std::string_view kHelp = "arrows select  s start  t stop  r restart  k signal  / search  q quit";
constexpr std::size_t kPage = 10;
// Title, headings, the rule above the log, and the line at the bottom.
constexpr std::size_t kFrame = 4;
// What is beside the name, each with a blank before it.
constexpr std::size_t kState = 20, kSince = 14, kPid = 7, kMemory = 6, kCpu = 7, kLog = 7, kFamily = 11;
constexpr std::size_t kBesides = kState + kSince + kPid + kMemory + kCpu + kLog + 6;
constexpr std::size_t kShortestName = 8, kNameBesideFamily = 12;

TopLook look_of(const ServiceState& state) {
  switch (health_of(state)) {
    case Health::Bad:
      return TopLook::Bad;
    case Health::Passing:
      return TopLook::Passing;
    case Health::Unknown:
      return TopLook::Dim;
    case Health::Good:
      break;
  }
  return is_in_state(state, "up") ? TopLook::Good : TopLook::Dim;
}

/// "11-30 19:14:28": an age would grow while nothing happens.
std::string since_text(const ServiceState& state) {
  const std::optional<WallTime> since = state_since(state);
  if (!since) return "-";
  constexpr std::size_t kYear = sizeof "YYYY-" - 1;
  LocalTimeText local;
  const std::string_view text = local.of(*since);
  return std::string(text.size() > kYear ? text.substr(kYear, kSince) : text);
}

/// Cut or filled to that many places.
std::string fitted(std::string_view text, std::size_t places) {
  std::string cell = cut_to(text, places);
  cell.append(places - std::min(places, display_width(cell)), ' ');
  return cell;
}

}  // namespace

void TopModel::show(const StatusReport& report) {
  const std::string before = selected();
  all_.clear();
  errors_ = report.errors.size();
  for (const ServiceRow& service : report.services) {
    Row row{.name = printable(service.name),
            .path = service.path,
            .state = state_text(service.main),
            .since = since_text(service.main)};
    const bool runs = service.main.record && service.main.record->pid != 0;
    row.pid = runs ? std::to_string(static_cast<std::uint32_t>(service.main.record->pid)) : "-";
    if (const std::optional<ProcessUsage>& usage = service.main.usage) {
      row.memory = size_text(usage->memory);
      row.cpu = age_text(usage->cpu_seconds);
    } else {
      row.memory = row.cpu = "-";
    }
    row.log = service.log ? std::string(state_word(*service.log)) : "-";
    row.family = service.main.family.empty() ? "-" : service.main.family;
    row.look = look_of(service.main);
    all_.push_back(std::move(row));
  }
  select_again(before);
}

void TopModel::show_log(std::vector<std::string> lines) {
  log_ = std::move(lines);
  for (std::string& line : log_) std::replace(line.begin(), line.end(), '\t', ' ');
}

void TopModel::select_again(const std::string& path) {
  const std::size_t before = at_;
  shown_.clear();
  at_ = 0;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].name.find(searched_) == std::string::npos) continue;
    if (all_[i].path == path) at_ = shown_.size();
    shown_.push_back(i);
  }
  const bool found = !shown_.empty() && all_[shown_[at_]].path == path;
  if (!found && !path.empty() && !shown_.empty()) at_ = std::min(before, shown_.size() - 1);
}

std::string TopModel::selected() const {
  return at_ < shown_.size() ? all_[shown_[at_]].path : std::string();
}

std::string TopModel::selected_name() const {
  return at_ < shown_.size() ? all_[shown_[at_]].name : std::string();
}

void TopModel::move(std::ptrdiff_t by) {
  if (shown_.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(shown_.size()) - 1;
  at_ = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(at_) + by, 0, last));
}

TopWish TopModel::press(const TopKey& key) {
  using Kind = TopKey::Kind;
  said_.clear();
  if (mode_ != Mode::Browse) return answer(key);
  switch (key.kind) {
    case Kind::Up:
      move(-1);
      break;
    case Kind::Down:
      move(1);
      break;
    case Kind::PageUp:
      move(-static_cast<std::ptrdiff_t>(kPage));
      break;
    case Kind::PageDown:
      move(kPage);
      break;
    case Kind::First:
      move(-static_cast<std::ptrdiff_t>(shown_.size()));
      break;
    case Kind::Last:
      move(static_cast<std::ptrdiff_t>(shown_.size()));
      break;
    case Kind::Escape: {
      const std::string here = selected();
      searched_.clear();
      select_again(here);
      break;
    }
    case Kind::Text:
      return browse(key.text);
    case Kind::Enter:
    case Kind::Erase:
      break;
  }
  return {};
}

TopWish TopModel::browse(const std::string& text) {
  if (text == "q") return {.quit = true};
  if (text == "/") {
    mode_ = Mode::Search;
    typed_ = searched_;
    return {};
  }
  if (selected().empty()) return {};
  // By the time of the answer another may be selected.
  subject_ = selected();
  if (text == "s") return {.words = {"start", subject_}};
  if (text == "t" || text == "r") {
    mode_ = Mode::Sure;
    deed_ = text == "t" ? "stop" : "restart";
  } else if (text == "k") {
    mode_ = Mode::Signal;
    typed_ = "TERM";
  }
  return {};
}

TopWish TopModel::answer(const TopKey& key) {
  using Kind = TopKey::Kind;
  const Mode mode = mode_;
  if (mode == Mode::Sure) {
    mode_ = Mode::Browse;
    if (key.kind == Kind::Text && key.text == "y") return {.words = {deed_, subject_}};
    return {};
  }
  switch (key.kind) {
    case Kind::Text:
      typed_ += key.text;
      break;
    case Kind::Erase:
      // A whole character.
      while (!typed_.empty() && (static_cast<unsigned char>(typed_.back()) & 0xc0U) == 0x80U)
        typed_.pop_back();
      if (!typed_.empty()) typed_.pop_back();
      break;
    case Kind::Enter:
      mode_ = Mode::Browse;
      if (mode == Mode::Signal) {
        if (parse_signal(typed_) != 0) return {.words = {"signal", typed_, subject_}};
        said_ = "there is no signal " + printable(typed_);
      }
      return {};
    case Kind::Escape:
      mode_ = Mode::Browse;
      typed_.clear();
      break;
    default:
      return {};
  }
  if (mode == Mode::Search) {
    const std::string here = selected();
    searched_ = typed_;
    select_again(here);
  }
  return {};
}

std::size_t TopModel::table_room(std::size_t rows) const {
  const std::size_t room = rows > kFrame ? rows - kFrame : 1;
  // The log has a third, and what the table leaves.
  const std::size_t most = std::max<std::size_t>(room - room / 3, 1);
  return std::clamp<std::size_t>(shown_.size(), 1, most);
}

std::size_t TopModel::log_room(std::size_t rows) const {
  const std::size_t taken = kFrame + table_room(rows);
  return rows > taken ? rows - taken : 0;
}

TopLine TopModel::bottom() const {
  switch (mode_) {
    case Mode::Search:
      return {"search: " + printable(typed_) + "_", TopLook::Ask};
    case Mode::Signal:
      return {"signal: " + printable(typed_) + "_", TopLook::Ask};
    case Mode::Sure: {
      const std::string_view path = subject_;
      return {deed_ + " " + printable(path.substr(path.rfind('/') + 1)) + "? y", TopLook::Ask};
    }
    case Mode::Browse:
      break;
  }
  if (!said_.empty()) return {said_, TopLook::Ask};
  return {std::string(kHelp), TopLook::Dim};
}

std::vector<TopLine> TopModel::lines(std::size_t columns, std::size_t rows) const {
  std::vector<TopLine> lines;
  const auto count = [&](TopLook look) {
    return std::to_string(
        std::count_if(all_.begin(), all_.end(), [&](const Row& row) { return row.look == look; }));
  };
  std::string title = "kindred top: " + std::to_string(all_.size()) + " services, " + count(TopLook::Good) +
                      " up, " + count(TopLook::Bad) + " bad";
  if (errors_ > 0) title += ", " + std::to_string(errors_) + " not to be read";
  if (!searched_.empty()) title += ", with \"" + printable(searched_) + "\" " + std::to_string(shown_.size());
  lines.push_back({title, TopLook::Title});

  const bool has_family = columns >= kBesides + kNameBesideFamily + 1 + kFamily;
  const std::size_t besides = kBesides + (has_family ? 1 + kFamily : 0);
  const std::size_t name = std::max(columns > besides ? columns - besides : 0, kShortestName);
  const auto table_line = [&](const Row& row) {
    return fitted(row.name, name) + " " + fitted(row.state, kState) + " " + fitted(row.since, kSince) + " " +
           fitted(row.pid, kPid) + " " + fitted(row.memory, kMemory) + " " + fitted(row.cpu, kCpu) + " " +
           fitted(row.log, kLog) + (has_family ? " " + fitted(row.family, kFamily) : "");
  };
  lines.push_back({table_line({.name = "SERVICE",
                               .path = {},
                               .state = "STATE",
                               .since = "SINCE",
                               .pid = "PID",
                               .memory = "MEMORY",
                               .cpu = "CPU",
                               .log = "LOG",
                               .family = "FAMILY"}),
                   TopLook::Heading});
  const std::size_t room = table_room(rows);
  // The selected one is always to be seen.
  const std::size_t first = at_ >= room ? at_ - room + 1 : 0;
  for (std::size_t i = first; i < first + room; ++i) {
    if (i < shown_.size())
      lines.push_back({table_line(all_[shown_[i]]), all_[shown_[i]].look, i == at_});
    else
      lines.push_back({"no services", TopLook::Dim});
  }
  lines.push_back({"log of " + (selected_name().empty() ? "nobody" : selected_name()), TopLook::Heading});
  const std::size_t log = log_room(rows);
  const std::size_t from = log_.size() > log ? log_.size() - log : 0;
  for (std::size_t i = from; i < from + log; ++i)
    lines.push_back({i < log_.size() ? log_[i] : "", TopLook::Plain});
  lines.push_back(bottom());
  lines.resize(rows);
  for (TopLine& line : lines) line.text = cut_to(line.text, columns);
  return lines;
}

}  // namespace kindred
