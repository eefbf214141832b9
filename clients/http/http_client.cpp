#include "clients/http_client.hpp"

#include "clients/http/connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <deque>
#include <set>
#include <thread>
#include <unordered_map>

namespace dubber {

namespace asio = boost::asio;
using boost::system::error_code;
using clock_type = std::chrono::steady_clock;

namespace {

struct host_pool {
  std::vector<std::shared_ptr<connection>> idle; ///< the last one goes first
  int open = 0;
  std::deque<std::shared_ptr<http_call>> waiting;
};

fault simple(fault_code code, std::string message) {
  return {code, std::move(message), 0, {}};
}

bool is_header_safe(const http_request& rq) {
  auto bad = [](const std::string& s) {
    return s.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos;
  };
  if (rq.method.empty()
      || !std::all_of(rq.method.begin(), rq.method.end(),
                      [](char c) { return c >= 'A' && c <= 'Z'; }))
    return false;
  return std::none_of(rq.headers.begin(), rq.headers.end(), [&](auto& h) {
    return h.first.empty() || bad(h.first) || bad(h.second)
           || h.first.find_first_of(" \t:") != std::string::npos;
  });
}

/// May be sent twice without harm.
bool is_repeatable(const http_request& rq) {
  if (rq.method != "POST" && rq.method != "PATCH")
    return true;
  return std::any_of(rq.headers.begin(), rq.headers.end(), [](auto& h) {
    return boost::beast::iequals(h.first, "Idempotency-Key");
  });
}

} // namespace

std::string_view http_response::header(std::string_view name) const {
  for (auto& [key, value] : headers)
    if (boost::beast::iequals(
          key, boost::beast::string_view{name.data(), name.size()}))
      return value;
  return {};
}

class http_client::impl : public std::enable_shared_from_this<impl> {
public:
  impl(http_client_limits limits, const http_client_tls& tls,
       http_client_observer* observer)
    : limits_(limits), observer_(observer), guard_(loop_.get_executor()),
      timer_(loop_), tls_(asio::ssl::context::tls_client) {
    tls_.set_default_verify_paths();
    if (!tls.ca_file.empty())
      tls_.load_verify_file(tls.ca_file.string());
    tls_.set_verify_mode(tls.verify_peer ? asio::ssl::verify_peer
                                         : asio::ssl::verify_none);
    thread_ = std::thread{[this] {
      loop_.run();
    }};
  }

  call_handle send(http_request request, callback on_end) {
    auto call = std::make_shared<http_call>();
    call->request = std::move(request);
    call->on_end = std::move(on_end);
    std::weak_ptr<impl> weak = weak_from_this();
    asio::post(loop_, [this, call] { begin(call); });
    return call_handle{[weak, call] {
      call->cancelled = true;
      if (auto me = weak.lock())
        asio::post(me->loop_, [me, call] { me->drop(call); });
    }};
  }

  void stop() {
    asio::post(loop_, [this] {
      stopping_ = true;
      while (!deadlines_.empty())
        end(deadlines_.begin()->second,
            simple(fault_code::cancelled, "the client is stopping"));
      for (auto& [key, pool] : pools_)
        for (auto& c : pool.idle)
          c->close();
      timer_.cancel();
      guard_.reset();
    });
    thread_.join();
  }

private:
  std::string key_of(const http_url& url) const {
    return (url.tls ? "s" : "p") + url.authority();
  }

  void begin(const std::shared_ptr<http_call>& call) {
    call->begun = clock_type::now();
    call->deadline
      = deadlines_.emplace(call->begun + call->request.deadline, call);
    if (stopping_)
      return end(call, simple(fault_code::cancelled, "the client is stopping"));
    auto url = parse_url(call->request.url);
    if (!url)
      return end(call, url.error());
    if (!is_header_safe(call->request))
      return end(call, simple(fault_code::refused,
                              "a header or the method holds a forbidden "
                              "character"));
    call->url = std::move(*url);
    arm();
    place(call);
  }

  /// Finds the call a connection, or a place in the queue.
  void place(const std::shared_ptr<http_call>& call) {
    auto& pool = pools_[key_of(call->url)];
    if (!pool.idle.empty()) {
      auto c = std::move(pool.idle.back());
      pool.idle.pop_back();
      run(call, std::move(c), false);
    } else if (pool.open < limits_.connections_per_host) {
      connect(call, pool);
    } else if (queued_ >= limits_.max_queued) {
      end(call, simple(fault_code::busy,
                       "too many calls wait for " + call->url.authority()));
    } else {
      ++queued_;
      pool.waiting.push_back(call);
    }
  }

