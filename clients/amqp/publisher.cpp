#include "clients/amqp/publisher.hpp"

#include <chrono>
#include <set>

namespace dubber {

namespace {

using clock = std::chrono::steady_clock;

} // namespace

struct amqp_publisher::state {
  settings how;
  std::uint64_t after = 0;
  source news;
  std::function<void(std::uint64_t, std::size_t)> on_confirmed;
  std::unique_ptr<amqp_link> link;

  std::uint64_t published = 0;    ///< on this connection
  std::set<std::uint64_t> unsure; ///< of these, what is not confirmed

  result<done> serve(amqp_link::session& with);
  /// @return whether there was anything.
  result<bool> publish_some(amqp_link::session& with);
  result<done> await_confirms(amqp_link::session& with);
  result<done> read(amqp_connection& from);
};

result<done> amqp_publisher::state::serve(amqp_link::session& with) {
  published = 0;
  unsure.clear();
  auto& to = with.connection();
  if (auto there = to.declare_exchange(how.exchange); !there)
    return there;
  if (auto set = to.select_confirms(); !set)
    return set;
  with.ready();
  auto stop_by = clock::time_point::max();
  for (;;) {
    auto stopping = with.stopping();
    if (stopping && stop_by == clock::time_point::max())
      stop_by = clock::now() + how.longest_stop;
    auto more = publish_some(with);
    if (!more)
      return more.error();
    if (stopping && (!*more || clock::now() >= stop_by))
      return done{};
    if (!*more)
      with.wait(how.poll);
    if (auto ok = read(to); !ok) // heartbeats, and the broker's goodbye
      return ok;
  }
}

result<bool> amqp_publisher::state::publish_some(amqp_link::session& with) {
  auto batch = news(after, how.batch);
  // The journal is away: it says so itself, and there will be news again.
  if (!batch || batch->empty())
    return false;
  for (auto& x : *batch) {
    amqp_message out;
    out.body = std::move(x.body);
    out.message_id = std::to_string(x.position);
    out.type = x.key;
    unsure.insert(++published);
    auto sent = with.connection().publish(how.exchange, x.key, false, out);
    if (!sent)
      return sent.error();
  }
  if (auto ok = await_confirms(with); !ok)
    return ok.error();
  after = batch->back().position;
  on_confirmed(after, batch->size());
  return true;
}

result<done> amqp_publisher::state::await_confirms(amqp_link::session& with) {
  auto limit = clock::now() + how.longest_confirm;
  while (!unsure.empty()) {
    if (clock::now() >= limit)
      return fault{fault_code::timeout,
                   "the broker confirms nothing (is it out of memory or disk?)",
                   0,
                   {}};
    with.wait(ms{200});
    if (auto ok = read(with.connection()); !ok)
      return ok;
  }
  return done{};
}

result<done> amqp_publisher::state::read(amqp_connection& from) {
  do {
    auto what = from.next(ms{0});
    if (!what)
      return what.error();
    auto x = std::get_if<amqp_confirm>(&*what);
    if (!x)
      continue;
    if (!x->ok)
      return fault{
        fault_code::refused, "the broker did not take an event", 0, {}};
    if (x->multiple)
      unsure.erase(unsure.begin(), unsure.upper_bound(x->tag));
    else
      unsure.erase(x->tag);
  } while (from.has_more());
  return done{};
}

amqp_publisher::amqp_publisher(
  amqp_link::settings where, settings what, std::uint64_t after, source news,
  std::function<void(std::uint64_t, std::size_t)> on_confirmed,
  amqp_link::observer& told)
  : state_(std::make_unique<state>()) {
  auto& s = *state_;
  s.how = std::move(what);
  s.after = after;
  s.news = std::move(news);
  s.on_confirmed = std::move(on_confirmed);
  s.link = std::make_unique<amqp_link>(
    std::move(where), [&s](amqp_link::session& with) { return s.serve(with); },
    told);
}

amqp_publisher::~amqp_publisher() {
  stop();
}

void amqp_publisher::stop() {
  state_->link->stop();
}

std::string amqp_publisher::trouble() const {
  return state_->link->trouble();
}

} // namespace dubber
