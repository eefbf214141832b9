#include "clients/celery/task_sender.hpp"

#include "core/overload.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace dubber {

namespace {

using clock = std::chrono::steady_clock;
using fate = task_sender::fate;

struct letter {
  amqp_message what;
  task_sender::on_fate then;
};

struct sent_letter {
  std::string id;
  task_sender::on_fate then;
  clock::time_point since;
  std::string came_back = {}; ///< no queue took it: why
};

fault unreachable(const std::string& why) {
  return {fault_code::unreachable, "the broker: " + why, 0, {}};
}

} // namespace

struct task_sender::state : amqp_link::observer {
  state(settings s, amqp_link::observer& o) : how(std::move(s)), told(o) {
    // nop
  }

  const settings how;
  amqp_link::observer& told;
  std::unique_ptr<amqp_link> link;

  std::mutex mutex;
  std::deque<letter> waiting;
  bool is_down = false; ///< it is known that there is no connection
  bool stopped = false;

  // Of the link's thread, and of this connection.
  std::uint64_t published = 0;
  std::map<std::uint64_t, sent_letter> unsure;

  void up(const std::string& broker) override;
  void down(const fault& why, ms pause) override;

  result<done> serve(amqp_link::session& with);
  result<done> work(amqp_link::session& with);
  result<done> publish(amqp_connection& to, letter& x);
  result<done> read(amqp_connection& from);
  void on_confirm(const amqp_confirm& x);
  void on_return(const amqp_returned& x);
  result<done> check_age() const;
  void give_up_waiting(const fault& why);
};

void task_sender::state::up(const std::string& broker) {
  {
    std::lock_guard lock{mutex};
    is_down = false;
  }
  told.up(broker);
}

void task_sender::state::down(const fault& why, ms pause) {
  give_up_waiting(unreachable(why.message));
  told.down(why, pause);
}

/// What has not been published will not be: whoever wants it tries again.
void task_sender::state::give_up_waiting(const fault& why) {
  std::deque<letter> left;
  {
    std::lock_guard lock{mutex};
    is_down = true;
    left = std::exchange(waiting, {});
  }
  for (auto& x : left)
    x.then(fate::not_sent, why);
}

result<done> task_sender::state::serve(amqp_link::session& with) {
  published = 0;
  auto& to = with.connection();
  if (auto set = to.select_confirms(); !set)
    return set;
  with.ready();
  auto end = work(with);
  auto why = unreachable(end ? "it is stopping" : end.error().message);
  for (auto& [tag, x] : std::exchange(unsure, {}))
    x.then(fate::unsure, why);
  return end;
}

result<done> task_sender::state::work(amqp_link::session& with) {
  auto& to = with.connection();
  auto stop_by = clock::time_point::max();
  for (;;) {
    if (with.stopping() && stop_by == clock::time_point::max())
      stop_by = clock::now() + how.longest_stop;
    std::deque<letter> now;
    {
      std::lock_guard lock{mutex};
      now = std::exchange(waiting, {});
    }
    for (auto& x : now)
      if (auto sent = publish(to, x); !sent)
        return sent;
    if (with.stopping() && (unsure.empty() || clock::now() >= stop_by))
      return done{};
    with.wait(ms{200});
    if (auto ok = read(to); !ok) // heartbeats as well
      return ok;
    if (auto ok = check_age(); !ok)
      return ok;
  }
}

result<done> task_sender::state::publish(amqp_connection& to, letter& x) {
  unsure[++published]
    = {x.what.correlation_id, std::move(x.then), clock::now()};
  return to.publish("", how.queue, true, x.what);
}

result<done> task_sender::state::read(amqp_connection& from) {
  do {
    auto what = from.next(ms{0});
    if (!what)
      return what.error();
    std::visit(overload{
                 [](const auto&) {},
                 [&](const amqp_confirm& x) { on_confirm(x); },
                 [&](const amqp_returned& x) { on_return(x); },
               },
               *what);
  } while (from.has_more());
  return done{};
}

/// Comes before the confirm.
void task_sender::state::on_return(const amqp_returned& x) {
  for (auto& [tag, each] : unsure)
    if (each.id == x.correlation_id)
      each.came_back = x.why;
}

void task_sender::state::on_confirm(const amqp_confirm& x) {
  auto i = x.multiple ? unsure.begin() : unsure.find(x.tag);
  while (i != unsure.end() && i->first <= x.tag) {
    auto each = std::move(i->second);
    i = unsure.erase(i);
    if (!x.ok)
      each.then(fate::not_sent, unreachable("it did not take the task"));
    else if (!each.came_back.empty())
      each.then(fate::not_sent,
                unreachable("there is no queue " + how.queue
                            + ": no worker has ever been there ("
                            + each.came_back + ")"));
    else
      each.then(fate::sent, {});
  }
}

result<done> task_sender::state::check_age() const {
  if (unsure.empty()
      || clock::now() - unsure.begin()->second.since < how.longest_confirm)
    return done{};
  return fault{fault_code::timeout,
               "the broker confirms nothing (is it out of memory or disk?)",
               0,
               {}};
}

task_sender::task_sender(amqp_link::settings where, settings how,
                         amqp_link::observer& told)
  : state_(std::make_unique<state>(std::move(how), told)) {
  auto& s = *state_;
  s.link = std::make_unique<amqp_link>(
    std::move(where), [&s](amqp_link::session& with) { return s.serve(with); },
    s);
}

task_sender::~task_sender() {
  stop();
}

void task_sender::send(amqp_message what, on_fate then) {
  auto& s = *state_;
  std::string why;
  {
    std::lock_guard lock{s.mutex};
    if (s.stopped)
      why = "it is stopping";
    else if (s.is_down)
      why = s.link->trouble();
    else if (s.waiting.size() >= s.how.most_waiting)
      why = "too much waits to be published";
    else
      s.waiting.push_back({std::move(what), std::move(then)});
  }
  if (why.empty())
    s.link->wake();
  else
    then(fate::not_sent, unreachable(why));
}

void task_sender::stop() {
  {
    std::lock_guard lock{state_->mutex};
    state_->stopped = true;
  }
  state_->link->stop();
  state_->give_up_waiting(unreachable("it is stopping"));
}

std::string task_sender::trouble() const {
  return state_->link->trouble();
}

} // namespace dubber
