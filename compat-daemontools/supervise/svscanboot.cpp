// svscanboot: what init starts. Source: interfaces/daemontools.md section 6.2; as Debian packages it, the
// services lie in /etc/service.

#include "core/frontend/svscanboot.h"

#include "compat-daemontools/programs.h"

namespace kindred::daemontools {

int svscanboot_main(int, char**) { return svscanboot({.services = "/etc/service", .svc = svc_main}); }

}  // namespace kindred::daemontools