  void connect(const std::shared_ptr<http_call>& call, host_pool& pool) {
    ++pool.open;
    auto c = call->url.tls
               ? make_tls_connection(loop_, tls_, limits_.max_header_bytes)
               : make_plain_connection(loop_, limits_.max_header_bytes);
    call->where = c;
    c->connect(call->url, [this, call, c](std::optional<fault> error) {
      if (!error && !call->over)
        return run(call, c, true);
      c->close();
      auto url = call->url;
      if (error)
        end(call, *error);
      gone(url);
    });
  }

  void run(const std::shared_ptr<http_call>& call,
           std::shared_ptr<connection> c, bool fresh) {
    call->where = c;
    c->run(call, [this, call, c, fresh](exchange_end x) {
      auto url = call->url;
      call->where.reset();
      auto stale = !fresh && !x.outcome && x.unanswered && !call->over
                   && x.outcome.error().code == fault_code::unreachable;
      if (stale && !call->repeated && is_repeatable(call->request)) {
        call->repeated = true;
        // All that idle are likely to be as old: a fresh one is certain.
        connect(call, pools_[key_of(url)]);
      } else {
        end(call, std::move(x.outcome));
      }
      if (x.reusable)
        keep(url, c);
      else
        gone(url);
    });
  }

  void keep(const http_url& url, const std::shared_ptr<connection>& c) {
    auto& pool = pools_[key_of(url)];
    c->idle_since = clock_type::now();
    pool.idle.push_back(c);
    serve(pool);
    watch(url, pool);
    arm();
  }

  void gone(const http_url& url) {
    auto& pool = pools_[key_of(url)];
    --pool.open;
    serve(pool);
    watch(url, pool);
  }

  void serve(host_pool& pool) {
    while (
      !pool.waiting.empty()
      && (!pool.idle.empty() || pool.open < limits_.connections_per_host)) {
      auto call = std::move(pool.waiting.front());
      pool.waiting.pop_front();
      --queued_;
      if (!call->over)
        place(call);
    }
  }

  void watch(const http_url& url, const host_pool& pool) {
    if (observer_)
      observer_->connections(url.authority(), pool.open,
                             static_cast<int>(pool.idle.size()));
  }

  void end(const std::shared_ptr<http_call>& call,
           result<http_response> outcome) {
    if (call->over)
      return;
    call->over = true;
    deadlines_.erase(call->deadline);
    if (auto where = std::exchange(call->where, nullptr))
      where->close();
    auto took = std::chrono::duration_cast<ms>(clock_type::now() - call->begun);
    if (observer_)
      observer_->call_ended(call->url.authority(),
                            outcome ? outcome->status : 0, took);
    auto on_end = std::exchange(call->on_end, nullptr);
    if (!call->cancelled)
      on_end(std::move(outcome));
  }

  void drop(const std::shared_ptr<http_call>& call) {
    if (!call->over)
      end(call, simple(fault_code::cancelled, "cancelled"));
  }

  /// The one timer fires at the earliest deadline, and once in a while for idle
  /// connections; it is moved only when something earlier comes.
  void arm() {
    auto next = clock_type::now() + limits_.idle_timeout;
    if (!deadlines_.empty())
      next = std::min(next, deadlines_.begin()->first);
    if (armed_ && next >= armed_until_)
      return;
    armed_ = true;
    armed_until_ = next;
    timer_.expires_at(next);
    timer_.async_wait([this](error_code ec) {
      if (ec)
        return;
      armed_ = false;
      on_timer();
    });
  }

  void on_timer() {
    auto now = clock_type::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      auto call = deadlines_.begin()->second;
      end(call,
          simple(fault_code::timeout,
                 call->url.authority() + ": no complete answer within "
                   + std::to_string(call->request.deadline.count()) + " ms"));
    }
    auto any = !deadlines_.empty();
    for (auto& [key, pool] : pools_) {
      auto old = std::find_if(pool.idle.begin(), pool.idle.end(), [&](auto& c) {
        return c->idle_since + limits_.idle_timeout > now;
      });
      for (auto i = pool.idle.begin(); i != old; ++i) {
        (*i)->close();
        --pool.open;
      }
      pool.idle.erase(pool.idle.begin(), old);
      any |= !pool.idle.empty();
    }
    if (any)
      arm();
  }

  http_client_limits limits_;
  http_client_observer* observer_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  asio::steady_timer timer_;
  bool armed_ = false;
  clock_type::time_point armed_until_;
  asio::ssl::context tls_;
  std::unordered_map<std::string, host_pool> pools_;
  deadline_map deadlines_;
  int queued_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

http_client::http_client(http_client_limits limits, http_client_tls tls,
                         http_client_observer* observer)
  : impl_(std::make_shared<impl>(limits, tls, observer)) {
  // nop
}

http_client::~http_client() {
  impl_->stop();
}

call_handle http_client::send(http_request request, callback on_end) {
  return impl_->send(std::move(request), std::move(on_end));
}

} // namespace dubber
