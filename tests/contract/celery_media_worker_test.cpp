/// The media worker's contract, kept by a real Celery worker elsewhere. Run by
/// tests/integration/celery_contract_test.py, which has started a broker, a
/// Redis and the reference worker over a folder that it shares with us.
#include "clients/celery/celery_media_worker.hpp"

#include "clients/local_store.hpp"
#include "tests/contract/media_worker_contract.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <thread>

using namespace dubber;

namespace {

std::string env(const char* name) {
  auto value = std::getenv(name);
  return value ? value : "";
}

class silent_observer : public celery_observer {
public:
  amqp_link::observer& link(const std::string&) override {
    return silent_;
  }
  void task(const std::string&, const std::string&, const char*,
            const std::string&) override {}
  void results_up() override {}
  void results_down(const fault&, ms) override {}
  void tasks_waited_for(std::size_t) override {}

private:
  struct : amqp_link::observer {
    void up(const std::string&) override {}
    void down(const fault&, ms) override {}
  } silent_;
};

celery_settings settings() {
  celery_settings out;
  out.broker
    = std::get<amqp_address>(parse_amqp_url(env("DUBBER_TEST_CELERY_BROKER")));
  out.reply_queue = env("DUBBER_TEST_CELERY_REPLY_QUEUE");
  if (out.reply_queue.empty())
    out.redis = std::get<redis_address>(
      parse_redis_url(env("DUBBER_TEST_CELERY_REDIS")));
  return out;
}

bool is_clear(const std::filesystem::path& folder) {
  std::error_code gone;
  return !std::filesystem::exists(folder, gone)
         || std::filesystem::is_empty(folder, gone);
}

class celery_bench : public test::media_bench {
public:
  celery_bench() = default;
  celery_bench(const celery_bench&) = delete;
  celery_bench& operator=(const celery_bench&) = delete;
  ~celery_bench() override {
    pool_.stop(); // work on it uses all else
    files_.stop();
  }
  media_worker& worker() override {
    return worker_;
  }
  object_store& store() override {
    return store_;
  }
  bool falls_silent() override {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!is_clear(env("DUBBER_TEST_CELERY_SCRATCH"))
           || !is_clear(root_.file("scratch"))) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::sleep_for(ms{10});
    }
    return true;
  }

private:
  test::scratch root_;
  work_pool files_{2};
  local_store store_{env("DUBBER_TEST_CELERY_STORE"), files_};
  work_pool pool_{2};
  silent_observer silent_;
  celery_media_worker worker_{
    settings(), "test", store_, pool_, root_.file("scratch"), silent_};
};

std::unique_ptr<test::media_bench> celery() {
  return std::make_unique<celery_bench>();
}

} // namespace

TEST_CASE("celery media worker: extracts a film's sound", "[.celery]") {
  test::promise_extract(celery);
}

TEST_CASE("celery media worker: the sound lies on the source's clock",
          "[.celery]") {
  test::promise_source_clock(celery);
}

TEST_CASE("celery media worker: refuses what is no film with sound",
          "[.celery]") {
  test::promise_refusals(celery);
}

TEST_CASE("celery media worker: executes a merge plan", "[.celery]") {
  test::promise_merge(celery);
}

TEST_CASE("celery media worker: the original lies under the speech as planned",
          "[.celery]") {
  test::promise_layers(celery);
}

TEST_CASE("celery media worker: a background takes the original's place",
          "[.celery]") {
  test::promise_background(celery);
}

TEST_CASE("celery media worker: refuses plans that cannot be executed",
          "[.celery]") {
  test::promise_merge_refusals(celery);
}

TEST_CASE("celery media worker: a cancelled task ends without an answer",
          "[.celery]") {
  test::promise_cancel(celery);
}

TEST_CASE("celery media worker: a task ends at its deadline", "[.celery]") {
  test::promise_deadline(celery);
}
