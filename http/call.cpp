#include "http/call.hpp"

#include "http/json.hpp"

#include <algorithm>

namespace dubber {

using nlohmann::json;

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

json mistakes_json(const std::vector<field_mistake>& mistakes) {
  auto out = json::array();
  for (auto& x : mistakes)
    out.push_back({{"loc", x.where}, {"msg", x.what}, {"type", "value_error"}});
  return out;
}

} // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view http_call_in::header(std::string_view name) const {
  for (auto& [field, value] : headers)
    if (same_word(field, name))
      return value;
  return {};
}

std::size_t http_call_in::count(std::string_view name) const {
  return static_cast<std::size_t>(
    std::count_if(headers.begin(), headers.end(),
                  [&](auto& field) { return same_word(field.first, name); }));
}

http_answer problem(int status, std::string code, std::string detail) {
  http_answer out;
  out.status = status;
  out.trouble.emplace();
  out.trouble->code = std::move(code);
  out.trouble->detail = std::move(detail);
  out.trouble->retryable
    = status == 429 || status == 502 || status == 503 || status == 504;
  return out;
}

http_answer invalid(std::vector<field_mistake> mistakes) {
  auto out = problem(422, "validation", "the request is not valid");
  out.trouble->mistakes = std::move(mistakes);
  return out;
}

http_answer unavailable(std::string code, std::string detail, int seconds) {
  auto out = problem(503, std::move(code), std::move(detail));
  out.headers.emplace_back("Retry-After", std::to_string(seconds));
  return out;
}

void render_problem(http_answer& answer, const std::string& instance) {
  if (!answer.trouble)
    return;
  auto& what = *answer.trouble;
  json j{{"type", "about:blank"},
         {"title", reason_phrase(answer.status)},
         {"status", answer.status},
         {"instance", instance},
         {"code", what.code},
         {"stage", what.stage.empty() ? json() : json(what.stage)},
         {"segment", what.segment ? json(*what.segment) : json()},
         {"retryable", what.retryable}};
  j["detail"]
    = what.mistakes.empty() ? json(what.detail) : mistakes_json(what.mistakes);
  for (auto& [name, value] : what.more)
    j[name] = value;
  answer.body = text_of(j);
  answer.content_type = "application/problem+json";
  answer.file.reset();
}

std::string_view reason_phrase(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 202:
    return "Accepted";
  case 206:
    return "Partial Content";
  case 304:
    return "Not Modified";
  case 307:
    return "Temporary Redirect";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 409:
    return "Conflict";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 422:
    return "Unprocessable Content";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  default:
    return "Internal Server Error";
  }
}

} // namespace dubber
