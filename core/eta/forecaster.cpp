#include "core/eta/forecaster.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// Each job is looked at about so often, and all of them not more often than
/// 50 times a second.
constexpr ms look_every{5'000};
constexpr ms look_apart{20};
/// Between two changes, about.
constexpr std::int64_t most_looks = 8;
/// Jobs of which something is remembered that was said.
constexpr std::size_t most_watched = 2'048;

double seconds(ms length) {
  return std::chrono::duration<double>(length).count();
}

} // namespace

void forecaster::saw_call(work_kind kind, double media_seconds, ms took) {
  costs_.saw_call(kind, media_seconds, seconds(took));
}

void forecaster::saw_own_call(const std::string& service, double media_seconds,
                              ms took) {
  own_.saw(service, media_seconds, seconds(took));
}

void forecaster::set_own_service(const std::string& service,
                                 const std::string& key, int at_once,
                                 bool held) {
  own_.set_service(service, key, at_once, held);
  room_.own_held = own_.held();
}

void forecaster::changed(const job_state& job, bool calling, time_point now) {
  look_around(now);
  auto job_no = job.row.job_no;
  auto i = jobs_.find(job_no);
  if (i == jobs_.end()) {
    i = jobs_.emplace(job_no, entry{}).first;
    i->second.place = order_.size();
    order_.push_back(job_no);
  } else {
    others_.remove(i->second.who, i->second.left);
    if (i->second.run != job.row.run)
      looks_.erase(job_no);
  }
  auto& e = i->second;
  e.run = job.row.run;
  e.who = {job_no, job.source ? job.source->options->priority : 0};
  e.left = work_left_of(job, costs_, own_);
  e.called_at = calling ? std::optional{now} : std::nullopt;
  others_.add(e.who, e.left);
}

void forecaster::calling(std::uint64_t job_no, bool is, time_point now) {
  auto i = jobs_.find(job_no);
  if (i == jobs_.end() || i->second.called_at.has_value() == is)
    return;
  look_around(now);
  i->second.called_at = is ? std::optional{now} : std::nullopt;
}

void forecaster::drop(std::unordered_map<std::uint64_t, entry>::iterator i) {
  others_.remove(i->second.who, i->second.left);
  order_[i->second.place] = order_.back();
  jobs_.at(order_.back()).place = i->second.place;
  order_.pop_back();
  jobs_.erase(i);
}

std::vector<forecaster::verdict> forecaster::completed(const job_state& job,
                                                       time_point now) {
  std::vector<verdict> out;
  auto i = jobs_.find(job.row.job_no);
  if (i == jobs_.end())
    return out;
  look_around(now);
  drop(i);
  if (job.media)
    costs_.saw_job(job.media->seconds, job.segments);
  auto said = looks_.extract(job.row.job_no);
  if (said.empty())
    return out;
  for (auto& x : said.mapped()) {
    if (x.looks == 0)
      continue;
    auto real = seconds(now - x.at);
    errors_.add(x.cls, x.expected, real, x.looks);
    out.push_back({real <= x.said.p50, real <= x.said.p90});
  }
  return out;
}

void forecaster::forget(std::uint64_t job_no, time_point now) {
  auto i = jobs_.find(job_no);
  if (i == jobs_.end())
    return;
  look_around(now);
  drop(i);
  looks_.erase(job_no);
}

way forecaster::way_to_end(const entry& job, time_point now) const {
  traveller t{job.who, job.left, 0};
  if (job.called_at)
    t.called_for = std::max(0.001, seconds(now - *job.called_at));
  others_.remove(job.who, job.left);
  auto out = way_of(t, others_, room_);
  others_.add(job.who, job.left);
  return out;
}

std::optional<time_left> forecaster::left(std::uint64_t job_no,
                                          time_point now) const {
  auto i = jobs_.find(job_no);
  if (i == jobs_.end() || is_held(i->second.left, room_))
    return std::nullopt;
  auto expected = way_to_end(i->second, now);
  return errors_.left(past_errors::class_of(i->second.left, expected),
                      expected.all);
}

/// Before anything changes: looks at some jobs as they were until now, at
/// moments since the last change.
void forecaster::look_around(time_point now) {
  if (jobs_.empty() || now < changed_) {
    changed_ = now;
    plan_look(now, look_every);
    return;
  }
  auto jobs = static_cast<std::int64_t>(jobs_.size());
  auto apart
    = std::max({look_apart, look_every / jobs, (now - changed_) / most_looks});
  while (next_look_ <= now) {
    look_at(jobs_.at(order_[draw() % order_.size()]), next_look_);
    plan_look(next_look_, apart);
  }
  changed_ = now;
}

/// The next look comes after `apart` on average.
void forecaster::plan_look(time_point after, ms apart) {
  auto most = static_cast<std::uint64_t>(2 * apart.count());
  next_look_ = after + ms{1 + static_cast<ms::rep>(draw() % most)};
}

void forecaster::look_at(const entry& job, time_point at) {
  if (is_held(job.left, room_))
    return;
  auto i = looks_.find(job.who.job_no);
  if (i == looks_.end()) {
    if (looks_.size() >= most_watched)
      return;
    i = looks_.emplace(job.who.job_no, looks{}).first;
  }
  auto& x = i->second[past_errors::phase_of(job.left)];
  // The n-th look takes the place of those before with probability 1/n.
  if (draw() % ++x.looks != 0)
    return;
  auto expected = way_to_end(job, at);
  auto cls = past_errors::class_of(job.left, expected);
  x.cls = static_cast<std::uint8_t>(cls);
  x.at = at;
  x.expected = static_cast<float>(expected.all);
  x.said = errors_.left(cls, expected.all);
}

/// splitmix64: the same dice each time.
std::uint64_t forecaster::draw() {
  auto z = dice_ += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

void forecaster::restore(memory from) {
  costs_.restore(from.costs);
  errors_.restore(std::move(from.errors));
  own_.restore(from.own);
}

} // namespace dubber
