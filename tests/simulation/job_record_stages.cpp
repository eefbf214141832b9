/// What a history says of a job's stages and their items.
#include "core/job/control.hpp"
#include "core/lanes.hpp"
#include "tests/simulation/job_record.hpp"

#include <utility>

namespace dubber::sim {

namespace {

std::string name(const std::string& stage, std::uint32_t item) {
  return stage + "/" + std::to_string(item);
}

} // namespace

std::string job_record::take_body(const ev::stage_started& x) {
  auto own = this->spec(x.stage);
  if (!own)
    return "there is no such stage";
  auto& spec = *own;
  auto& stage = stages[x.stage];
  if (!takes_results() || stage.started)
    return x.stage + " cannot start now";
  for (auto& before : spec.after) {
    auto item_by_item = spec.each == fan_out::segments
                        && spec_of(before).each == fan_out::segments;
    auto& other = stages[before];
    if (!other.ended && !(item_by_item && other.started))
      return x.stage + " starts before " + before + " has ended";
  }
  if (x.items == 0 || (spec.each == fan_out::segments && x.items != segments)
      || (spec.each == fan_out::none && x.items != 1))
    return x.stage + " has " + std::to_string(x.items) + " items";
  stage.started = true;
  stage.since = at_;
  stage.items = x.items;
  if (spec.each == fan_out::chunks)
    spans = chunks;
  if (spec.each == fan_out::segments)
    for (auto& [item, gave_up] : degraded[spec.lane])
      stage.done.insert(item);
  return {};
}

std::string job_record::take_body(const ev::item_completed& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items)
    return item + " is not open";
  if (!may_begin({x.stage, x.item}))
    return item + " is done before what it rests on";
  if (!stages[x.stage].done.insert(x.item).second)
    return item + " is done twice";
  failures.erase({x.stage, x.item});
  if (!is_of_its_words(x))
    return item + " is about other words";
  if (auto words = std::get_if<translated>(&x.result))
    translations[lane_of_stage(x.stage)][x.item] = words->text;
  return {};
}

/// The neighbours answer with the words they were asked about.
bool job_record::is_of_its_words(const ev::item_completed& x) const {
  auto has = [&](const std::string& answer, auto& all) {
    auto words = all.find(x.item);
    return words != all.end() && answer.ends_with(words->second);
  };
  if (auto words = std::get_if<translated>(&x.result))
    return has(words->text, texts);
  auto speech = std::get_if<spoken>(&x.result);
  auto said = translations.find(lane_of_stage(x.stage));
  return !speech
         || (said != translations.end()
             && has(speech->audio.key, said->second));
}

std::string job_record::take_body(const ev::stage_completed& x) {
  if (!takes_results() || !runs(x.stage))
    return x.stage + " is not open";
  auto& stage = stages[x.stage];
  if (spec_of(x.stage).each != fan_out::none
      && stage.done.size() != stage.items)
    return x.stage + " ends with open items";
  stage.ended = true;
  failures.erase({x.stage, 0});
  if (auto heard = std::get_if<transcript>(&x.result)) {
    segments = static_cast<std::uint32_t>(heard->segments.size());
    texts.clear();
    for (std::uint32_t i = 0; i < segments; ++i)
      texts[i] = heard->segments[i].text;
  }
  if (auto media = std::get_if<extracted>(&x.result))
    chunks = media->chunks;
  if (auto found = std::get_if<fetched>(&x.result)) {
    if (!source.empty() && source != found->source_object_key)
      return "the source is another one";
    source = found->source_object_key;
    language = found->target_language;
  }
  return {};
}

std::string job_record::take_body(const ev::stage_failed& x) {
  if (!takes_results() || (!x.stage.empty() && !runs(x.stage)))
    return x.stage + " is not open";
  return {};
}

std::string job_record::take_body(const ev::artifact_lost& x) {
  lost_at = at_;
  auto first = plan->find(x.stage);
  if (first < 0 || !is_done({x.stage, x.item}))
    return "what it was made of is not done";
  note_pioneers();
  auto& maker = plan->stages[static_cast<std::size_t>(first)];
  auto again = stages_from(*plan, static_cast<std::uint32_t>(first));
  for (std::size_t i = 0; i < again.size(); ++i)
    if (again[i]
        && (maker.name != x.stage || maker.each == fan_out::none
            || plan->stages[i].name != x.stage))
      reset(plan->stages[i].name);
  if (maker.each != fan_out::none) {
    auto& own = stages[x.stage];
    for (std::uint32_t i = 0; own.ended && i < own.items; ++i)
      own.done.insert(i);
    own.ended = false;
    own.done.erase(x.item);
  }
  return {};
}

std::string job_record::take_body(const ev::attempt_failed& x) {
  item_ref item{x.stage, x.item};
  if (!takes_results() || !runs(x.stage) || is_done(item))
    return name(x.stage, x.item) + " is not open";
  failures[item] = {x.attempt, at_ + x.pause};
  return {};
}

