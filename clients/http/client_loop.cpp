#include "clients/http/client_loop.hpp"

#include <signal.h>

#include <algorithm>

namespace dubber::wire {

namespace {

using std::chrono::steady_clock;

/// Beyond this many origins those without connections are forgotten.
constexpr std::size_t many_pools = 64;

} // namespace

/// Something that is called at its time.
struct client_loop::alarm : deadlines::item {
  alarm(std::list<alarm>& among, std::function<void()> f)
    : home(among), what(std::move(f)) {
    // nop
  }

  void on_deadline() override {
    auto f = std::move(what);
    home.erase(place);
    f();
  }

  std::list<alarm>& home;
  std::list<alarm>::iterator place;
  std::function<void()> what;
};

void call::on_deadline() {
  loop->expired(*this);
}

std::string_view call::authority() const {
  auto known = origin ? &origin->where() : where.get();
  return known ? std::string_view{known->authority} : std::string_view{};
}

client_loop::client_loop(http_client_limits bounds, http_client_tls settings,
                         http_client_observer* watcher)
  : limits(bounds), observer(watcher), tls(std::move(settings)) {
  mail->loop = this;
}

client_loop::~client_loop() = default;

void client_loop::start(mailbox& box, call_ptr what) {
  std::unique_lock guard{box.mutex};
  if (box.loop == nullptr) {
    guard.unlock();
    if (!what->over.exchange(true))
      what->on_end(fault{fault_code::cancelled, "shutting down", 0, {}});
    return;
  }
  bool first = box.started.empty() && box.cancelled.empty();
  box.started.push_back(std::move(what));
  if (first)
    box.loop->later([loop = box.loop] { loop->collect(); });
}

void client_loop::cancel(mailbox& box, call_ptr what) {
  if (what->over.exchange(true))
    return;
  std::lock_guard guard{box.mutex};
  if (box.loop == nullptr)
    return;
  bool first = box.started.empty() && box.cancelled.empty();
  box.cancelled.push_back(std::move(what));
  if (first)
    box.loop->later([loop = box.loop] { loop->collect(); });
}

void client_loop::run() {
  // A TLS write to a closed socket must not end the program, and signals are
  // the main thread's business.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  io.run();
}

void client_loop::stop() {
  later([this] { shut_down(); });
}

void client_loop::later_at(steady_time when, std::function<void()> what) {
  boost::asio::dispatch(io, [this, when, f = std::move(what)]() mutable {
    auto& one = alarms_.emplace_back(alarms_, std::move(f));
    one.place = std::prev(alarms_.end());
    timers.arm(one, when);
  });
}

void client_loop::collect() {
  std::vector<call_ptr> started;
  std::vector<call_ptr> cancelled;
  {
    std::lock_guard guard{mail->mutex};
    started.swap(mail->started);
    cancelled.swap(mail->cancelled);
  }
  for (auto& what : started)
    accept(std::move(what));
  for (auto& what : cancelled) {
    detach(*what);
    finish(*what, fault{fault_code::cancelled, "cancelled", 0, {}});
  }
}

void client_loop::accept(call_ptr what) {
  if (what->over)
    return; // cancelled already
  if (what->unusable)
    return finish(*what, *what->unusable);
  auto deadline
    = std::clamp(what->deadline, ms{0}, ms{std::chrono::hours{24 * 30}});
  what->loop = this;
  timers.arm(*what, what->started + deadline);
  auto& origin = pool_for(*what);
  what->origin = &origin;
  what->where.reset();
  origin.submit(std::move(what));
}

pool& client_loop::pool_for(const call& what) {
  auto& where = *what.where;
  auto known = pools_.find(where.origin);
  if (known != pools_.end())
    return *known->second;
  if (pools_.size() >= many_pools)
    std::erase_if(pools_, [this](auto& entry) {
      bool unused = entry.second->unused();
      if (unused)
        timers.disarm(*entry.second);
      return unused;
    });
  auto fresh = std::make_unique<pool>(*this, where);
  return *pools_.emplace(where.origin, std::move(fresh)).first->second;
}

/// Takes the call from whoever has it. @returns what keeps it alive.
call_ptr client_loop::detach(call& what) {
  call_ptr keep;
  if (what.queued) {
    keep = *what.place;
    what.origin->withdraw(what);
  } else if (what.on) {
    auto on = what.on->shared_from_this();
    keep = on->take_call();
    on->abort();
  }
  return keep;
}

void client_loop::expired(call& what) {
  std::string doing = what.on ? what.on->phase() : "waiting for a connection";
  auto message = what.origin->name() + ": no answer within "
                 + std::to_string(what.deadline.count()) + " ms, still "
                 + doing;
  auto keep = detach(what);
  finish(what, fault{fault_code::timeout, std::move(message), 0, {}});
}

void client_loop::finish(call& what, result<http_response> outcome) {
  if (std::exchange(what.ended, true))
    return; // it ended while its cancel was on the way
  timers.disarm(what);
  if (observer) {
    auto took
      = std::chrono::duration_cast<ms>(steady_clock::now() - what.started);
    observer->call_ended(what.authority(), outcome ? outcome->status : 0, took);
  }
  // Freed here even when a handle keeps the call's shell.
  auto on_end = std::move(what.on_end);
  what.on_end = nullptr;
  what.message = {};
  what.body.reset();
  if (!what.over.exchange(true))
    on_end(std::move(outcome));
}

void client_loop::shut_down() {
  const fault why{fault_code::cancelled, "shutting down", 0, {}};
  std::vector<call_ptr> started;
  {
    // From here on `start` answers by itself.
    std::lock_guard guard{mail->mutex};
    mail->loop = nullptr;
    started.swap(mail->started);
    mail->cancelled.clear();
  }
  for (auto& what : started)
    finish(*what, why);
  for (auto& [name, origin] : pools_)
    origin->shut_down(why);
  for (auto& one : alarms_)
    timers.disarm(one);
  alarms_.clear();
  work_.reset();
  io.stop();
}

} // namespace dubber::wire
