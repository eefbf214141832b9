#include "core/job_row.hpp"

#include <array>

namespace dubber {

namespace {

constexpr std::array<std::string_view, 8> names{
  "queued",    "running", "paused",    "parked",
  "completed", "failed",  "cancelled", "rejected",
};

} // namespace

std::string_view to_string(job_status status) {
  return names[static_cast<std::size_t>(status)];
}

std::optional<job_status> job_status_from(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<job_status>(i);
  return std::nullopt;
}

bool is_final(job_status status) {
  return status == job_status::completed || status == job_status::failed
         || status == job_status::cancelled || status == job_status::rejected;
}

} // namespace dubber
