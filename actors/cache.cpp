#include "actors/cache.hpp"

#include "actors/dying.hpp"
#include "clients/call_key.hpp"
#include "core/artifacts.hpp"
#include "metrics/log.hpp"

#include <caf/send.hpp>

#include <utility>

namespace dubber {

namespace {

using cache_ptr = cache_actor::stateful_pointer<cache_state>;

/// A source of twelve hours is read for its hash.
constexpr ms identify_deadline{3'600'000};
/// Uses are told to the janitor in batches.
constexpr std::size_t use_batch = 256;

void tell_janitor(cache_ptr self, bool trim) {
  auto& st = self->state;
  if (trim)
    st.filled_bytes = 0;
  if (trim || !st.uses.empty())
    self->send(st.ctx->janitor, used_results{std::exchange(st.uses, {}), trim});
}

/// Everybody who waits for the key has the result.
void settle(cache_ptr self, const std::string& key, const char* how,
            const std::shared_ptr<const work_result>& outcome) {
  auto& st = self->state;
  for (auto who : st.calls.settled(key)) {
    auto i = st.askers.find(who);
    if (!i->second.leads) {
      self->send(i->second.seeker, cache_found{who, outcome});
      st.ctx->metrics->cache_asked(how);
    }
    st.askers.erase(i);
  }
}

/// Nobody has it: this one makes the call.
void lead(cache_ptr self, std::uint64_t who) {
  auto& st = self->state;
  auto& asks = st.askers.at(who);
  asks.reading = false;
  asks.leads = true;
  st.ctx->metrics->cache_asked("miss");
  self->send(asks.seeker, cache_missed{who, st.calls.key_of(who)});
}

/// The leader looks whether the result is kept.
void look(cache_ptr self, std::uint64_t who) {
  auto& st = self->state;
  auto& key = st.calls.key_of(who);
  if (st.kept && !st.kept->count(key_number(key)))
    return lead(self, who);
  st.askers.at(who).reading = true;
  self->send(st.ctx->reader,
             find_result{key, caf::actor_cast<cache_actor>(self)});
}

void ask(cache_ptr self, std::uint64_t who, const work_order& order,
         const std::string& source) {
  auto& st = self->state;
  auto& asks = st.askers.at(who);
  auto key
    = result_key(order, identity_of(st.ctx->policy_of(order.service)), source);
  if (!key || order.fresh) {
    st.ctx->metrics->cache_asked("passed_over");
    self->send(asks.seeker, cache_missed{who, key.value_or("")});
    st.askers.erase(who);
  } else if (st.calls.ask(*key, who) == shared_calls::part::leads) {
    look(self, who);
  } else {
    self->send(asks.seeker, atom::wait_v, who);
  }
}

void begin(cache_ptr self, const cache_ask& x) {
  auto& st = self->state;
  auto& asks = st.askers[x.id];
  asks.seeker = x.seeker;
  auto source = std::get_if<extract_input>(&x.order->input);
  if (!source || !st.ctx->files)
    return ask(self, x.id, *x.order, {});
  auto me = caf::actor_cast<cache_actor>(self);
  auto& open = asks.open.make();
  open.order = x.order;
  open.identifying = st.ctx->files->identify(
    source->source_object_key, identify_deadline,
    [me, id = x.id](result<std::string> name) {
      caf::anon_send(me, known_source{id, std::make_shared<result<std::string>>(
                                            std::move(name))});
    });
}

void withdraw(cache_ptr self, std::uint64_t who) {
  auto& st = self->state;
  auto i = st.askers.find(who);
  if (i == st.askers.end())
    return;
  if (i->second.open)
    i->second.open->identifying.cancel();
  auto reading = i->second.reading;
  st.askers.erase(i);
  auto next = st.calls.gone(who);
  if (!next)
    return;
  if (reading)
    st.askers.at(*next).reading = true; // the same answer is for it
  else
    lead(self, *next);
}

void on_found(cache_ptr self, const found_result& x) {
  auto& st = self->state;
  auto who = st.calls.leader(x.key);
  if (!who || !st.askers.at(*who).reading)
    return;
  auto& outcome = *x.outcome;
  if (!outcome && !st.failing)
    log::write(log::level::warn, "cache.failed",
               {{"reason", outcome.error().message}});
  st.failing = !outcome;
  if (!outcome || !*outcome)
    return lead(self, *who);
  settle(self, x.key, "hit",
         std::make_shared<const work_result>(std::move(**outcome)));
  st.uses.push_back({x.key, now(self, *st.ctx)});
  if (st.uses.size() >= use_batch)
    tell_janitor(self, false);
}

void on_filled(cache_ptr self, const cache_filled& x) {
  auto& st = self->state;
  for (auto& kept : x.what->results) {
    auto number = key_number(kept.key);
    if (st.kept)
      st.kept->insert(number);
    st.filled.push_back(number);
    st.filled_bytes += kept_bytes(kept.result);
    settle(self, kept.key, "shared",
           std::make_shared<const work_result>(kept.result));
  }
  if (st.filled_bytes > st.ctx->keep.cache_bytes / 16)
    tell_janitor(self, true);
}

/// Has all that is kept listed anew.
void list(cache_ptr self) {
  auto& st = self->state;
  st.filled.clear();
  self->send(st.ctx->reader, atom::start_v, caf::actor_cast<cache_actor>(self));
}

void on_numbers(cache_ptr self, const result_numbers& x) {
  auto& st = self->state;
  if (!*x.numbers)
    return; // the journal is asked each time, then
  auto& all = **x.numbers;
  st.kept.emplace(all.begin(), all.end());
  st.kept->insert(st.filled.begin(), st.filled.end());
}

} // namespace

cache_actor::behavior_type cache(cache_ptr self, context_ptr ctx) {
  self->state.ctx = std::move(ctx);
  leave_word(self);
  list(self);
  return {
    [self](const cache_ask& x) { begin(self, x); },
    [self](atom::withdraw, std::uint64_t id) { withdraw(self, id); },
    [self](const cache_filled& x) { on_filled(self, x); },
    [self](atom::prune) {
      tell_janitor(self, false);
      list(self);
    },
    [self](const known_source& x) {
      auto i = self->state.askers.find(x.id);
      if (i == self->state.askers.end())
        return;
      i->second.open->identifying.release();
      auto order = std::move(i->second.open->order);
      i->second.open.reset();
      // That it is not there is for the extraction to say.
      ask(self, x.id, *order, *x.name ? **x.name : std::string{});
    },
    [self](const found_result& x) { on_found(self, x); },
    [self](const result_numbers& x) { on_numbers(self, x); },
  };
}

} // namespace dubber
