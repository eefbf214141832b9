#include "http/request_desk.hpp"

#include "metrics/log.hpp"

namespace dubber {

request_desk::request_desk(route_settings routes, desk_limits limits,
                           probe& says, std::shared_ptr<loop_door> door)
  : routes_(std::move(routes)), limits_(limits), says_(says),
    door_(std::move(door)) {
  // nop
}

void request_desk::watch_written(std::function<void()> on_written) {
  on_written_ = std::move(on_written);
}

void request_desk::take_in(http_call_in call, writer write) {
  open_request open;
  open.method = call.method;
  open.path = call.path;
  open.begun = clock::now();
  open.write = [write = std::move(write),
                mark = written_mark(requests_.last() + 1)](http_answer what) {
    write(std::move(what), mark);
  };
  auto key = requests_.arrived(std::move(open));
  says_.http_in_flight(static_cast<int>(requests_.size()));
  // Lives on until an exception is answered: nothing is lost by one.
  auto to = reply_to(key);
  answer_made(key, [&]() -> std::optional<http_answer> {
    auto where = find_route(call);
    requests_.find(key)->route = where.name;
    if (requests_.size() > limits_.max_in_flight && where.entry
        && where.entry->how == pace::waits)
      return unavailable("busy", "too many requests are in flight", 1);
    run_route(routes_, call, where, to);
    return std::nullopt;
  });
}

std::optional<request_desk::clock::time_point>
request_desk::next_deadline() const {
  auto oldest = requests_.oldest();
  return oldest ? std::optional{*oldest + limits_.answer_timeout}
                : std::nullopt;
}

void request_desk::expire(clock::time_point now) {
  for (auto key : requests_.begun_by(now - limits_.answer_timeout))
    answer(key, problem(504, "timeout", "no answer in time"));
}

void request_desk::refuse_all() {
  for (auto key : requests_.begun_by(clock::time_point::max()))
    answer(key, lost_answer());
}

void request_desk::begin_stop() {
  stopping_ = true;
}

request_desk::id request_desk::last() const {
  return requests_.last();
}

bool request_desk::settled(id upto) const {
  return requests_.settled(upto);
}

std::shared_ptr<void> request_desk::written_mark(id key) {
  return {this, [key](request_desk* self) {
            self->requests_.written(key);
            if (self->on_written_)
              self->on_written_();
          }};
}

reply request_desk::reply_to(id key) {
  return reply{[this, key, door = door_](reply::make_answer make) {
                 door->enter([this, key, make = std::move(make)] {
                   answer_made(key, [&] { return std::optional{make()}; });
                 });
               },
               [this] {
                 return lost_answer();
               }};
}

/// Runs what makes an answer or passes the request on; an exception is answered
/// too.
template <class Make>
void request_desk::answer_made(id key, Make make) {
  std::string trouble;
  try {
    if (std::optional<http_answer> made = make())
      answer(key, std::move(*made));
    return;
  } catch (const std::exception& e) {
    trouble = e.what();
  } catch (...) {
    trouble = "not a std::exception";
  }
  auto open = requests_.find(key);
  log::write(log::level::error, "http.failed",
             {{"route", open ? std::string{open->route} : "answered"},
              {"reason", trouble}});
  answer(key, problem(500, "internal",
                      "something failed inside; the log says what"));
}

void request_desk::answer(id key, http_answer what) {
  auto open = requests_.take(key);
  if (!open)
    return; // too late, or the second one
  render_problem(what, open->path);
  says_.http_request_ended(
    open->route, open->method, what.status,
    std::chrono::duration_cast<ms>(clock::now() - open->begun));
  says_.http_in_flight(static_cast<int>(requests_.size()));
  open->write(std::move(what));
}

http_answer request_desk::lost_answer() const {
  if (stopping_ || routes_.jobs.ready().stopping)
    return unavailable("stopping", "the orchestrator is stopping", 10);
  return problem(500, "unanswered", "the request was lost inside");
}

} // namespace dubber
