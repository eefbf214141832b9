#include "clients/http/client_loop.hpp"
#include "clients/http/connection.hpp"
#include "clients/http/pool.hpp"

#include <cerrno>

namespace dubber::wire {

namespace {

using std::chrono::steady_clock;

/// Out of files, ports or memory on this side: not the neighbour's fault.
bool our_own_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS
         || error == ENOMEM || error == EADDRNOTAVAIL;
}

} // namespace

void connection::open(call_ptr what) {
  call_ = std::move(what);
  call_->on = this;
  give_up_at_ = steady_clock::now() + loop_.limits.connect_timeout;
  loop_.timers.arm(*this, give_up_at_);
  if (home_.where().is_address) {
    addresses_.push_back(boost::asio::ip::make_address(home_.where().host));
    connect_next();
    return;
  }
  loop_.names.look_up(home_.where().host,
                      [weak = weak_from_this()](const lookup_answer& answer) {
                        auto self = weak.lock();
                        if (self && !self->closed_)
                          self->resolved(answer);
                      });
}

void connection::resolved(const lookup_answer& answer) {
  if (!answer.problem.empty())
    return give_up({fault_code::unreachable,
                    "cannot look up the name: " + answer.problem,
                    0,
                    {}});
  addresses_ = answer.addresses;
  connect_next();
}

void connection::connect_next() {
  phase_ = "connecting";
  auto address = addresses_[next_address_++];
  boost::asio::ip::tcp::endpoint to{address, home_.where().port};
  boost::system::error_code error;
  auto& socket = transport_.socket();
  if (socket.is_open())
    socket.close(error);
  socket.open(to.protocol(), error);
  if (!error)
    socket.non_blocking(true, error);
  if (!error)
    socket.set_option(boost::asio::ip::tcp::no_delay{true}, error);
  if (error)
    return connect_failed(error.message(), error.value());
  // A silent address must leave time for the next one.
  auto left = addresses_.size() - next_address_ + 1;
  auto now = steady_clock::now();
  loop_.timers.arm(*this, now + (give_up_at_ - now) / left);
  socket.async_connect(
    to, [self = shared_from_this(), attempt = next_address_](auto failed) {
      if (self->closed_ || attempt != self->next_address_)
        return;
      if (failed)
        self->connect_failed(failed.message(), failed.value());
      else
        self->connected();
    });
}

void connection::connect_failed(const std::string& why, int error) {
  if (our_own_shortage(error))
    return give_up(
      {fault_code::internal, "cannot open a socket: " + why, 0, {}});
  if (next_address_ < addresses_.size())
    return connect_next();
  loop_.names.forget(home_.where().host);
  give_up({fault_code::unreachable, "cannot connect: " + why, 0, {}});
}

void connection::connected() {
  if (auto failed = transport_.watch(loop_.sockets, *this))
    return give_up({fault_code::internal,
                    "cannot watch a socket: " + failed.message(),
                    0,
                    {}});
  if (!home_.where().tls) {
    connecting_ = false;
    loop_.timers.disarm(*this);
    return begin();
  }
  phase_ = "in the TLS handshake";
  auto session = loop_.tls.session(home_.where().host, home_.where().is_address,
                                   transport_.descriptor());
  if (!session)
    return give_up(session.error());
  transport_.secure(std::move(*session));
  loop_.timers.arm(*this, give_up_at_);
  shake_hands();
}

void connection::shake_hands() {
  switch (transport_.handshake().what) {
  case io_outcome::done:
    connecting_ = false;
    loop_.timers.disarm(*this);
    return begin();
  case io_outcome::want_read:
  case io_outcome::want_write:
    return;
  default:
    give_up({fault_code::unreachable, transport_.problem(), 0, {}});
  }
}

void connection::on_deadline() {
  auto self = shared_from_this();
  if (next_address_ > 0 && !transport_.secured()
      && next_address_ < addresses_.size())
    return connect_next();
  loop_.names.forget(home_.where().host);
  give_up({fault_code::unreachable,
           std::string{"no connection in time, still "} + phase_,
           0,
           {}});
}

void connection::give_up(fault why) {
  auto self = shared_from_this(); // closing takes it out of its pool
  fail(std::move(why));
}

} // namespace dubber::wire
