#include "engines/http_service.hpp"

#include <chrono>
#include <cstdio>
#include <random>
#include <stdexcept>

namespace dubber {

namespace {

constexpr size_t connection_threads = 64;
constexpr time_t read_timeout_s = 30;
constexpr time_t write_timeout_s = 30;
constexpr uint64_t largest_body = 5'500'000'000;

void answer_exception(const httplib::Request&, httplib::Response& response,
                      std::exception_ptr why) {
  std::string text = "internal error";
  try {
    std::rethrow_exception(why);
  } catch (const std::exception& e) {
    text = e.what();
  }
  std::fprintf(stderr, "request_failed %s\n", text.c_str());
  answer_json(response, 500, {{"error", text}});
}

} // namespace

http_service::http_service(engine& what, const std::string& host, int port) {
  server_.new_task_queue = [] {
    return new httplib::ThreadPool(connection_threads);
  };
  server_.set_keep_alive_max_count(1);
  server_.set_tcp_nodelay(true);
  server_.set_read_timeout(read_timeout_s);
  server_.set_write_timeout(write_timeout_s);
  server_.set_payload_max_length(largest_body);
  server_.set_exception_handler(answer_exception);
  // httplib applies any Range to any body and throws when it lies beyond the
  // end: only files that are streamed keep theirs. The object is not const.
  server_.set_pre_routing_handler(
    [](const httplib::Request& request, httplib::Response&) {
      if (request.path.rfind("/store/", 0) != 0)
        const_cast<httplib::Request&>(request).ranges.clear();
      return httplib::Server::HandlerResponse::Unhandled;
    });
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
  port_ = port == 0 ? server_.bind_to_any_port(host)
                    : (server_.bind_to_port(host, port) ? port : -1);
  if (port_ <= 0)
    throw std::runtime_error("cannot listen on " + host + ":"
                             + std::to_string(port));
  thread_ = std::thread{[this] {
    server_.listen_after_bind();
  }};
  while (!server_.is_running())
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

http_service::~http_service() {
  stop();
}

void http_service::stop() {
  server_.stop();
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
  answer_json(response, 422,
              {{"detail", nlohmann::json::array({{{"loc", where},
                                                  {"msg", message},
                                                  {"type", "value_error"}}})}});
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
