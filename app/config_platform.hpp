#pragma once

#include "app/settings_reader.hpp"

/// Settings of the programs that a platform has beside the services.
namespace dubber {

/// Journal and object store.
void read_storage(settings_reader& read, config& into);

/// RabbitMQ.
void read_broker(settings_reader& read, config& into);

/// Who executes media work.
void read_worker(settings_reader& read, config& into);

} // namespace dubber
