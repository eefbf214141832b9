#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dubber::wire {

/// Addresses of a name, or why there are none.
struct lookup_answer {
  std::vector<boost::asio::ip::address> addresses;
  std::string problem;
};

/// Blocks, as getaddrinfo does; called on threads of its own.
using lookup_function = std::function<lookup_answer(const std::string& host)>;

lookup_answer system_lookup(const std::string& host);

/// Looks names up beside the loop: one thread for a name at a time, however
/// many ask, so that a slow name server delays only its own names. Answers are
/// kept for 5 s (a burst of new connections is one lookup).
class resolver {
public:
  using callback = std::function<void(const lookup_answer&)>;

  explicit resolver(boost::asio::io_context& io,
                    lookup_function look_up = system_lookup);
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;
  /// Does not wait for a lookup that is under way; its answer is dropped.
  ~resolver();

  /// `on_end` is called later on the loop's thread. At most 32 names are looked
  /// up at once, further ones fail.
  void look_up(const std::string& host, callback on_end);

  /// Forgets a kept answer, after its addresses turned out to be dead.
  void forget(const std::string& host);

private:
  struct state;
  std::shared_ptr<state> state_;
};

} // namespace dubber::wire
