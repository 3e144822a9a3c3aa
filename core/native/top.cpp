// kindred top: services as they change, and keys to do something about it.

#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <clocale>
#include <csignal>
#include <cstring>
#include <cwchar>
#include <list>
#include <memory>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>
// Its names that are common words.
#undef erase
#undef move
#undef timeout

#include "core/base/error_text.h"
#include "core/base/printable.h"
#include "core/cli/output.h"
#include "core/client/log_place.h"
#include "core/dialect/registry.h"
#include "core/native/command_line.h"
#include "core/native/log_lines.h"
#include "core/native/service_changes.h"
#include "core/native/subcommands.h"
#include "core/native/top_model.h"
#include "core/sys/clock.h"
#include "core/sys/descriptor_table.h"
#include "core/sys/files.h"

namespace kindred {
namespace {

namespace options = boost::program_options;

/// The terminal, as long as it is ours.
class Screen {
 public:
  [[nodiscard]] Status open() {
    // Text is UTF-8 whatever the locale says.
    (void)std::setlocale(LC_CTYPE, "");
    if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) (void)std::setlocale(LC_CTYPE, "C.UTF-8");
    terminal_.reset(newterm(nullptr, stdout, stdin));
    if (!terminal_) return Error{ENOTTY, "open", "terminal"};
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(kEscapeMilliseconds);
    (void)curs_set(0);
    if (has_colors()) {
      start_color();
      use_default_colors();
      for (const int color : {COLOR_GREEN, COLOR_YELLOW, COLOR_RED})
        init_pair(static_cast<short>(color), static_cast<short>(color), -1);
    }
    return ok();
  }
  [[nodiscard]] std::size_t rows() const { return static_cast<std::size_t>(getmaxy(stdscr)); }
  [[nodiscard]] std::size_t columns() const { return static_cast<std::size_t>(getmaxx(stdscr)); }

  void paint(const std::vector<TopLine>& lines) const {
    werase(stdscr);
    int at = 0;
    for (const TopLine& line : lines) {
      attrset(attributes(line));
      wmove(stdscr, at++, 0);
      addstr(line.text.c_str());
    }
    attrset(A_NORMAL);
    refresh();
  }

  /// nullopt: none waits, or it means nothing here.
  [[nodiscard]] std::optional<TopKey> read(bool& any) const {
    wint_t code = 0;
    const int kind = get_wch(&code);
    any = kind != ERR;
    if (kind == KEY_CODE_YES) return special(code);
    if (kind != OK) return std::nullopt;
    constexpr wint_t kEscape = 27, kBackspace = 8, kDelete = 127;
    if (code == '\r' || code == '\n') return TopKey{TopKey::Kind::Enter};
    if (code == kEscape) return TopKey{TopKey::Kind::Escape};
    if (code == kBackspace || code == kDelete) return TopKey{TopKey::Kind::Erase};
    if (code < ' ') return std::nullopt;
    char bytes[MB_LEN_MAX];
    std::mbstate_t state{};
    const std::size_t size = std::wcrtomb(bytes, static_cast<wchar_t>(code), &state);
    if (size == static_cast<std::size_t>(-1)) return std::nullopt;
    return TopKey{TopKey::Kind::Text, std::string(bytes, size)};
  }

 private:
  static constexpr int kEscapeMilliseconds = 50;

  struct End {
    void operator()(SCREEN* terminal) const {
      endwin();
      delscreen(terminal);
    }
  };

  static std::optional<TopKey> special(wint_t code) {
    using Kind = TopKey::Kind;
    switch (code) {
      case KEY_UP:
        return TopKey{Kind::Up};
      case KEY_DOWN:
        return TopKey{Kind::Down};
      case KEY_PPAGE:
        return TopKey{Kind::PageUp};
      case KEY_NPAGE:
        return TopKey{Kind::PageDown};
      case KEY_HOME:
        return TopKey{Kind::First};
      case KEY_END:
        return TopKey{Kind::Last};
      case KEY_ENTER:
        return TopKey{Kind::Enter};
      case KEY_BACKSPACE:
        return TopKey{Kind::Erase};
      default:
        return std::nullopt;
    }
  }

