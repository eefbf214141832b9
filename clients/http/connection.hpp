#pragma once

#include "clients/http/call.hpp"
#include "clients/http/exchange.hpp"

#include <boost/asio/ip/address.hpp>

namespace dubber::wire {

struct lookup_answer;

/// One connection of a pool.
///
///   open() -> resolving -> connecting (next address on failure) -> [handshake]
///          -> exchanging <-> idle -> closed
///
/// Any state goes to closed: by failure, by the peer, by abort(). A closed
/// connection has left its pool; what still hangs on it in the loop is void.
class connection : public std::enable_shared_from_this<connection>,
                   public deadlines::item,
                   public poller::watcher {
public:
  connection(client_loop& loop, pool& home);

  /// Connects for this call, and sends it.
  void open(call_ptr what);

  /// Sends a further call over the idle connection.
  void start(call_ptr what);

  /// Closes without telling the call, which somebody else ends.
  void abort();

  /// Lets go of its call, which somebody else ends; abort() must follow.
  call_ptr take_call() {
    if (call_)
      call_->on = nullptr;
    return std::move(call_);
  }

  void on_deadline() override;
  void on_ready(poller::readiness is) override;

  /// What it is doing, for people.
  const char* phase() const {
    return phase_;
  }

  steady_time idle_since;
  std::list<std::shared_ptr<connection>>::iterator place;

private:
  // -- connection_open.cpp
  void resolved(const lookup_answer& answer);
  void connect_next();
  void connect_failed(const std::string& why, int error);
  void connected();
  void shake_hands();
  void give_up(fault why);

  // -- connection.cpp
  void begin();
  void advance(bool readable);
  bool pump_out();
  bool pump_in();
  void complete();
  void fail(fault why);
  void lost();
  void check_idle();
  void close();

  client_loop& loop_;
  pool& home_;
  transport transport_;
  call_ptr call_;
  std::optional<exchange> exchange_;
  const char* phase_ = "looking up the name";
  std::vector<boost::asio::ip::address> addresses_;
  std::size_t next_address_ = 0;
  steady_time give_up_at_;
  bool connecting_ = true;
  bool closed_ = false;
  bool reused_ = false;
  bool hung_up_ = false; ///< the peer, which is not told again
  bool send_broken_ = false;
  bool want_write_ = false;
};

} // namespace dubber::wire
