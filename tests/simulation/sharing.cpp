#include "tests/simulation/sharing.hpp"

#include "core/http_call.hpp"
#include "core/overload.hpp"
#include "tests/simulation/referee.hpp"

namespace dubber::sim {

namespace {

/// What earlier stages have come to, as far as calls are told of it.
std::string told_of(const work_result& x) {
  return std::visit(overload{
                      [](const extracted& is) { return is.audio.sha256; },
                      [](const translated& is) { return is.text; },
                      [](const answered& is) {
                        return is.json + " " + is.text + " "
                               + (is.file ? is.file->key : "");
                      },
                      [](const auto&) { return std::string{}; },
                    },
                    x);
}

std::string needs_of_call(const work_order& order, const http_input& x) {
  auto& call = *x.call;
  // Nobody knows what is in the source; what a call does, it does each time.
  if (!call.cache || call.answer == answer_kind::none
      || (call.upload && call.upload->pointer == source_pointer))
    return {};
  auto out = "call " + order.service + " " + call.path.pieces.front();
  if (!call.path.pointers.empty())
    out += std::to_string(order.job_id);
  if (x.segment && call.body && call.body->pointers.front() == "/segment/text")
    out += " " + x.segment->text;
  for (auto& known : x.results)
    for (auto& item : known.items)
      out += " | " + (item ? told_of(*item) : "nothing");
  return out;
}

/// All that the result of such work depends on; empty: it is the job's own.
std::string needs_of(const work_order& order) {
  auto n = [](double x) {
    return std::to_string(x) + " ";
  };
  return std::visit(
    overload{
      [&](const transcribe_input& x) {
        return "hear " + x.audio.sha256 + " " + n(x.chunk.start)
               + n(x.chunk.end);
      },
      [](const translate_input& x) {
        return "translate " + x.source_language + " " + x.target_language + " "
               + x.text;
      },
      [&](const speak_input& x) {
        return "speak " + x.language + " " + x.voice + " " + n(x.slot_seconds)
               + x.text;
      },
      [&](const http_input& x) { return needs_of_call(order, x); },
      [](const auto&) { return std::string{}; },
    },
    order.input);
}

} // namespace

std::string sharing::on_call(const work& who, const work_order& order,
                             const job_record& record, time_point now) {
  call mine{needs_of(order), order.fresh, now};
  last_[who] = mine;
  if (mine.needs.empty())
    return {};
  std::string wrong;
  auto died = [&](time_point since) {
    return last_death_ && *last_death_ + hearing >= since;
  };
  for (auto& [other, theirs] : open_)
    if (on_ && strict_ && other != who && theirs.needs == mine.needs
        && !mine.fresh && !theirs.fresh && !died(now)
        && now - changed_[std::get<0>(other)] > hearing)
      wrong = "two calls for the same result at once";
  open_[who] = mine;
  // What a job had on its way to the journal when it died, the cache hears of
  // when it lists anew what is kept.
  auto found = kept_.find(mine.needs);
  auto stage = record.stages.find(order.stage);
  if (found != kept_.end() && stage != record.stages.end() && strict_
      && !mine.fresh && found->second.since + hearing < stage->second.since
      && !died(found->second.left))
    wrong = "a call for a result that is kept";
  return wrong;
}

std::string sharing::on_fact(const work& who, const ev::item_completed& x,
                             time_point now) {
  if (x.attempt > 0) {
    auto made = last_.find(who);
    if (made == last_.end())
      return "a result of no call";
    if (on_ && !made->second.needs.empty())
      kept_.try_emplace(made->second.needs, kept{now, made->second.left});
    results_.push_back(x.result);
    return {};
  }
  if (!on_)
    return "a kept result where none are kept";
  return std::find(results_.begin(), results_.end(), x.result) != results_.end()
           ? ""
           : "a kept result that nobody has made";
}

} // namespace dubber::sim
