#pragma once

#include "clients/http/connection.hpp"

namespace dubber::wire {

/// The connections to one scheme, host and port. The most recently used idle
/// one serves the next call, so that the others can grow old and be closed;
/// beyond `connections_per_host` calls wait in line.
class pool : public deadlines::item {
public:
  pool(client_loop& loop, url where);

  /// Sends the call now or lets it wait; ends it as `busy` when the line is
  /// full.
  void submit(call_ptr what);

  /// Takes a waiting call out of the line.
  void withdraw(call& what);

  /// A connection has ended its call and can serve another.
  void free(connection& which);

  /// A connection is closed.
  void gone(connection& which);

  /// Ends everything.
  void shut_down(const fault& why);

  bool unused() const {
    return all_.empty() && line_.empty();
  }

  const url& where() const {
    return where_;
  }

  const std::string& name() const {
    return where_.origin;
  }

  void on_deadline() override;

private:
  void open(call_ptr what);
  call_ptr next_in_line();
  void close_oldest_idle();
  void tell();

  client_loop& loop_;
  url where_;
  std::list<std::shared_ptr<connection>> all_;
  /// By the time they became idle: the newest is the last.
  std::vector<connection*> idle_;
  call_queue line_;
  bool shut_ = false;
};

} // namespace dubber::wire
