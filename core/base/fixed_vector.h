#pragma once
// A vector that lives where it stands and never allocates: what the machine returns and the control path
// uses.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <initializer_list>

namespace kindred {

template <class T, std::size_t N>
class FixedVector {
 public:
  constexpr FixedVector() = default;
  constexpr FixedVector(std::initializer_list<T> items) {
    for (const T& item : items) push_back(item);
  }

  /// One more than there is room for is a mistake of the program, and ends it in every build.
  constexpr void push_back(const T& item) {
    if (full()) std::abort();
    items_[size_++] = item;
  }
  /// Not of an empty one.
  constexpr void pop_front() {
    std::move(items_.begin() + 1, items_.begin() + size_, items_.begin());
    --size_;
  }
  constexpr void clear() { size_ = 0; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr bool full() const { return size_ == N; }
  [[nodiscard]] static constexpr std::size_t capacity() { return N; }
  constexpr T& operator[](std::size_t i) { return items_[i]; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + size_; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  friend constexpr bool operator==(const FixedVector& a, const FixedVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace kindred
