#include "core/cli/program.h"

#include <sys/auxv.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "core/cli/output.h"

namespace kindred {
namespace {

constexpr std::string_view kDirectPrefix = "kindred-";

const Program* find(std::span<const Program> programs, std::string_view name) {
  const auto found =
      std::find_if(programs.begin(), programs.end(), [&](const Program& p) { return name == p.name; });
  return found == programs.end() ? nullptr : &*found;
}

int run(const Program& program, int argc, char** argv) {
  try {
    return program.main(argc, argv);
  } catch (const std::bad_alloc&) {
    return fatal(program.name, {"out of memory"});
  } catch (const std::exception& error) {
    return fatal(program.name, {error.what()});
  }
}

int list(std::span<const Program> programs) {
  std::size_t width = 0;
  for (const Program& program : programs) width = std::max(width, std::strlen(program.name));
  Output out;
  for (const Program& program : programs)
    out.add(program.name)
        .add(std::string(width + 2 - std::strlen(program.name), ' '))
        .add(program.summary)
        .add("\n");
  const Status flushed = out.flush();
  return flushed ? 0 : fatal("kindred", flushed.error());
}

std::string usage(std::string_view name) {
  std::string text = "usage: ";
  text += name;
  return text + " PROGRAM [ARGUMENT...] | --list";
}

int unknown(std::string_view name, std::string_view wanted) {
  if (!wanted.empty()) print_error({name, ": no program ", wanted, " here"});
  print_error({usage(name)});
  return kExitUsage;
}

}  // namespace

std::string_view base_name(const char* path) {
  if (path == nullptr) return {};
  const std::string_view whole = path;
  return whole.substr(whole.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view executed_name() { return base_name(reinterpret_cast<const char*>(::getauxval(AT_EXECFN))); }

int run_program(std::span<const Program> programs, int argc, char** argv, OtherNames other_names) {
  const std::string_view name = argc > 0 ? base_name(argv[0]) : std::string_view{};
  if (const Program* program = find(programs, name)) return run(*program, argc, argv);
  if (name.starts_with(kDirectPrefix)) {
    const std::string_view wanted = argc > 1 ? argv[1] : "";
    if (wanted == "--list") return list(programs);
    if (wanted == "--help") return write_text(1, usage(name) + "\n") ? 0 : kExitFatal;
    const Program* program = find(programs, wanted);
    return program != nullptr ? run(*program, argc - 1, argv + 1) : unknown(name, wanted);
  }
  if (argc > 0 && other_names == OtherNames::Executed)
    if (const Program* program = find(programs, executed_name())) return run(*program, argc, argv);
  if (!name.empty())
    for (const Program& program : programs)
      if (program.takes_other_names) return run(program, argc, argv);
  return unknown("kindred-FAMILY", name);
}

}  // namespace kindred
