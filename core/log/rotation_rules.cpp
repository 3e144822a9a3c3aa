#include "core/log/rotation_rules.h"

#include <algorithm>
#include <cstring>

#include "core/log/stamp.h"

namespace kindred {
namespace {

bool is_hex(char byte) { return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f'); }

}  // namespace

Portion portion_for(const SizeRule& rule, std::uint64_t size, std::string_view text) {
  if (rule.max == 0) return {text.size(), false};
  if (rule.cut == SizeRule::Cut::BeforeLine) {
    // The last line's end at which the file is still below max.
    if (size + text.size() < rule.max) return {text.size(), false};
    const std::uint64_t room = size < rule.max ? rule.max - size : 0;
    const std::size_t end = room == 0 ? std::string_view::npos : text.substr(0, room - 1).rfind('\n');
    if (end != std::string_view::npos) return {end + 1, true};
    // A line for which there is no room even in an empty file is written all the same.
    if (size > 0) return {0, true};
    const std::size_t line = text.find('\n');
    return {line == std::string_view::npos ? text.size() : line + 1, true};
  }
  const bool at_max = rule.cut == SizeRule::Cut::AfterLineOrAtMax;
  if (at_max && size >= rule.max) return {0, true};
  // A slack above the maximum is one that never holds.
  const std::uint64_t mark = rule.slack > rule.max ? UINT64_MAX : rule.max - rule.slack;
  const std::size_t limit =
      at_max ? static_cast<std::size_t>(std::min<std::uint64_t>(text.size(), rule.max - size)) : text.size();
  if (mark == UINT64_MAX || size + limit < mark) {
    return {limit, at_max && size + limit >= rule.max};
  }
  const std::size_t from = mark > size ? static_cast<std::size_t>(mark - size - 1) : 0;
  const std::size_t end = text.substr(0, limit).find('\n', from);
  if (end != std::string_view::npos) return {end + 1, true};
  return {limit, at_max && size + limit >= rule.max};
}

std::string archive_name(ArchiveName kind, TaiOffset offset, WallTime at, std::string_view suffix) {
  std::string name;
  if (kind == ArchiveName::Tai64n) {
    name = tai64n_text(at, offset);
  } else {
    std::array<char, kLongestStamp> text;
    const std::size_t length = put_stamp(text.data(), StampKind::UtcCompact, at);
    constexpr std::size_t kSeparator = 2;  // ": "
    name = "_" + std::string(text.data(), length - kSeparator);
  }
  name += suffix;
  return name;
}

bool is_old_file(KeepRule::Names rule, std::string_view name) {
  constexpr std::size_t kLabel = 25;
  switch (rule) {
    case KeepRule::Names::At25:
      return name.size() >= kLabel && name[0] == '@';
    case KeepRule::Names::At27:
      return name.size() == kLabel + 2 && name[0] == '@';
    case KeepRule::Names::Label27:
      return name.size() == kLabel + 2 && name[0] == '@' &&
             std::all_of(name.begin() + 1, name.begin() + kLabel, is_hex) &&
             (name.ends_with(".s") || name.ends_with(".u"));
    case KeepRule::Names::UnderscoreT:
      return name.size() >= 23 && name[0] == '_' && name[9] == 'T';
  }
  return false;
}

std::vector<OldFile> surplus(const KeepRule& rule, std::vector<OldFile> files, std::uint64_t current_size) {
  std::vector<OldFile> gone;
  std::erase_if(files, [&](const OldFile& file) {
    if (!is_old_file(rule.names, file.name)) return true;
    const char last = file.name.back();
    if (rule.swept != 0 && last == rule.swept) {
      gone.push_back(file);
      return true;
    }
    return rule.not_counted != 0 && last == rule.not_counted;
  });
  std::sort(files.begin(), files.end(), [](const OldFile& a, const OldFile& b) { return a.name < b.name; });
  std::uint64_t total = rule.total_with_current ? current_size : 0;
  for (const OldFile& file : files) total += file.size;
  std::size_t next = 0;
  const auto too_many = [&] { return rule.by_count && files.size() - next > rule.count; };
  const auto too_much = [&] { return rule.total != 0 && total > rule.total; };
  while (next < files.size() && (too_many() || too_much())) {
    total -= files[next].size;
    gone.push_back(files[next]);
    ++next;
    if (rule.one_at_a_time) break;
  }
  return gone;
}

}  // namespace kindred
