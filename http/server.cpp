#include "http/server.hpp"

#include <restinio/all.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <thread>

namespace dubber {

namespace {

using traits = restinio::single_thread_traits_t<restinio::asio_timer_manager_t,
                                                restinio::null_logger_t>;
using native_server = restinio::http_server_t<traits>;
using clock_type = std::chrono::steady_clock;

/// Far above ours, since RESTinio just closes the socket at its own.
constexpr std::size_t native_body_limit = 4 * 64 * 1024;
constexpr ms native_margin{5'000};

/// Keeps one request until it is answered: by a route, by the timeout, or, when
/// everybody forgot it, by the destructor. Whoever comes first answers.
class responder {
public:
  responder(restinio::request_handle_t request, probe& says,
            std::atomic<int>& in_flight)
    : request_(std::move(request)), says_(says), in_flight_(in_flight),
      begun_(clock_type::now()), method_(request_->header().method().c_str()) {
    says_.http_in_flight(++in_flight_);
  }

  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;

  ~responder() {
    answer(problem(500, "unanswered", "the request was lost inside"));
    // Only here: the route's name is set after the answer may have been given,
    // from another thread.
    says_.http_request_ended(route_, method_, status_, took_);
    says_.http_in_flight(--in_flight_);
  }

  void answer(http_answer a) {
    if (answered_.exchange(true))
      return;
    using namespace restinio;
    auto response = request_->create_response(http_status_line_t{
      http_status_code_t{static_cast<std::uint16_t>(a.status)},
      status_text(a.status)});
    response.append_header(http_field::server, "dubber-orchestrator");
    response.append_header(http_field::content_type, a.content_type);
    for (auto& [name, value] : a.headers)
      response.append_header(name, value);
    if (request_->header().method() != http_method_head())
      response.set_body(std::move(a.body));
    response.done();
    status_ = a.status;
    took_ = std::chrono::duration_cast<ms>(clock_type::now() - begun_);
  }

  void name(std::string route) {
    route_ = std::move(route);
  }

private:
  static std::string status_text(int status) {
    switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 404:
      return "Not Found";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Client Error" : "Server Error";
    }
  }

  restinio::request_handle_t request_;
  probe& says_;
  std::atomic<int>& in_flight_;
  clock_type::time_point begun_;
  std::string method_;
  int status_ = 0;
  ms took_{0};
  std::string route_ = "unknown";
  std::atomic<bool> answered_ = false;
};

http_call_in call_of(const restinio::request_handle_t& request) {
  auto& header = request->header();
  http_call_in call;
  call.method = header.method().c_str();
  call.path = std::string{header.path()};
  call.query = std::string{header.query()};
  call.content_type
    = header.get_field_or(restinio::http_field::content_type, "");
  call.traceparent = header.get_field_or("traceparent", "");
  call.body = request->body();
  return call;
}

class running_server : public http_server {
public:
  running_server(server_settings settings, coordinator& jobs,
                 std::function<std::string()> metrics, probe& says)
    : settings_(settings),
      says_(says), routes_{jobs, std::move(metrics), 64 * 1024,
                           settings.swagger_dir},
      server_(restinio::external_io_context(loop_), [&](auto& s) {
        s.address(settings_.host)
          .port(settings_.port)
          .request_handler([this](restinio::request_handle_t r) {
            return handle(std::move(r));
          })
          .read_next_http_message_timelimit(std::chrono::seconds{30})
          .write_http_response_timelimit(std::chrono::seconds{30})
          .handle_request_timeout(settings_.answer_timeout + native_margin)
          .max_pipelined_requests(4)
          .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                      .max_body_size(native_body_limit)
                                      .max_url_size(8'192)
                                      .max_field_name_size(256)
                                      .max_field_value_size(8'192)
                                      .max_field_count(100))
          .acceptor_options_setter([](auto& options) {
            options.set_option(
              restinio::asio_ns::ip::tcp::acceptor::reuse_address(true));
          })
          .socket_options_setter([](auto& options) {
            options.set_option(restinio::asio_ns::ip::tcp::no_delay{true});
          })
          .acceptor_post_bind_hook([this](auto& acceptor) {
            port_ = acceptor.local_endpoint().port();
          });
      }) {
    // nop
  }

  ~running_server() override {
    stop(ms{0});
  }

  std::optional<fault> open() {
    std::promise<std::string> opened;
    restinio::asio_ns::post(loop_, [&] {
      server_.open_async([&] { opened.set_value({}); },
                         [&](std::exception_ptr why) {
                           try {
                             std::rethrow_exception(why);
                           } catch (const std::exception& e) {
                             opened.set_value(e.what());
                           }
                         });
    });
    thread_ = std::thread{[this] {
      loop_.run();
    }};
    auto trouble = opened.get_future().get();
    if (trouble.empty())
      return std::nullopt;
    return fault{fault_code::refused,
                 "cannot listen on " + settings_.host + ":"
                   + std::to_string(settings_.port) + ": " + trouble,
                 0,
                 {}};
  }

  std::uint16_t port() const override {
    return port_;
  }

  void stop(ms limit) override {
    if (!thread_.joinable())
      return;
    std::promise<void> closed;
    restinio::asio_ns::post(loop_, [&] {
      server_.close_async([&] { closed.set_value(); },
                          [&](std::exception_ptr) { closed.set_value(); });
    });
    closed.get_future().wait();
    auto deadline = clock_type::now() + limit;
    while (in_flight_ > 0 && clock_type::now() < deadline)
      std::this_thread::sleep_for(ms{10}); // a bounded wait at the stop
    // What was answered last is still to be written by the loop.
    std::promise<void> written;
    restinio::asio_ns::post(loop_, [&] { written.set_value(); });
    written.get_future().wait();
    loop_.stop();
    thread_.join();
  }

private:
  restinio::request_handling_status_t handle(restinio::request_handle_t r) {
    auto keeper = std::make_shared<responder>(r, says_, in_flight_);
    if (in_flight_ > settings_.max_in_flight) {
      auto busy = problem(503, "busy", "too many requests are in flight");
      busy.headers.emplace_back("Retry-After", "1");
      keeper->answer(std::move(busy));
      return restinio::request_accepted();
    }
    try {
      auto call = call_of(r);
      // Holds the request weakly and goes with the route's callback.
      auto timer = std::make_shared<restinio::asio_ns::steady_timer>(
        loop_, settings_.answer_timeout);
      timer->async_wait([weak = std::weak_ptr{keeper}](auto ec) {
        if (auto late = ec ? nullptr : weak.lock())
          late->answer(problem(504, "timeout", "no answer in time"));
      });
      keeper->name(route(routes_, call, [keeper, timer](http_answer a) {
        keeper->answer(std::move(a));
      }));
    } catch (const std::exception& e) {
      keeper->answer(problem(500, "internal", e.what()));
    }
    return restinio::request_accepted();
  }

  server_settings settings_;
  probe& says_;
  route_settings routes_;
  std::atomic<int> in_flight_ = 0;
  std::atomic<std::uint16_t> port_ = 0;
  restinio::asio_ns::io_context loop_;
  restinio::asio_ns::executor_work_guard<
    restinio::asio_ns::io_context::executor_type>
    guard_{loop_.get_executor()};
  native_server server_;
  std::thread thread_;
};

} // namespace

result<std::unique_ptr<http_server>>
http_server::start(server_settings settings, coordinator& jobs,
                   std::function<std::string()> metrics, probe& says) {
  auto out = std::make_unique<running_server>(std::move(settings), jobs,
                                              std::move(metrics), says);
  if (auto trouble = out->open())
    return *trouble;
  return std::unique_ptr<http_server>(std::move(out));
}

} // namespace dubber
