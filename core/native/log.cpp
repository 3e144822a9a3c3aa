// kindred log: what services have written, whichever logger keeps it.

#include <poll.h>
#include <regex.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/base/error_text.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/log_place.h"
#include "core/dialect/registry.h"
#include "core/log/log_reader.h"
#include "core/native/command_line.h"
#include "core/native/log_lines.h"
#include "core/native/subcommands.h"
#include "core/native/targets.h"
#include "core/native/time_words.h"
#include "core/sys/clock.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

struct Wishes {
  bool follow = false, all = false, json = false;
  std::optional<std::uint64_t> lines;
  std::string since, until, grep;
};

class Pattern {
 public:
  Pattern() = default;
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() {
    if (there_) regfree(&expression_);
  }
  /// The reason where it is none; empty: it is one.
  std::string set(const std::string& text) {
    const int error = regcomp(&expression_, text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (error != 0) {
      std::array<char, 128> why{};
      (void)regerror(error, &expression_, why.data(), why.size());
      return why.data();
    }
    there_ = true;
    return {};
  }
  [[nodiscard]] bool matches(std::string_view text) const {
    if (!there_) return true;
    regmatch_t bounds{0, static_cast<regoff_t>(text.size())};
    return regexec(&expression_, text.data(), 1, &bounds, REG_STARTEND) == 0;
  }

 private:
  regex_t expression_{};
  bool there_ = false;
};

/// One line of output.
class Writer {
 public:
  Writer(bool json, bool names, bool terminal) : json_(json), names_(names), terminal_(terminal) {}

  void put(std::string& out, const std::string& name, const LogLine& line) {
    if (json_) {
      nlohmann::ordered_json object;
      object["service"] = name;
      if (line.stamped) {
        object["time"] = time_.of(line.at);
        object["seconds"] = line.at.seconds;
        object["nanoseconds"] = line.at.nanos;
      } else {
        object["time"] = nullptr;
      }
      object["message"] = line.text;
      out += object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    } else {
      if (line.stamped) out.append(time_.of(line.at)).append(" ");
      if (names_) out.append(name).append(": ");
      if (terminal_)
        append_printable(out, line.text);
      else
        out += line.text;
    }
    out += '\n';
  }

 private:
  bool json_, names_, terminal_;
  LocalTimeText time_;
};

struct Stream {
  std::string name;
  LogSource source;
  std::optional<LogLine> head = {};
};

/// Everything that is there, in the order of its stamps; among equals, of services in theirs.
class Merge {
 public:
  Merge(std::vector<Stream>& streams, bool follow) : streams_(streams), follow_(follow) {}

  /// The next line and whose it is; null: there is none now.
  Stream* next() {
    if (taken_ != nullptr) taken_->head = taken_->source.next(follow_);
    if (!begun_)
      for (Stream& stream : streams_) stream.head = stream.source.next(follow_);
    begun_ = true;
    taken_ = nullptr;
    for (Stream& stream : streams_)
      if (stream.head && (taken_ == nullptr || stream.head->at < taken_->head->at)) taken_ = &stream;
    if (taken_ == nullptr) begun_ = false;
    return taken_;
  }

 private:
  std::vector<Stream>& streams_;
  bool follow_;
  bool begun_ = false;
  Stream* taken_ = nullptr;
};

constexpr std::uint32_t kChanges = IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE;
constexpr std::size_t kFlushAt = 64 * 1024;

int complain(std::string_view program, std::vector<Stream>& streams) {
  int count = 0;
  for (Stream& stream : streams)
    for (const std::string& trouble : stream.source.take_troubles()) {
      ++count;
      print_error({program, ": warning: ", printable(trouble)});
    }
  return count;
}

struct Bounds {
  std::optional<WallTime> since, until;
};

}  // namespace

