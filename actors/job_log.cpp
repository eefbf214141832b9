#include "actors/job_log.hpp"

#include "core/overload.hpp"
#include "metrics/log.hpp"

namespace dubber {

namespace {

using log::level;

using fields = std::vector<log::field>;

level level_of(const event_body& body) {
  return std::visit(overload{
                      [](const ev::job_failed&) { return level::error; },
                      [](const ev::job_parked&) { return level::warn; },
                      [](const ev::job_rejected&) { return level::warn; },
                      [](const ev::stage_failed&) { return level::warn; },
                      [](const ev::language_stopped&) { return level::warn; },
                      [](const ev::attempt_failed&) { return level::warn; },
                      [](const ev::item_degraded&) { return level::warn; },
                      [](const ev::chunk_halved&) { return level::warn; },
                      [](const ev::stage_started&) { return level::debug; },
                      [](const ev::item_completed&) { return level::debug; },
                      [](const ev::report_owed&) { return level::debug; },
                      [](const auto&) { return level::info; },
                    },
                    body);
}

/// The second part of a W3C traceparent.
std::string trace_id(const std::string& traceparent) {
  constexpr std::size_t begin = 3;
  constexpr std::size_t length = 32;
  return traceparent.size() > begin + length ? traceparent.substr(begin, length)
                                             : std::string{};
}

/// Adds what the fact itself says.
struct adder {
  fields& out;

  void place(const std::string& stage, std::uint32_t item) const {
    out.emplace_back("stage", stage);
    out.emplace_back("segment", std::to_string(item));
  }
  void why(const fault& x) const {
    out.emplace_back("code", to_string(x.code));
    out.emplace_back("reason", x.message);
    if (x.http_status != 0)
      out.emplace_back("http_status", std::to_string(x.http_status));
  }

  void operator()(const ev::job_accepted& x) const {
    out.emplace_back("by", x.by);
  }
  void operator()(const ev::job_rejected& x) const {
    out.emplace_back("reason", x.reason);
  }
  void operator()(const ev::pipeline_chosen& x) const {
    out.emplace_back("pipeline", x.name);
    out.emplace_back("id", x.id);
  }
  void operator()(const ev::languages_chosen& x) const {
    std::string all;
    for (auto& language : x.languages)
      all += (all.empty() ? "" : " ") + language;
    out.emplace_back("languages", all);
  }
  void operator()(const ev::job_completed&) const {
    // nop
  }
  void operator()(const ev::job_failed& x) const {
    place(x.stage, x.item);
    why(x.why);
  }
  void operator()(const ev::job_parked& x) const {
    place(x.stage, x.item);
    why(x.why);
  }
  void operator()(const ev::stage_started& x) const {
    out.emplace_back("stage", x.stage);
    out.emplace_back("items", std::to_string(x.items));
  }
  void operator()(const ev::item_completed& x) const {
    place(x.stage, x.item);
    out.emplace_back("attempt", std::to_string(x.attempt));
  }
  void operator()(const ev::stage_completed& x) const {
    out.emplace_back("stage", x.stage);
    out.emplace_back("attempt", std::to_string(x.attempt));
  }
  void operator()(const ev::language_stopped& x) const {
    out.emplace_back("language", x.language);
    place(x.stage, x.item);
    why(x.why);
  }
  void operator()(const ev::stage_failed& x) const {
    place(x.stage, x.item);
    why(x.why);
  }
  void operator()(const ev::attempt_failed& x) const {
    place(x.stage, x.item);
    out.emplace_back("attempt", std::to_string(x.attempt));
    why(x.why);
    out.emplace_back("pause_ms", std::to_string(x.pause.count()));
  }
  void operator()(const ev::item_degraded& x) const {
    place(x.stage, x.item);
    out.emplace_back("attempt", std::to_string(x.attempt));
    out.emplace_back("how", to_string(x.how));
    why(x.why);
  }
  void operator()(const ev::chunk_halved& x) const {
    place(x.stage, x.item);
    out.emplace_back("at_seconds", std::to_string(x.at));
    why(x.why);
  }
  void operator()(const ev::artifact_lost& x) const {
    place(x.stage, x.item);
    out.emplace_back("key", x.key);
  }
  void operator()(const ev::report_owed& x) const {
    out.emplace_back("status", x.report.status);
  }
  void operator()(const ev::report_delivered& x) const {
    out.emplace_back("outcome", x.outcome);
  }
  void operator()(const ev::segment_edited& x) const {
    out.emplace_back("segment", std::to_string(x.item));
    out.emplace_back("from", x.from);
    if (!x.language.empty())
      out.emplace_back("language", x.language);
    out.emplace_back("by", x.by);
    out.emplace_back("reason", x.reason);
  }
  /// A person's wishes.
  template <class T>
  void operator()(const T& x) const {
    out.emplace_back("by", x.by);
    out.emplace_back("reason", x.reason);
  }
};

void log_attempt(level how, std::string_view event, const work_order& order,
                 int attempt, const fault& why,
                 const std::string& traceparent) {
  if (!log::enabled(how))
    return;
  fields out{{"job", std::to_string(order.job_id)},
             {"run", std::to_string(order.run)}};
  adder add{out};
  add.place(order.stage, order.item);
  out.emplace_back("attempt", std::to_string(attempt));
  out.emplace_back("service", order.service);
  add.why(why);
  if (auto trace = trace_id(traceparent); !trace.empty())
    out.emplace_back("trace", trace);
  log::write(how, event, out);
}

} // namespace

void log_event(const job_state& job, const event& what) {
  auto how = level_of(what.body);
  if (!log::enabled(how))
    return;
  fields out{{"job", std::to_string(job.row.job_id)},
             {"run", std::to_string(what.run)}};
  std::visit(adder{out}, what.body);
  if (auto trace = trace_id(job.traceparent); !trace.empty())
    out.emplace_back("trace", trace);
  log::write(how, type_name(what.body), out);
}

void log_restart(const job_state& job, work_ref work, const std::string& why) {
  log::write(log::level::error, "actor.restarted",
             {{"kind", "stage"},
              {"job", std::to_string(job.row.job_id)},
              {"stage", job.plan->stages[work.stage].name},
              {"segment", std::to_string(work.item)},
              {"trace", trace_id(job.traceparent)},
              {"reason", why}});
}

void log_forgiven(const work_order& order, int attempt, const fault& why,
                  const std::string& traceparent) {
  log_attempt(level::info, "attempt.forgiven", order, attempt, why,
              traceparent);
}

void log_held(const work_order& order, int attempt, const fault& why,
              const std::string& traceparent) {
  log_attempt(level::warn, "work.held", order, attempt, why, traceparent);
}

void log_restart(const job_row& job, const std::string& why) {
  log::write(
    log::level::error, "actor.restarted",
    {{"kind", "job"}, {"job", std::to_string(job.job_id)}, {"reason", why}});
}

void log_unreadable(const job_row& job, const fault& why) {
  log::write(log::level::error, "job.unreadable",
             {{"job", std::to_string(job.job_id)}, {"reason", why.message}});
}

} // namespace dubber
