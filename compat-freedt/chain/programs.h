#pragma once
// The tools of freedt that do more than become their program: one main each.

namespace kindred::freedt {

int anonidentd_main(int argc, char** argv);
int mkservice_main(int argc, char** argv);
int ratelimit_main(int argc, char** argv);
int recordio_main(int argc, char** argv);

}  // namespace kindred::freedt
