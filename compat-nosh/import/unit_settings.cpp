#include "compat-nosh/import/unit_settings.h"

#include <algorithm>

namespace kindred::nosh {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return lower;
}

bool is_true(std::string_view value) {
  const std::string lower = lower_case(value);
  return lower == "yes" || lower == "true" || lower == "on" || lower == "1";
}

UnitSettings::UnitSettings(std::string file, UnitFile unit) : file_(std::move(file)), unit_(std::move(unit)) {
  for (UnitSetting& setting : unit_.settings) {
    setting.section = lower_case(setting.section);
    setting.key = lower_case(setting.key);
  }
  taken_.resize(unit_.settings.size());
}

std::vector<std::string> UnitSettings::take_each(std::string_view section, std::string_view key) {
  std::vector<std::string> values;
  for (std::size_t at = 0; at < taken_.size(); ++at) {
    const UnitSetting& setting = unit_.settings[at];
    if (setting.section != section || setting.key != key) continue;
    taken_[at] = true;
    values.push_back(setting.value);
  }
  return values;
}

const std::string* UnitSettings::look(std::string_view section, std::string_view key) const {
  const std::string* last = nullptr;
  for (const UnitSetting& setting : unit_.settings)
    if (setting.section == section && setting.key == key) last = &setting.value;
  return last;
}

const std::string* UnitSettings::take(std::string_view section, std::string_view key) {
  static_cast<void>(take_each(section, key));
  return look(section, key);
}

const std::string* UnitSettings::take_if(std::string_view section, std::string_view key,
                                         std::initializer_list<std::string_view> values) {
  const std::string* const value = look(section, key);
  const bool fits = value != nullptr && std::find(values.begin(), values.end(), *value) != values.end();
  return fits ? take(section, key) : nullptr;
}

void UnitSettings::put_back(std::string_view section, std::string_view key) {
  for (std::size_t at = 0; at < taken_.size(); ++at)
    if (unit_.settings[at].section == section && unit_.settings[at].key == key) taken_[at] = false;
}

std::vector<std::string> UnitSettings::unused() const {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < taken_.size(); ++at) {
    const UnitSetting& setting = unit_.settings[at];
    if (!taken_[at]) texts.push_back("[" + setting.section + "] " + setting.key + " = " + setting.value);
  }
  for (const StrayLine& stray : unit_.strays) texts.push_back(stray.text);
  return texts;
}

}  // namespace kindred::nosh
