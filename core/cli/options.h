#pragma once
// The family's option grammar over getopt(3): letters bundle, an argument is attached or the next word, the
// first word that is no option ends them, `--` ends them and is consumed, a lone `-` is an operand. Source:
// interfaces/daemontools.md section 1, interfaces/runit.md section 1.1.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kindred {

/// Which words of more than two bytes end the options and are consumed, as `--` is.
enum class LongDashes : std::uint8_t {
  None,  ///< `--word` is a bad option
  All,  ///< `--word` is `--`, and `-?` no other than a wrong letter (observed on daemontools 0.76 and runit 2.1.2)
};

/// `--NAME`, or `--NAME=ARGUMENT`, is another way to say a letter.
struct LongOption {
  std::string_view name;
  char letter;
  bool has_argument = false;
};

/// getopt(3) keeps its place in libc's own variables, so a process reads one Options at a time.
///
///   Options options(argc, argv, "vw:");
///   while (const char letter = options.next()) switch (letter) {
///     case 'w': seconds = options.argument(); break;
///     case Options::kBad: return usage();        // the complaint is printed already
///   }
///   for (const char* word : options.operands()) …
class Options {
 public:
  static constexpr char kBad = '?';

  enum class Complaint : std::uint8_t { Printed, Kept };

  /// `letters` as getopt's: each that takes an argument is followed by ':'. Null: no word is an option, not even `--`.
  Options(int argc, char** argv, const char* letters, LongDashes long_dashes = LongDashes::None);
  Options(int argc, char** argv, const char* letters, Complaint complaint,
          LongDashes long_dashes = LongDashes::None)
      : Options(argc, argv, letters, long_dashes) {
    kept_ = complaint == Complaint::Kept;
  }

  /// The long names outlive the options.
  Options(int argc, char** argv, const char* letters, std::span<const LongOption> names);

  /// The next option's letter; 0 where the operands begin. kBad, after one line on standard error, for a
  /// letter that the program does not have ("BASENAME: illegal option -- C") or that lacks its argument.
  /// A complaint that is kept is not printed.
  [[nodiscard]] char next();

  /// The kept one, for the program's own words; empty where `-?` only asked for the usage.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  /// After kBad: it was a name, not a letter.
  [[nodiscard]] bool refused_a_name() const { return refused_a_name_; }

  /// Of the option that next() returned last; null where it takes none.
  [[nodiscard]] const char* argument() const { return argument_; }

  /// The words after the options; complete only once next() has returned 0.
  [[nodiscard]] std::span<char* const> operands() const;

 private:
  int argc_;
  char** argv_;
  std::string letters_;
  bool kept_ = false;
  std::string complaint_;
  const char* argument_ = nullptr;
  [[nodiscard]] char next_long(std::string_view word);

  LongDashes long_dashes_;
  std::span<const LongOption> long_options_;
  bool refused_a_name_ = false;
  bool within_word_ = false;
};

}  // namespace kindred
