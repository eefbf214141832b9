#pragma once

#include "http/file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a request asks for and what it is answered: free of sockets.
namespace dubber {

/// Names and values, in their order.
using http_fields = std::vector<std::pair<std::string, std::string>>;

struct http_call_in {
  std::string method;
  std::string path;  ///< as it came, percent-encoded, without the query
  std::string query; ///< without '?'
  http_fields headers;
  std::string body;

  /// The value of the first header of this name in any case; empty when there
  /// is none.
  std::string_view header(std::string_view name) const;

  /// How many headers have this name.
  std::size_t count(std::string_view name) const;
};

/// One thing that is wrong with a request, as FastAPI's clients know it.
struct field_mistake {
  std::vector<std::string> where; ///< `body`, `query`, `path`, `header`; name
  std::string what;
};

/// RFC 9457, with the members of INTERFACES.
struct http_problem {
  std::string code;   ///< stable, for programs
  std::string detail; ///< a sentence, for people
  /// Shown as `detail` instead of the sentence when there are any (422).
  std::vector<field_mistake> mistakes;
  std::string stage;
  std::optional<std::uint32_t> segment;
  bool retryable = false;
  /// Further members of text.
  http_fields more;
};

struct http_answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  http_fields headers;
  std::optional<http_file> file; ///< instead of `body`
  /// Instead of `body`; becomes text when the path is known.
  std::optional<http_problem> trouble;
};

/// @param status 429, 502, 503 and 504 are marked as retryable.
http_answer problem(int status, std::string code, std::string detail);

/// 422 with a list of mistakes.
http_answer invalid(std::vector<field_mistake> mistakes);

/// 503 with Retry-After in seconds.
http_answer unavailable(std::string code, std::string detail, int seconds);

/// Writes a problem down as the answer's body. @param instance The path.
void render_problem(http_answer& answer, const std::string& instance);

/// Of a status line: "Not Found".
std::string_view reason_phrase(int status);

/// Whether the two are equal but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

} // namespace dubber
