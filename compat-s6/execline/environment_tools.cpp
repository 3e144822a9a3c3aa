// What changes the environment. Source: interfaces/execline.md section 9.

#include <fcntl.h>

#include <cerrno>

#include "compat-s6/execline/call.h"
#include "compat-s6/execline/commands.h"
#include "compat-s6/execline/positional.h"
#include "compat-s6/execline/value.h"
#include "compat-s6/execline/variable_file.h"
#include "core/sys/unique_fd.h"

namespace kindred::execline {
namespace {

/// A request that ends with this line alone.
ChainRequest refused(std::string complaint) {
  ChainRequest request = ChainRequest::misuse(std::move(complaint));
  request.quiet_usage = true;
  return request;
}

ChainRequest parse_change(std::string_view tool, VariableChange change, std::span<char* const> program) {
  if (change.name.find('=') != std::string::npos)
    return refused(std::string(tool) + ": fatal: invalid variable name: " + change.name);
  ChainRequest request;
  request.steps.emplace_back(SetVariable{std::move(change)});
  request.program = program;
  return request;
}

bool begins_with_number(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && name.size() > prefix.size() && number(name.substr(prefix.size()));
}

/// What scripts leave in their environment, and nobody else has set.
bool is_a_scripts_own(std::string_view name) {
  return name == "!" || name == "?" || is_positional(name) || is_option_variable(name) ||
         name.starts_with("EXECLINE_") || begins_with_number(name, "FD");
}

bool take_variable(Words& words, Tell& tell) {
  tell.variable = words.take();
  if (tell.variable == nullptr || !words.has_rest())
    words.misused();
  else if (!is_variable_name(tell.variable))
    words.refuse({"invalid variable name"});
  return !words.are_refused();
}

}  // namespace

ChainRequest parse_export(int argc, char** argv, const Environment&) {
  if (argc < 4) return ChainRequest::misuse();
  return parse_change("export", {argv[1], argv[2]}, {argv + 3, argv + argc});
}

ChainRequest parse_unexport(int argc, char** argv, const Environment&) {
  if (argc < 3) return ChainRequest::misuse();
  return parse_change("unexport", {argv[1], std::nullopt}, {argv + 2, argv + argc});
}

ChainRequest parse_emptyenv(int argc, char** argv, const Environment& environment) {
  constexpr LongOption kNames[] = {{"keep-path", 'p'}};
  Options options(argc, argv, "plcoP", std::span(kNames));
  bool keeps_path = false, keeps_library_path = false, cleans = false, pops_options = false, pops = false;
  while (const char letter = options.next()) switch (letter) {
      case 'p':
        keeps_path = true;
        break;
      case 'l':
        keeps_library_path = true;
        break;
      case 'c':
        cleans = true;
        break;
      case 'o':
        pops_options = true;
        break;
      case 'P':
        pops = true;
        break;
      default:
        return ChainRequest::misuse();
    }
  SetEnvironment step;
  if (cleans || !(pops || pops_options)) {
    for (const std::string& entry : environment.entries()) {
      const std::string_view name = name_of(entry);
      if (cleans ? !is_a_scripts_own(name)
                 : (keeps_path && name == "PATH") || (keeps_library_path && name == "LD_LIBRARY_PATH"))
        step.entries.push_back(entry);
    }
  } else {
    step.entries = environment.entries();
    if (pops_options) step.entries = pop(step.entries, is_option_variable);
    if (pops) step.entries = pop(step.entries, is_positional);
  }
  ChainRequest request;
  request.steps.emplace_back(std::move(step));
  request.program = options.operands();
  return request;
}

std::optional<ExportArray> ExportArray::parse(Words& words) {
  std::string separator;
  while (const char letter = words.option()) {
    if (letter != 'd') return words.misused();
    separator = words.argument();
  }
  ExportArray array;
  array.name = words.take();
  if (array.name == nullptr) return words.misused();
  const auto values = words.take_block();
  if (!values) return std::nullopt;
  if (!is_variable_name(array.name)) return words.refuse({"invalid variable name: ", array.name});
  if (values->empty()) return words.refuse({"empty block"});
  if (!words.has_rest()) return words.misused();
  for (const std::string_view value : *values) {
    if (separator.empty())
      array.value += netstring(value);
    else
      array.value.append(value).push_back(separator[0]);
  }
  return array;
}

ChainTurn ExportArray::act(Call& call) const {
  call.state().change({name, value});
  return call.go_on();
}

std::optional<Envfile> Envfile::parse(Words& words) {
  Envfile envfile;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    envfile.may_be_missing = letter == 'I';
  }
  envfile.path = words.take();
  if (envfile.path == nullptr || !words.has_rest()) return words.misused();
  return envfile;
}

