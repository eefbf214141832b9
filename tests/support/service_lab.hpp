#pragma once

#include "clients/local_store.hpp"
#include "clients/wav.hpp"
#include "clients/workers/services.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/scratch.hpp"

#include <atomic>
#include <thread>

namespace dubber::test {

inline constexpr int sound_rate = 16'000;

/// A WAV file of so many seconds, as bytes.
inline std::string wav_of(const scratch& where, double seconds) {
  std::vector<std::int16_t> sound(
    static_cast<std::size_t>(seconds * sound_rate), 7);
  static std::atomic<int> counter = 0;
  auto name = "made" + std::to_string(++counter);
  REQUIRE(write_wav(where.file(name), sound_rate, 1, sound));
  return where.read(name);
}

/// A store, a client and scratch.
struct service_lab {
  std::shared_ptr<work_order> order(work_kind kind, work_input input) {
    auto out = std::make_shared<work_order>();
    out->kind = kind;
    out->job_no = 1;
    out->input = std::move(input);
    return out;
  }

  result<work_result> run(worker& of, work_kind kind, work_input input) {
    awaited<result<work_result>> end;
    auto handle = of.start(order(kind, std::move(input)),
                           {1, std::chrono::seconds{30}, {}}, end.callback());
    return end.get();
  }

  bool scratch_empties() const {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::filesystem::exists(root.file("scratch"))
           && !std::filesystem::is_empty(root.file("scratch"))) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

  service_settings at(const raw_server& server) {
    return {http, server.url(""), "test"};
  }

  scratch root;
  http_client http{{}, {}, nullptr};
  work_pool files{1};
  local_store store{root.file("store"), files};
  work_pool pool{2};
};

} // namespace dubber::test
