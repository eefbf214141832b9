#pragma once

#include "engines/gateway/jobs.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace dubber {

/// The last component of an uploaded file's name without control characters,
/// at most 200 bytes; empty when nothing usable is left.
std::string upload_name(std::string_view name);

/// mp4, avi, mkv, mov, flv, webm – in any case of letters.
bool video_extension(std::string_view name);

/// A key that is one plain component: it cannot leave the store's folder.
bool safe_key(std::string_view key);

/// The job as the contract shows it.
nlohmann::json job_json(const gateway_job& job);

/// Changes the row; the text of the mistake, or nothing.
std::string apply_patch(gateway_job& job, const nlohmann::json& patch);

/// `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`, of at most 255 bytes.
bool plain_host(std::string_view host);

/// Percent-encodes all but unreserved characters.
std::string url_encode(std::string_view text);

} // namespace dubber
