#include "clients/http/exchange.hpp"

#include "clients/http/call.hpp"

namespace dubber::wire {

namespace {

constexpr std::size_t piece = 64 * 1024;
/// A body up to this size leaves together with its head.
constexpr std::uint64_t small = 16 * 1024;
/// Turns before other connections get theirs.
constexpr int share = 8;

} // namespace

exchange::exchange(const call& what, std::uint64_t max_header_bytes)
  : answer_({what.request.method == "HEAD", what.request.max_answer_bytes,
             static_cast<std::uint32_t>(max_header_bytes), what.request.sink,
             what.request.sink_offset}) {
  // nop
}

std::optional<fault> exchange::begin(const call& what) {
  auto body = body_source::open(what.request.body);
  if (!body)
    return body.error();
  body_ = std::move(*body);
  left_ = body_->size();
  out_.reserve(what.head.size() + 64 + (left_ <= small ? left_ : 0));
  out_ = what.head;
  if (!body_->content_type().empty())
    out_ += "Content-Type: " + body_->content_type() + "\r\n";
  auto& method = what.request.method;
  bool wants_length = method == "POST" || method == "PUT" || method == "PATCH";
  if (left_ > 0 || wants_length)
    out_ += "Content-Length: " + std::to_string(left_) + "\r\n";
  out_ += "\r\n";
  if (left_ > small)
    return std::nullopt;
  while (left_ > 0) {
    auto got = body_->read(out_, small);
    if (!got)
      return got.error();
    left_ -= *got;
  }
  return std::nullopt;
}

exchange::state exchange::send(transport& to) {
  for (int turn = 0; turn < share; ++turn) {
    if (position_ == out_.size()) {
      out_.clear();
      position_ = 0;
      if (left_ == 0) {
        out_.shrink_to_fit();
        all_sent_ = true;
        return state::done;
      }
      auto got = body_->read(out_, piece);
      if (!got) {
        problem = got.error();
        return state::failed;
      }
      left_ -= *got;
    }
    auto io = to.write(out_.data() + position_, out_.size() - position_);
    switch (io.what) {
    case io_outcome::done:
      position_ += io.bytes;
      sent_anything_ = true;
      break;
    case io_outcome::want_read:
      return state::want_read;
    case io_outcome::want_write:
      return state::want_write;
    default:
      return state::closed;
    }
    if (position_ == out_.size() && left_ == 0) {
      all_sent_ = true;
      out_.clear();
      return state::done;
    }
  }
  return state::again;
}

exchange::state exchange::ended(transport& from, bool clean) {
  if (clean) {
    auto whole = answer_.end();
    if (!whole) {
      problem = whole.error();
      return state::failed;
    }
    if (*whole)
      return state::done;
  }
  if (!answer_.started())
    return state::closed;
  problem = fault{fault_code::bad_answer,
                  "the answer ends in the middle"
                    + (clean ? std::string{} : ": " + from.problem()),
                  answer_.response().status,
                  {}};
  return state::failed;
}

exchange::state exchange::receive(transport& from, std::span<char> scratch,
                                  bool to_the_end) {
  for (int turn = 0; turn < share; ++turn) {
    auto io = from.read(scratch.data(), scratch.size());
    switch (io.what) {
    case io_outcome::want_read:
      return state::want_read;
    case io_outcome::want_write:
      return state::want_write;
    case io_outcome::end:
      return ended(from, true);
    case io_outcome::failed:
      return ended(from, false);
    case io_outcome::done:
      break;
    }
    // A short read means an empty socket.
    drained_ = !from.secured() && io.bytes < scratch.size();
    auto whole = answer_.take({scratch.data(), io.bytes});
    if (!whole) {
      problem = whole.error();
      return state::failed;
    }
    if (*whole)
      return state::done;
    if (drained_ && !to_the_end)
      return state::want_read; // waiting is cheaper than asking
  }
  return state::again;
}

} // namespace dubber::wire
