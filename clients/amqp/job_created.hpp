#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace dubber {

/// What a `job.created` message asks for (CONTRACTS: the API gateway).
struct job_created {
  std::int64_t job_id = 0;
};

/// Longest body that is read: the gateway's own have some hundred bytes.
inline constexpr std::size_t max_message_bytes = 64 * 1'024;

/// Reads `{"jobId": 1, …}`; everything but the id is asked of the gateway, so
/// that other fields are ignored. The content type does not matter.
/// @return the message, or why it can't be understood, for people.
std::variant<job_created, std::string> read_job_created(std::string_view body);

} // namespace dubber
