#include "clients/http/resolver.hpp"

#include <boost/asio/post.hpp>
#include <netdb.h>

#include <chrono>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace dubber::wire {

namespace {

constexpr std::size_t max_lookups = 32;
constexpr auto kept_for = std::chrono::seconds{5};

using clock = std::chrono::steady_clock;

} // namespace

lookup_answer system_lookup(const std::string& host) {
  // RFC 6761, 6.3: nobody has to be asked, and on a bare system without
  // /etc/hosts nobody would know.
  if (host == "localhost" || host.ends_with(".localhost"))
    return {{boost::asio::ip::address_v4::loopback(),
             boost::asio::ip::address_v6::loopback()},
            {}};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0)
    return {{}, ::gai_strerror(code)};
  lookup_answer out;
  for (auto* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family == AF_INET) {
      auto* v4 = reinterpret_cast<sockaddr_in*>(one->ai_addr);
      out.addresses.emplace_back(
        boost::asio::ip::address_v4{ntohl(v4->sin_addr.s_addr)});
    } else if (one->ai_family == AF_INET6) {
      auto* v6 = reinterpret_cast<sockaddr_in6*>(one->ai_addr);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::copy(std::begin(v6->sin6_addr.s6_addr),
                std::end(v6->sin6_addr.s6_addr), bytes.begin());
      out.addresses.emplace_back(
        boost::asio::ip::address_v6{bytes, v6->sin6_scope_id});
    }
  }
  ::freeaddrinfo(found);
  if (out.addresses.empty())
    out.problem = "the name has no address";
  return out;
}

/// Outlives the resolver while a lookup is under way. `io` and `waiting` are
/// shared with the lookup threads; `kept` is the loop's alone.
struct resolver::state {
  struct kept_answer {
    lookup_answer answer;
    clock::time_point until;
  };

  std::mutex mutex;
  boost::asio::io_context* io;
  lookup_function look_up;
  std::map<std::string, std::vector<callback>> waiting;
  std::map<std::string, kept_answer> kept;

  /// On the loop's thread.
  void answered(const std::string& host, const lookup_answer& answer) {
    auto node = waiting.extract(host);
    if (answer.problem.empty()) {
      if (kept.size() >= 256)
        kept.clear();
      kept[host] = {answer, clock::now() + kept_for};
    }
    if (!node.empty())
      for (auto& on_end : node.mapped())
        on_end(answer);
  }
};

resolver::resolver(boost::asio::io_context& io, lookup_function look_up)
  : state_(std::make_shared<state>()) {
  state_->io = &io;
  state_->look_up = std::move(look_up);
}

resolver::~resolver() {
  std::lock_guard guard{state_->mutex};
  state_->io = nullptr;
  state_->waiting.clear();
}

void resolver::forget(const std::string& host) {
  state_->kept.erase(host);
}

void resolver::look_up(const std::string& host, callback on_end) {
  auto& io = *state_->io;
  auto known = state_->kept.find(host);
  if (known != state_->kept.end() && clock::now() < known->second.until) {
    boost::asio::post(io, [on_end = std::move(on_end),
                           answer = known->second.answer] { on_end(answer); });
    return;
  }
  auto fail = [&](std::string why) {
    boost::asio::post(io, [on_end = std::move(on_end), why = std::move(why)] {
      on_end({{}, why});
    });
  };
  auto asked = state_->waiting.find(host);
  if (asked != state_->waiting.end()) {
    asked->second.push_back(std::move(on_end));
    return;
  }
  if (state_->waiting.size() >= max_lookups)
    return fail("too many names are being looked up");
  try {
    std::thread{[host, shared = state_] {
      auto answer = shared->look_up(host);
      std::lock_guard guard{shared->mutex};
      if (shared->io != nullptr)
        boost::asio::post(*shared->io, [host, shared, answer] {
          shared->answered(host, answer);
        });
    }}.detach();
  } catch (const std::system_error& error) {
    return fail(error.what());
  }
  state_->waiting[host].push_back(std::move(on_end));
}

} // namespace dubber::wire
