#include "metrics/catalogue.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

#include <cstdlib>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

using namespace dubber;
using namespace std::literals;

namespace {

/// Each verb at least once, with odd texts where they come from outside.
void say_everything(probe& says) {
  says.job_state_changed("queued", "running");
  says.job_state_changed("running", "completed");
  says.stage_ended("asr", "done", 12s);
  says.attempt_ended("asr", "ok");
  says.attempt_ended("tts", "timeout");
  says.segment_degraded("tts", "silence");
  says.chunk_halved();
  says.segment_edited();
  says.permit_waited("asr", 30ms);
  says.gate_changed("asr", {"half_open", 3, 2, 4, 1, 5, 20, 9, 2});
  says.open_calls(7, 2'000);
  says.jobs_to_take_up(90'000);
  says.journal_committed(5, 4ms);
  says.journal_failed();
  says.report_ended("seen");
  says.broker_connected("intake", true);
  says.broker_connected("events", false);
  says.broker_message("taken");
  says.broker_published(3);
  says.celery_task("worker_audio.merge_audio", "sent");
  says.celery_waiting(4);
  says.actor_restarted("job");
  says.http_request_ended("/jobs/{id}", "GET", 200, 3ms);
  says.policy_read(true);
  says.policy_read(false);
  says.http_in_flight(4);
  says.client_call_ended("tts:8300", 503, 20ms);
  says.client_call_ended("odd\"host\\\n", 0, 20ms);
  says.client_connections("tts:8300", 3, 1);
}

/// The value of a line such as `dubber_jobs{state="running"}`.
double value(const std::string& text, const std::string& what) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(what + " "))
      return std::stod(line.substr(what.size() + 1));
  FAIL("there is no " << what);
  return 0;
}

} // namespace

TEST_CASE("each verb shows") {
  auto all = catalogue::make();
  say_everything(*all);
  auto text = all->expose();
  CHECK(value(text, "dubber_jobs{state=\"running\"}") == 0);
  CHECK(value(text, "dubber_jobs{state=\"completed\"}") == 1);
  CHECK(value(text, "dubber_job_changes_total{state=\"running\"}") == 1);
  CHECK(value(text, "dubber_broker_up{role=\"intake\"}") == 1);
  CHECK(value(text, "dubber_broker_up{role=\"events\"}") == 0);
  CHECK(value(text, "dubber_broker_failures_total{role=\"events\"}") == 1);
  CHECK(value(text, "dubber_broker_messages_total{outcome=\"taken\"}") == 1);
  CHECK(value(text, "dubber_broker_events_total") == 3);
  CHECK(value(text, "dubber_celery_tasks_total{outcome=\"sent\",task=\"worker_"
                    "audio.merge_audio\"}")
        == 1);
  CHECK(value(text, "dubber_celery_waiting") == 4);
  CHECK(value(text, "dubber_policy_reads_total{outcome=\"applied\"}") == 1);
  CHECK(value(text, "dubber_policy_reads_total{outcome=\"refused\"}") == 1);
  CHECK(value(text, "dubber_policy_loaded_timestamp_seconds") > 1.7e9);
  CHECK(value(text, "dubber_stage_duration_seconds_sum{outcome=\"done\","
                    "stage=\"asr\"}")
        == 12);
  CHECK(value(text, "dubber_attempts_total{reason=\"timeout\","
                    "service=\"tts\"}")
        == 1);
  CHECK(value(text, "dubber_segments_degraded_total{how=\"silence\","
                    "stage=\"tts\"}")
        == 1);
  CHECK(value(text, "dubber_chunks_halved_total") == 1);
  CHECK(value(text, "dubber_segments_edited_total") == 1);
  CHECK(value(text, "dubber_permit_wait_seconds_count{service=\"asr\"}") == 1);
  CHECK(value(text, "dubber_breaker_state{service=\"asr\","
                    "state=\"half_open\"}")
        == 1);
  CHECK(value(text, "dubber_breaker_state{service=\"asr\",state=\"open\"}")
        == 0);
  CHECK(value(text, "dubber_gate_work{service=\"asr\",state=\"waiting\"}")
        == 3);
  CHECK(value(text, "dubber_open_calls") == 7);
  CHECK(value(text, "dubber_open_calls_limit") == 2'000);
  CHECK(value(text, "dubber_jobs_to_take_up") == 90'000);
  CHECK(value(text, "dubber_journal_commit_seconds_count") == 1);
  CHECK(value(text, "dubber_journal_batch_appends_sum") == 5);
  CHECK(value(text, "dubber_journal_failures_total") == 1);
  CHECK(value(text, "dubber_reports_total{outcome=\"seen\"}") == 1);
  CHECK(value(text, "dubber_actor_restarts_total{kind=\"job\"}") == 1);
  CHECK(value(text, "dubber_http_request_duration_seconds_count{method=\"GET\","
                    "route=\"/jobs/{id}\",status=\"200\"}")
        == 1);
  CHECK(value(text, "dubber_http_requests_in_flight") == 4);
  CHECK(value(text, "dubber_client_call_duration_seconds_count{"
                    "host=\"tts:8300\",status=\"503\"}")
        == 1);
  CHECK(value(text, "dubber_client_connections{host=\"tts:8300\","
                    "state=\"idle\"}")
        == 1);
}

TEST_CASE("every name has the prefix and a help text") {
  auto all = catalogue::make();
  say_everything(*all);
  std::istringstream lines{all->expose()};
  std::set<std::string> helped;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string mark, kind, name, help;
    words >> mark >> kind >> name >> help;
    if (mark != "#") {
      CHECK(line.starts_with("dubber_"));
      continue;
    }
    CHECK(name.starts_with("dubber_"));
    CHECK(!help.empty());
    if (kind == "HELP")
      CHECK(helped.insert(name).second);
    else
      CHECK(helped.count(name) == 1);
  }
  CHECK(helped.size() >= 16);
}

TEST_CASE("verbs may come from any thread, also while it is shown") {
  auto all = catalogue::make();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        say_everything(*all);
    });
  for (int i = 0; i < 20; ++i)
    CHECK(!all->expose().empty());
  for (auto& each : threads)
    each.join();
  CHECK(value(all->expose(), "dubber_journal_failures_total") == 800);
}

TEST_CASE("Prometheus' own checker has nothing to say") {
  auto all = catalogue::make();
  say_everything(*all);
  test::scratch folder;
  folder.write("metrics", all->expose());
  // From ./dev setup, or from the system.
  auto command = "PATH=\"" DUBBER_PROMTOOL_DIR
                 ":$PATH\" promtool check metrics <"
                 + folder.file("metrics").string() + " >"
                 + folder.file("said").string() + " 2>&1";
  auto status = std::system(command.c_str());
  CHECK(folder.read("said") == "");
  CHECK(status == 0);
}
