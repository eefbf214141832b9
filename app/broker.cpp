#include "app/broker.hpp"

#include "clients/amqp/job_created.hpp"
#include "core/overload.hpp"
#include "http/json.hpp"
#include "http/trace.hpp"
#include "metrics/log.hpp"
#include "metrics/wall_clock.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <mutex>
#include <utility>

namespace dubber {

namespace {

constexpr const char* published_note = "published";
/// Gateway ids of jobs that events name, remembered; then all are looked up
/// anew.
constexpr std::size_t most_ids = 10'000;
/// A journal that cannot be read is asked again after this.
constexpr ms shortest_pause{500};

void say_message(log::level how, const char* event, const std::string& what,
                 const std::string& reason) {
  log::write(how, event, {{"message", what}, {"reason", reason}});
}

amqp_verdict later(const intake_refused& x) {
  return {amqp_verdict::what::later, x.message,
          std::max(x.retry_after, shortest_pause)};
}

} // namespace

/// Up to where events have been published, on its way to the journal.
struct published_position {
  explicit published_position(coordinator& j) : jobs(j) {
    // nop
  }

  coordinator& jobs;
  std::mutex mutex;
  std::uint64_t newest = 0;
  bool keeping = false; ///< one note at a time
  bool closed = false;
};

namespace {

/// After a crash what was not kept is published once more.
void keep_reached(const std::shared_ptr<published_position>& where,
                  std::uint64_t position) {
  {
    std::lock_guard lock{where->mutex};
    where->newest = std::max(where->newest, position);
    if (where->closed || std::exchange(where->keeping, true))
      return;
  }
  where->jobs.keep(
    {{broker_area, published_note, std::to_string(position), wall_now()}},
    [where, position](bool) {
      std::uint64_t newest = 0;
      {
        std::lock_guard lock{where->mutex};
        where->keeping = false;
        newest = where->newest;
      }
      if (newest > position)
        keep_reached(where, newest);
    });
}

} // namespace

void link_watch::up(const std::string& name) {
  last_.clear();
  says_.broker_connected(role_, true);
  log::write(log::level::info, "broker.up",
             {{"role", role_}, {"broker", name}});
}

void link_watch::down(const fault& why, ms pause) {
  says_.broker_connected(role_, false);
  // The same trouble again and again is told once.
  auto fresh = last_ != why.message;
  last_ = why.message;
  log::write(fresh ? log::level::warn : log::level::debug, "broker.down",
             {{"role", role_},
              {"reason", why.message},
              {"pause_ms", std::to_string(pause.count())}});
}

struct broker::state {
  state(coordinator& j, journal& s, probe& p)
    : jobs(j), store(s), says(p), intake_watch(p, "intake"),
      events_watch(p, "events"),
      reached(std::make_shared<published_position>(j)) {
    // nop
  }

  amqp_address where;
  std::string node;
  std::uint64_t published = 0; ///< before this process began

  coordinator& jobs;
  journal& store;
  probe& says;
  link_watch intake_watch;
  link_watch events_watch;
  /// Of the events' thread: gateway's ids by job number.
  std::map<std::uint64_t, std::int64_t> ids;
  std::shared_ptr<published_position> reached;
  std::unique_ptr<amqp_consumer> intake;
  std::unique_ptr<amqp_publisher> events;
  std::atomic<bool> begun = false; ///< `intake` and `events` are there

