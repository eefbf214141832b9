#include "http/server.hpp"

#include "http/connection_count.hpp"
#include "http/request_desk.hpp"
#include "http/respond.hpp"
#include "metrics/log.hpp"

#include <poll.h>
#include <pthread.h>
#include <restinio/http_server.hpp>

#include <atomic>
#include <csignal>
#include <future>
#include <list>
#include <thread>

namespace dubber {

namespace {

namespace net = restinio::asio_ns;

/// RESTinio closes the socket without a word at its own limits: they lie this
/// much above ours, which answer.
constexpr std::size_t slack = 4;
constexpr ms native_margin{5'000};
constexpr ms watch_pause{500};
/// To send what is open at the end of a stop its refusal.
constexpr ms last_words{200};

struct traits : restinio::single_thread_traits_t<restinio::asio_timer_manager_t,
                                                 restinio::null_logger_t> {
  using connection_state_listener_t = connection_count;
};

class running_server : public http_server {
public:
  running_server(server_settings settings, route_settings routes, probe& says)
    : settings_(std::move(settings)),
      connections_(std::make_shared<connection_count>(
        connections_within_reason(settings_.max_connections))),
      door_(std::make_shared<loop_door>([this](std::function<void()> what) {
        net::post(loop_, std::move(what));
      })),
      desk_(std::move(routes),
            {settings_.max_in_flight, settings_.answer_timeout}, says, door_),
      server_(restinio::external_io_context(loop_),
              [this](auto& s) { configure(s); }) {
    desk_.watch_written([this] { check_waits(); });
  }

  ~running_server() override {
    stop(ms{0});
  }

  std::optional<fault> open() {
    std::promise<std::string> opened;
    net::post(loop_, [&] {
      try {
        door_->settle_here();
        server_.open_sync();
        watch(0, false);
        opened.set_value({});
      } catch (const std::exception& e) {
        opened.set_value(e.what());
      }
    });
    thread_ = std::thread{[this] {
      // sendfile to a connection that is gone would end the process.
      sigset_t broken_pipe;
      sigemptyset(&broken_pipe);
      sigaddset(&broken_pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
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

  void drain(ms limit) override {
    if (thread_.joinable())
      wait_settled(limit, false);
  }

  void stop(ms limit) override {
    if (!thread_.joinable())
      return;
    wait_settled(limit, true);
    net::post(loop_, [this] { desk_.refuse_all(); });
    wait_settled(last_words, true);
    door_->close();
    loop_.stop();
    thread_.join();
    desk_.refuse_all(); // of who came even later nothing is left when we go
  }

private:
  template <class Settings>
  void configure(Settings& s) {
    s.address(settings_.host)
      .port(settings_.port)
      .request_handler(
        [this](restinio::request_handle_t r) { return handle(r); })
      .connection_state_listener(connections_)
      .read_next_http_message_timelimit(settings_.read_timeout)
      .write_http_response_timelimit(settings_.write_timeout)
      .handle_request_timeout(settings_.answer_timeout + native_margin)
      .max_pipelined_requests(4)
      .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                  .max_body_size(slack * 64 * 1024)
                                  .max_url_size(slack * 4 * 1024)
                                  .max_field_name_size(slack * 8 * 1024)
                                  .max_field_value_size(slack * 8 * 1024)
                                  .max_field_count(slack * 100))
      .acceptor_options_setter([](auto& options) {
        options.set_option(net::ip::tcp::acceptor::reuse_address(true));
      })
      .acceptor_post_bind_hook([this](auto& acceptor) {
        port_ = acceptor.local_endpoint().port();
        listener_ = acceptor.native_handle();
      })
      .socket_options_setter([this](auto& options) {
        // The one place where a new connection can still be turned away.
        if (connections_->is_full())
          throw std::runtime_error("too many connections");
        options.set_option(net::ip::tcp::no_delay{true});
      });
  }

  restinio::request_handling_status_t
  handle(const restinio::request_handle_t& r) {
    handling_ = true;
    desk_.take_in(
      call_of(r), [this, r](http_answer what, std::shared_ptr<void> mark) {
        auto put = [this, r, what = std::move(what), mark]() mutable {
          respond(r, std::move(what), leaving_, std::move(mark));
        };
        // RESTinio loses count of pipelined requests that are answered before
        // their handler has returned.
        if (handling_)
          net::post(loop_, std::move(put));
        else
          put();
      });
    handling_ = false;
    arm_timeout();
    return restinio::request_accepted();
  }

  void arm_timeout() {
    auto due = desk_.next_deadline();
    if (timeout_armed_ || !due)
      return;
    timeout_armed_ = true;
    timeout_.expires_at(*due);
    timeout_.async_wait([this](auto) {
      timeout_armed_ = false;
      desk_.expire(request_desk::clock::now());
      arm_timeout();
    });
  }

  /// An accept that fails (no descriptor left) is never repeated by RESTinio: a
  /// connection that waits twice in a row with nobody accepted between means
  /// that the listener has to be opened anew.
  void watch(std::uint64_t accepted, bool waited) {
    watch_.expires_after(watch_pause);
    watch_.async_wait([this, accepted, waited](auto failed) {
      if (failed || closing_)
        return;
      pollfd listener{listener_, POLLIN, 0};
      auto waits
        = ::poll(&listener, 1, 0) > 0 && connections_->accepted() == accepted;
      if (waits && waited)
        reopen();
      watch(connections_->accepted(), waits && !waited);
    });
  }

  void reopen() {
    try {
      server_.close_sync();
      server_.open_sync();
      log::write(log::level::warn, "http.reopened",
                 {{"reason", "connections were no longer accepted"}});
    } catch (const std::exception& e) {
      log::write(log::level::error, "http.reopen_failed",
                 {{"reason", e.what()}});
    }
  }

  // -- the end
  // -----------------------------------------------------------------

  struct settled_wait {
    request_desk::id last;
    std::promise<void> done;
  };

  void wait_settled(ms limit, bool closing) {
    auto deadline = std::make_shared<net::steady_timer>(loop_);
    auto wait = std::make_shared<settled_wait>();
    net::post(loop_, [this, limit, closing, deadline, wait] {
      leaving_ = true;
      if (closing && !closing_) {
        closing_ = true;
        desk_.begin_stop();
        server_.close_sync();
      }
      wait->last = closing ? UINT64_MAX : desk_.last();
      waits_.push_back(wait);
      deadline->expires_after(limit);
      deadline->async_wait([this, wait, deadline](auto) { end_wait(wait); });
      check_waits();
    });
    wait->done.get_future().wait();
  }

  void end_wait(const std::shared_ptr<settled_wait>& wait) {
    if (waits_.remove(wait) > 0)
      wait->done.set_value();
  }

  void check_waits() {
    for (auto& wait : std::list{waits_})
      if (desk_.settled(wait->last))
        end_wait(wait);
  }

  // The loop goes before what its last handlers refer to.
  server_settings settings_;
  std::shared_ptr<connection_count> connections_;
  std::atomic<std::uint16_t> port_ = 0;
  int listener_ = -1;
  // Of the loop's thread:
  bool leaving_ = false;  ///< connections end with their next answer
  bool closing_ = false;  ///< no new connections
  bool handling_ = false; ///< a request is on its way to its route
  bool timeout_armed_ = false;
  std::list<std::shared_ptr<settled_wait>> waits_;
  std::shared_ptr<loop_door> door_;
  request_desk desk_;
  net::io_context loop_;
  net::executor_work_guard<net::io_context::executor_type> guard_{
    loop_.get_executor()};
  net::steady_timer timeout_{loop_};
  net::steady_timer watch_{loop_};
  restinio::http_server_t<traits> server_;
  std::thread thread_;
};

} // namespace

result<std::unique_ptr<http_server>>
http_server::start(server_settings settings, route_settings routes,
                   probe& says) {
  auto out = std::make_unique<running_server>(std::move(settings),
                                              std::move(routes), says);
  if (auto trouble = out->open())
    return *trouble;
  return std::unique_ptr<http_server>(std::move(out));
}

} // namespace dubber
