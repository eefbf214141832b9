#include "tests/simulation/neighbours.hpp"

#include <array>

namespace dubber::sim {

struct neighbours::call {
  std::shared_ptr<const work_order> order;
  attempt_info info;
  callback on_end;
  fate lot;
  std::uint64_t life = 0;
  bool over = false;
};

namespace {

std::string name_of(const work_order& order) {
  return std::to_string(order.job_id) + " " + order.stage + "/"
         + std::to_string(order.item);
}

/// The manager's look whether the gateway's job is still the same.
bool is_check(const work_order& order) {
  return order.stage.empty();
}

std::optional<fault> say(fault_code code, std::string_view what, int status = 0,
                         std::optional<ms> retry_after = std::nullopt) {
  return fault{code, "the neighbour: " + std::string{what}, status,
               retry_after};
}

void make_odd(transcript& heard, double end) {
  heard.segments.push_back({{end - 3, end + 9}, "beyond the end"});
  heard.segments.push_back({{2, 2}, "no length"});
  heard.segments.push_back({{1.5, 4}, "over\xFFlap"});
  heard.segments.push_back({{5, 6}, ""});
}

} // namespace

neighbours::neighbours(scenario& plan, trace& log, test::timeline& time,
                       referee& judge, sim_gateway& rows)
  : plan_(plan), log_(log), time_(time), judge_(judge), rows_(rows) {
  auto& d = plan_.chance;
  auto some_job = [&] {
    return plan_.jobs[d.below(plan_.jobs.size())].job_id;
  };
  if (plan_.has.has(trouble::never_works)) {
    constexpr std::array codes{
      fault_code::refused, fault_code::unsupported, fault_code::invalid_input,
      fault_code::limit_exceeded, fault_code::not_found};
    auto& stages = dubbing_pipeline().stages;
    bad_job_ = some_job();
    bad_stage_ = stages[d.below(stages.size() - 1)].name;
    bad_item_ = static_cast<std::uint32_t>(d.below(2));
    bad_code_ = codes[d.below(codes.size())];
  }
  if (plan_.has.has(trouble::silent_film))
    silent_job_ = some_job();
  if (plan_.has.has(trouble::no_such_job))
    unknown_job_ = some_job();
}

bool neighbours::strikes(trouble what, std::uint64_t n) {
  return !healed_ && plan_.has.strikes(what, plan_.chance, n);
}

std::optional<neighbours::fate> neighbours::permanent(const work_order& order) {
  auto soon = plan_.chance.between(ms{1}, ms{300});
  if (order.job_id == bad_job_ && order.stage == bad_stage_
      && order.item == bad_item_)
    return fate{soon, say(bad_code_, "never"), false};
  if (order.kind != work_kind::fetch)
    return std::nullopt;
  if (!rows_.row(order.job_id) || order.job_id == unknown_job_)
    return fate{soon, say(fault_code::not_found, "no such job", 404), false};
  return std::nullopt;
}

std::optional<neighbours::fate> neighbours::passing(const work_order& order,
                                                    const attempt_info& info) {
  auto soon = plan_.chance.between(ms{1}, ms{300});
  using code = fault_code;
  if (strikes(trouble::refused_connection, 9))
    return fate{soon, say(code::unreachable, "connection refused"), false};
  if (plan_.has.has(trouble::still_running) && !healed_
      && time_.now() < busy_until_[name_of(order)])
    return fate{soon, say(code::busy, "an earlier attempt runs", 409), false};
  if (strikes(trouble::no_answer, 9)) {
    busy_until_[name_of(order)]
      = time_.now() + info.timeout + plan_.chance.between(ms{0}, ms{4'000});
    return fate{info.timeout, say(code::timeout, "no answer in time"), false};
  }
  if (strikes(trouble::too_many_requests, 9))
    return fate{soon,
                say(code::busy, "too many requests", 429,
                    plan_.chance.between(ms{100}, ms{6'000})),
                false};
  if (strikes(trouble::unavailable, 9))
    return fate{soon, say(code::busy, "unavailable", 503), false};
  if (strikes(trouble::server_error, 9))
    return fate{soon, say(code::server_error, "it broke", 500), false};
  if (strikes(trouble::bad_answer, 9))
    return fate{soon, say(code::bad_answer, "not JSON"), false};
  if (order.kind == work_kind::speak && strikes(trouble::empty_audio, 6))
    return fate{soon, say(code::bad_answer, "the audio is empty"), false};
  if (strikes(trouble::scratch_full, 12))
    return fate{soon, say(code::disk, "the scratch disk is full"), false};
  return std::nullopt;
}

neighbours::fate neighbours::fate_of(const work_order& order,
                                     const attempt_info& info) {
  if (time_.now() < down_until_[order.service])
    return {plan_.chance.between(ms{1}, ms{30}),
            say(fault_code::unreachable, "down"), false};
  if (auto never = permanent(order))
    return *never;
  if (auto once = passing(order, info))
    return *once;
  fate good;
  good.after = plan_.chance.between(ms{1}, ms{800});
  if (strikes(trouble::slow, 5))
    good.after = plan_.chance.between(ms{1'000}, info.timeout);
  if (strikes(trouble::last_moment, 9))
    good.after = info.timeout;
  if (strikes(trouble::answer_at_once, 9))
    good.after = ms{-1};
  good.odd = order.kind == work_kind::transcribe
             && strikes(trouble::odd_transcript, 2);
  return good;
}

result<work_result> neighbours::answer_to(const work_order& order,
                                          const fate& end) {
  if (end.error)
    return *end.error;
  for (auto& job : plan_.jobs) {
    if (job.job_id != order.job_id)
      continue;
    auto answer = test::sample_answer(order, job.shape);
    if (auto found = std::get_if<fetched>(&answer))
      if (auto there = rows_.row(order.job_id))
        found->source_object_key = there->source_object_key;
    if (auto heard = std::get_if<transcript>(&answer)) {
      if (order.job_id == silent_job_)
        heard->segments.clear();
      else if (end.odd)
        make_odd(*heard, test::seconds_of(job.shape));
    }
    return answer;
  }
  return *say(fault_code::internal, "a job nobody asked for");
}

void neighbours::end(const std::shared_ptr<call>& x) {
  if (x->over || x->life != life_)
    return;
  x->over = true;
  auto outcome = answer_to(*x->order, x->lot);
  log_.note("answer " + name_of(*x->order) + " "
            + (outcome ? "ok" : std::string{to_string(outcome.error().code)}));
  if (!is_check(*x->order))
    judge_.on_answer(*x->order, outcome);
  x->on_end(std::move(outcome));
}

call_handle neighbours::start(std::shared_ptr<const work_order> order,
                              const attempt_info& info, callback on_end) {
  if (!alive_)
    return {};
  log_.note("call " + name_of(*order) + " #" + std::to_string(info.number));
  if (!is_check(*order))
    judge_.on_call(*order, info);
  auto x = std::make_shared<call>();
  x->order = std::move(order);
  x->info = info;
  x->on_end = std::move(on_end);
  x->lot = fate_of(*x->order, info);
  x->life = life_;
  if (x->lot.after < ms{0})
    end(x);
  else
    time_.after(x->lot.after, [this, x] { end(x); });
  return call_handle{[this, x] {
    if (x->over || x->life != life_)
      return;
    x->over = true;
    log_.note("given up " + name_of(*x->order));
    busy_until_[name_of(*x->order)] = time_.now() + ms{2'000};
    if (!is_check(*x->order))
      judge_.on_call_given_up(*x->order);
  }};
}

} // namespace dubber::sim