  void take(const amqp_message& what,
            std::function<void(amqp_verdict)> on_verdict);
  result<std::vector<amqp_news>> news(std::uint64_t after, std::size_t limit);
  result<std::int64_t> id_of(std::uint64_t job_no);
  void confirmed(std::uint64_t position, std::size_t count);
};

void broker::state::take(const amqp_message& what,
                         std::function<void(amqp_verdict)> on_verdict) {
  auto read = read_job_created(what.body);
  if (auto why = std::get_if<std::string>(&read)) {
    says.broker_message("dead");
    say_message(log::level::error, "message.dead", what.body.substr(0, 200),
                *why);
    return on_verdict({amqp_verdict::what::dead, *why, {}});
  }
  intake_command command;
  command.job_id = std::get<job_created>(read).job_id;
  command.by = "amqp";
  if (is_traceparent(what.traceparent))
    command.traceparent = what.traceparent;
  jobs.intake(std::move(command),
              [&m = says, id = std::get<job_created>(read).job_id,
               on_verdict = std::move(on_verdict)](const intake_answer& a) {
                on_verdict(std::visit(
                  overload{
                    [&](const intake_accepted& x) -> amqp_verdict {
                      m.broker_message(x.known ? "known" : "taken");
                      return {};
                    },
                    [&](const intake_rejected&) -> amqp_verdict { // on record
                      m.broker_message("rejected");
                      return {};
                    },
                    [&](const intake_refused& x) {
                      m.broker_message("later");
                      return later(x);
                    },
                    [&](const intake_conflict& x) -> amqp_verdict {
                      m.broker_message("dead");
                      say_message(log::level::error, "message.dead",
                                  "job " + std::to_string(id), x.why);
                      return {amqp_verdict::what::dead, x.why, {}};
                    },
                  },
                  a));
              });
}

result<std::int64_t> broker::state::id_of(std::uint64_t job_no) {
  if (auto i = ids.find(job_no); i != ids.end())
    return i->second;
  auto row = store.find(job_no);
  if (!row)
    return row.error();
  if (ids.size() >= most_ids)
    ids.clear();
  return ids[job_no] = *row ? (*row)->job_id : 0;
}

result<std::vector<amqp_news>> broker::state::news(std::uint64_t after,
                                                   std::size_t limit) {
  auto read = store.read_all(after, limit);
  if (!read)
    return read.error();
  std::vector<amqp_news> out;
  for (auto& x : *read) {
    auto id = id_of(x.job_no);
    if (!id)
      return id.error();
    auto key = std::string{type_name(x.what.body)};
    out.push_back({x.position, key,
                   text_of(to_json(*id, {x.position, std::move(x.what)}))});
  }
  return out;
}

void broker::state::confirmed(std::uint64_t position, std::size_t count) {
  says.broker_published(count);
  keep_reached(reached, position);
}

broker::broker(const amqp_address& where, const std::string& node,
               coordinator& jobs, journal& store, probe& says,
               std::uint64_t published)
  : state_(std::make_unique<state>(jobs, store, says)) {
  state_->where = where;
  state_->node = node;
  state_->published = published;
}

void broker::begin() {
  auto& s = *state_;
  amqp_link::settings link;
  link.to = s.where;
  link.name = "dubber-orchestrator " + s.node + " intake";
  s.intake = std::make_unique<amqp_consumer>(
    link, amqp_consumer::settings{},
    [&s](const amqp_message& x, auto on_verdict) {
      s.take(x, std::move(on_verdict));
    },
    s.intake_watch);
  link.name = "dubber-orchestrator " + s.node + " events";
  s.events = std::make_unique<amqp_publisher>(
    link, amqp_publisher::settings{}, s.published,
    [&s](std::uint64_t after, std::size_t limit) {
      return s.news(after, limit);
    },
    [&s](std::uint64_t position, std::size_t count) {
      s.confirmed(position, count);
    },
    s.events_watch);
  s.begun = true;
}

broker::~broker() {
  std::lock_guard lock{state_->reached->mutex};
  state_->reached->closed = true;
}

void broker::stop_intake() {
  if (state_->begun)
    state_->intake->stop();
}

void broker::stop_events() {
  if (state_->begun)
    state_->events->stop();
}

std::map<std::string, std::string> broker::health() const {
  if (!state_->begun)
    return {{"intake", "not connected yet"}, {"events", "not connected yet"}};
  auto text = [](std::string trouble) {
    return trouble.empty() ? "ok" : trouble;
  };
  return {{"intake", text(state_->intake->trouble())},
          {"events", text(state_->events->trouble())}};
}

result<std::uint64_t> read_published(journal& store) {
  auto kept = store.notes(broker_area);
  if (!kept)
    return kept.error();
  std::uint64_t out = 0;
  for (auto& x : *kept)
    if (x.name == published_note)
      std::from_chars(x.value.data(), x.value.data() + x.value.size(), out);
  return out;
}

} // namespace dubber
