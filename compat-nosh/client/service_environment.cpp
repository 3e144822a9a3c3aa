#include "compat-nosh/client/service_environment.h"

#include <algorithm>
#include <cerrno>

#include "core/sys/files.h"

namespace kindred::nosh {
namespace {

constexpr const char* kDirectory = "env";
constexpr std::size_t kLongestValue = 1 << 20;

/// Without slashes in front; nullopt for a name that is none, or leads out of the directory.
std::optional<std::string> name_within(std::string_view variable) {
  variable.remove_prefix(std::min(variable.size(), variable.find_first_not_of('/')));
  const std::string framed = "/" + std::string(variable) + "/";
  if (variable.empty() || variable.ends_with('/') || framed.find("/../") != std::string::npos)
    return std::nullopt;
  return std::string(variable);
}

}  // namespace

std::string file_of_value(const std::optional<std::string>& value, bool full) {
  if (!value) return {};
  std::string text = *value;
  if (text.ends_with('\n')) text.pop_back();
  if (!full) std::ranges::replace(text, '\n', '\0');
  return text + '\n';
}

std::string value_of_file(std::string_view content, bool full) {
  if (!full) content = content.substr(0, content.find('\n'));
  std::string text(content);
  std::ranges::replace(text, '\0', '\n');
  return text;
}

Status set_service_variable(int service, const std::string& variable, const std::optional<std::string>& value,
                            bool full) {
  const auto name = name_within(variable);
  if (!name) return Error{EINVAL, "write", variable};
  const Result<UniqueFd> directory = open_directory(service, kDirectory);
  if (!directory) return error_here("open", kDirectory, directory.error().code);
  // Whoever reads the directory meanwhile sees no file that is only half there.
  const std::size_t slash = name->rfind('/');
  const std::size_t base = slash == std::string::npos ? 0 : slash + 1;
  const std::string temporary = name->substr(0, base) + "." + name->substr(base) + ".new";
  const std::string text = file_of_value(value, full);
  constexpr mode_t kMode = 0644;
  const int code = replace_file(directory->get(), temporary.c_str(), name->c_str(),
                                {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, kMode);
  if (code != 0) return error_here("write", variable, code);
  return ok();
}

Result<std::string> service_variable_text(int service, const std::string& variable, bool full) {
  const auto name = name_within(variable);
  if (!name) return Error{EINVAL, "open", variable};
  const Result<UniqueFd> directory = open_directory(service, kDirectory);
  if (!directory) return error_here("open", kDirectory, directory.error().code);
  const auto content = read_file(directory->get(), name->c_str(), kLongestValue);
  if (!content) return error_here("open", variable, content.error().code);
  std::string text = value_of_file(*content, full);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

Result<std::string> service_environment_text(int service, bool full) {
  const Result<UniqueFd> directory = open_directory(service, kDirectory);
  if (!directory) return error_here("open", kDirectory, directory.error().code);
  const auto names = list_directory(directory->get(), ".");
  if (!names) return error_here("read", kDirectory, names.error().code);
  std::string text;
  for (const std::string& name : *names) {
    const auto content = read_file(directory->get(), name.c_str(), kLongestValue);
    if (!content) continue;  // a directory, or gone
    text += name;
    if (!content->empty()) text += "=" + value_of_file(*content, full);
    if (!text.ends_with('\n')) text += '\n';
  }
  return text;
}

}  // namespace kindred::nosh
