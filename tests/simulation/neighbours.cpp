#include "tests/simulation/neighbours.hpp"

#include "core/http_call.hpp"
#include "core/overload.hpp"

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

/// True, and not what one hopes for: it has to be mended or borne.
void make_odd(work_result& answer, double end) {
  if (auto heard = std::get_if<transcript>(&answer)) {
    heard->segments.push_back({{end - 3, end + 9}, "beyond the end"});
    heard->segments.push_back({{2, 2}, "no length"});
    heard->segments.push_back({{1.5, 4}, "over\xFFlap"});
    heard->segments.push_back({{5, 6}, ""});
  } else if (auto speech = std::get_if<spoken>(&answer)) {
    speech->seconds *= 30;
  }
}

/// The words that a call is about, said again under the stage's name.
std::string words_in(const work_order& order, const http_input& in) {
  std::string words;
  if (in.call->body && in.call->body->pointers.front() == "/segment/text")
    words = in.segment->text;
  else if (!in.results.empty() && in.results.front().items.front())
    std::visit(overload{[&](const translated& x) { words = x.text; },
                        [&](const answered& x) { words = x.text; },
                        [](const auto&) {
                        }},
               *in.results.front().items.front());
  return order.stage + ": " + words;
}

/// Silences, at which a chunk of sound may be cut.
const std::vector<double> silences{4, 9.5, 15, 19, 26, 31, 38, 52, 77};

} // namespace

neighbours::neighbours(scenario& plan, trace& log, test::timeline& time,
                       referee& judge, sim_gateway& rows)
  : plan_(plan), log_(log), time_(time), judge_(judge), rows_(rows),
    begin_(time.now()) {
  draw_habits();
}

result<work_result> neighbours::answer_to(const work_order& order,
                                          const fate& end) {
  if (end.error)
    return *end.error;
  if (end.confused)
    return order.kind == work_kind::translate
             ? work_result{uploaded{"nothing.mp4"}}
             : work_result{translated{"nothing"}};
  for (auto& job : plan_.jobs) {
    if (job.job_id != order.job_id)
      continue;
    auto answer = test::sample_answer(order, job.shape);
    if (auto found = std::get_if<fetched>(&answer)) {
      found->options.edit().priority = job.priority;
      if (!job.names_it)
        found->options.edit().pipeline = job.pipeline;
      if (auto there = rows_.row(order.job_id))
        found->source_object_key = there->source_object_key;
    }
    if (auto media = std::get_if<extracted>(&answer)) {
      media->cuts = silences;
      media->audio.sha256.assign(64, static_cast<char>('a' + job.film));
    }
    if (auto words = std::get_if<answered>(&answer);
        words && !words->text.empty())
      words->text = words_in(order, std::get<http_input>(order.input));
    if (auto heard = std::get_if<transcript>(&answer);
        heard && job.film == silent_film_)
      heard->segments.clear();
    else if (end.odd)
      make_odd(answer, test::seconds_of(job.shape));
    return answer;
  }
  return fault{fault_code::internal, "a job nobody asked for", 0, {}};
}

void neighbours::end(const std::shared_ptr<call>& x) {
  if (x->over || x->life != life_)
    return;
  x->over = true;
  auto outcome = answer_to(*x->order, x->lot);
  log_.note("answer " + name_of(*x->order) + " "
            + (outcome ? "ok" : std::string{to_string(outcome.error().code)}));
  if (!is_check(*x->order))
    judge_.on_answer(*x->order, outcome,
                     x->lot.error.has_value() || !x->lot.confused);
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
