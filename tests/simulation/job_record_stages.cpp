/// What a history says of a job's stages and their items.
#include "core/job/control.hpp"
#include "tests/simulation/job_record.hpp"

namespace dubber::sim {

namespace {

bool is_stage(const std::string& stage) {
  return dubbing_pipeline()->find(stage) >= 0;
}

std::string name(const std::string& stage, std::uint32_t item) {
  return stage + "/" + std::to_string(item);
}

} // namespace

std::string job_record::take_body(const ev::stage_started& x) {
  if (!is_stage(x.stage))
    return "there is no such stage";
  auto& spec = spec_of(x.stage);
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
    for (auto& [item, gave_up] : degraded)
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
    translations[x.item] = words->text;
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
  return !speech || has(speech->audio.key, translations);
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
  auto& plan = *dubbing_pipeline();
  auto first = plan.find(x.stage);
  if (first < 0 || !is_done({x.stage, x.item}))
    return "what it was made of is not done";
  pioneer_was_through = pioneer_is_through();
  auto& maker = plan.stages[static_cast<std::size_t>(first)];
  auto again = stages_from(plan, static_cast<std::uint32_t>(first));
  for (std::size_t i = 0; i < again.size(); ++i)
    if (again[i]
        && (maker.name != x.stage || maker.each == fan_out::none
            || plan.stages[i].name != x.stage))
      reset(plan.stages[i].name);
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
  degraded[x.item] = x.stage;
  failures.erase({x.stage, x.item});
  auto& plan = *dubbing_pipeline();
  for (auto i = static_cast<std::size_t>(plan.find(x.stage));
       i < plan.stages.size(); ++i)
    if (plan.stages[i].each == fan_out::segments
        && stages[plan.stages[i].name].started)
      stages[plan.stages[i].name].done.insert(x.item);
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
  pioneer_was_through = pioneer_is_through();
  auto& plan = *dubbing_pipeline();
  auto from = plan.find(x.from);
  if (from < 0 && !x.from.empty())
    return "there is no stage " + x.from;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    auto& spec = plan.stages[i];
    auto& stage = stages[spec.name];
    if (spec.each == fan_out::none && i > 2) {
      stages.erase(spec.name); // merge and what comes after
      failures.erase({spec.name, 0});
    } else if (spec.each == fan_out::segments) {
      failures.erase({spec.name, x.item});
      for (std::uint32_t k = 0; stage.ended && k < stage.items; ++k)
        stage.done.insert(k);
      if (from >= 0 && static_cast<int>(i) >= from) {
        stage.ended = false;
        stage.done.erase(x.item);
      } else if (from >= 0) {
        stage.done.insert(x.item);
      }
    }
  }
  if (x.text)
    texts[x.item] = *x.text;
  if (x.translation)
    translations[x.item] = *x.translation;
  degraded.erase(x.item);
  edits[x.item] = at_;
  edited_at = at_;
  return {};
}

void job_record::reset(const std::string& stage) {
  if (spec_of(stage).each == fan_out::segments)
    pioneer_was_through = false; // they all go again
  stages.erase(stage);
  std::erase_if(failures, [&](auto& x) { return x.first.first == stage; });
  std::erase_if(degraded, [&](auto& x) { return x.second == stage; });
}

/// A person asked, and the dub is not made yet: what was degraded is tried
/// again.
void job_record::reopen_degraded() {
  if (degraded.empty() || stages["merge"].ended)
    return;
  pioneer_was_through = pioneer_is_through();
  stages.erase("merge");
  auto& plan = *dubbing_pipeline();
  for (auto& [item, gave_up] : degraded)
    for (auto i = static_cast<std::size_t>(plan.find(gave_up));
         i < plan.stages.size(); ++i)
      if (plan.stages[i].each == fan_out::segments) {
        stages[plan.stages[i].name].done.erase(item);
        stages[plan.stages[i].name].ended = false;
      }
  degraded.clear();
}

} // namespace dubber::sim
