#include "compat-s6/log/log_script.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/number.h"

namespace kindred::s6 {
namespace {

constexpr std::uint64_t kSmallest = 4096, kLargest = 268435455, kUsualSize = 99999, kTolerance = 2000;
constexpr std::uint64_t kUsualNumber = 10;
constexpr std::uint64_t kUsualAlertSize = 200, kUsualStatusSize = 1001;
/// What "..." takes the place of.
constexpr std::uint64_t kDots = 3;
constexpr Duration kRetry = std::chrono::milliseconds(2000);
constexpr mode_t kMode = 0666, kComplete = 0100, kDirectoryMode = 02700;

constexpr std::array kSteps = {
    RotationStep::SettlePrevious, RotationStep::Sync,         RotationStep::ToPrevious,
    RotationStep::OpenFresh,      RotationStep::MarkPrevious, RotationStep::ArchivePrevious,
    RotationStep::Prune,
};

/// All digits, and no more than `most`.
std::optional<std::uint64_t> number(std::string_view digits, std::uint64_t most = UINT32_MAX) {
  const auto value = parse_unsigned<std::uint64_t>(digits);
  return value && *value <= most ? value : std::nullopt;
}

RotationRules usual_rules(mode_t mask) {
  RotationRules rules;
  rules.size = {SizeRule::Cut::AfterLine, kUsualSize, kTolerance};
  rules.keep.names = KeepRule::Names::Label27;
  rules.keep.count = kUsualNumber;
  rules.opening.make_directory = true;
  rules.opening.directory_mode = kDirectoryMode;
  rules.opening.lock = LogLock::Record;
  rules.opening.lock_mode = kMode;
  rules.opening.settles_previous = true;
  rules.opening.makes_state = true;
  rules.steps = kSteps;
  rules.offset = TaiOffset::LeapTable;
  rules.open_mode = kMode & ~mask;
  rules.complete_mode = rules.open_mode | kComplete;
  rules.archives_empty = false;
  rules.processor.retry = rules.retry = kRetry;
  return rules;
}

class Parser {
 public:
  explicit Parser(mode_t mask) : rules_(usual_rules(mask)) { parsed_.script.lines.nul_ends = true; }

  /// The empty string, or what is wrong with the word.
  std::string take(const std::string& word) {
    const std::string rest = word.empty() ? word : word.substr(1);
    switch (word.empty() ? 0 : word[0]) {
      case '+':
      case '-':
        return select(word, rest);
      case 'f':
        return bare(word, [&] { add(LogInstruction::Kind::SelectIfUntouched, 0); });
      case 't':
        return bare(word, [&] { format_.stamps[0] = StampKind::Tai; });
      case 'T':
        return bare(word, [&] { format_.stamps[1] = StampKind::LocalIso; });
      case '1':
        return bare(word, [&] { write({}); });
      case '2':
        return bare(word, [&] { alert(); });
      case '=':
        if (rest.empty()) return syntax_error(word);
        tell_status(rest);
        return {};
      case '.':
      case '/':
        write(word);
        return {};
      case 'p':
        format_.prefix = rest.empty() ? rest : rest + " ";
        return {};
      case '!':
        process(rest, {"execlineb", "-Pc", rest});
        return {};
      case '?':
        process(rest, {"/bin/sh", "-c", rest});
        return {};
      default:
        return set(word, rest);
    }
  }

  /// nullopt: there is no action.
  std::optional<ParsedScript> finish() {
    std::vector<LogInstruction>& instructions = parsed_.script.instructions;
    if (last_action_ == 0) return std::nullopt;
    parsed_.extraneous = instructions.size() > last_action_;
    instructions.resize(last_action_);
    return std::move(parsed_);
  }

 private:
  static std::string syntax_error(const std::string& word) { return "syntax error at directive: " + word; }
  static std::string unrecognized(const std::string& word) { return "unrecognized directive: " + word; }
  template <class Act>
  static std::string bare(const std::string& word, Act act) {
    if (word.size() != 1) return syntax_error(word);
    act();
    return {};
  }

