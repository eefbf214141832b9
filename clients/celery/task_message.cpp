#include "clients/celery/task_message.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <ctime>

namespace dubber {

namespace {

using nlohmann::json;

/// A task that has begun in time may be late by so much: its result is used if
/// no other comes before. Then the worker ends it, and kills it a little later.
constexpr ms grace{30'000};
constexpr ms until_killed{10'000};

std::int64_t whole_seconds(ms length) {
  return (length.count() + 999) / 1'000;
}

/// ISO 8601, UTC.
std::string iso(time_point at) {
  auto seconds = static_cast<std::time_t>(whole_seconds(at.time_since_epoch()));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S+00:00", &parts);
  return text.data();
}

} // namespace

amqp_message task_message(const task_call& call) {
  amqp_message out;
  out.body = "[" + call.arguments
             + R"(,{},{"callbacks":null,"errbacks":null,"chain":null,)"
               R"("chord":null}])";
  out.content_type = "application/json";
  out.content_encoding = "utf-8";
  out.correlation_id = call.id;
  out.reply_to = call.reply_to;
  out.traceparent = call.traceparent;
  auto soft = whole_seconds(call.time_limit + grace);
  auto hard = whole_seconds(call.time_limit + grace + until_killed);
  out.headers = {{"lang", "py"},
                 {"task", call.name},
                 {"id", call.id},
                 {"root_id", call.id},
                 {"parent_id", {}},
                 {"group", {}},
                 {"shadow", {}},
                 {"eta", {}},
                 {"expires", iso(call.expires)},
                 {"retries", std::int64_t{0}},
                 {"timelimit", std::vector<std::int64_t>{hard, soft}},
                 {"argsrepr", call.arguments},
                 {"kwargsrepr", "{}"},
                 {"origin", call.origin},
                 {"ignore_result", false}};
  return out;
}

amqp_message revoke_message(const std::vector<std::string>& ids,
                            time_point until) {
  amqp_message out;
  json body{{"method", "revoke"},
            {"arguments",
             {{"task_id", ids}, {"terminate", true}, {"signal", "SIGTERM"}}},
            {"destination", nullptr},
            {"pattern", nullptr},
            {"matcher", nullptr},
            {"ticket", nullptr}};
  out.body = body.dump();
  out.content_encoding = "utf-8";
  out.persistent = false;
  out.headers = {{"clock", std::int64_t{1}},
                 {"expires", whole_seconds(until.time_since_epoch())}};
  return out;
}

} // namespace dubber
