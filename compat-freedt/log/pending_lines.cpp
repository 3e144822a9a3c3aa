#include "compat-freedt/log/pending_lines.h"

namespace kindred::freedt {

void PendingLines::add(std::string_view bytes, std::string_view stamp) {
  if (stamped_)
    stamper_.add(bytes, stamp, text_);
  else
    text_ += bytes;
  const std::size_t newline = text_.rfind('\n');
  if (newline != std::string::npos && newline >= due_) due_ = newline + 1;
  if (text_.size() - due_ > kLongestPiece) cut();
}

void PendingLines::finish() {
  if (stamped_ && stamper_.within_line()) stamper_.add("\n", "", text_);
  cut();
}

void PendingLines::written(std::size_t size) {
  text_.erase(0, size);
  due_ -= size;
}

}  // namespace kindred::freedt
