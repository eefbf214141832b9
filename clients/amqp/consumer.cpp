#include "clients/amqp/consumer.hpp"

#include "core/overload.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <vector>

namespace dubber {

namespace {

using clock = std::chrono::steady_clock;

struct told_verdict {
  std::uint64_t connection = 0; ///< which; tags are those of one connection
  std::uint64_t tag = 0;
  amqp_verdict what;
};

/// Where verdicts arrive; outlives the consumer, for those that come late.
struct inbox {
  std::mutex mutex;
  std::vector<told_verdict> told;
  amqp_link* link = nullptr; ///< null: nobody reads any more

  void put(told_verdict x) {
    std::lock_guard lock{mutex};
    if (!link)
      return;
    told.push_back(std::move(x));
    link->wake();
  }

  std::vector<told_verdict> take() {
    std::lock_guard lock{mutex};
    return std::exchange(told, {});
  }
};

struct open_message {
  amqp_message what;
  clock::time_point since;
};

fault stay_away(const amqp_verdict& why) {
  return {fault_code::busy, why.reason, 0, why.pause};
}

} // namespace

struct amqp_consumer::state {
  settings how;
  handler handle;
  std::shared_ptr<inbox> in = std::make_shared<inbox>();
  std::unique_ptr<amqp_link> link;

  // Of the connection that there is.
  std::uint64_t connection = 0;
  std::map<std::uint64_t, open_message> open; ///< by delivery tag
  std::uint64_t published = 0;
  std::map<std::uint64_t, std::uint64_t> dying; ///< publish tag -> delivery

  result<done> serve(amqp_link::session& with);
  result<done> set_up(amqp_connection& to);
  result<done> read(amqp_link::session& with);
  result<done> receive(amqp_connection& to, amqp_connection::incoming& what);
  void begin(amqp_delivery& what);
  result<done> carry_out(amqp_connection& to);
  result<done> carry_out(amqp_connection& to, const told_verdict& x);
  result<done> on_confirm(amqp_connection& to, const amqp_confirm& x);
  result<done> check_age() const;
};

result<done> amqp_consumer::state::set_up(amqp_connection& to) {
  for (auto& queue : {how.queue, how.dead})
    if (auto there = to.declare_queue(queue); !there)
      return there;
  if (auto set = to.select_confirms(); !set)
    return set;
  return to.consume(how.queue, how.prefetch);
}

result<done> amqp_consumer::state::serve(amqp_link::session& with) {
  ++connection;
  open.clear();
  dying.clear();
  published = 0;
  in->take();
  auto& to = with.connection();
  if (auto ok = set_up(to); !ok)
    return ok;
  with.ready();
  auto stop_by = clock::time_point::max();
  while (clock::now() < stop_by && (!with.stopping() || !open.empty())) {
    if (with.stopping() && stop_by == clock::time_point::max())
      stop_by = clock::now() + how.longest_stop;
    with.wait(ms{200});
    if (auto ok = read(with); !ok)
      return ok;
    if (auto ok = carry_out(to); !ok)
      return ok;
    if (auto ok = check_age(); !ok)
      return ok;
  }
  return done{};
}

/// All that has come. Heartbeats are looked after here, too.
result<done> amqp_consumer::state::read(amqp_link::session& with) {
  auto& to = with.connection();
  do {
    auto what = to.next(ms{0});
    if (!what)
      return what.error();
    if (std::holds_alternative<amqp_delivery>(*what) && with.stopping())
      continue; // goes back when the connection ends
    if (auto ok = receive(to, *what); !ok)
      return ok;
  } while (to.has_more());
  return done{};
}

result<done> amqp_consumer::state::receive(amqp_connection& to,
                                           amqp_connection::incoming& what) {
  return std::visit(overload{
                      [](std::monostate) -> result<done> { return done{}; },
                      [&](amqp_delivery& x) -> result<done> {
                        begin(x);
                        return done{};
                      },
                      [&](amqp_confirm& x) { return on_confirm(to, x); },
                      [&](amqp_returned& x) -> result<done> {
                        return fault{fault_code::refused,
                                     "a dead letter came back: " + x.why,
                                     0,
                                     {}};
                      },
                    },
                    what);
}

void amqp_consumer::state::begin(amqp_delivery& what) {
  auto tag = what.tag;
  auto& kept = open[tag];
  kept = {std::move(what.message), clock::now()};
  handle(kept.what, [to = in, which = connection, tag](amqp_verdict v) {
    to->put({which, tag, std::move(v)});
  });
}

result<done> amqp_consumer::state::carry_out(amqp_connection& to) {
  for (auto& x : in->take())
    if (x.connection == connection && open.count(x.tag))
      if (auto ok = carry_out(to, x); !ok)
        return ok;
  return done{};
}

result<done> amqp_consumer::state::carry_out(amqp_connection& to,
                                             const told_verdict& x) {
  using what = amqp_verdict::what;
  if (x.what.kind == what::later)
    return stay_away(x.what);
  if (x.what.kind == what::taken) {
    open.erase(x.tag);
    return to.acknowledge(x.tag);
  }
  auto letter = std::move(open.at(x.tag).what);
  letter.dead_reason = x.what.reason;
  if (letter.content_type.empty())
    letter.content_type = "application/octet-stream";
  dying[++published] = x.tag;
  return to.publish("", how.dead, true, letter);
}

/// Dead letters that are safe: their messages are done with.
result<done> amqp_consumer::state::on_confirm(amqp_connection& to,
                                              const amqp_confirm& x) {
  if (!x.ok)
    return fault{
      fault_code::refused, "the broker did not take a dead letter", 0, {}};
  auto first = x.multiple ? dying.begin() : dying.lower_bound(x.tag);
  for (auto i = first; i != dying.end() && i->first <= x.tag;
       i = dying.erase(i)) {
    open.erase(i->second);
    if (auto ok = to.acknowledge(i->second); !ok)
      return ok;
  }
  return done{};
}

result<done> amqp_consumer::state::check_age() const {
  auto limit = clock::now() - how.longest_wait;
  for (auto& [tag, x] : open)
    if (x.since < limit)
      return fault{
        fault_code::timeout, "a message was not decided about in time", 0, {}};
  return done{};
}

amqp_consumer::amqp_consumer(amqp_link::settings where, settings what,
                             handler handle, amqp_link::observer& told)
  : state_(std::make_unique<state>()) {
  state_->how = std::move(what);
  state_->handle = std::move(handle);
  auto& s = *state_;
  std::lock_guard lock{s.in->mutex}; // the link's thread may be fast
  s.link = std::make_unique<amqp_link>(
    std::move(where), [&s](amqp_link::session& with) { return s.serve(with); },
    told);
  s.in->link = s.link.get();
}

amqp_consumer::~amqp_consumer() {
  stop();
}

void amqp_consumer::stop() {
  state_->link->stop();
  std::lock_guard lock{state_->in->mutex};
  state_->in->link = nullptr;
}

std::string amqp_consumer::trouble() const {
  return state_->link->trouble();
}

} // namespace dubber
