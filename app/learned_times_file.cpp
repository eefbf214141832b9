#include "app/learned_times_file.hpp"

#include "metrics/log.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <system_error>

namespace dubber {

namespace fs = std::filesystem;
using json = nlohmann::json;

namespace {

constexpr int version = 1;

void complain(const fs::path& file, const std::string& why) {
  log::write(log::level::warn, "learned_times.unusable",
             {{"file", file.string()}, {"reason", why}});
}

std::string name_of(std::size_t kind) {
  return std::string{to_string(static_cast<work_kind>(kind))};
}

json weights_json(const weight_history::version& x) {
  json shares = json::object();
  for (std::size_t i = 0; i < work_kinds; ++i)
    shares[name_of(i)] = x.weights[i];
  return {{"from_ms", x.from.time_since_epoch().count()},
          {"shares", std::move(shares)}};
}

json to_json(const learned_times& x) {
  auto& costs = x.forecasts.costs;
  json calls = json::object();
  for (std::size_t i = 0; i < work_kinds; ++i) {
    auto& c = costs.calls[i];
    calls[name_of(i)] = {{"service", x.services[i]},
                         {"sums", {c.calls, c.w, c.x, c.xx, c.y, c.xy}}};
  }
  auto errors = json::array();
  for (auto& all : x.forecasts.errors) {
    auto one = json::array();
    for (auto& e : all)
      one.push_back({e.ratio, e.weight});
    errors.push_back(std::move(one));
  }
  auto weights = json::array();
  for (auto& w : x.weights)
    weights.push_back(weights_json(w));
  json own = json::object();
  for (auto& [key, c] : x.forecasts.own)
    own[key] = {c.calls, c.w, c.x, c.xx, c.y, c.xy};
  return {{"version", version},
          {"calls", std::move(calls)},
          {"own_calls", std::move(own)},
          {"jobs",
           {{"count", costs.jobs},
            {"seconds", costs.seconds},
            {"segments", costs.segments}}},
          {"errors", std::move(errors)},
          {"weights", std::move(weights)}};
}

call_cost::memory sums_from(const json& sums) {
  call_cost::memory c;
  for (std::size_t n = 0; auto sum : {&c.calls, &c.w, &c.x, &c.xx, &c.y, &c.xy})
    sums.at(n++).get_to(*sum);
  return c;
}

void read_costs(const json& j, learned_times& out) {
  auto& costs = out.forecasts.costs;
  for (std::size_t i = 0; i < work_kinds; ++i) {
    auto& one = j.at("calls").at(name_of(i));
    one.at("service").get_to(out.services[i]);
    costs.calls[i] = sums_from(one.at("sums"));
  }
  // Files of before had none.
  auto own = j.value("own_calls", json::object());
  for (auto& [key, sums] : own.items())
    out.forecasts.own[key] = sums_from(sums);
  auto& jobs = j.at("jobs");
  jobs.at("count").get_to(costs.jobs);
  jobs.at("seconds").get_to(costs.seconds);
  jobs.at("segments").get_to(costs.segments);
}

learned_times from_json(const json& j) {
  learned_times out;
  if (j.at("version") != version)
    throw std::runtime_error{"written by another version"};
  read_costs(j, out);
  auto& errors = j.at("errors");
  for (std::size_t i = 0; i < past_errors::classes; ++i)
    for (auto& one : errors.at(i))
      out.forecasts.errors[i].push_back(
        {one.at(0).get<float>(), one.at(1).get<float>()});
  for (auto& one : j.at("weights")) {
    weight_history::version w;
    w.from = time_point{ms{one.at("from_ms").get<ms::rep>()}};
    for (std::size_t i = 0; i < work_kinds; ++i)
      one.at("shares").at(name_of(i)).get_to(w.weights[i]);
    out.weights.push_back(w);
  }
  return out;
}

} // namespace

learned_times load_times(const fs::path& file) {
  std::ifstream in{file};
  if (!in)
    return {};
  try {
    return from_json(json::parse(in));
  } catch (const std::exception& x) {
    complain(file, x.what());
    return {};
  }
}

bool save_times(const fs::path& file, const learned_times& times) {
  auto next = file;
  next += ".new";
  std::ofstream out{next, std::ios::trunc};
  out << to_json(times);
  out.close();
  std::error_code ec;
  if (out)
    fs::rename(next, file, ec);
  if (out && !ec)
    return true;
  complain(file, ec ? ec.message() : "cannot be written");
  return false;
}

} // namespace dubber
