#pragma once
// perp's programs: one main each, in supervise/ and client/.

namespace kindred::perp {

int perp_setup_main(int argc, char** argv);
int perpboot_main(int argc, char** argv);
int perpctl_main(int argc, char** argv);
int perpd_main(int argc, char** argv);
int perphup_main(int argc, char** argv);
int perpls_main(int argc, char** argv);
int perpok_main(int argc, char** argv);
int perpstat_main(int argc, char** argv);

}  // namespace kindred::perp
