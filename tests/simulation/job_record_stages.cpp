/// What a history says of a job's stages and their items.
#include "core/lanes.hpp"
#include "tests/simulation/job_record.hpp"

namespace dubber::sim {

namespace {

std::string name(const std::string& stage, std::uint32_t item) {
  return stage + "/" + std::to_string(item);
}

} // namespace

std::string job_record::take_body(const ev::stage_started& x) {
  auto own = spec(x.stage);
  if (!own)
    return "there is no such stage";
  auto& stage = stages[x.stage];
  if (!takes_results() || stage.started)
    return x.stage + " cannot start now";
  for (auto& before : own->after) {
    auto other = spec(before);
    auto along = other && by_segments(*own) && by_segments(*other);
    if (!stages[before].ended && !(along && stages[before].started))
      return x.stage + " starts before " + before + " has ended";
  }
  if (x.items == 0 || (by_segments(*own) && x.items != segments)
      || (own->each == fan_out::none && x.items != 1))
    return x.stage + " has " + std::to_string(x.items) + " items";
  stage.started = true;
  stage.since = at_;
  stage.items = x.items;
  if (own->each == fan_out::chunks)
    spans = chunks;
  if (by_segments(*own))
    for (auto& [item, gave_up] : degraded[own->lane])
      if (rests_on(*plan, *own, gave_up))
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
    said[x.stage][x.item] = words->text;
  if (auto words = std::get_if<answered>(&x.result))
    said[x.stage][x.item] = words->text;
  return {};
}

/// The words that the stage is given of that segment; none: it is not about
/// words.
std::optional<std::string> job_record::words_for(const stage_spec& stage,
                                                 std::uint32_t item) const {
  auto of = [&](const stage_spec* maker) {
    auto all = maker ? said.find(maker->name) : said.end();
    auto words = all == said.end() ? texts.end() : all->second.find(item);
    return all == said.end() || words == all->second.end()
             ? std::string{"(nothing was said)"}
             : words->second;
  };
  auto heard = [&] {
    auto words = texts.find(item);
    return words == texts.end() ? std::string{"(unheard)"} : words->second;
  };
  if (!stage.text_of.empty())
    return of(spec(stage.text_of));
  if (stage.kind == work_kind::translate)
    return heard();
  if (stage.kind == work_kind::speak)
    return of(stage_of_kind(*plan, stage.lane, work_kind::translate));
  if (!stage.http || stage.http->text.empty() || !stage.http->body)
    return std::nullopt;
  auto pointer = stage.http->body->pointers.at(0);
  if (pointer == "/segment/text")
    return heard();
  auto parts = pointer_parts(pointer).value_or(std::vector<std::string>(2));
  return of(stage_meant(*plan, stage.lane, parts.at(1)));
}

/// The neighbours answer with the words they were asked about.
bool job_record::is_of_its_words(const ev::item_completed& x) const {
  auto own = spec(x.stage);
  auto words = by_segments(*own) ? words_for(*own, x.item) : std::nullopt;
  if (!words)
    return true;
  if (auto made = std::get_if<translated>(&x.result))
    return made->text.ends_with(*words);
  if (auto made = std::get_if<answered>(&x.result))
    return made->text.ends_with(*words);
  auto made = std::get_if<spoken>(&x.result);
  return made && made->audio.key.ends_with(*words);
}

std::string job_record::take_body(const ev::stage_completed& x) {
  if (!takes_results() || !runs(x.stage))
    return x.stage + " is not open";
  auto& stage = stages[x.stage];
  if (spec(x.stage)->each != fan_out::none && stage.done.size() != stage.items)
    return x.stage + " ends with open items";
  if (!may_begin({x.stage, 0}) && spec(x.stage)->each == fan_out::none)
    return x.stage + " ends before what it rests on";
  stage.ended = true;
  failures.erase({x.stage, 0});
  put_back_.erase(x.stage);
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
  auto found = spec(x.stage);
  if (!found || !is_done({x.stage, x.item}))
    return "what it was made of is not done";
  note_pioneers();
  auto& maker = *found;
  for (auto& stage : plan->stages)
    if (rests_on(*plan, stage, x.stage)
        && (maker.each == fan_out::none || stage.name != x.stage))
      reset(stage.name);
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
  auto own = spec(x.stage);
  if (!by_segments(*own))
    return item + " is no segment";
  if (x.why.message.empty())
    return item + " is degraded without a reason";
  failures.erase({x.stage, x.item});
  for (std::uint32_t lane = 0; lane < lanes_of(*plan); ++lane)
    if (own->shared || own->lane == lane)
      degraded[lane][x.item] = x.stage;
  for (auto& later : plan->stages)
    if (by_segments(later) && rests_on(*plan, later, x.stage)
        && stages[later.name].started)
      stages[later.name].done.insert(x.item);
  return {};
}

std::string job_record::take_body(const ev::chunk_halved& x) {
  auto item = name(x.stage, x.item);
  if (!takes_results() || !runs(x.stage) || x.item >= stages[x.stage].items
      || is_done({x.stage, x.item}))
    return item + " is not open";
  if (spec(x.stage)->each != fan_out::chunks)
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

void job_record::reset(const std::string& stage) {
  auto own = spec(stage);
  if (by_segments(*own)) { // they all go again
    auto n = wave(*own).second;
    std::erase_if(pioneer_was_through_, [&](auto& x) {
      return x.second == n
             && (own->shared || x.first == own->lane || x.first == all_lanes);
    });
  }
  stages.erase(stage);
  put_back_.erase(stage);
  std::erase_if(failures, [&](auto& x) { return x.first.first == stage; });
  for (auto& [lane, items] : degraded)
    std::erase_if(items, [&](auto& x) { return x.second == stage; });
}

} // namespace dubber::sim
