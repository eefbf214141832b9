#include "actors/journal_writer.hpp"

#include "actors/dying.hpp"
#include "core/fail_point.hpp"
#include "metrics/log.hpp"

#include <span>
#include <utility>

namespace dubber {

namespace {

using writer_ptr = journal_writer_actor::stateful_pointer<journal_writer_state>;

constexpr ms retry_interval{1'000};

void hand_over(writer_ptr self) {
  auto& st = self->state;
  if (st.in_flight)
    return;
  if (!st.collecting) {
    for (auto& f : std::exchange(st.flushes, {}))
      f();
    return;
  }
  st.in_flight = std::exchange(st.collecting, nullptr);
  st.flushes_in_flight = std::exchange(st.flushes, {});
  self->send(st.disk, append_batch{st.in_flight},
             caf::actor_cast<journal_writer_actor>(self));
}

void answer(writer_ptr self, append_request& x, const append_outcome& outcome) {
  if (x.on_kept)
    x.on_kept(!outcome.refused);
  else if (outcome.refused)
    self->send(x.job, append_refused{*outcome.refused});
  else
    self->send(x.job, append_done{std::make_shared<const std::vector<event>>(
                        std::move(x.what->events))});
}

void collect(writer_ptr self, append_request x) {
  auto& st = self->state;
  if (!st.collecting)
    st.collecting = std::make_shared<std::vector<append_request>>();
  st.collecting->push_back(std::move(x));
  hand_over(self);
}

/// Once for each new trouble, not at every retry.
void note_trouble(writer_ptr self, const std::string& why) {
  auto& st = self->state;
  if (st.trouble == why)
    return;
  if (st.trouble.empty())
    st.trouble_since = now(self, *st.ctx);
  st.trouble = why;
  st.ctx->health.set(journal_health::writing, why);
  log::write(
    log::level::error, "journal.failed",
    {{"reason", why}, {"appends", std::to_string(st.in_flight->size())}});
}

void note_recovery(writer_ptr self) {
  auto& st = self->state;
  if (std::exchange(st.trouble, {}).empty())
    return;
  auto away = now(self, *st.ctx) - st.trouble_since;
  st.ctx->health.set(journal_health::writing, {});
  log::write(log::level::info, "journal.recovered",
             {{"away_ms", std::to_string(away.count())}});
}

void on_batch(writer_ptr self, const batch_done& x) {
  auto& st = self->state;
  auto& outcomes = *x.outcomes;
  if (!outcomes) {
    st.ctx->metrics->journal_failed();
    note_trouble(self, outcomes.error().message);
    self->delayed_send(self, retry_interval, atom::tick_v);
    return;
  }
  DUBBER_FAIL_POINT("journal.before_ack");
  note_recovery(self);
  st.ctx->metrics->journal_committed(x.items->size(), x.took);
  for (std::size_t i = 0; i < x.items->size(); ++i)
    answer(self, (*x.items)[i], (*outcomes)[i]);
  st.in_flight.reset();
  for (auto& f : std::exchange(st.flushes_in_flight, {}))
    f();
  hand_over(self);
}

} // namespace

journal_writer_actor::behavior_type
journal_writer(writer_ptr self, context_ptr ctx, journal_disk_actor disk) {
  self->state.ctx = std::move(ctx);
  self->state.disk = std::move(disk);
  leave_word(self);
  return {
    [self](append_request& x) { collect(self, std::move(x)); },
    [self](const batch_done& x) { on_batch(self, x); },
    [self](atom::tick) {
      auto& st = self->state;
      self->send(st.disk, append_batch{st.in_flight},
                 caf::actor_cast<journal_writer_actor>(self));
    },
    [self](flush_request& x) {
      self->state.flushes.push_back(std::move(x.on_done));
      hand_over(self);
    },
    [self](note_request& x) {
      auto what = std::make_shared<journal_append>();
      what->epoch = self->state.ctx->epoch;
      what->notes = std::move(x.notes);
      collect(self, {std::move(what), job_actor{}, std::move(x.on_kept)});
    },
  };
}

namespace {

using outcomes = result<std::vector<append_outcome>>;

/// A commit that throws met something that it cannot write: a bug. Which of the
/// appends it is shows when each is written by itself; the others go on.
outcomes commit(journal& store, std::span<const journal_append* const> batch) {
  try {
    return store.commit(batch);
  } catch (const std::exception& e) {
    if (batch.size() == 1) {
      append_outcome refused;
      refused.refused
        = fault{fault_code::internal,
                std::string{"the journal cannot write it: "} + e.what(),
                0,
                {}};
      return std::vector<append_outcome>{std::move(refused)};
    }
  }
  std::vector<append_outcome> all;
  for (auto& one : batch) {
    auto outcome = commit(store, std::span{&one, 1});
    if (!outcome)
      return outcome.error(); // those before are found to be there, next time
    all.push_back(std::move(outcome->front()));
  }
  return all;
}

} // namespace

journal_disk_actor::behavior_type
journal_disk(journal_disk_actor::stateful_pointer<journal_disk_state> self,
             context_ptr ctx) {
  self->state.ctx = std::move(ctx);
  leave_word(self);
  return {
    [self](const append_batch& x, const journal_writer_actor& writer) {
      std::vector<const journal_append*> batch;
      batch.reserve(x.items->size());
      for (auto& item : *x.items)
        batch.push_back(item.what.get());
      auto begin = std::chrono::steady_clock::now();
      auto outcomes = std::make_shared<dubber::outcomes>(
        commit(*self->state.ctx->store, batch));
      auto took = std::chrono::duration_cast<ms>(
        std::chrono::steady_clock::now() - begin);
      self->send(writer, batch_done{x.items, std::move(outcomes), took});
    },
  };
}

} // namespace dubber
