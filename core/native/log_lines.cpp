#include "core/native/log_lines.h"

#include "core/native/time_words.h"

namespace kindred {

std::vector<std::string> last_log_lines(const std::string& path, const ServiceSurvey& survey,
                                        std::size_t lines) {
  std::vector<std::string> shown;
  const std::vector<std::string> places = log_places(path, survey);
  if (places.empty()) return shown;
  Result<LogSource> source = LogSource::open(places.front());
  if (!source) return shown;
  source->last(lines);
  LocalTimeText time;
  while (const std::optional<LogLine> line = source->next(false)) {
    std::string& text = shown.emplace_back();
    if (line->stamped) text.append(time.of(line->at)).append(" ");
    append_printable(text, line->text);
  }
  return shown;
}

}  // namespace kindred
