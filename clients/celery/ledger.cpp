#include "clients/celery/ledger.hpp"

#include "clients/digest.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

namespace {

using nlohmann::json;

std::string hashed(const std::vector<std::string>& parts) {
  return sha256_hex(
    json(parts).dump(-1, ' ', true, json::error_handler_t::replace));
}

} // namespace

std::string work_key(const std::string& call_key, const std::string& task,
                     const std::string& input) {
  return hashed({"dubber celery work 1", call_key, task, input});
}

std::string ledger_key(const std::string& work) {
  return "artifacts/celery-" + work + ".json";
}

std::string task_id(const std::string& work, int attempt,
                    const std::string& output_key) {
  auto x = hashed({work, std::to_string(attempt), output_key});
  // As UUIDs are written: some tools expect one.
  return x.substr(0, 8) + "-" + x.substr(8, 4) + "-" + x.substr(12, 4) + "-"
         + x.substr(16, 4) + "-" + x.substr(20, 12);
}

std::string write_ledger(const std::vector<dispatch>& out) {
  auto list = json::array();
  for (auto& x : out)
    list.push_back({{"id", x.id},
                    {"output_key", x.output_key},
                    {"deadline_ms", x.deadline.time_since_epoch().count()},
                    {"sent", x.sent},
                    {"ended", x.ended}});
  return json{{"format", 1}, {"dispatches", std::move(list)}}.dump(
    -1, ' ', false, json::error_handler_t::replace);
}

std::vector<dispatch> read_ledger(std::string_view text) {
  std::vector<dispatch> out;
  try {
    auto j = json::parse(text);
    if (j.at("format") != 1)
      return {};
    for (auto& x : j.at("dispatches"))
      remember(out, {x.at("id"), x.at("output_key"),
                     time_point{ms{x.at("deadline_ms").get<std::int64_t>()}},
                     x.at("sent"), x.at("ended")});
  } catch (const json::exception&) {
    return {};
  }
  return out;
}

} // namespace dubber
