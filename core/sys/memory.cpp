#include "core/sys/memory.h"

#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace kindred {
namespace {

/// Whole pages of what is mapped from files and never written.
struct Unwritten {
  struct Range {
    std::uintptr_t begin = 0;
    std::size_t size = 0;
  };
  std::array<Range, 32> ranges{};
  std::size_t count = 0;
};

int collect(dl_phdr_info* object, std::size_t, void* into) {
  auto& found = *static_cast<Unwritten*>(into);
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum && found.count < found.ranges.size(); ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    // What is never written is still what the file holds. What can be written may have been relocated.
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    found.ranges[found.count++] = {begin, end - begin};
  }
  return 0;
}

}  // namespace

void* map_for_us_alone(int file, std::size_t size, int protection) noexcept {
  void* const mapping = ::mmap(nullptr, size, protection, MAP_SHARED, file, 0);
  if (mapping == MAP_FAILED) return nullptr;
  ::madvise(mapping, size, MADV_DONTFORK);
  return mapping;
}

UniqueFd make_memory(const char* title) noexcept {
  return UniqueFd(::memfd_create(title, MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

bool is_memory(int fd) noexcept {
  // A file on a tmpfs answers, too, and is sealed against seals.
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SEAL) == 0;
}

void release_start_up_pages() noexcept {
  Unwritten found;
  ::dl_iterate_phdr(collect, &found);
  ::malloc_trim(0);
  // Last of all: whatever is called from here on brings sixteen pages back.
  for (std::size_t i = 0; i < found.count; ++i)
    ::madvise(reinterpret_cast<void*>(found.ranges[i].begin), found.ranges[i].size, MADV_DONTNEED);
}

}  // namespace kindred
