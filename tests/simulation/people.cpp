#include "tests/simulation/people_request.hpp"

#include <algorithm>

namespace dubber::sim {

namespace {

/// Edits twice as often as the others: they need a transcript.
control_verb some_verb(dice& d) {
  return static_cast<control_verb>(std::min<std::uint64_t>(d.below(8), 6));
}

} // namespace

people::people(scenario& plan, trace& log, test::timeline& time, referee& judge,
               sim_gateway& rows)
  : plan_(plan), log_(log), time_(time), judge_(judge), rows_(rows) {
  for (auto& job : plan_.jobs) {
    rows_.put(job.job_id, "1_film " + std::to_string(job.job_id) + ".mp4");
    auto& entry = wanted_[job.job_id];
    entry.job_id = job.job_id;
    auto times = plan_.has.has(trouble::asked_twice) ? 2 : 1;
    for (auto n = 0; n < times; ++n) {
      auto at = n == 0 || plan_.chance.one_in(2)
                  ? job.asked_at
                  : plan_.chance.between(ms{0}, plan_.healed_at);
      time_.after(at, [this, &entry] { ask_for(entry); });
    }
  }
  if (plan_.has.has(trouble::wishes))
    plan_wishes();
  if (plan_.has.has(trouble::haste))
    judge_.on_status = [this](const job_record& x) {
      be_hasty(x);
    };
  if (plan_.has.has(trouble::hands))
    plan_hands();
  plan_changes_at_gateway();
  plan_looks();
}

void people::plan_wishes() {
  auto& d = plan_.chance;
  for (auto n = d.between(1, 8); n > 0; --n) {
    auto job_id = plan_.jobs[d.below(plan_.jobs.size())].job_id;
    auto what = some_verb(d);
    time_.after(d.between(ms{0}, plan_.healed_at),
                [this, job_id, what] { do_wish(job_id, what); });
  }
}

void people::do_wish(std::int64_t job_id, control_verb what) {
  if (healed_)
    return;
  if (what == control_verb::restart)
    restart(job_id);
  else
    wish(job_id, what);
}

/// Somebody waited for this, and wants something else at once.
void people::be_hasty(const job_record& about) {
  auto& d = plan_.chance;
  auto parked = about.status == job_status::parked;
  if (healed_ || !d.one_in(parked ? 1 : 3))
    return;
  auto what = some_verb(d);
  if (parked && d.one_in(2)) // while other calls of it are open
    what = d.one_in(2) ? control_verb::retry : control_verb::restart;
  // Other calls of a parked job may come to an end before.
  auto soon = ms{parked && d.one_in(2) ? 10'000 : 2'000};
  time_.after(d.between(ms{0}, soon),
              [this, job_id = about.job_id, what] { do_wish(job_id, what); });
}

void people::plan_changes_at_gateway() {
  auto& d = plan_.chance;
  auto job_id = plan_.jobs[d.below(plan_.jobs.size())].job_id;
  auto at = d.between(ms{0}, plan_.healed_at);
  if (plan_.has.has(trouble::row_deleted))
    time_.after(at, [this, job_id] {
      log_.note("row deleted " + std::to_string(job_id));
      rows_.remove(job_id);
    });
  if (plan_.has.has(trouble::gateway_reset))
    time_.after(at, [this, job_id] {
      log_.note("another job under " + std::to_string(job_id));
      rows_.put(job_id, "2_film " + std::to_string(job_id) + ".mp4");
      auto& entry = wanted_[job_id];
      entry.taken = false;
      ask_for(entry);
    });
}

void people::plan_looks() {
  auto& d = plan_.chance;
  for (auto n = d.below(6); n > 0; --n) {
    auto job_id = plan_.jobs[d.below(plan_.jobs.size())].job_id;
    time_.after(d.between(ms{0}, plan_.healed_at),
                [this, job_id] { look(job_id); });
  }
}

void people::open(coordinator& doors) {
  doors_ = &doors;
  for (auto& [job_id, entry] : wanted_)
    if (entry.missed)
      ask_for(entry);
}

bool people::are_content() const {
  for (auto& [job_id, entry] : wanted_)
    if (!entry.taken)
      return false;
  return true;
}

std::shared_ptr<people::request> people::begin_request(std::string name) {
  log_.note(name);
  return std::make_shared<request>(judge_, std::move(name), time_.now());
}

void people::ask_for(wanted& job) {
  job.missed = !doors_;
  if (!doors_)
    return; // asked again when it is up
  intake_command command;
  command.job_id = job.job_id;
  command.by = plan_.chance.one_in(2) ? "http" : "amqp";
  for (auto& x : plan_.jobs)
    if (x.job_id == job.job_id && x.names_it)
      command.pipeline = x.pipeline;
  auto asked = begin_request("intake " + std::to_string(job.job_id));
  asked->on_lost = [this, &job] {
    time_.after(ms{1'000}, [this, &job] {
      if (!job.taken)
        ask_for(job);
    });
  };
  doors_->intake(command, [this, &job, asked](const intake_answer& answer) {
    asked->answered();
    on_intake(job, answer);
  });
}

void people::on_intake(wanted& job, const intake_answer& answer) {
  log_.note("intake answered " + std::to_string(answer.index()));
  if (auto no = std::get_if<intake_refused>(&answer)) {
    judge_.demand(!no->message.empty() && no->retry_after > ms{0},
                  "refused without a reason or a time");
    time_.after(no->retry_after, [this, &job] {
      if (!job.taken)
        ask_for(job);
    });
    return;
  }
  judge_.demand(judge_.newest(job.job_id) != nullptr,
                "acknowledged, and not on record");
  if (std::holds_alternative<intake_rejected>(answer))
    judge_.demand(judge_.newest(job.job_id)->status == job_status::rejected,
                  "rejected, and not on record");
  job.taken = true;
}

void people::wish(std::int64_t job_id, control_verb what) {
  if (!doors_)
    return;
  control_command command;
  command.what = what;
  command.job_id = job_id;
  command.by = "somebody";
  command.reason = "wish " + std::to_string(++wishes_);
  if (what == control_verb::redo) {
    auto record = judge_.newest(job_id);
    auto& stages = (record ? record->plan : plan_.plan_of(job_id))->stages;
    command.stage = stages[plan_.chance.below(stages.size())].name;
  }
  if (what == control_verb::edit)
    command.edit = some_edit(job_id);
  if (what == control_verb::edit || what == control_verb::redo)
    command.dry_run = plan_.chance.one_in(5);
  auto asked
    = begin_request(command.reason + ": " + std::string{to_string(what)} + " "
                    + std::to_string(job_id) + " " + command.stage);
  doors_->control(command, [this, asked, job_id, reason = command.reason](
                             const control_answer& answer) {
    asked->answered();
    log_.note("wish answered " + std::to_string(answer.index()));
    auto done = std::get_if<control_done>(&answer);
    auto on_record = false;
    for (auto& [job_no, record] : judge_.records())
      on_record |= record.wishes.count(reason) > 0;
    judge_.demand(on_record == (done && done->changed),
                  reason + " was answered otherwise than it is on record");
  });
}

segment_edit people::some_edit(std::int64_t job_id) {
  auto& d = plan_.chance;
  segment_edit out;
  out.segment = static_cast<std::uint32_t>(d.below(4));
  auto words = "words " + std::to_string(wishes_);
  auto which = d.below(3);
  if (which != 0)
    out.text = words;
  if (which != 1)
    out.translation = words;
  auto record = judge_.newest(job_id);
  if (record && !record->plan->further.empty() && d.one_in(2))
    out.language = record->plan->further[d.below(record->plan->further.size())];
  return out;
}

/// For a restart: the job takes it from then on.
std::string people::some_pipeline(std::int64_t job_id) {
  auto& all = plan_.book->offered;
  auto n = static_cast<std::ptrdiff_t>(plan_.chance.below(all.size()));
  auto& name = std::next(all.begin(), n)->first;
  judge_.on_pipeline_named(job_id, name);
  return name;
}

void people::restart(std::int64_t job_id) {
  if (!doors_)
    return;
  intake_command command;
  command.job_id = job_id;
  command.restart = true;
  if (!plan_.book->known.empty() && plan_.chance.one_in(3))
    command.pipeline = some_pipeline(job_id);
  else // it may be the first that is heard of the job
    judge_.on_pipeline_named(job_id, dubbing_pipeline()->name);
  auto asked = begin_request("restart " + std::to_string(job_id));
  doors_->intake(command, [this, asked, job_id](const intake_answer& answer) {
    asked->answered();
    log_.note("restart answered " + std::to_string(answer.index()));
    if (std::holds_alternative<intake_accepted>(answer))
      judge_.demand(judge_.newest(job_id) != nullptr,
                    "a restart acknowledged, and not on record");
  });
}

void people::look(std::int64_t job_id) {
  if (!doors_)
    return;
  job_query query;
  query.kind = static_cast<job_query::what>(plan_.chance.below(3));
  query.job_id = job_id;
  auto asked = begin_request("look at " + std::to_string(job_id));
  doors_->ask(query, [this, asked](const query_answer& answer) {
    asked->answered();
    log_.note("look answered " + std::to_string(answer.index()));
    if (auto view = std::get_if<job_view>(&answer))
      judge_.demand(view->progress >= 0 && view->progress <= 1,
                    "shown progress out of range");
  });
}

void people::heal() {
  healed_ = true;
  give_back();
  resume_paused();
}

void people::resume_paused() {
  for (auto& [job_id, entry] : wanted_) {
    auto record = judge_.newest(job_id);
    if (record && record->status == job_status::paused)
      wish(job_id, control_verb::resume);
  }
  time_.after(ms{20'000}, [this] { resume_paused(); });
}

} // namespace dubber::sim
