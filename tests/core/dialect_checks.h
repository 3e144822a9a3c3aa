#pragma once
// What the dialect tests of all families have in common.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

#include "core/dialect/dialect.h"

namespace kindred::test {

inline void expect_every_part(const Dialect& d, std::string_view name, std::size_t status_files) {
  EXPECT_EQ(d.name, name);
  EXPECT_EQ(d.status.files.size(), status_files);
  EXPECT_EQ(d.status.record, std::string_view("status"));
  EXPECT_TRUE(d.status.decode && d.control.decode && d.control.encode && d.recognise && d.shape);
  EXPECT_TRUE(d.wording.fatal && d.wording.warning && d.wording.start_failed && d.wording.locked);
}

/// The names and modes of `supervise/` that most of the family has.
inline void expect_supervise_layout(const SuperviseLayout& l) {
  EXPECT_STREQ(l.directory, "supervise");
  EXPECT_STREQ(l.lock, "lock");
  EXPECT_STREQ(l.control, "control");
  EXPECT_STREQ(l.ok, "ok");
  EXPECT_EQ(l.directory_mode, 0700);
  EXPECT_EQ(l.fifo_mode, 0600);
  EXPECT_EQ(l.lock_mode, 0600);
  EXPECT_EQ(l.status_mode, 0644);
}

/// What the original leaves is not the family's with a record of another size.
inline void expect_other_sizes_refused(const Dialect& d, const Evidence& original,
                                       std::initializer_list<std::int64_t> sizes) {
  for (const std::int64_t size : sizes) {
    Evidence e = original;
    e.status_size = size;
    EXPECT_EQ(d.recognise(e), 0) << size;
  }
}

/// … nor with a file that only a relative has, nor without one that it always has.
inline void expect_refused_with(const Dialect& d, const Evidence& original, bool present,
                                std::initializer_list<bool Evidence::*> parts) {
  for (bool Evidence::*part : parts) {
    Evidence e = original;
    e.*part = present;
    EXPECT_EQ(d.recognise(e), 0);
  }
}

}  // namespace kindred::test
