// kindred status: what runs, whatever supervises it.

#include "core/native/status.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/number.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/log_lines.h"
#include "core/native/service_changes.h"
#include "core/native/subcommands.h"
#include "core/native/targets.h"
#include "core/sys/clock.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

constexpr std::size_t kLogLines = 5;

struct Wishes {
  bool json = false, all = false, details = false, wide = false, tree = false, watch = false, check = false;
  std::string color = "auto", match;
  std::vector<std::string> states;
};

/// What is shown: directories, of services or of one.
struct Subjects {
  std::vector<std::string> directories;
  bool by_name = false;     ///< single services were asked for by their names
  bool by_default = false;  ///< nothing was asked for
};

/// The variable's value; nullptr if it is empty or not set.
const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

bool wants_color(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* const terminal = environment("TERM");
  return environment("NO_COLOR") == nullptr && terminal != nullptr && std::string_view(terminal) != "dumb" &&
         isatty(STDOUT_FILENO) == 1;
}

/// Of a terminal; 0: it is none, and lines are whole.
std::size_t columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  if (const char* const told = environment("COLUMNS"))
    if (const auto number = parse_unsigned<std::uint16_t>(told); number && *number > 0) return *number;
  return size.ws_col;
}

std::vector<std::string> default_directories() {
  std::vector<std::string> places = usual_places();
  if (const char* chosen = environment("SVDIR"); chosen != nullptr && places.empty()) return {chosen};
  const std::string first = places.empty() ? "." : places.front();
  // Who has one is not told of those that are empty.
  std::erase_if(places, [](const std::string& place) { return services_in(place).empty(); });
  if (places.empty()) places.push_back(first);
  return places;
}

/// A path that there is, or else a name or a pattern.
Subjects subjects_of(const std::string& program, const std::vector<std::string>& words, int& troubles) {
  Subjects subjects;
  if (words.empty()) {
    subjects.directories = default_directories();
    subjects.by_default = true;
    return subjects;
  }
  std::vector<std::string> places;
  for (const std::string& word : words) {
    struct stat st;
    const bool path = word.find('/') != std::string::npos || word == "." || word == "..";
    if (places.empty() && !path) places = usual_places();
    if (!path) {
      if (const auto found = find_services(places, word)) {
        subjects.by_name = subjects.by_name || !is_pattern(word);
        for (const PlacedService& service : *found) subjects.directories.push_back(service.path());
        continue;
      }
    }
    if (path || stat(word.c_str(), &st) == 0) {
      subjects.directories.push_back(word);
    } else {
      ++troubles;
      print_no_service(program, word, places);
    }
  }
  return subjects;
}

class Showing {
 public:
  Showing(std::string program, const Wishes& wishes, Subjects subjects)
      : program_(std::move(program)), wishes_(wishes), subjects_(std::move(subjects)) {}

  [[nodiscard]] const StatusReport& report() const { return report_; }

  void gather() { take(gather_status(subjects_.directories, families())); }

  void take(StatusReport seen) {
    now_ = SystemClock().now().wall;
    report_ = std::move(seen);
    processes_ = HostProcesses();
    const bool is_long = wishes_.details || subjects_.by_name;
    if (is_long || wishes_.wide || wishes_.tree || wishes_.json) processes_ = HostProcesses::read();
    add_details(report_, families(), processes_, now_);
    select(report_, wishes_.match, wishes_.states);
  }

  void complain() const {
    if (subjects_.by_default && report_.services.empty() && !report_.errors.empty() &&
        report_.errors.front().path == ".")
      return print_error({program_, ": there is no service in any scan directory, nor in this directory"});
    for (const StatusError& error : report_.errors)
      print_error(
          {program_, ": unable to ", error.operation, " ", printable(error.path), ": ", error.message});
  }

  [[nodiscard]] std::string text() const {
    if (wishes_.json) return render_json(report_, now_);
    const bool color = wants_color(wishes_.color);
    const bool table = wishes_.wide || wishes_.tree || wishes_.watch || wishes_.all;
    if (wishes_.details || (subjects_.by_name && !table))
      return render_long(report_.services, now_, {color, &processes_, log_tail});
    return render_table(report_.services, now_,
                        {.color = color,
                         .log_rows = wishes_.all,
                         .wide = wishes_.wide,
                         .columns = columns(),
                         .tree = wishes_.tree ? &processes_ : nullptr});
  }

