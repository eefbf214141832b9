#pragma once

#include "core/work.hpp"

#include <string>

namespace dubber {

/// The call key of a piece of work (INTERFACES, Identity): the SHA-256, in hex,
/// of everything that determines its result, plus the generation. Constant over
/// retries and crashes; equal for jobs that need the same result.
/// @param identity The service's identity (its URL unless configured).
std::string call_key(const work_order& order, const std::string& identity);

} // namespace dubber
