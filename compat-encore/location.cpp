#include "compat-encore/location.h"

#include <algorithm>
#include <cstdlib>

#include "compat-encore/dialect.h"
#include "core/dialect/registry.h"

namespace kindred::encore {
namespace {

std::string physical_path(const char* service) {
  char* const resolved = realpath(service, nullptr);
  std::string path = resolved != nullptr ? resolved : "";
  free(resolved);
  return path;
}

bool is_absolute(const char* value) { return value != nullptr && *value == '/'; }

std::string supervise_directory_at(const std::string& physical) {
  return supervise_directory(std::getenv("SUPERVISEDIR"), physical);
}

std::string supervise_directory_of(const char* service) {
  const char* const value = std::getenv("SUPERVISEDIR");
  return supervise_directory(value, is_absolute(value) ? physical_path(service) : std::string());
}

}  // namespace

std::string supervise_directory(const char* value, std::string_view physical) {
  if (value == nullptr) return dialect().layout.directory;
  if (*value == '\0') return "/";
  std::string directory = value;
  if (*value != '/' || physical.empty()) return directory;
  const std::size_t service = directory.size() + 1;
  directory += physical;
  std::replace(directory.begin() + static_cast<std::ptrdiff_t>(service), directory.end(), '/', ':');
  return directory;
}

Home::Home(const char* service)
    : directory_(supervise_directory_of(service)), dialect_(kindred::encore::dialect()) {
  dialect_.layout.directory = directory_.c_str();
}

Home::Home() : dialect_(kindred::encore::dialect()) {
  const char* const value = std::getenv("SUPERVISEDIR");
  if (is_absolute(value))
    dialect_.layout.directory_of = supervise_directory_at;
  else
    directory_ = supervise_directory(value, {});
  dialect_.layout.directory = directory_.c_str();
}

KnownFamilies Home::known() const { return {dialect_, families()}; }

}  // namespace kindred::encore
