#include "clients/amqp/job_created.hpp"

#include "clients/answers.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

using nlohmann::json;

std::variant<job_created, std::string> read_job_created(std::string_view body) {
  if (body.size() > max_message_bytes)
    return "the body is longer than " + std::to_string(max_message_bytes)
           + " bytes";
  auto too_deep = false;
  auto read = json::parse(
    body,
    [&](int depth, json::parse_event_t, json&) {
      too_deep |= depth > max_json_depth;
      return !too_deep;
    },
    false);
  if (too_deep)
    return "the body is nested more than " + std::to_string(max_json_depth)
           + " deep";
  if (read.is_discarded())
    return "the body is not JSON";
  if (!read.is_object())
    return "the body is not a JSON object";
  auto id = read.find("jobId");
  if (id == read.end())
    return "the body has no jobId";
  if (!id->is_number_integer()
      || (id->is_number_unsigned() && id->get<std::uint64_t>() > INT64_MAX))
    return "jobId is not an integer of 64 bits";
  return job_created{id->get<std::int64_t>()};
}

} // namespace dubber
