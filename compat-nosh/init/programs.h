#pragma once
// The managers of targets: of a system, as process 1, and of a user's session.

namespace kindred::nosh {

int per_user_manager_main(int argc, char** argv);
/// Any process but 1 is the manager of a session.
int system_manager_main(int argc, char** argv);

}  // namespace kindred::nosh
