#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/sys/unique_fd.h"

namespace kindred {

/// Shares the file, and holds a lock on it for as long as it lasts, here alone: a process that is forked has neither.
/// Errors: null, and errno.
[[nodiscard]] void* map_for_us_alone(int file, std::size_t size, int protection) noexcept;

/// A file of no name and no disk, for whoever shares its descriptor. Errors: none, and errno.
[[nodiscard]] UniqueFd make_memory(const char* title) noexcept;
[[nodiscard]] bool is_memory(int fd) noexcept;

/// A number, 0 at first, that a process has in common with what it forks.
class SharedNumber {
 public:
  SharedNumber() noexcept;
  ~SharedNumber();
  SharedNumber(const SharedNumber&) = delete;
  SharedNumber& operator=(const SharedNumber&) = delete;

  /// False where there is no memory for it.
  explicit operator bool() const noexcept { return number_ != nullptr; }
  [[nodiscard]] std::uint32_t get() const noexcept { return number_->load(std::memory_order_relaxed); }
  void set(std::uint32_t number) noexcept { number_->store(number, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t>* number_ = nullptr;
};

/// Gives back the pages of all loaded code and constants, and free heap; what is still needed comes back as
/// it was. For a process that runs for years after a start that needed much more than what follows. Of
/// libraries too: who shares them with us is nothing to count on.
void release_start_up_pages() noexcept;

}  // namespace kindred