  static chtype attributes(const TopLine& line) {
    const chtype selected = line.selected ? A_REVERSE : A_NORMAL;
    switch (line.look) {
      case TopLook::Plain:
        return selected;
      case TopLook::Title:
      case TopLook::Heading:
      case TopLook::Ask:
        return selected | A_BOLD;
      case TopLook::Good:
        return selected | static_cast<chtype>(COLOR_PAIR(COLOR_GREEN));
      case TopLook::Passing:
        return selected | static_cast<chtype>(COLOR_PAIR(COLOR_YELLOW));
      case TopLook::Bad:
        return selected | static_cast<chtype>(COLOR_PAIR(COLOR_RED));
      case TopLook::Dim:
        return selected | A_DIM;
    }
    return selected;
  }

  std::unique_ptr<SCREEN, End> terminal_;
};

/// Another subcommand that runs meanwhile, as `kindred` would run it; what it says is kept.
struct Deed {
  std::string what;
  pid_t pid = 0;
  UniqueFd says;
  std::string said;
};

Result<Deed> begin_deed(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return error_here("create", "pipe");
  Deed deed;
  deed.what = words.front() + " " + printable(words.back().substr(words.back().rfind('/') + 1));
  deed.says.reset(ends[0]);
  const UniqueFd writes(ends[1]);
  deed.pid = ::fork();
  if (deed.pid < 0) return error_here("fork for", words.front());
  if (deed.pid > 0) return deed;
  (void)::dup2(writes.get(), STDOUT_FILENO);
  (void)::dup2(writes.get(), STDERR_FILENO);
  // It has no terminal to ask.
  const UniqueFd nothing = open_nothing();
  (void)::dup2(nothing.get(), STDIN_FILENO);
  std::vector<std::string> memory = words;
  std::vector<char*> argv;
  for (std::string& word : memory) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::_exit(act_main(static_cast<int>(words.size()), argv.data()));
}

class Top {
 public:
  /// `interval`: milliseconds after which it looks again, if nothing happens; -1: not.
  Top(std::string program, WatchedServices watched, int interval)
      : program_(std::move(program)), watched_(std::move(watched)), interval_(interval) {}

  int run() {
    if (const Status opened = screen_.open(); !opened) return fatal(program_, opened.error());
    (void)::signal(SIGPIPE, SIG_IGN);
    look();
    for (;;) {
      screen_.paint(model_.lines(screen_.columns(), screen_.rows()));
      const int wakes = wait();
      if (wakes < 0) return kExitFatal;
      bool pressed = false;
      if (!keys(pressed)) return 0;
      for (auto deed = deeds_.begin(); deed != deeds_.end();)
        deed = hear(*deed) ? deeds_.erase(deed) : std::next(deed);
      if (wakes == 0 || changes_->take()) {
        // What comes together is looked at together.
        constexpr int kSettle = 20;
        (void)::poll(nullptr, 0, kSettle);
        look();
        continue;
      }
      // What processes use is told by nothing: it is looked at when somebody looks.
      if (pressed) measure();
      if (model_.selected() != log_of_ || log_changed()) look_at_log();
    }
  }

 private:
  void look() {
    changes_.emplace(look_and_hear(seen_, watched_.places()));
    measure();
    look_at_log();
  }

  void measure() {
    StatusReport shown = seen_;
    watched_.select(shown);
    add_details(shown, families(), HostProcesses::read("/proc", HostProcesses::Commands::None),
                SystemClock().now().wall);
    model_.show(shown);
  }

