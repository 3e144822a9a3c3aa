// The service that every supervisor of the benchmark runs, as small as a process can be: no libc, one
// page, so that what is measured is the supervisor and not the program.
//
// Its first act is to take the time. It then appends that to ../../ticks, seen from its service
// directory, and waits: for HUP, whose arrival it notes in the same way, or to be killed (TERM and
// everything else keep their default). The index of the service is the number its directory's name
// ends in.
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/time.h>

#include "record.h"

static inline long call(long number, long a, long b, long c, long d) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#elif defined(__riscv) && __riscv_xlen == 64
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3) : "memory");
  return a0;
#else
#error "tick.c: teach call() this machine's system calls"
#endif
}

static uint64_t now(void) {
  struct __kernel_timespec at = {0, 0};
  call(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, (long)&at, 0, 0);
  return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static uint32_t service_index(void) {
  char path[4096];
  long length = call(__NR_getcwd, (long)path, sizeof path, 0, 0);
  uint32_t index = 0;
  uint32_t scale = 1;
  for (long at = length - 2; at >= 0 && path[at] >= '0' && path[at] <= '9'; --at) {
    index += (uint32_t)(path[at] - '0') * scale;
    scale *= 10;
  }
  return index;
}

#if defined(__x86_64__)
__attribute__((force_align_arg_pointer))
#endif
void _start(void) {
  struct record record = {now(), 0, 0, kRecordStart, 0};
  unsigned long hangup = 1ul << (1 - 1);
  call(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, (long)&hangup, 0, sizeof hangup);
  record.index = service_index();
  record.pid = (uint32_t)call(__NR_getpid, 0, 0, 0, 0);
  long ticks = call(__NR_openat, AT_FDCWD, (long)"../../ticks", O_WRONLY | O_APPEND | O_CLOEXEC, 0);
  call(__NR_write, ticks, (long)&record, sizeof record, 0);
  for (;;) {
    if (call(__NR_rt_sigtimedwait, (long)&hangup, 0, 0, sizeof hangup) == 1) {
      record.ns = now();
      record.kind = kRecordHangup;
      call(__NR_write, ticks, (long)&record, sizeof record, 0);
    }
  }
}
