#pragma once
// kindred top without its terminal: what is shown, and what a key means. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/native/status.h"

namespace kindred {

enum class TopLook : std::uint8_t { Plain, Title, Heading, Good, Passing, Bad, Dim, Ask };

struct TopLine {
  std::string text;
  TopLook look = TopLook::Plain;
  bool selected = false;
  friend bool operator==(const TopLine&, const TopLine&) = default;
};

struct TopKey {
  enum class Kind : std::uint8_t { Text, Up, Down, PageUp, PageDown, First, Last, Enter, Escape, Erase };
  Kind kind = Kind::Text;
  std::string text = {};  ///< of Text: what was typed, in UTF-8
};

/// What a key asks for.
struct TopWish {
  bool quit = false;
  std::vector<std::string> words =
      {};  ///< of a subcommand of kindred's to be run: "restart", PATH; empty: none
  friend bool operator==(const TopWish&, const TopWish&) = default;
};

class TopModel {
 public:
  /// What a look has seen. The selection stays with its service, where that is still there.
  void show(const StatusReport& report);
  /// The last lines of the selected service's log, as last_log_lines() has them.
  void show_log(std::vector<std::string> lines);
  /// What is to be said below, until the next key.
  void say(std::string text) { said_ = std::move(text); }

  /// The service that is selected, by its path; empty: none is shown.
  [[nodiscard]] std::string selected() const;
  [[nodiscard]] TopWish press(const TopKey& key);

  /// How many lines of a log there is room for.
  [[nodiscard]] std::size_t log_room(std::size_t rows) const;
  /// As many lines as there are rows, each at most so many places wide. 80 × 24 is enough for all but the family, which
  /// needs twelve columns more; a smaller screen shows the first of it.
  [[nodiscard]] std::vector<TopLine> lines(std::size_t columns, std::size_t rows) const;

 private:
  enum class Mode : std::uint8_t { Browse, Search, Signal, Sure };

  struct Row {
    std::string name = {}, path = {}, state = {}, since = {}, pid = {}, memory = {}, cpu = {}, log = {},
                family = {};
    TopLook look = TopLook::Plain;
  };

  void select_again(const std::string& path);
  void move(std::ptrdiff_t by);
  [[nodiscard]] TopWish browse(const std::string& text);
  [[nodiscard]] TopWish answer(const TopKey& key);
  [[nodiscard]] std::size_t table_room(std::size_t rows) const;
  [[nodiscard]] TopLine bottom() const;
  [[nodiscard]] std::string selected_name() const;

  std::vector<Row> all_;
  std::vector<std::size_t> shown_;  ///< of all_, those in whose name there is what is searched
  std::size_t at_ = 0;              ///< of shown_
  std::size_t errors_ = 0;
  std::string searched_, typed_, subject_, deed_, said_;
  std::vector<std::string> log_;
  Mode mode_ = Mode::Browse;
};

}  // namespace kindred
