#include <nlohmann/json.hpp>

#include "core/base/printable.h"
#include "core/native/convert.h"

namespace kindred {
namespace {

using Json = nlohmann::ordered_json;

std::string count(std::size_t number) {
  if (number == 0) return "nothing is lost";
  return std::to_string(number) + (number == 1 ? " loss" : " losses");
}

}  // namespace

std::string render_losses(std::span<const ConvertedService> services) {
  std::string text;
  for (const ConvertedService& service : services) {
    for (const Loss& loss : service.written.losses) {
      // A path in full is no part of a service directory.
      const bool within = !loss.file.starts_with('/');
      text += printable(within ? service.name + (loss.file.empty() ? "" : "/" + loss.file) : loss.file);
      if (loss.line != 0) text += ":" + std::to_string(loss.line);
      text += ": " + printable(loss.thing) + ": " + printable(loss.why);
      if (!loss.advice.empty()) text += "; " + printable(loss.advice);
      text += "\n";
    }
    text += printable(service.name) + ": " + service.from + " -> " + service.to + ": " +
            count(service.written.losses.size()) + "\n";
  }
  return text;
}

std::string render_losses_json(std::span<const ConvertedService> services) {
  Json all = Json::array();
  for (const ConvertedService& service : services) {
    Json losses = Json::array();
    for (const Loss& loss : service.written.losses)
      losses.push_back({{"file", loss.file},
                        {"line", loss.line == 0 ? Json(nullptr) : Json(loss.line)},
                        {"thing", loss.thing},
                        {"why", loss.why},
                        {"advice", loss.advice}});
    all.push_back(
        {{"name", service.name}, {"from", service.from}, {"to", service.to}, {"losses", std::move(losses)}});
  }
  // What is no UTF-8 in a file's name or line is shown as what it is not.
  return Json{{"services", std::move(all)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace kindred
