#include "clients/http/connection.hpp"

#include "clients/http/client_loop.hpp"
#include "clients/http/pool.hpp"

#include <boost/asio/post.hpp>

namespace dubber::wire {

connection::connection(client_loop& loop, pool& home)
  : loop_(loop), home_(home), transport_(loop.io) {
  // nop
}

void connection::start(call_ptr what) {
  call_ = std::move(what);
  call_->on = this;
  reused_ = true;
  begin();
}

void connection::begin() {
  phase_ = "sending the request";
  send_broken_ = false;
  exchange_.emplace(*call_, loop_.limits.max_header_bytes);
  if (auto wrong = exchange_->begin(*call_))
    return fail(std::move(*wrong));
  advance(false);
}

void connection::on_ready(poller::readiness is) {
  auto self = shared_from_this();
  hung_up_ |= is.hung_up;
  if (connecting_)
    shake_hands();
  else if (exchange_ && (is.readable || want_write_))
    advance(true);
  else if (!exchange_ && is.readable)
    check_idle();
}

/// @returns whether to go on at once rather than wait.
bool connection::pump_out() {
  want_write_ = false;
  switch (exchange_->send(transport_)) {
  case exchange::state::again:
    return true;
  case exchange::state::want_write:
    want_write_ = true;
    return false;
  case exchange::state::failed:
    fail(*exchange_->problem);
    return false;
  case exchange::state::closed:
    // The server may have answered before it closed: read on.
    send_broken_ = true;
    return true;
  default:
    return false;
  }
}

/// @returns as `pump_out`.
bool connection::pump_in() {
  switch (exchange_->receive(transport_, loop_.scratch, hung_up_)) {
  case exchange::state::again:
    return true;
  case exchange::state::want_write:
    want_write_ = true;
    return false;
  case exchange::state::done:
    complete();
    return false;
  case exchange::state::closed:
    lost();
    return false;
  case exchange::state::failed:
    fail(*exchange_->problem);
    return false;
  default:
    // Nothing to read although the peer takes nothing any more.
    if (send_broken_)
      lost();
    return false;
  }
}

void connection::advance(bool readable) {
  bool again = false;
  if (!exchange_->all_sent() && !send_broken_)
    again = pump_out();
  if (exchange_ && exchange_->all_sent())
    phase_ = "waiting for the answer";
  if (exchange_ && (readable || send_broken_))
    again = pump_in() || (again && exchange_);
  if (closed_ || !exchange_)
    return;
  if (again)
    boost::asio::post(loop_.io, [self = shared_from_this()] {
      if (!self->closed_ && self->exchange_)
        self->advance(true);
    });
}

void connection::complete() {
  auto what = std::move(call_);
  what->on = nullptr;
  auto response = std::move(exchange_->answered().response());
  bool reusable = exchange_->all_sent() && exchange_->answered().keep_alive()
                  && !transport_.holds_bytes() && !hung_up_;
  bool drained = exchange_->drained();
  exchange_.reset();
  phase_ = "idle";
  if (!reusable)
    close();
  else if (!drained)
    check_idle(); // what is there already is not told again
  if (!closed_)
    home_.free(*this);
  loop_.finish(*what, std::move(response));
}

void connection::fail(fault why) {
  auto what = std::move(call_);
  what->on = nullptr;
  close();
  why.message = home_.name() + ": " + why.message;
  loop_.finish(*what, std::move(why));
}

/// The peer is gone before the first byte of an answer.
void connection::lost() {
  bool safe = !exchange_->sent_anything() || call_->may_repeat;
  if (!reused_ || call_->repeated || !safe)
    return fail({fault_code::unreachable,
                 "closed the connection without an answer",
                 0,
                 {}});
  auto what = std::move(call_);
  what->on = nullptr;
  what->repeated = true;
  close();
  home_.submit(std::move(what));
}

void connection::check_idle() {
  // Readable while idle: closed, or bytes nobody asked for. TLS may have had
  // something to say to itself (session tickets).
  auto io = transport_.read(loop_.scratch.data(), loop_.scratch.size());
  if (io.what != io_outcome::want_read)
    close();
}

void connection::abort() {
  if (call_)
    call_->on = nullptr;
  call_.reset();
  close();
}

void connection::close() {
  if (closed_)
    return;
  closed_ = true;
  loop_.timers.disarm(*this);
  exchange_.reset();
  transport_.close();
  home_.gone(*this);
}

} // namespace dubber::wire