int log_main(int argc, char** argv) {
  Wishes wishes;
  std::uint64_t lines = 0;
  CommandLine line{
      .program = "kindred log",
      .usage =
          "kindred log [-f] [-n LINES] [--since TIME] [--until TIME] [--grep RE] [--json] "
          "NAME|PATH ... | --all",
      .purpose =
          "Shows what services have written, in the order of its stamps and in local time,\n"
          "whichever logger keeps it. NAME may be a pattern, PATH a log directory, too. TIME is\n"
          "15m, 12:00, 2024-05-01 12:00, today, @UNIXSECONDS or a TAI64N label."};
  line.options.add_options()("follow,f", options::bool_switch(&wishes.follow),
                             "go on as lines come, across rotations")(
      "lines,n", options::value(&lines)->value_name("LINES"),
      "only the last so many; with -f 10 unless given")(
      "since", options::value(&wishes.since)->value_name("TIME"), "only what is not older")(
      "until", options::value(&wishes.until)->value_name("TIME"), "only what is not younger")(
      "grep", options::value(&wishes.grep)->value_name("RE"),
      "only lines that match this extended regular expression")("json", options::bool_switch(&wishes.json),
                                                                "one object a line; see kindred(1)")(
      "all", options::bool_switch(&wishes.all), "every service of every scan directory");
  TargetWishes named;
  if (const auto done = read_words(line, argc, argv, named.names)) return *done;
  named.all = wishes.all;
  if (named.names.empty() && !named.all) return usage_error(line, "name a service, or --all");
  // 0 is a number, too: boost leaves it what it was.
  for (int i = 1; i < argc; ++i)
    if (const std::string_view word = argv[i]; word.starts_with("-n") || word.starts_with("--lines"))
      wishes.lines = lines;
  if (wishes.follow && !wishes.lines && wishes.since.empty()) wishes.lines = 10;

  const WallTime now = SystemClock().now().wall;
  Bounds bounds;
  for (const auto& [option, text, into] : {std::tuple{"--since", &wishes.since, &bounds.since},
                                           std::tuple{"--until", &wishes.until, &bounds.until}}) {
    if (text->empty()) continue;
    *into = parse_moment(*text, now);
    if (!*into)
      return usage_error(line,
                         std::string(option) + ": " + *text + " is no time; kindred-log(1) has the forms");
  }
  Pattern pattern;
  if (!wishes.grep.empty())
    if (const std::string problem = pattern.set(wishes.grep); !problem.empty())
      return usage_error(line, "--grep: " + problem);

  int troubles = 0;
  std::vector<Stream> streams = open_logs<Stream>(line.program, named, troubles);
  if (streams.empty()) {
    if (troubles == 0) print_error({line.program, ": no service has a log"});
    return kExitFatal;
  }

  const bool filtered = bounds.since || bounds.until || !wishes.grep.empty();
  for (Stream& stream : streams) {
    if (bounds.since) stream.source.since(*bounds.since);
    if (wishes.lines && !filtered) stream.source.last(*wishes.lines);
  }
  UniqueFd changes;
  if (wishes.follow) {
    changes.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    for (const Stream& stream : streams)
      if (changes) (void)::inotify_add_watch(changes.get(), stream.source.path().c_str(), kChanges);
  }

  Merge merge(streams, wishes.follow);
  Writer writer(wishes.json, streams.size() > 1, ::isatty(STDOUT_FILENO) == 1);
  std::string text;
  std::deque<std::string> kept;
  bool first_round = true;
  for (;;) {
    bool over = false;
    while (Stream* stream = over ? nullptr : merge.next()) {
      const LogLine& head = *stream->head;
      if (bounds.since && head.at < *bounds.since) continue;
      if (bounds.until && head.at > *bounds.until) {
        // All others are younger, too.
        over = head.stamped;
        continue;
      }
      if (!pattern.matches(head.text)) continue;
      if (wishes.lines && first_round) {
        if (*wishes.lines == 0) continue;
        if (kept.size() == *wishes.lines) kept.pop_front();
        writer.put(kept.emplace_back(), stream->name, head);
        continue;
      }
      writer.put(text, stream->name, head);
      if (text.size() < kFlushAt) continue;
      if (const Status written = write_text(STDOUT_FILENO, text); !written)
        return fatal(line.program, written.error());
      text.clear();
    }
    for (const std::string& each : kept) text += each;
    kept.clear();
    first_round = false;
    if (const Status written = write_text(STDOUT_FILENO, text); !written)
      return fatal(line.program, written.error());
    text.clear();
    troubles += complain(line.program, streams);
    if (!wishes.follow || over) return troubles == 0 ? 0 : kExitFatal;
    // Where changes are not told, they are looked for.
    constexpr int kLookAgain = 1000;
    pollfd ready[] = {{changes.get(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
    (void)::poll(ready, 2, changes ? -1 : kLookAgain);
    // Whoever reads this has gone.
    if ((ready[1].revents & (POLLERR | POLLHUP)) != 0) return 0;
    std::array<char, 4096> events;
    while (changes && ::read(changes.get(), events.data(), events.size()) > 0) {
    }
  }
}

}  // namespace kindred
