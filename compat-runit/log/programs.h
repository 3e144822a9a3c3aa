#pragma once
// runit's logger.

namespace kindred::runit {

int svlogd_main(int argc, char** argv);

}  // namespace kindred::runit
