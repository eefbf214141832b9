#pragma once

#include "clients/http/answer.hpp"
#include "clients/http/body_source.hpp"
#include "clients/http/transport.hpp"

#include <span>

namespace dubber::wire {

struct call;

/// One request and its answer on a ready connection. Sending and receiving
/// overlap: an answer that comes while the upload is under way counts.
class exchange {
public:
  exchange(const call& what, std::uint64_t max_header_bytes);

  /// Opens the body. The call has to stay until all is sent. @returns the fault
  /// that keeps the call from being sent.
  std::optional<fault> begin(const call& what);

  enum class state {
    again,      ///< there is more to do at once
    want_read,  ///< the socket has nothing more
    want_write, ///< the socket takes nothing more
    done,       ///< sent; or the answer is whole
    closed,     ///< the peer is gone
    failed,     ///< `problem` ended it
  };

  /// Writes what the socket takes, a bounded share at a time.
  state send(transport& to);

  /// Reads what is there, a bounded share at a time.
  /// @param to_the_end The peer sends nothing more: its end is read as well.
  state receive(transport& from, std::span<char> scratch, bool to_the_end);

  /// Whether the last read is known to have left nothing.
  bool drained() const {
    return drained_;
  }

  bool sent_anything() const {
    return sent_anything_;
  }

  bool all_sent() const {
    return all_sent_;
  }

  answer_stream& answered() {
    return answer_;
  }

  std::optional<fault> problem;

private:
  state ended(transport& from, bool clean);

  answer_stream answer_;
  std::optional<body_source> body_;
  std::string out_;       ///< a piece of the body
  std::string_view rest_; ///< of what is sent now
  std::uint64_t left_ = 0;
  bool sent_anything_ = false;
  bool all_sent_ = false;
  bool drained_ = false;
};

} // namespace dubber::wire
