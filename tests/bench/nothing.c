// What a chain tool becomes: a program that ends, with as little around it as there can be.
__attribute__((noreturn)) void _start(void) {
#if defined(__x86_64__)
  __asm__ volatile("syscall" : : "a"(60), "D"(0) : "memory");
#elif defined(__aarch64__)
  register long number __asm__("x8") = 93;
  register long code __asm__("x0") = 0;
  __asm__ volatile("svc 0" : : "r"(number), "r"(code) : "memory");
#else
#error "no system call is written down for this machine"
#endif
  __builtin_unreachable();
}
