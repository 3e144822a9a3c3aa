// What services append to the file `ticks` and bench.py reads: 24 bytes, native byte order.
#pragma once

#include <stdint.h>

enum { kRecordStart = 1, kRecordHangup = 2, kRecordLaunch = 3 };

struct record {
  uint64_t ns;     // CLOCK_MONOTONIC
  uint32_t index;  // of the service
  uint32_t pid;
  uint32_t kind;
  uint32_t unused;
};
