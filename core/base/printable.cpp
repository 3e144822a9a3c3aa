#include "core/base/printable.h"

#include <algorithm>
#include <cstdint>

namespace kindred {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 0;  ///< bytes; 0: there is no UTF-8 character that may be shown
};

Character first_of(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80U) return {first, first >= 0x20U && first != 0x7FU ? std::size_t{1} : 0};
  const std::size_t size = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U || text.size() < size) return {};
  std::uint32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0U) != 0x80U) return {};
    code = code << 6U | (at(i) & 0x3FU);
  }
  const bool overlong = code < (size == 2 ? 0x80U : size == 3 ? 0x800U : 0x10000U);
  const bool surrogate = code >= 0xD800U && code < 0xE000U;
  const bool control = code < 0xA0U;
  // What turns the direction of writing or hides text would show a name as another one.
  const bool steers = (code >= 0x200BU && code <= 0x200FU) || (code >= 0x2028U && code <= 0x202EU) ||
                      (code >= 0x2060U && code <= 0x206FU) || code == 0xFEFFU;
  return overlong || surrogate || control || steers || code > 0x10FFFFU ? Character{} : Character{code, size};
}

struct Range {
  std::uint32_t from, to;
};
constexpr Range kNoWidth[] = {{0x300, 0x36F},   {0x483, 0x489},    {0x591, 0x5BD},   {0x610, 0x61A},
                              {0x64B, 0x65F},   {0x6D6, 0x6DC},    {0x900, 0x902},   {0x93A, 0x93C},
                              {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},  {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
                              {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};
constexpr Range kTwoPlaces[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF},
                                {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
                                {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                                {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool in(const Range (&ranges)[N], std::uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return code >= range.from && code <= range.to; });
}

std::size_t places_of(const Character& character) {
  if (character.size <= 1) return 1;
  return in(kNoWidth, character.code) ? 0 : in(kTwoPlaces, character.code) ? 2 : 1;
}

void escape(std::string& out, char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kDigits[value >> 4U];
  out += kDigits[value & 0xFU];
}

}  // namespace

void append_printable(std::string& out, std::string_view text) {
  const auto plain = [](char c) { return (c >= ' ' && c < 0x7F) || c == '\t'; };
  while (!text.empty()) {
    const auto size =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), plain) - text.begin());
    out += text.substr(0, size);
    text.remove_prefix(size);
    if (text.empty()) return;
    const Character character = first_of(text);
    if (character.size == 0)
      escape(out, text.front());
    else
      out += text.substr(0, character.size);
    text.remove_prefix(std::max<std::size_t>(character.size, 1));
  }
}

std::string printable(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t tab = text.find('\t');
    append_printable(out, text.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    escape(out, '\t');
    text.remove_prefix(tab + 1);
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_of(text);
    width += places_of(character);
    text.remove_prefix(std::max<std::size_t>(character.size, 1));
  }
  return width;
}

std::string cut_to(std::string_view text, std::size_t places) {
  if (display_width(text) <= places) return std::string(text);
  if (places == 0) return {};
  std::size_t bytes = 0, width = 0;
  while (bytes < text.size()) {
    const Character character = first_of(text.substr(bytes));
    const std::size_t more = places_of(character);
    if (width + more > places - 1) break;
    width += more;
    bytes += std::max<std::size_t>(character.size, 1);
  }
  return std::string(text.substr(0, bytes)) + "…";
}

}  // namespace kindred
