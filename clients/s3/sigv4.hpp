#pragma once

#include "core/time.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// AWS Signature Version 4, by its public description ("Signing AWS API
/// requests", and for S3 "Authenticating Requests: Using Query Parameters").
namespace dubber::sigv4 {

struct credentials {
  std::string access_key;
  std::string secret_key;
  std::string region = "us-east-1";
  std::string service = "s3";
};

using fields = std::vector<std::pair<std::string, std::string>>;

/// What of a request is signed.
struct request {
  std::string method;
  std::string path;    ///< percent-encoded, beginning with a slash
  fields query;        ///< not encoded; a flag has an empty value
  fields headers;      ///< all that are signed, `host` among them
  std::string payload; ///< its SHA-256 in hex, or UNSIGNED-PAYLOAD
};

/// Encoded and sorted: as it has to stand in the URL.
std::string query_string(const fields& query);

std::string canonical_request(const request& what);

/// The value of the header Authorization.
/// @param what Its headers hold `x-amz-date` as `date_text` writes it.
std::string authorization(const request& what, const credentials& who,
                          time_point at);

/// The query of a URL that is good without any header for so long, counted from
/// `at`; without the question mark.
/// @param what Only method, path, query and the header `host` count.
std::string presigned_query(request what, const credentials& who, time_point at,
                            ms good_for);

/// `20150830T123600Z`
std::string date_text(time_point at);

} // namespace dubber::sigv4
