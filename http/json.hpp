#pragma once

#include "actors/coordinator.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

/// What is shown, as JSON (INTERFACES, HTTP). Never throws: invalid UTF-8 is
/// replaced when `text_of` writes it down.
namespace dubber {

nlohmann::json time_or_null(const std::optional<time_point>& t);

nlohmann::json to_json(const job_view& job);
nlohmann::json to_json(const job_row& row);
nlohmann::json to_json(const segment_view& segment);
nlohmann::json to_json(const segments_page& page);
/// @param job_id The gateway's.
nlohmann::json to_json(std::int64_t job_id, const history_item& event);
nlohmann::json to_json(const history_page& page);
nlohmann::json to_json(const jobs_page& page);
nlohmann::json to_json(const service_view& service);
nlohmann::json to_json(const services_view& services);

/// The gateway's job object, as the callers of `/orchestrate` know it.
nlohmann::json gateway_job(const job_view& job);

/// UTC, ISO 8601, milliseconds.
std::string iso_time(time_point t);

std::string text_of(const nlohmann::json& j);

} // namespace dubber
