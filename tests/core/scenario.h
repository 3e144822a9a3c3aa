#pragma once
// Scenarios as text: a line is what happens, and after `->` everything that the owner is told to do because
// of it. A line without `->` is one to which nothing is the answer. `@s6,perp` before a line: in these
// families only.
//
//   begin [down|once|log]       supervision begins; with `log` the log process too
//   adopt                       instead of begin: a run that an earlier supervisor left
//   u d o O _ x Q p c t         up, down, once, once at most, no restart, exit, quit, pause, continue, TERM
//   hup alrm int quit usr1 usr2 k
//                               signals
//   log COMMAND                 a command for the log
//   exit N | killed N | lost    the process ends (lost: nobody knows how); likewise `log exit`, `custom exit`
//   ready                       the service says that it is ready
//   wait TIME                   300ms, 5s
//   with SCRIPT, without SCRIPT, control LETTERS
//                               which scripts there are
//   finish stays                finish and stop take their time; otherwise they end at once, unmentioned
//   fork fails, fork works
//   term                        TERM to the supervisor
//   tell status, tell notices   mention these in the answers
//   = RECORD, log = RECORD      expects phase, want and marks: "running up paused"
//   is PHASE                    expects the phase
//   timer TIME, no timer        expects the next timer
//   remains                     from now on the end of run leaves the service up

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/core/simulation.h"

namespace kindred::test {

struct Scenario {
  const char* name;      ///< a sentence
  const char* families;  ///< names, comma between them; empty: all real ones
  const char* steps;
};

[[nodiscard]] inline bool names_family(std::string_view list, std::string_view family) {
  std::istringstream names{std::string(list)};
  for (std::string name; std::getline(names, name, ',');)
    if (name == family) return true;
  return false;
}

/// Plays a scenario; the first line that went otherwise is the result, or nothing.
class ScenarioPlayer {
 public:
  ScenarioPlayer(const Scenario& scenario, const Family& family) : scenario_(scenario), family_(family) {
    const bool with_log = std::string_view(scenario.steps).find("begin log") != std::string_view::npos;
    sim_ = std::make_unique<Simulation>(family, with_log);
    sim_->world.has_script = [this](Role, Script s) { return scripts_.count(s) != 0; };
    sim_->world.fork_fails = [this](Role) { return fork_fails_; };
  }

  [[nodiscard]] std::string play() {
    std::istringstream lines{scenario_.steps};
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      std::istringstream words(line);
      std::string first;
      if (!(words >> first)) continue;
      if (first.front() == '@') {
        if (!names_family(first.substr(1), family_.name)) continue;
      } else {
        words.str(line);
        words.clear();
      }
      const std::string trouble = play_line(words);
      if (!trouble.empty())
        return "line " + std::to_string(number) + ":" + line + "\n  " + trouble +
               "\n  record: " + describe(sim_->record());
    }
    return {};
  }

 private:
  std::string play_line(std::istringstream& words) {
    std::string word, expected;
    std::vector<std::string> step;
    while (words >> word && word != "->") step.push_back(word);
    while (words >> word) expected += (expected.empty() ? "" : " ") + word;
    std::string trouble = perform(step);
    if (!trouble.empty()) return trouble;
    if (!sim_->broken().empty()) return "invariant: " + sim_->broken();
    const std::string trace = sim_->take_trace();
    if (trace != expected) return "answer: [" + trace + "]";
    return {};
  }

