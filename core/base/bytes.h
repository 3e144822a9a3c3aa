#pragma once
// Fixed-width integers in byte order, for every record that reaches a disk or a wire.

#include <cstddef>
#include <cstdint>
#include <span>

namespace kindred {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

template <std::size_t Width>
constexpr void put_be(ByteSpan out, std::size_t offset, std::uint64_t value) {
  for (std::size_t i = 0; i < Width; ++i)
    out[offset + i] = static_cast<std::uint8_t>(value >> (8 * (Width - 1 - i)));
}

template <std::size_t Width>
constexpr std::uint64_t get_be(ByteView in, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Width; ++i) value = value << 8 | in[offset + i];
  return value;
}

template <std::size_t Width>
constexpr void put_le(ByteSpan out, std::size_t offset, std::uint64_t value) {
  for (std::size_t i = 0; i < Width; ++i) out[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

template <std::size_t Width>
constexpr std::uint64_t get_le(ByteView in, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Width; ++i) value |= static_cast<std::uint64_t>(in[offset + i]) << (8 * i);
  return value;
}

}  // namespace kindred
