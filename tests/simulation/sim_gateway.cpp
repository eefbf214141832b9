#include "tests/simulation/sim_gateway.hpp"

namespace dubber::sim {

namespace {

/// The latest that a PATCH is written after it was sent: what the second look
/// of the reporter, 10 s after the answer, is meant to see.
constexpr ms latest_write{9'000};

fault unreachable() {
  return {fault_code::unreachable, "the gateway refused the connection", 0, {}};
}

fault no_answer() {
  return {fault_code::timeout, "the gateway did not answer in time", 0, {}};
}

fault error_500() {
  return {fault_code::server_error, "the gateway answered 500", 500, {}};
}

/// One call that somebody waits for, unless it was given up.
struct waiting {
  bool over = false;
};

} // namespace

sim_gateway::sim_gateway(scenario& plan, trace& log, test::timeline& time,
                         referee& judge)
  : plan_(plan), log_(log), time_(time), judge_(judge) {
  // nop
}

bool sim_gateway::strikes(trouble what, std::uint64_t n) {
  return !healed_ && plan_.has.strikes(what, plan_.chance, n);
}

template <class Answer>
call_handle sim_gateway::answer_at(ms at, std::int64_t job_id, Answer answer) {
  judge_.on_gateway_call();
  auto call = std::make_shared<waiting>();
  auto life = life_;
  time_.after(at, [this, call, life, job_id, answer = std::move(answer)] {
    if (call->over || life != life_)
      return;
    call->over = true;
    log_.note("gateway answers for " + std::to_string(job_id));
    judge_.on_gateway_call_over();
    answer();
  });
  return call_handle{[this, call, life] {
    if (call->over || life != life_)
      return;
    call->over = true;
    judge_.on_gateway_call_over();
  }};
}

std::optional<fault> sim_gateway::fault_of_outage() const {
  if (time_.now() >= down_until_)
    return std::nullopt;
  switch (down_how_) {
  case outage_kind::hangs:
    return no_answer();
  case outage_kind::breaks:
    return error_500();
  case outage_kind::is_busy:
    return fault{fault_code::busy, "the gateway answered 503", 503, {}};
  default:
    return unreachable();
  }
}

std::optional<fault> sim_gateway::fault_of_get() {
  if (auto down = fault_of_outage())
    return down;
  if (strikes(trouble::refused_connection, 8))
    return unreachable();
  if (strikes(trouble::no_answer, 8))
    return no_answer();
  if (strikes(trouble::server_error, 8))
    return error_500();
  return std::nullopt;
}

/// Progress once a second at most; the final state is looked for 1 s after it
/// was answered, and 9 s later again.
void sim_gateway::check_pace(std::int64_t job_id, const std::string& what) {
  auto i = last_.find(job_id);
  auto job = judge_.newest(job_id);
  if (i == last_.end() || !job || i->second.job_no != job->job_no
      || i->second.life != life_)
    return;
  auto last = i->second;
  last_.erase(i); // until this one is answered
  // What was owed has been taken back, perhaps while it was on its way: another
  // tale begins.
  if (job->status == job_status::running && job->status_since >= last.sent)
    return;
  auto since = time_.now() - last.at;
  auto progress = what == "PROCESSING" && last.what == what;
  if (progress || (what.empty() && last.ok && !last.what.empty()))
    judge_.demand(since >= ms{1'000},
                  "the gateway is called again too soon about job "
                    + std::to_string(job_id));
  if (what.empty() && last.what.empty() && last.ok)
    judge_.demand(since >= ms{9'000}, "the second look at job "
                                        + std::to_string(job_id)
                                        + " comes too soon");
}

void sim_gateway::note_end(std::int64_t job_id, std::string what, bool ok,
                           time_point sent) {
  auto job = judge_.newest(job_id);
  last_[job_id]
    = {life_, job ? job->job_no : 0, std::move(what), ok, sent, time_.now()};
}

call_handle
sim_gateway::get(std::int64_t job_id, ms deadline,
                 std::function<void(result<gateway_state>)> on_end) {
  if (!alive_)
    return {};
  log_.note("GET " + std::to_string(job_id));
  check_pace(job_id, "");
  auto error = fault_of_get();
  auto at = error && error->code == fault_code::timeout
              ? deadline
              : plan_.chance.between(ms{1}, ms{200});
  return answer_at(
    at, job_id,
    [this, job_id, error, sent = time_.now(), f = std::move(on_end)] {
      auto there = row(job_id);
      note_end(job_id, "", !error && there, sent);
      if (error)
        f(*error);
      else if (!there)
        f(fault{fault_code::not_found, "Job not found", 404, {}});
      else
        f(*there);
    });
}

sim_gateway::fate sim_gateway::fate_of_patch(ms deadline) {
  auto& d = plan_.chance;
  auto soon = d.between(ms{1}, ms{400});
  if (auto down = fault_of_outage())
    return {down->code == fault_code::timeout ? deadline : soon, down,
            std::nullopt};
  if (strikes(trouble::refused_connection, 8))
    return {soon, unreachable(), std::nullopt};
  if (strikes(trouble::patch_lost, 5))
    return {deadline, no_answer(), std::nullopt};
  if (strikes(trouble::patch_late, 4))
    return {deadline, no_answer(), d.between(ms{1}, latest_write)};
  if (strikes(trouble::patch_error, 5))
    return {soon, error_500(),
            d.one_in(2) ? std::optional{soon} : std::nullopt};
  return {soon, std::nullopt, soon};
}

/// The gateway reads a row, changes it and writes it back whole.
void sim_gateway::write_back(std::int64_t job_id, const gateway_update& update,
                             ms at) {
  auto read_at = plan_.chance.between(ms{0}, std::min(at, ms{100}));
  time_.after(read_at, [this, job_id, update, rest = at - read_at] {
    auto i = rows_.find(job_id);
    if (i == rows_.end())
      return;
    auto changed = i->second;
    changed.status = update.status;
    changed.progress = update.progress.value_or(changed.progress);
    if (update.output_object_key)
      changed.output_object_key = *update.output_object_key;
    time_.after(rest, [this, job_id, changed] {
      auto there = rows_.find(job_id);
      if (there == rows_.end()
          || there->second.source_object_key != changed.source_object_key)
        return; // the row is gone, or another one by now
      there->second = changed;
      log_.note("row " + std::to_string(job_id) + " is " + changed.status);
    });
  });
}

call_handle sim_gateway::patch(std::int64_t job_id,
                               const gateway_update& update, ms deadline,
                               std::function<void(result<done>)> on_end) {
  if (!alive_)
    return {};
  log_.note("PATCH " + std::to_string(job_id) + " " + update.status + " "
            + std::to_string(update.progress.value_or(-1)));
  judge_.on_patch(job_id, update);
  check_pace(job_id, update.status);
  auto lot = fate_of_patch(deadline);
  if (!rows_.count(job_id) && !lot.error)
    lot.error = error_500();
  if (lot.written)
    write_back(job_id, update, *lot.written);
  return answer_at(lot.answered, job_id,
                   [this, job_id, what = update.status, error = lot.error,
                    sent = time_.now(), f = std::move(on_end)] {
                     note_end(job_id, what, !error, sent);
                     f(error ? result<done>{*error} : result<done>{done{}});
                   });
}

void sim_gateway::put(std::int64_t job_id, std::string source) {
  if (rows_.count(job_id))
    touched_.insert(job_id);
  rows_[job_id] = {std::move(source), "QUEUED", 0, ""};
}

void sim_gateway::remove(std::int64_t job_id) {
  touched_.insert(job_id);
  rows_.erase(job_id);
}

const gateway_state* sim_gateway::row(std::int64_t job_id) const {
  auto i = rows_.find(job_id);
  return i == rows_.end() ? nullptr : &i->second;
}

std::map<std::int64_t, gateway_state> sim_gateway::untouched() const {
  auto out = rows_;
  for (auto job_id : touched_)
    out.erase(job_id);
  return out;
}

} // namespace dubber::sim