  std::string select(const std::string& word, const std::string& expression) {
    Result<LinePattern> pattern = LinePattern::regex(expression);
    if (!pattern) return unrecognized(word) + ": " + pattern.error().operation;
    parsed_.script.patterns.push_back(*std::move(pattern));
    add(word[0] == '+' ? LogInstruction::Kind::Select : LogInstruction::Kind::Deselect,
        parsed_.script.patterns.size() - 1);
    return {};
  }

  std::string set(const std::string& word, const std::string& rest) {
    const char letter = word.empty() ? 0 : word[0];
    const auto value = number(rest, letter == 'S' ? UINT64_MAX : UINT32_MAX);
    if (!value) return unrecognized(word);
    switch (letter) {
      case 'n':
        rules_.keep.count = *value;
        return {};
      case 's':
        rules_.size.max = std::clamp(*value, kSmallest, kLargest);
        return {};
      case 'S':
        rules_.keep.total = *value;
        return {};
      case 'l':
        if (*value > rules_.size.max / 2) return "directive " + word + " conflicts with previous s directive";
        rules_.size.slack = *value;
        return {};
      case 'r':
        rules_.processor.retry = rules_.retry = std::chrono::milliseconds(*value);
        return {};
      case 'R':
        rules_.every = std::chrono::seconds(*value);
        return {};
      case 'E':
        alert_size_ = *value;
        return {};
      case '^':
        status_size_ = *value;
        return {};
      default:
        return unrecognized(word);
    }
  }

  void process(const std::string& command, std::vector<std::string> argv) {
    rules_.processor.complaint = "s6-log: fatal: unable to exec " + argv[0] + ": ";
    rules_.processor.argv = command.empty() ? std::vector<std::string>{} : std::move(argv);
  }

  void add(LogInstruction::Kind kind, std::size_t index) {
    parsed_.script.instructions.push_back({kind, index, {}});
  }
  /// Stamps hold for one action.
  void act(LogInstruction::Kind kind, std::size_t index) {
    parsed_.script.instructions.push_back({kind, index, format_});
    format_.stamps = {StampKind::None, StampKind::None};
    last_action_ = parsed_.script.instructions.size();
  }
  void write(const std::string& path) {
    std::vector<Outlet>& outlets = parsed_.script.outlets;
    const auto known = std::find_if(outlets.begin(), outlets.end(),
                                    [&](const Outlet& outlet) { return outlet.path == path; });
    const auto index = static_cast<std::size_t>(known - outlets.begin());
    if (known == outlets.end()) outlets.push_back({path, rules_});
    act(LogInstruction::Kind::Write, index);
  }
  void alert() {
    Teller teller;
    teller.intro = "s6-log: alert: ";
    teller.limit = alert_size_;
    if (alert_size_ != 0) teller.cut_from = alert_size_ + kDots + 1;
    tell(std::move(teller));
  }
  void tell_status(const std::string& path) {
    Teller teller;
    teller.kind = Teller::Kind::StatusFile;
    teller.path = path;
    teller.size = status_size_;
    teller.replaced = true;
    tell(std::move(teller));
  }
  void tell(Teller teller) {
    parsed_.script.tellers.push_back(std::move(teller));
    act(LogInstruction::Kind::Tell, parsed_.script.tellers.size() - 1);
  }

  ParsedScript parsed_;
  RotationRules rules_;
  LineFormat format_;
  std::uint64_t alert_size_ = kUsualAlertSize, status_size_ = kUsualStatusSize;
  std::size_t last_action_ = 0;  ///< how many instructions there are with it
};

}  // namespace

Result<ParsedScript> parse_script(std::span<char* const> words, mode_t mask) {
  Parser parser(mask);
  for (const char* word : words)
    if (std::string wrong = parser.take(word); !wrong.empty()) return Error{0, std::move(wrong), {}};
  std::optional<ParsedScript> parsed = parser.finish();
  if (!parsed) return Error{0, "no action directive specified", {}};
  return *std::move(parsed);
}

}  // namespace kindred::s6
