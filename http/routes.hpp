#pragma once

#include "actors/coordinator.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

/// What a request asks for and what it is answered: free of sockets.
namespace dubber {

struct http_call_in {
  std::string method;
  std::string path;  ///< without the query
  std::string query; ///< without '?'
  std::string content_type;
  std::string traceparent;
  std::string body;
};

struct http_answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

using answer_callback = std::function<void(http_answer)>;

/// RFC 9457. @param more Further members, as a JSON object's text; or empty.
http_answer problem(int status, const std::string& code,
                    const std::string& detail, const std::string& more = {});

struct route_settings {
  coordinator& jobs;
  std::function<std::string()> metrics; ///< the exposition
  std::size_t max_body = 64 * 1024;
  /// The folder of Swagger UI's files.
  std::string swagger_dir;
};

/// Answers now, or later from another thread; exactly once.
/// @return The route's name, for metrics.
std::string route(const route_settings& with, const http_call_in& call,
                  answer_callback on_answer);

/// Fields of a query string, percent-decoded; the last of equal names wins.
std::map<std::string, std::string> parse_query(const std::string& query);

} // namespace dubber