  std::string perform(const std::vector<std::string>& step) {
    const std::string& what = step[0];
    const std::string& object = step.size() > 1 ? step[1] : what;
    if (what == "log") return perform_for(Role::Log, {step.begin() + 1, step.end()});
    if (what == "custom") {
      sim_->custom_ends(end_of({step.begin() + 1, step.end()}));
    } else if (what == "begin") {
      sim_->begin(object == "down" ? Want::Down : object == "once" ? Want::Once : Want::Up);
    } else if (what == "adopt") {
      sim_->adopt(77);
    } else if (what == "ready") {
      sim_->becomes_ready();
    } else if (what == "remains") {
      sim_->empty_is_up();
    } else if (what == "wait") {
      sim_->advance(time_of(object));
    } else if (what == "with") {
      scripts_.insert(script_of(object));
    } else if (what == "without") {
      scripts_.erase(script_of(object));
    } else if (what == "control") {
      sim_->world.custom = object;
    } else if (what == "finish") {
      sim_->world.finish_ends_at_once = false;
      scripts_.insert(Script::Finish);
    } else if (what == "fork") {
      fork_fails_ = object == "fails";
    } else if (what == "term") {
      sim_->shutdown();
    } else if (what == "tell") {
      (object == "status" ? sim_->world.tells_status : sim_->world.tells_notices) = true;
    } else if (what == "is") {
      const std::string phase = phase_name(sim_->record().phase);
      return phase == object ? "" : "phase: " + phase;
    } else if (what == "no" || what == "timer") {
      const std::optional<Duration> next = sim_->next_timer();
      const std::string told = next ? std::to_string(next->count()) + "us" : "none";
      const bool as_expected = what == "no" ? !next : next == time_of(object);
      return as_expected ? "" : "timer: " + told;
    } else {
      return perform_for(Role::Main, step);
    }
    return {};
  }

  std::string perform_for(Role role, const std::vector<std::string>& step) {
    const std::string& what = step[0];
    if (what == "=") {
      std::string expected;
      for (std::size_t i = 1; i < step.size(); ++i) expected += (i > 1 ? " " : "") + step[i];
      const std::string told = describe(sim_->record(role));
      return told == expected ? "" : "told: " + told;
    }
    if (what == "exit" || what == "killed" || what == "lost") {
      sim_->exits(role, end_of(step));
      return {};
    }
    static constexpr std::pair<const char*, Verb> kVerbs[] = {
        {"u", Verb::Up},        {"d", Verb::Down},      {"o", Verb::Once}, {"O", Verb::OnceAtMost},
        {"_", Verb::NoRestart}, {"x", Verb::Exit},      {"Q", Verb::Quit}, {"p", Verb::Pause},
        {"c", Verb::Continue},  {"t", Verb::Terminate},
    };
    static constexpr std::pair<const char*, int> kSignals[] = {
        {"hup", SIGHUP},   {"alrm", SIGALRM}, {"int", SIGINT}, {"quit", SIGQUIT},
        {"usr1", SIGUSR1}, {"usr2", SIGUSR2}, {"k", SIGKILL},
    };
    for (const auto& [name, verb] : kVerbs)
      if (what == name) return sim_->tell(verb, role), "";
    for (const auto& [name, number] : kSignals)
      if (what == name) return sim_->signal(number, role), "";
    return "what is " + what + "?";
  }

  static ExitStatus end_of(const std::vector<std::string>& step) {
    if (step[0] == "lost") return ExitStatus::unknown();
    const int value = std::stoi(step[1]);
    return step[0] == "exit" ? ExitStatus::exited(value) : ExitStatus::signaled(value);
  }

  static Duration time_of(const std::string& text) {
    std::size_t digits = 0;
    const long value = std::stol(text, &digits);
    const std::string unit = text.substr(digits);
    if (unit == "us") return Duration{value};
    return unit == "ms" ? Duration{value * 1000} : Duration{value * 1000000};
  }

  static Script script_of(const std::string& word) {
    for (Script s : {Script::Start, Script::Run, Script::Finish})
      if (word == script_word(s)) return s;
    return Script::Stop;
  }

  const Scenario& scenario_;
  const Family& family_;
  std::unique_ptr<Simulation> sim_;
  std::set<Script> scripts_{Script::Run};
  bool fork_fails_ = false;
};

}  // namespace kindred::test
