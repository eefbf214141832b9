/// The media worker's contract, kept by ffmpeg on this machine.
#include "clients/media/local_media_worker.hpp"

#include "clients/local_store.hpp"
#include "tests/contract/media_worker_contract.hpp"
#include "tests/support/catch.hpp"

#include <thread>

using namespace dubber;

namespace {

class local_bench : public test::media_bench {
public:
  media_worker& worker() override {
    return worker_;
  }
  object_store& store() override {
    return store_;
  }
  bool falls_silent() override {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (std::filesystem::exists(root_.file("scratch"))
           && !std::filesystem::is_empty(root_.file("scratch"))) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

private:
  test::scratch root_;
  work_pool files_{1};
  local_store store_{root_.file("store"), files_};
  work_pool pool_{2};
  local_media_worker worker_{store_, pool_, *ffmpeg_tools::find(),
                             root_.file("scratch")};
};

std::unique_ptr<test::media_bench> local() {
  return std::make_unique<local_bench>();
}

} // namespace

TEST_CASE("local media worker: extracts a film's sound") {
  test::promise_extract(local);
}

TEST_CASE("local media worker: the sound lies on the source's clock") {
  test::promise_source_clock(local);
}

TEST_CASE("local media worker: refuses what is no film with sound") {
  test::promise_refusals(local);
}

TEST_CASE("local media worker: executes a merge plan") {
  test::promise_merge(local);
}

TEST_CASE("local media worker: the original lies under the speech as planned") {
  test::promise_layers(local);
}

TEST_CASE("local media worker: a background takes the original's place") {
  test::promise_background(local);
}

TEST_CASE("local media worker: refuses plans that cannot be executed") {
  test::promise_merge_refusals(local);
}

TEST_CASE("local media worker: a cancelled task ends without an answer") {
  test::promise_cancel(local);
}

TEST_CASE("local media worker: a task ends at its deadline") {
  test::promise_deadline(local);
}