std::string job_record::take_body(const ev::item_degraded& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items
      || is_done({x.stage, x.item}) || !may_begin({x.stage, x.item}))
    return item + " is not open";
  if (spec_of(x.stage).each != fan_out::segments)
    return item + " is no segment";
  if (x.why.message.empty())
    return item + " is degraded without a reason";
  auto lane = lane_of_stage(x.stage);
  degraded[lane][x.item] = x.stage;
  failures.erase({x.stage, x.item});
  for (auto i = static_cast<std::size_t>(plan->find(x.stage));
       i < plan->stages.size(); ++i)
    if (auto& later = plan->stages[i]; later.each == fan_out::segments
                                       && later.lane == lane
                                       && stages[later.name].started)
      stages[later.name].done.insert(x.item);
  return {};
}

std::string job_record::take_body(const ev::chunk_halved& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items
      || is_done({x.stage, x.item}))
    return item + " is not open";
  if (spec_of(x.stage).each != fan_out::chunks)
    return item + " is no chunk";
  failures.erase({x.stage, x.item});
  stages[x.stage].done.insert(x.item); // its two parts are new
  stages[x.stage].items += 2;
  if (x.item >= spans.size())
    return item + " has no sound";
  auto whole = spans[x.item];
  spans[x.item] = {whole.start, whole.start};
  spans.push_back({whole.start, x.at});
  spans.push_back({x.at, whole.end});
  return {};
}

std::string job_record::take_body(const ev::segment_edited& x) {
  wishes.insert(x.reason);
  if (!stages["asr"].ended || x.item >= segments)
    return "there is no segment " + std::to_string(x.item);
  if (status == job_status::rejected)
    return "the job is rejected";
  auto own = lane_of(*plan, language, x.language);
  if (own < 0)
    return "there is no language " + x.language;
  if (!x.from.empty() && !spec(x.from))
    return "there is no stage " + x.from;
  note_pioneers();
  stages.erase("report");
  failures.erase({"report", 0});
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (static_cast<int>(lane) == own || x.text || !x.translation)
      edit_in(lane, x, static_cast<int>(lane) == own);
  if (x.text)
    texts[x.item] = *x.text;
  if (x.translation)
    translations[static_cast<std::uint32_t>(own)][x.item] = *x.translation;
  edits[x.item] = at_;
  edited_at = at_;
  return {};
}

/// @param own The language that the edit names; the others follow its text.
void job_record::edit_in(std::uint32_t lane, const ev::segment_edited& x,
                         bool own) {
  std::string from = own ? x.from : "translate";
  auto first = from.empty() ? -1 : dubbing_pipeline()->find(defined_name(from));
  for (auto& each : plan->stages) {
    if (each.lane != lane)
      continue;
    auto& stage = stages[each.name];
    auto place = dubbing_pipeline()->find(defined_name(each.name));
    if (each.each == fan_out::none && place > 2) {
      stages.erase(each.name); // merge and what comes after
      failures.erase({each.name, 0});
    } else if (each.each == fan_out::segments) {
      failures.erase({each.name, x.item});
      for (std::uint32_t k = 0; stage.ended && k < stage.items; ++k)
        stage.done.insert(k);
      if (first >= 0 && place >= first) {
        stage.ended = false;
        stage.done.erase(x.item);
      } else if (first >= 0) {
        stage.done.insert(x.item);
      }
    }
  }
  degraded[lane].erase(x.item);
}

void job_record::reset(const std::string& stage) {
  auto lane = lane_of_stage(stage);
  if (spec_of(stage).each == fan_out::segments)
    pioneer_was_through.erase(lane); // they all go again
  stages.erase(stage);
  std::erase_if(failures, [&](auto& x) { return x.first.first == stage; });
  std::erase_if(degraded[lane], [&](auto& x) { return x.second == stage; });
}

/// A person asked, and the dub is not made yet: what was degraded is tried
/// again.
void job_record::reopen_degraded() {
  auto before = pioneer_was_through;
  note_pioneers();
  auto through = std::exchange(pioneer_was_through, before);
  for (auto& merge : plan->stages) {
    auto lane = merge.lane;
    if (merge.kind != work_kind::merge || degraded[lane].empty()
        || stages[merge.name].ended)
      continue;
    if (through.count(lane) > 0)
      pioneer_was_through.insert(lane);
    stages.erase(merge.name);
    for (auto& [item, gave_up] : degraded[lane])
      for (auto i = static_cast<std::size_t>(plan->find(gave_up));
           i < plan->stages.size(); ++i)
        if (auto& later = plan->stages[i];
            later.each == fan_out::segments && later.lane == lane) {
          stages[later.name].done.erase(item);
          stages[later.name].ended = false;
        }
    degraded[lane].clear();
  }
}

} // namespace dubber::sim
