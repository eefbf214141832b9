#pragma once

#include "clients/http_client.hpp"

#include <caf/actor_system_config.hpp>

namespace dubber {

/// Has the actors of a system run on the HTTP client's thread, in its event
/// loop, instead of threads of CAF's own (docs/adr/0011): what a job and its
/// calls tell each other crosses no thread. Nothing that blocks may run there.
/// @param loop Outlives the system.
void run_in_loop(caf::actor_system_config& cfg, http_client& loop);

} // namespace dubber
