#pragma once

#include "http/routes.hpp"

#include <nlohmann/json.hpp>

/// The routes' bodies, for the table in http/routes.cpp, and what they share.
namespace dubber {

void orchestrate(const route_scope& scope);
void control(const route_scope& scope, control_verb what);
void patch_segment(const route_scope& scope);
void list_jobs(const route_scope& scope);
void show_job(const route_scope& scope);
void show_segments(const route_scope& scope);
void show_history(const route_scope& scope);
void show_report(const route_scope& scope);
void show_artifact(const route_scope& scope);
void list_services(const route_scope& scope);
void order_service(const route_scope& scope, order_verb what);
void health(const route_scope& scope);
void readiness_probe(const route_scope& scope);
void metrics_page(const route_scope& scope);
void docs_page(const route_scope& scope);
void docs_file(const route_scope& scope);
void openapi(const route_scope& scope);

/// The OpenAPI 3.0.3 document (http/openapi/*.json, compiled in).
const std::string& openapi_json();

http_answer ok(const nlohmann::json& j, int status = 200);

/// Of a query: 404 when there is no such job, 503 when the journal is away.
http_answer refused(const fault& why);

/// 409, with the job's state.
http_answer not_possible(const std::string& why, const job_view& job);

constexpr std::size_t max_reason = 1'000; ///< bytes; it is recorded
constexpr std::size_t max_words = 5'000;  ///< bytes; of one segment

/// A field of text, if it is there; else what is wrong with it.
/// @param most Bytes.
void read_text(const nlohmann::json& body, const char* field, std::size_t most,
               std::string& into, std::vector<field_mistake>& wrong);

/// The whole text as a number in T's range, digits with at most a minus sign.
template <class T>
std::optional<T> whole_number(std::string_view text);

/// The job's id in the path; without one the answer was given: 422.
std::optional<std::int64_t> job_id_of(const route_scope& scope);

} // namespace dubber
