#pragma once
// perp's chain tools that do not become another program, and those that show what a program gets: one main each.
// Source: interfaces/perp.md sections 13.4, 13.5 and 13.7.

namespace kindred::perp {

inline constexpr const char* kRundeuxUsage =
    "usage: rundeux [-hV] [-d] [-L label] [-S sep] [-x] prog [args ...] :: logger [args ...]";
inline constexpr const char* kRuntrapUsage = "usage: runtrap [-hV] id trapper child [args ...]";

int catargs_main(int argc, char** argv);
int catenv_main(int argc, char** argv);
int catlimits_main(int argc, char** argv);
int catuid_main(int argc, char** argv);
int rundeux_main(int argc, char** argv);
int runtrap_main(int argc, char** argv);

}  // namespace kindred::perp
