#include "compat-encore/client/svc_message.h"

#include <string_view>

namespace kindred::encore {

bool SvcMessage::add(char letter) {
  constexpr std::string_view kModifiers = "Ll+=";
  if (bytes_.size() == kMost) return false;
  if (kModifiers.find(letter) != std::string_view::npos) {
    const bool addressee = letter == '+' || letter == '=';
    if (addressee && letter == addressee_) return true;
    addressee_ = addressee ? letter : '\0';
    bytes_ += letter;
    segment_ = bytes_.size();
  } else if (bytes_.find(letter, segment_) == std::string::npos) {
    bytes_ += letter;
  }
  return true;
}

}  // namespace kindred::encore
