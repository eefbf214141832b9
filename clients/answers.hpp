#pragma once

#include "clients/gateway.hpp"
#include "clients/http_client.hpp"
#include "core/result.hpp"
#include "core/work.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What the neighbours' answers mean (CONTRACTS.md): pure, apart from sockets.
/// Unknown fields are ignored everywhere.
namespace dubber {

/// Text to JSON; nothing when it is not, or nested too deeply. Invalid UTF-8 is
/// replaced before: one odd byte in a transcript is no reason to lose an hour.
std::optional<nlohmann::json> read_json(std::string_view body);

/// The job's options. @param target The job's language to the gateway.
/// `invalid_input` is the fault.
result<job_options> parse_options(const std::string& body,
                                  const std::string& target);

/// Nesting of JSON that is accepted from neighbours.
inline constexpr int max_json_depth = 64;

/// The fault of an answer whose status is not 2xx.
/// @param who The neighbour, for the message.
fault status_fault(std::string_view who, const http_response& answer);

/// Seconds or an HTTP date (RFC 9110, 10.2.3) as time to wait from `now`.
std::optional<ms> parse_retry_after(std::string_view value, time_point now);

/// `{"segments": [{start, end, text}]}`, times moved by `offset` seconds.
result<transcript> parse_transcript(std::string_view body, double offset);

/// `{"translated_text": …}`; an empty text is a bad answer.
result<translated> parse_translation(std::string_view body);

/// `{"audio_path": …}`: its last component, percent-encoded.
result<std::string> parse_audio_name(std::string_view body);

/// Any JSON, made compact; what is no UTF-8 in it is replaced.
result<std::string> parse_any_json(std::string_view body);

/// The gateway's job object as the job's source. Faults: `bad_answer`,
/// `invalid_input` (unusable optionsJson or language).
result<fetched> parse_job(std::string_view body);
result<gateway_state> parse_gateway_state(std::string_view body);

/// The body of a PATCH.
std::string to_json(const gateway_update& update);

} // namespace dubber
