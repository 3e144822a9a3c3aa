// svscanboot: what init starts. Source: interfaces/encore.md section 9.

#include "core/frontend/svscanboot.h"

#include "compat-encore/programs.h"

namespace kindred::encore {

int svscanboot_main(int, char**) { return svscanboot({.services = "/service", .svc = svc_main}); }

}  // namespace kindred::encore
