#pragma once

namespace kindred {

/// readproctitle LABEL... AREA: the program of that name, in every family that has one.
[[nodiscard]] int readproctitle(int argc, char** argv);

}  // namespace kindred
