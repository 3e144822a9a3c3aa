#include "core/definition/convert.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/definition/directory_codec.h"
#include "core/definition/tools_named.h"

namespace kindred {
namespace {

using namespace definition;

bool has(std::span<const char* const> tools, std::string_view word) {
  return std::find(tools.begin(), tools.end(), word) != tools.end();
}

/// What a script that is carried runs of the family that it comes from.
class ToolsNeeded {
 public:
  ToolsNeeded(const DefinitionCodec& from, const DefinitionCodec& to, std::vector<Loss>& losses)
      : from_(from), to_(to), losses_(losses) {}

  void look(const std::string& prefix, const ServiceDefinition& definition) {
    for (const auto* const body : {&definition.run, &definition.start, &definition.finish, &definition.stop,
                                   &definition.check, &definition.notify})
      if (*body) look(prefix, **body);
    for (const auto& [letter, body] : definition.custom) look(prefix, body);
    for (const ServiceDefinition& log : definition.log) look("log/", log);
  }

 private:
  void look(const std::string& prefix, const Body& body) {
    const std::string file = prefix + body.file;
    if (const auto* const command = std::get_if<Command>(&body.what)) {
      if (!command->program.empty())
        word(file, 0, std::string_view(command->program[0]).substr(command->program[0].rfind('/') + 1));
      return;
    }
    for_each_word(std::get<kindred::definition::Script>(body.what).text,
                  [&](unsigned line, std::string_view name) { word(file, line, name); });
  }

  void word(const std::string& file, unsigned line, std::string_view name) {
    if (!has(from_.tools, name) || has(to_.tools, name)) return;
    const auto told = [&](const Loss& loss) { return loss.file == file && loss.thing == name; };
    if (std::any_of(losses_.begin(), losses_.end(), told)) return;
    losses_.push_back({file, line, std::string(name),
                       "a program of " + std::string(from_.family) + " that the script runs as it did",
                       "keep it installed, or write the script anew"});
  }

  const DefinitionCodec& from_;
  const DefinitionCodec& to_;
  std::vector<Loss>& losses_;
};

/// Files of environment directories that the two families' tools read otherwise.
void compare_environment(const std::string& prefix, const ServiceDefinition& definition,
                         const ValueRules& from, const ValueRules& to, const char* family,
                         std::vector<Loss>& losses) {
  for (const auto* const body : {&definition.run, &definition.start, &definition.finish, &definition.stop}) {
    const auto* const command = *body ? std::get_if<Command>(&(*body)->what) : nullptr;
    if (command == nullptr) continue;
    for (const Step& step : command->steps) {
      const auto* const directory = std::get_if<definition::ReadEnvDirectory>(&step);
      const auto inside = directory != nullptr ? path_inside(directory->path) : std::nullopt;
      if (!inside || inside->empty()) continue;
      for (const File& file : definition.files) {
        if (file.kind != File::Kind::Regular || !file.path.starts_with(*inside + "/")) continue;
        const std::string name = file.path.substr(inside->size() + 1);
        const VariableChange before = variable_of_file(name, file.bytes, from),
                             after = variable_of_file(name, file.bytes, to);
        if (before == after) continue;
        losses.push_back({prefix + file.path, 1, "the value of " + name,
                          "the tool of " + std::string(family) + " reads it as \"" +
                              after.value.value_or("(removed)") + "\"",
                          "write the file so that both read it alike"});
      }
    }
  }
  for (const ServiceDefinition& log : definition.log)
    compare_environment("log/", log, from, to, family, losses);
}

/// Variables that the family's supervisor sets for scripts, and no other.
void compare_variables(const ServiceDefinition& definition, std::span<const char* const> variables,
                       std::vector<Loss>& losses) {
  for (const auto* const body : {&definition.run, &definition.finish}) {
    const auto* const script = *body ? std::get_if<kindred::definition::Script>(&(*body)->what) : nullptr;
    if (script == nullptr) continue;
    for (const char* const name : variables)
      if (script->text.find(name) != std::string::npos)
        losses.push_back(
            {(*body)->file, 0, name, "the supervisor sets no such variable", "find it out in the script"});
  }
}

}  // namespace

WrittenDefinition write_definition(const ReadDefinition& read, const DefinitionCodec* from,
                                   const DefinitionCodec& to) {
  WrittenDefinition result = to.write(read.definition);
  result.losses.insert(result.losses.begin(), read.losses.begin(), read.losses.end());
  if (from == nullptr || from == &to) return result;
  ToolsNeeded(*from, to, result.losses).look("", read.definition);
  compare_environment("", read.definition, *from->environment_files, *to.environment_files, to.family,
                      result.losses);
  compare_variables(read.definition, from->variables, result.losses);
  return result;
}

WrittenDefinition convert(const DirectoryContent& content, const DefinitionCodec& from,
                          const DefinitionCodec& to) {
  return write_definition(from.read(content), &from, to);
}

}  // namespace kindred