ChainTurn Envfile::act(Call& call) const {
  constexpr int kBadFile = 1;
  const bool is_input = std::string_view(path) == "-";
  // A FIFO that nobody has open is empty; one that somebody writes to is read to its end.
  const UniqueFd file(is_input ? 0 : ::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT && may_be_missing) return call.go_on();
    return call.fatal(error_here("open", path));
  }
  if (!is_input && ::fcntl(file.get(), F_SETFL, 0) == -1) return call.fatal(error_here("open", path));
  const auto text = read_all(file.get());
  if (!text) return call.fatal(Error{text.error().code, "read", path});
  const VariableFile variables = read_variables(*text);
  if (variables.wrong_line)
    return call.fatal(kBadFile, {"in ", path, ": syntax error line ", std::to_string(*variables.wrong_line)});
  call.state().environment.apply_all(variables.changes);
  call.state().environment_changed = true;
  return call.go_on();
}

ChainTurn Tell::act(Call& call) const {
  if (const Status done = kindred::apply(ChainStep(TellProcess{what, variable}), call.state()); !done)
    return call.fatal(done.error());
  return substitutes ? call.go_on_substituting(variable) : call.go_on();
}

std::optional<Getcwd> Getcwd::parse(Words& words) {
  Getcwd getcwd;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    getcwd.substitutes = letter == 'E';
  }
  if (!take_variable(words, getcwd)) return std::nullopt;
  return getcwd;
}

std::optional<Getpid> Getpid::parse(Words& words) {
  Getpid getpid;
  getpid.what = TellProcess::What::Pid;
  while (const char letter = words.option()) {
    if (letter == Options::kBad) return words.misused();
    if (letter == 'E' || letter == 'e') getpid.substitutes = letter == 'E';
    if (letter == 'P') getpid.what = TellProcess::What::Parent;
    if (letter == 'p') getpid.what = TellProcess::What::Pid;
  }
  if (!take_variable(words, getpid)) return std::nullopt;
  return getpid;
}

std::optional<Withstdinas> Withstdinas::parse(Words& words) {
  Withstdinas stdinas;
  while (const char letter = words.option()) switch (letter) {
      case 'i':
        stdinas.on_nul = OnNul::Fail;
        break;
      case 'I':
        stdinas.on_nul = OnNul::Remove;
        break;
      case 'D':
        stdinas.on_nul = OnNul::Fallback;
        stdinas.fallback = words.argument();
        break;
      case 'N':
      case 'n':
        stdinas.chomps = letter == 'n';
        break;
      case 'E':
      case 'e':
        stdinas.substitutes = letter == 'E';
        break;
      default:
        return words.misused();
    }
  stdinas.variable = words.take();
  if (stdinas.variable == nullptr) return words.misused();
  if (!is_variable_name(stdinas.variable)) return words.refuse({"invalid variable name"});
  return stdinas;
}

ChainTurn Withstdinas::act(Call& call) const {
  constexpr int kHasNul = 1;
  auto text = read_all(0);
  if (!text) return call.fatal(text.error());
  std::optional<std::string> value = std::move(*text);
  if (const std::size_t nul = value->find('\0'); nul == std::string::npos) {
    if (chomps && value->ends_with('\n')) value->pop_back();
  } else if (on_nul == OnNul::Cut) {
    value->resize(nul);
  } else if (on_nul == OnNul::Remove) {
    value.reset();
  } else {
    constexpr std::string_view kWhat = "standard input contains a null character";
    if (on_nul == OnNul::Fail) return call.fatal(kHasNul, {kWhat});
    call.warn({kWhat});
    value = fallback;
  }
  call.state().change({variable, std::move(value)});
  return substitutes ? call.go_on_substituting(variable) : call.go_on();
}

}  // namespace kindred::execline
