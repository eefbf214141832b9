#include "engines/http_service.hpp"

#include "engines/http_connection.hpp"

#include <cstdio>
#include <future>
#include <random>

namespace dubber {

namespace {

// Threads beyond the requests that are worked on: they refuse and say /health.
constexpr unsigned spare_threads = 16;

void answer_exception(const httplib::Request&, httplib::Response& response,
                      std::exception_ptr why) {
  std::string text = "internal error";
  try {
    std::rethrow_exception(why);
  } catch (const engine_stops& e) {
    return answer_json(response, 503, {{"detail", e.what()}});
  } catch (const std::exception& e) {
    text = e.what();
  }
  std::fprintf(stderr, "request_failed %s\n", text.c_str());
  answer_json(response, 500, {{"error", text}});
}

/// Answers at once what httplib would first read into memory.
httplib::Server::HandlerResponse check_method(const httplib::Request& request,
                                              httplib::Response& response) {
  for (auto* known : {"GET", "HEAD", "POST", "PATCH"})
    if (request.method == known)
      return httplib::Server::HandlerResponse::Unhandled;
  answer_json(response, 405, {{"detail", "Method Not Allowed"}});
  return httplib::Server::HandlerResponse::Handled;
}

void no_such_path(const httplib::Request&, httplib::Response& response,
                  const httplib::ContentReader&) {
  answer_json(response, 404, {{"detail", "Not Found"}});
}

} // namespace

http_service::http_service(engine& what, const std::string& host, int port,
                           unsigned queue) {
  server_.set_exception_handler(answer_exception);
  server_.set_pre_routing_handler(check_method);
  server_.set_error_handler(
    [](const httplib::Request&, httplib::Response& response) {
      auto* text = response.status == 404 ? "Not Found" : "request refused";
      if (response.body.empty())
        answer_json(response, response.status, {{"detail", text}});
    });
  server_.Get("/health",
              [](const httplib::Request&, httplib::Response& response) {
                answer_json(response, 200, {{"status", "ok"}});
              });
  what.mount(server_);
  server_.Post(".*", no_such_path);
  server_.Patch(".*", no_such_path);
  port_ = server_.bind_and_listen(host, port);
  std::promise<void> ready;
  auto is_ready = ready.get_future();
  thread_ = std::thread{[this, queue, &ready] {
    server_.run(queue + spare_threads, [&ready] { ready.set_value(); });
  }};
  is_ready.wait();
}

http_service::~http_service() {
  stop();
}

void http_service::stop() {
  server_.stop_reading();
  if (thread_.joinable())
    thread_.join();
}

admission::place::place(admission& owner, httplib::Response& response)
  : owner_(owner), admitted_(owner.used_.fetch_add(1) < owner.limit_) {
  if (!admitted_) {
    response.set_header("Retry-After", "1");
    answer_json(response, 503, {{"detail", "busy, try again"}});
  }
}

admission::place::~place() {
  owner_.used_.fetch_sub(1);
}

void answer_json(httplib::Response& response, int status,
                 const nlohmann::json& body) {
  response.status = status;
  response.set_content(
    body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
    "application/json");
}

void answer_invalid(httplib::Response& response, const std::string& field,
                    const std::string& message) {
  auto where = nlohmann::json::array({"body"});
  if (!field.empty())
    where.push_back(field);
  auto one
    = nlohmann::json{{"loc", where}, {"msg", message}, {"type", "value_error"}};
  answer_json(response, 422,
              {{"detail", nlohmann::json::array({one})},
               {"error", field.empty() ? message : field + ": " + message}});
}

bool caller_is_gone() {
  auto* connection = http_connection::current();
  return connection != nullptr && connection->client_is_gone();
}

std::string random_name() {
  std::random_device source;
  std::string out;
  char digits[9];
  for (int i = 0; i < 4; ++i) {
    std::snprintf(digits, sizeof digits, "%08x", source());
    out += digits;
  }
  return out;
}

} // namespace dubber