  void look_at_log() {
    log_of_ = model_.selected();
    log_room_ = model_.log_room(screen_.rows());
    log_watch_.reset();
    std::vector<std::string> lines;
    const Surveyor surveyor(families());
    if (const Result<ServiceSurvey> survey = surveyor.look(log_of_.c_str()); survey && !log_of_.empty()) {
      if (const std::vector<std::string> places = log_places(log_of_, *survey); !places.empty()) {
        log_watch_.reset(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
        (void)inotify_add_watch(log_watch_.get(), places.front().c_str(),
                                IN_MODIFY | IN_CREATE | IN_MOVED_TO);
      }
      lines = last_log_lines(log_of_, *survey, log_room_);
    }
    model_.show_log(std::move(lines));
  }

  /// A log that is written all the time is shown a few times a second.
  [[nodiscard]] bool log_changed() const {
    char events[4096];
    bool any = false;
    while (log_watch_ && ::read(log_watch_.get(), events, sizeof events) > 0) any = true;
    constexpr int kBreath = 200;
    if (any) (void)::poll(nullptr, 0, kBreath);
    return any || model_.log_room(screen_.rows()) != log_room_;
  }

  /// How many descriptors have something to say; 0: it is time to look again; below 0: the terminal has gone.
  [[nodiscard]] int wait() {
    std::vector<pollfd> ready = {
        {STDIN_FILENO, POLLIN, 0}, {changes_->fd(), POLLIN, 0}, {log_watch_.get(), POLLIN, 0}};
    for (const Deed& deed : deeds_) ready.push_back({deed.says.get(), POLLIN, 0});
    constexpr int kLookAgain = 2000;
    const int longest = interval_ < 0 && changes_->deaf() ? kLookAgain : interval_;
    const int count = ::poll(ready.data(), ready.size(), longest);
    // A change of the window's size interrupts it.
    if (count < 0) return errno == EINTR ? 1 : -1;
    if ((ready.front().revents & (POLLHUP | POLLERR)) != 0) return -1;
    return count;
  }

  /// False: it is over.
  bool keys(bool& pressed) {
    for (bool any = true; any;) {
      const std::optional<TopKey> key = screen_.read(any);
      pressed = pressed || any;
      if (!key) continue;
      const TopWish wish = model_.press(*key);
      if (wish.quit) return false;
      if (wish.words.empty()) continue;
      std::vector<std::string> words = wish.words;
      // A name is looked for where services are; this one has been found.
      if (words.back().find('/') == std::string::npos) words.back().insert(0, "./");
      Result<Deed> deed = begin_deed(words);
      if (deed) {
        model_.say(deed->what + " ...");
        deeds_.push_back(std::move(*deed));
      } else {
        model_.say("unable to " + deed.error().operation + " " + deed.error().object + ": " +
                   error_text(deed.error().code));
      }
    }
    return true;
  }

  /// Whether it is over.
  bool hear(Deed& deed) {
    pollfd ready{deed.says.get(), POLLIN, 0};
    if (::poll(&ready, 1, 0) != 1) return false;
    char bytes[1024];
    const ssize_t size = ::read(deed.says.get(), bytes, sizeof bytes);
    constexpr std::size_t kMost = 4096;
    if (size > 0) {
      if (deed.said.size() < kMost) deed.said.append(bytes, static_cast<std::size_t>(size));
      return false;
    }
    int status = 0;
    (void)::waitpid(deed.pid, &status, 0);
    const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const std::string first = deed.said.substr(0, deed.said.find('\n'));
    model_.say(done || first.empty() ? deed.what + (done ? ": done" : ": failed") : printable(first));
    return true;
  }

  std::string program_;
  WatchedServices watched_;
  int interval_;
  Screen screen_;
  TopModel model_;
  StatusReport seen_;
  std::optional<ServiceChanges> changes_;
  UniqueFd log_watch_;
  std::string log_of_;
  std::size_t log_room_ = 0;
  std::list<Deed> deeds_;
};

}  // namespace

int top_main(int argc, char** argv) {
  double interval = 0;
  CommandLine line{
      .program = "kindred top",
      .usage = "kindred top [--interval SECONDS] [NAME|DIR ...]",
      .purpose =
          "Shows services as they change, and the log of the one that is selected. NAME may be a\n"
          "pattern; DIR is as with kindred status.\n\n"
          "Keys: arrows, page up and down, home, end; s start, t stop, r restart, k signal, / search\n"
          "(escape: all again), q quit"};
  line.options.add_options()("interval,i", options::value(&interval)->value_name("SECONDS"),
                             "look again so often; otherwise when something changes or a key is pressed");
  std::vector<std::string> words;
  if (const auto done = read_words(line, argc, argv, words)) return *done;
  constexpr double kShortest = 0.1, kLongest = 86400;
  if (interval != 0 && !(interval >= kShortest && interval <= kLongest))
    return usage_error(line, "--interval is between 0.1 and 86400");
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
    return fatal(line.program, {"standard input and output are no terminal"});
  std::optional<WatchedServices> watched = watched_services(line.program, words);
  if (!watched) return kExitFatal;
  constexpr double kThousand = 1000;
  return Top(line.program, std::move(*watched), interval == 0 ? -1 : static_cast<int>(interval * kThousand))
      .run();
}

}  // namespace kindred
