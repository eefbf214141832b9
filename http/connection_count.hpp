#pragma once

#include <restinio/connection_state_listener.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <set>

namespace dubber {

/// Counts connections. Not RESTinio's own limiter: that one loses count when a
/// client resets its connection before it was looked at.
class connection_count {
public:
  explicit connection_count(std::size_t most) : most_(most) {
    // nop
  }

  bool is_full() const {
    return open_.size() >= most_;
  }

  std::uint64_t accepted() const {
    return accepted_;
  }

  /// The end of a connection may be told more than once.
  void
  state_changed(const restinio::connection_state::notice_t& notice) noexcept {
    namespace state = restinio::connection_state;
    if (restinio::holds_alternative<state::accepted_t>(notice.cause())) {
      open_.insert(notice.connection_id());
      ++accepted_;
    } else if (restinio::holds_alternative<state::closed_t>(notice.cause())) {
      open_.erase(notice.connection_id());
    }
  }

private:
  std::size_t most_;
  std::set<restinio::connection_id_t> open_;
  std::uint64_t accepted_ = 0;
};

/// At most a quarter of the files that the process may open: an answer may need
/// two more, and the rest of the program some.
inline std::size_t connections_within_reason(std::size_t wanted) {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0
      || files.rlim_cur == RLIM_INFINITY)
    return wanted;
  return std::min<std::size_t>(wanted, files.rlim_cur / 4);
}

} // namespace dubber
