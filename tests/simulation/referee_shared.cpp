/// Results that jobs use of each other.
#include "tests/simulation/referee.hpp"

#include <algorithm>

namespace dubber::sim {

/// Kept results that cannot be read are made anew.
bool referee::can_always_read(const scenario& plan) {
  return !plan.has.has(trouble::read_fails)
         && std::none_of(plan.outages.begin(), plan.outages.end(),
                         [](auto& x) { return x.of == "journal"; });
}

/// Before the fact is taken.
void referee::check_shared(const job_record& record, const event& fact) {
  if (std::holds_alternative<ev::artifact_lost>(fact.body))
    shared_.on_lost();
  if (auto done = std::get_if<ev::item_completed>(&fact.body))
    check_kept(record, fact, *done);
  // A call that is made once: its stage's own result.
  if (auto done = std::get_if<ev::stage_completed>(&fact.body))
    if (auto own = record.spec(done->stage);
        own && own->http && own->each == fan_out::none)
      check_kept(record, fact, {done->stage, 0, done->attempt, done->result});
}

void referee::check_kept(const job_record& record, const event& fact,
                         const ev::item_completed& x) {
  auto name = x.stage + "/" + std::to_string(x.item);
  auto own = record.spec(x.stage);
  demand(x.attempt > 0 || !own || !own->http
           || (own->http->cache && own->http->answer != answer_kind::none),
         "a kept result where the definition wants a call: " + name);
  auto wrong = shared_.on_fact({record.job_no, fact.run, x.stage, x.item}, x,
                               time_.now());
  demand(wrong.empty(), wrong + ": " + name);
}

} // namespace dubber::sim