  int watch() {
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    std::string before;
    // What is not shown may come to be.
    StatusReport seen;
    for (;;) {
      const ServiceChanges changes = look_and_hear(seen, subjects_.directories);
      take(seen);
      const std::string shown = text();
      if (shown != before) {
        const Status written = write_text(STDOUT_FILENO, terminal ? "\033[H\033[2J" + shown : shown + "\n");
        if (!written) return fatal(program_, written.error());
      }
      before = shown;
      // Ages grow, too.
      constexpr int kLookAgain = 2000;
      if (!changes.wait(kLookAgain, STDOUT_FILENO)) return 0;
    }
  }

 private:
  static std::vector<std::string> log_tail(const ServiceRow& row) {
    Surveyor surveyor(families());
    const Result<ServiceSurvey> survey = surveyor.look(row.path.c_str());
    return survey ? last_log_lines(row.path, *survey, kLogLines) : std::vector<std::string>();
  }

  std::string program_;
  const Wishes& wishes_;
  Subjects subjects_;
  StatusReport report_;
  HostProcesses processes_;
  WallTime now_;
};

}  // namespace

int status_main(int argc, char** argv) {
  Wishes wishes;
  CommandLine line{
      .program = "kindred status",
      .usage = "kindred status [options] [NAME|DIR ...]",
      .purpose =
          "Shows services, whatever supervises them: those of every scan directory, or those that\n"
          "are named. DIR is a service directory or a directory of such. A service that is asked\n"
          "for by its name is told of at length."};
  line.options.add_options()("json", options::bool_switch(&wishes.json),
                             "for machines; the schema is in kindred(1)")(
      "long,l", options::bool_switch(&wishes.details),
      "at length: processes, the log's last lines, how to control it")(
      "wide,w", options::bool_switch(&wishes.wide), "memory, CPU, deaths and the last exit besides")(
      "tree,t", options::bool_switch(&wishes.tree), "with the processes of each service")(
      "all,a", options::bool_switch(&wishes.all), "a row of its own for each log")(
      "state,s", options::value(&wishes.states)->value_name("STATE"),
      "only those in this state; also up, problem, flapping")(
      "match,m", options::value(&wishes.match)->value_name("PART"), "only those with this in their name")(
      "watch", options::bool_switch(&wishes.watch), "again whenever something changes")(
      "check", options::bool_switch(&wishes.check), "as a monitoring plug-in: one line, exit codes 0 to 3")(
      "color", options::value(&wishes.color)->value_name("WHEN"), "auto (on a terminal), always or never");
  std::vector<std::string> words;
  if (const auto done = read_words(line, argc, argv, words)) return *done;
  if (wishes.color != "auto" && wishes.color != "always" && wishes.color != "never")
    return usage_error(line, "--color is auto, always or never");
  for (const std::string& state : wishes.states)
    if (!is_state_word(state)) return usage_error(line, "there is no state " + state);

  int troubles = 0;
  Subjects subjects = subjects_of(line.program, words, troubles);
  if (subjects.directories.empty()) {
    constexpr int kUnknown = 3;
    return wishes.check ? kUnknown : kExitFatal;
  }
  Showing showing(line.program, wishes, std::move(subjects));
  if (wishes.watch) return showing.watch();
  showing.gather();
  if (wishes.check) {
    const CheckResult result = render_check(showing.report());
    const Status written = write_text(STDOUT_FILENO, result.text);
    return written ? result.code : fatal(line.program, written.error(), 3);
  }
  showing.complain();
  // Where nothing could be found a head without rows tells nothing.
  if (showing.report().services.empty() && !showing.report().errors.empty() && !wishes.json)
    return kExitFatal;
  const Status written = write_text(STDOUT_FILENO, showing.text());
  if (!written) return fatal(line.program, written.error());
  return showing.report().errors.empty() && troubles == 0 ? 0 : kExitFatal;
}

}  // namespace kindred
