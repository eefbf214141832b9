#include "app/learned_times_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;

namespace {

learned_times some() {
  learned_times out;
  for (std::size_t i = 0; i < work_kinds; ++i) {
    auto x = static_cast<double>(i);
    out.services[i] = "service " + std::to_string(i);
    out.forecasts.costs.calls[i] = {x, 1 + x, 0.1 * x, x / 3, 2, 1e-7};
  }
  out.forecasts.own["separate v2"] = {7, 1, 2, 3, 4, 5.5};
  out.forecasts.costs.jobs = 3.5;
  out.forecasts.costs.seconds = 1'234.5;
  out.forecasts.costs.segments = 321;
  out.forecasts.errors[2] = {{0.75F, 3}, {1.25F, 1}};
  out.forecasts.errors[7] = {{9.5F, 12}};
  out.weights.push_back({time_point{ms{1'700'000'000'000}}, first_weights()});
  return out;
}

} // namespace

TEST_CASE("learned times: what is written is read again") {
  test::scratch folder;
  auto file = folder.file("learned_times.json");
  CHECK(load_times(file) == learned_times{});
  REQUIRE(save_times(file, some()));
  CHECK(load_times(file) == some());
}

TEST_CASE("learned times: a damaged file is begun anew") {
  test::scratch folder;
  for (auto text : {"", "{", "[]", R"({"version": 1})", R"({"version": 2})",
                    R"({"version": 1, "calls": 5})"})
    CHECK(load_times(folder.write("learned_times.json", text))
          == learned_times{});
}

TEST_CASE("learned times: it says when they cannot be kept") {
  test::scratch folder;
  CHECK_FALSE(save_times(folder.file("no") / "such" / "folder.json", some()));
}
