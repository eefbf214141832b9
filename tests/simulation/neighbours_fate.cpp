/// What becomes of a call.
#include "tests/simulation/neighbours.hpp"

#include <array>

namespace dubber::sim {

namespace {

using code = fault_code;

std::string name_of(const work_order& order) {
  return std::to_string(order.job_id) + " " + order.stage + "/"
         + std::to_string(order.item);
}

std::optional<fault> say(fault_code what, std::string_view text, int status = 0,
                         std::optional<ms> retry_after = std::nullopt) {
  return fault{what, "the neighbour: " + std::string{text}, status,
               retry_after};
}

/// What an earlier stage has stored; empty: none.
std::string file_of(const std::optional<work_result>& x) {
  auto sound = x ? std::get_if<extracted>(&*x) : nullptr;
  auto made = x ? std::get_if<answered>(&*x) : nullptr;
  if (sound)
    return sound->audio.key;
  return made && made->file ? made->file->key : std::string{};
}

std::string needed_file(const http_input& in) {
  for (auto& known : in.results)
    for (auto& item : known.items)
      if (auto key = file_of(item); !key.empty())
        return key;
  return {};
}

/// One of the stored files that the work needs.
std::string needed_file(const work_order& order, dice& d) {
  if (auto in = std::get_if<transcribe_input>(&order.input))
    return in->audio.key;
  if (auto in = std::get_if<upload_input>(&order.input))
    return in->result->video.key;
  if (auto in = std::get_if<merge_input>(&order.input);
      in && !in->pieces.empty()) {
    if (in->background && d.one_in(2))
      return in->background->key;
    return in->pieces[d.below(in->pieces.size())].speech.audio.key;
  }
  if (auto in = std::get_if<http_input>(&order.input))
    return needed_file(*in);
  return {};
}

} // namespace

void neighbours::draw_habits() {
  auto& d = plan_.chance;
  auto some_job = [&] {
    return plan_.jobs[d.below(plan_.jobs.size())].job_id;
  };
  auto some_service = [&] {
    return std::next(plan_.policies.begin(), static_cast<std::ptrdiff_t>(
                                               d.below(plan_.policies.size())))
      ->first;
  };
  if (plan_.has.has(trouble::never_works)) {
    constexpr std::array codes{code::refused, code::unsupported,
                               code::invalid_input, code::limit_exceeded,
                               code::not_found};
    bad_job_ = some_job();
    auto& stages = plan_.plan_of(bad_job_)->stages;
    bad_stage_ = stages[d.below(stages.size() - 1)].name;
    bad_item_ = static_cast<std::uint32_t>(d.below(2));
    bad_code_ = codes[d.below(codes.size())];
  }
  if (plan_.has.has(trouble::silent_film))
    silent_film_ = some_job(); // the number of a film, too
  if (plan_.has.has(trouble::no_such_job))
    unknown_job_ = some_job();
  if (plan_.has.has(trouble::choking))
    chokes_above_ = static_cast<double>(d.between(20, 35));
  if (plan_.has.has(trouble::flapping)) {
    flaps_ = some_service();
    flap_length_ = d.between(ms{500}, ms{8'000});
  }
  if (plan_.has.has(trouble::slowing))
    slows_ = some_service();
  if (plan_.has.has(trouble::bad_url))
    for (auto& [name, policy] : plan_.policies)
      if (policy.urls.size() > 1)
        bad_url_ = policy.urls[d.below(policy.urls.size())];
}

bool neighbours::strikes(trouble what, std::uint64_t n) {
  return !healed_ && plan_.has.strikes(what, plan_.chance, n);
}

neighbours::fate neighbours::broken(outage_kind how, const attempt_info& info) {
  auto soon = plan_.chance.between(ms{1}, ms{30});
  switch (how) {
  case outage_kind::hangs:
    return {info.timeout, say(code::timeout, "down: no answer in time")};
  case outage_kind::breaks:
    return {soon, say(code::server_error, "down: it broke", 500)};
  case outage_kind::is_busy:
    return {soon, say(code::busy, "down: unavailable", 503)};
  default:
    return {soon, say(code::unreachable, "down: connection refused")};
  }
}

std::optional<neighbours::fate>
neighbours::permanent(const work_order& order, const attempt_info& info) {
  auto& d = plan_.chance;
  auto soon = d.between(ms{1}, ms{300});
  if (order.job_id == bad_job_ && order.stage == bad_stage_
      && order.item == bad_item_)
    return fate{soon, say(bad_code_, "never")};
  if (auto in = std::get_if<transcribe_input>(&order.input);
      in && in->chunk.length() > chokes_above_) {
    switch (d.below(4)) {
    case 0:
      return fate{info.timeout, say(code::timeout, "no answer in time")};
    case 1:
      return fate{soon, say(code::refused, "content too large", 413)};
    case 2:
      return fate{soon, say(code::bad_answer, "the answer is cut short")};
    default:
      return fate{soon, say(code::server_error, "out of memory", 500)};
    }
  }
  if (order.kind != work_kind::fetch)
    return std::nullopt;
  if (!rows_.row(order.job_id) || order.job_id == unknown_job_)
    return fate{soon, say(code::not_found, "no such job", 404)};
  return std::nullopt;
}

std::optional<neighbours::fate>
neighbours::of_service(const work_order& order, const attempt_info& info) {
  if (healed_)
    return std::nullopt;
  auto down = down_.find(order.service);
  if (down != down_.end() && time_.now() < down->second.until)
    return broken(down->second.how, info);
  if (order.service == flaps_ && (time_.now() - begin_) / flap_length_ % 2 == 1)
    return broken(outage_kind::refuses, info);
  if (!bad_url_.empty() && info.url == bad_url_)
    return broken(plan_.chance.one_in(2) ? outage_kind::refuses
                                         : outage_kind::breaks,
                  info);
  return std::nullopt;
}

/// Answers of a neighbour that does not do it now.
std::optional<neighbours::fate> neighbours::refusal(const work_order& order) {
  auto& d = plan_.chance;
  auto soon = d.between(ms{1}, ms{300});
  if (strikes(trouble::refused_connection, 9))
    return fate{soon, say(code::unreachable, "connection refused")};
  if (plan_.has.has(trouble::still_running) && !healed_
      && time_.now() < busy_until_[name_of(order)])
    return fate{soon, say(code::busy, "an earlier attempt runs", 409)};
  if (strikes(trouble::too_many_requests, 9))
    return fate{soon, say(code::busy, "too many requests", 429,
                          d.between(ms{100}, ms{6'000}))};
  if (strikes(trouble::unavailable, 9))
    return fate{soon, say(code::busy, "unavailable", 503)};
  if (strikes(trouble::server_error, 9))
    return fate{soon, say(code::server_error, "it broke", 500)};
  return std::nullopt;
}

std::optional<neighbours::fate> neighbours::passing(const work_order& order,
                                                    const attempt_info& info) {
  auto& d = plan_.chance;
  if (strikes(trouble::no_answer, 9)) {
    busy_until_[name_of(order)]
      = time_.now() + info.timeout + d.between(ms{0}, ms{4'000});
    return fate{info.timeout, say(code::timeout, "no answer in time")};
  }
  if (auto no = refusal(order))
    return no;
  auto soon = d.between(ms{1}, ms{300});
  if (strikes(trouble::bad_answer, 9))
    return fate{soon, say(code::bad_answer, "not JSON")};
  if (strikes(trouble::lies, 9)) {
    constexpr std::array lies{"another job's number", "no segments in it",
                              "an array where an object is due"};
    return fate{soon, say(code::bad_answer, lies[d.below(lies.size())], 200)};
  }
  if (order.kind == work_kind::speak && strikes(trouble::empty_audio, 6))
    return fate{soon, say(code::bad_answer, "the audio is empty")};
  if (strikes(trouble::scratch_full, 12))
    return fate{soon, say(code::disk, "the scratch disk is full")};
  if (auto key = needed_file(order, d);
      !key.empty() && strikes(trouble::lost_artifact, 6)) {
    auto gone = say(code::not_found, "a stored file is gone: " + key);
    gone->subject = key;
    return fate{soon, gone};
  }
  return std::nullopt;
}

neighbours::fate neighbours::good(const work_order& order,
                                  const attempt_info& info) {
  auto& d = plan_.chance;
  fate out;
  out.after = d.between(ms{1}, ms{800});
  if (strikes(trouble::slow, 5))
    out.after = d.between(ms{1'000}, std::max(ms{1'000}, info.timeout));
  if (!healed_ && order.service == slows_)
    out.after += (time_.now() - begin_) / 12;
  if (out.after > info.timeout)
    return {info.timeout, say(code::timeout, "too slow")};
  if (strikes(trouble::last_moment, 9))
    out.after = info.timeout;
  if (strikes(trouble::answer_at_once, 9))
    out.after = ms{-1};
  out.odd = strikes(trouble::odd_transcript, 2);
  out.confused = strikes(trouble::confused, 25);
  return out;
}

neighbours::fate neighbours::fate_of(const work_order& order,
                                     const attempt_info& info) {
  if (auto down = of_service(order, info))
    return *down;
  if (auto never = permanent(order, info))
    return *never;
  if (auto once = passing(order, info))
    return *once;
  return good(order, info);
}

} // namespace dubber::sim
