#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>

namespace dubber::wire {

using steady_time = std::chrono::steady_clock::time_point;
using loop_executor = boost::asio::io_context::executor_type;

/// Any number of deadlines on one timer: an ordered set that allocates nothing,
/// O(log n) to arm. The timer is set anew only for an earlier deadline, so a
/// call that ends in time costs no timer at all.
class deadlines {
public:
  class item : public boost::intrusive::set_base_hook<> {
  public:
    item() = default;
    item(const item&) = delete;
    item& operator=(const item&) = delete;
    virtual ~item() = default;
    virtual void on_deadline() = 0;

    bool operator<(const item& other) const {
      return at_ < other.at_;
    }

  private:
    friend class deadlines;
    steady_time at_;
  };

  explicit deadlines(boost::asio::io_context& io) : timer_(io.get_executor()) {
    // nop
  }

  /// Moves the item's deadline, or sets its first.
  void arm(item& what, steady_time at) {
    disarm(what);
    what.at_ = at;
    items_.insert(what);
    wait();
  }

  void disarm(item& what) {
    if (what.is_linked())
      items_.erase(items_.iterator_to(what));
  }

private:
  void wait() {
    auto first = items_.begin();
    if (first == items_.end() || (waiting_ && armed_ <= first->at_))
      return;
    armed_ = first->at_;
    waiting_ = true;
    timer_.expires_at(armed_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error)
        return; // set anew for an earlier one, or the end
      waiting_ = false;
      fire(std::chrono::steady_clock::now());
      wait();
    });
  }

  void fire(steady_time now) {
    while (!items_.empty() && items_.begin()->at_ <= now) {
      auto& due = *items_.begin();
      items_.erase(items_.begin());
      due.on_deadline();
    }
  }

  boost::asio::basic_waitable_timer<
    std::chrono::steady_clock,
    boost::asio::wait_traits<std::chrono::steady_clock>, loop_executor>
    timer_;
  boost::intrusive::multiset<item> items_;
  steady_time armed_;
  bool waiting_ = false;
};

} // namespace dubber::wire
