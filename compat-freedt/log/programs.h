#pragma once
// freedt's logger.

namespace kindred::freedt {

int dumblog_main(int argc, char** argv);

}  // namespace kindred::freedt
