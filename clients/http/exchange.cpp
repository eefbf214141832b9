#include "clients/http/exchange.hpp"

#include "clients/http/call.hpp"

namespace dubber::wire {

namespace {

constexpr std::size_t piece = 64 * 1024;
/// So much of a body leaves together with the head.
constexpr std::size_t small = 16 * 1024;
/// Turns before other connections get theirs.
constexpr int share = 8;

answer_limits limits_of(const call& what, std::uint64_t max_header_bytes) {
  answer_limits out{what.is_head,
                    what.max_answer_bytes,
                    static_cast<std::uint32_t>(max_header_bytes),
                    {},
                    0};
  if (what.sink) {
    out.sink = what.sink->path;
    out.sink_offset = what.sink->offset;
  }
  return out;
}

} // namespace

exchange::exchange(const call& what, std::uint64_t max_header_bytes)
  : answer_(limits_of(what, max_header_bytes)) {
  // nop
}

std::optional<fault> exchange::begin(const call& what) {
  rest_ = what.message;
  if (!what.body)
    return std::nullopt;
  auto body = body_source::open(*what.body);
  if (!body)
    return body.error();
  body_ = std::move(*body);
  left_ = body_->size();
  out_ = what.message;
  if (!body_->content_type().empty())
    out_ += "Content-Type: " + body_->content_type() + "\r\n";
  if (left_ > 0 || what.wants_length)
    out_ += "Content-Length: " + std::to_string(left_) + "\r\n";
  out_ += "\r\n";
  while (left_ > 0 && out_.size() < small) {
    auto got = body_->read(out_, small);
    if (!got)
      return got.error();
    left_ -= *got;
  }
  rest_ = out_;
  return std::nullopt;
}

exchange::state exchange::send(transport& to) {
  for (int turn = 0; turn < share; ++turn) {
    if (rest_.empty() && left_ > 0) {
      out_.clear();
      auto got = body_->read(out_, piece);
      if (!got) {
        problem = got.error();
        return state::failed;
      }
      left_ -= *got;
      rest_ = out_;
    }
    auto io = to.write(rest_.data(), rest_.size());
    switch (io.what) {
    case io_outcome::done:
      rest_.remove_prefix(io.bytes);
      sent_anything_ = true;
      break;
    case io_outcome::want_read:
      return state::want_read;
    case io_outcome::want_write:
      return state::want_write;
    default:
      return state::closed;
    }
    if (rest_.empty() && left_ == 0) {
      all_sent_ = true;
      out_ = {};
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
