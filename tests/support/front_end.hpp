#pragma once

#include "http/server.hpp"
#include "tests/support/fake_coordinator.hpp"
#include "tests/support/openapi_check.hpp"
#include "tests/support/wire.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace dubber::test {

/// What the front end told of itself.
class probe_notes : public probe {
public:
  void http_request_ended(std::string_view route, std::string_view method,
                          int status, ms) override {
    std::lock_guard lock{mutex_};
    ++ended_[std::string{method} + " " + std::string{route} + " "
             + std::to_string(status)];
  }

  void http_in_flight(int n) override {
    in_flight_ = n;
  }

  /// @param what Such as "GET /jobs/{id} 200".
  int ended(const std::string& what) const {
    std::lock_guard lock{mutex_};
    auto i = ended_.find(what);
    return i == ended_.end() ? 0 : i->second;
  }

  int in_flight() const {
    return in_flight_;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, int> ended_;
  std::atomic<int> in_flight_ = 0;
};

/// The real front end on a free port, over a coordinator that a test scripts.
/// Every answer to `ask` is held against the OpenAPI document.
class front_end {
public:
  front_end() : routes{jobs, [] { return "dubber_up 1\n"; }, {}, {}, {}, {}} {
    listen.port = 0;
    listen.answer_timeout = ms{60'000}; // a slow machine is no mistake
    routes.answered = make_idempotency_store();
  }

  // To be changed before `start`.
  fake_coordinator jobs;
  server_settings listen;
  route_settings routes;
  probe_notes notes;

  void start() {
    auto begun = http_server::start(listen, routes, notes);
    if (!begun)
      throw std::runtime_error(begun.error().message);
    server_ = std::move(*begun);
  }

  http_server& server() {
    if (!server_)
      start();
    return *server_;
  }

  /// As a program that ends does.
  void destroy() {
    server_.reset();
  }

  wire connect() {
    return wire{server().port()};
  }

  /// A request's text. @param headers Lines with their ends.
  static std::string text(const std::string& method, const std::string& target,
                          const std::string& headers = {},
                          const std::string& body = {}) {
    return method + " " + target + " HTTP/1.1\r\n"
           + (headers.find("Host:") == std::string::npos ? "Host: localhost\r\n"
                                                         : "")
           + headers
           + (body.empty() && method != "POST"
                ? ""
                : "Content-Length: " + std::to_string(body.size()) + "\r\n")
           + "\r\n" + body;
  }

  /// On a connection of its own.
  wire_answer ask(const std::string& method, const std::string& target,
                  const std::string& headers = {},
                  const std::string& body = {}) {
    auto line = connect();
    line.send(text(method, target, headers, body));
    auto answer = line.read_answer(method == "HEAD");
    if (auto wrong = undocumented(method, target, answer); !wrong.empty())
      throw std::runtime_error(method + " " + target + ": " + wrong);
    return answer;
  }

  wire_answer get(const std::string& target) {
    return ask("GET", target);
  }

  wire_answer post(const std::string& target, const std::string& body,
                   const std::string& headers = {}) {
    return ask("POST", target, json_type + headers, body);
  }

  inline static const std::string json_type
    = "Content-Type: application/json\r\n";

private:
  std::unique_ptr<http_server> server_;
};

inline nlohmann::json json_of(const wire_answer& answer) {
  return nlohmann::json::parse(answer.body);
}

/// A problem's code; a text about what is wrong when it is not a proper one.
inline std::string code_of(const wire_answer& answer) {
  auto j = nlohmann::json::parse(answer.body, nullptr, false);
  if (answer.header("content-type") != "application/problem+json"
      || !j.is_object() || j.value("status", 0) != answer.status)
    return "not a problem: " + answer.head + answer.body;
  return j.value("code", "");
}

} // namespace dubber::test
