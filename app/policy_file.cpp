#include "app/policy_file.hpp"

#include "app/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>

namespace dubber {

namespace {

using json = nlohmann::json;

/// Reads one value into its place; returns what is wrong with it, or nothing.
using reader = std::function<std::string(const json&, const std::string& key)>;
using readers = std::map<std::string, reader>;

class policy_reader {
public:
  void read_object(const json& value, const std::string& name,
                   const readers& known) {
    if (!value.is_object())
      return say(name, "must be an object");
    for (const auto& [key, inner] : value.items()) {
      auto full = name.empty() ? key : name + "." + key;
      auto found = known.find(key);
      if (found == known.end())
        say(full, "is not a known key");
      else if (auto wrong = found->second(inner, full); !wrong.empty())
        say(full, wrong);
    }
  }

  /// @param of For mistakes: what the names are of.
  explicit policy_reader(std::string of) : of_(std::move(of)) {
    // nop
  }

  void read_service(const json& value, const std::string& name,
                    bool reached_by_url, service_policy& into);

  std::vector<std::string> mistakes;

private:
  void say(const std::string& name, const std::string& what) {
    mistakes.push_back(of_ + (name.empty() ? "the file" : name) + " " + what);
  }

  reader object(readers inner) {
    return [this, inner = std::move(inner)](const json& value,
                                            const std::string& name) {
      read_object(value, name, inner);
      return std::string{};
    };
  }

  std::string of_;
};

reader duration_into(ms& into, ms least) {
  return [&into, least](const json& value, const std::string&) -> std::string {
    auto length = value.is_string()
                    ? parse_duration(value.get_ref<const std::string&>())
                    : std::nullopt;
    if (!length || *length < least)
      return "must be a duration such as \"30s\", at least "
             + print_duration(least);
    into = *length;
    return {};
  };
}

reader whole_into(int& into, int least, int most) {
  return [&into, least, most](const json& value, const std::string&) {
    if (!value.is_number_integer() || value < least || value > most)
      return "must be a whole number from " + std::to_string(least) + " to "
             + std::to_string(most);
    into = value.get<int>();
    return std::string{};
  };
}

reader share_into(double& into) {
  return [&into](const json& value, const std::string&) -> std::string {
    if (!value.is_number() || value <= 0.0 || value > 1.0)
      return "must be a number above 0, at most 1";
    into = value.get<double>();
    return {};
  };
}

/// A length of time, or a number of calls.
std::string read_window(const json& value, const std::string& key,
                        breaker_policy& into) {
  if (value.is_number_integer())
    return whole_into(into.window_calls, 1, 10'000)(value, key);
  into.window_calls = 0;
  return duration_into(into.window, ms{1})(value, key);
}

std::string add_url(const json& value, std::vector<std::string>& into) {
  if (!value.is_string())
    return "must be a string";
  auto url = value.get<std::string>();
  if (auto wrong = service_url_mistake(url); !wrong.empty())
    return wrong;
  while (url.ends_with('/'))
    url.pop_back();
  if (std::find(into.begin(), into.end(), url) != into.end())
    return "names " + url + " twice";
  into.push_back(url);
  return {};
}

std::string read_exhausted(const json& value, const std::string& key,
                           exhausted& into) {
  auto what = value.is_string()
                ? exhausted_from(value.get_ref<const std::string&>())
                : std::nullopt;
  if (!what)
    return "must be \"park\", \"fail\" or \"silence\"";
  // services.NAME.on_exhausted
  auto begin = key.find('.') + 1;
  auto service = key.substr(begin, key.find('.', begin) - begin);
  if (*what != exhausted::park && *what != exhausted::fail
      && !may_stand_in(service))
    return "must be \"park\" or \"fail\": only a segment of translate or tts "
           "can be left out of a dub";
  into = *what;
  return {};
}

std::string read_multiplier(const json& value, double& into) {
  if (!value.is_number() || value < 1.0 || value > 100.0)
    return "must be a number from 1 to 100";
  into = value.get<double>();
  return {};
}

void policy_reader::read_service(const json& value, const std::string& name,
                                 bool reached_by_url, service_policy& into) {
  // A job is one row of one gateway.
  auto most_urls = name.ends_with(".gateway") ? 1u : 64u;
  auto urls
    = [&, most_urls](const json& list, const std::string&) -> std::string {
    if (!reached_by_url)
      return "does not apply to this service";
    if (!list.is_array() || list.empty() || list.size() > most_urls)
      return most_urls == 1 ? "must be a list of one URL"
                            : "must be a list of 1 to 64 URLs";
    into.urls.clear();
    for (auto& url : list)
      if (auto wrong = add_url(url, into.urls); !wrong.empty())
        return wrong;
    return {};
  };
  auto one_url = [&](const json& url, const std::string& key) {
    return urls(json::array({url}), key);
  };
  read_object(
    value, name,
    {{"url", one_url},
     {"urls", urls},
     {"identity",
      [&](const json& text, const std::string&) -> std::string {
        if (!text.is_string() || text.get_ref<const std::string&>().empty())
          return "must be a string that is not empty";
        into.identity = text.get<std::string>();
        return {};
      }},
     {"max_concurrent", whole_into(into.max_concurrent, 1, 10'000)},
     {"queue_timeout", duration_into(into.queue_timeout, ms{1})},
     {"attempt_timeout",
      object({{"base", duration_into(into.attempt_timeout.base, ms{1})},
              {"per_media_second",
               duration_into(into.attempt_timeout.per_media_second, ms{0})}})},
     {"total_timeout", duration_into(into.total_timeout, ms{1})},
     {"max_hold", duration_into(into.max_hold, ms{1})},
     {"retry",
      object({{"max_attempts", whole_into(into.retry.max_attempts, 1, 1'000)},
              {"initial", duration_into(into.retry.initial, ms{0})},
              {"multiplier",
               [&](const json& number, const std::string&) {
                 return read_multiplier(number, into.retry.multiplier);
               }},
              {"cap", duration_into(into.retry.cap, ms{0})},
              {"jitter",
               [&](const json& flag, const std::string&) -> std::string {
                 if (!flag.is_boolean())
                   return "must be true or false";
                 into.retry.jitter = flag.get<bool>();
                 return {};
               }}})},
     {"breaker",
      object({{"consecutive", whole_into(into.breaker.consecutive, 1, 10'000)},
              {"open", duration_into(into.breaker.open, ms{1})},
              {"half_open_calls",
               whole_into(into.breaker.half_open_calls, 1, 1'000)},
              {"open_cap", duration_into(into.breaker.open_cap, ms{1})},
              {"min_calls", whole_into(into.breaker.min_calls, 1, 10'000)},
              {"failure_rate", share_into(into.breaker.failure_rate)},
              {"slow_rate", share_into(into.breaker.slow_rate)},
              {"slow_after", share_into(into.breaker.slow_after)},
              {"window",
               [&](const json& window, const std::string& key) {
                 return read_window(window, key, into.breaker);
               }}})},
     {"budget", object({{"ratio", share_into(into.budget.ratio)},
                        {"min", whole_into(into.budget.min, 1, 10'000)}})},
     {"on_exhausted", [&](const json& what, const std::string& key) {
        return read_exhausted(what, key, into.on_exhausted);
      }}});
}

} // namespace

std::vector<std::string> read_service_policy(const json& value,
                                             const std::string& place,
                                             bool reached_by_url,
                                             service_policy& into) {
  policy_reader read{""};
  read.read_service(value, place, reached_by_url, into);
  return std::move(read.mistakes);
}

std::vector<std::string> apply_policy_file(std::string_view text,
                                           service_policies& services,
                                           double& max_degraded_ratio) {
  auto file = json::parse(text, nullptr, false);
  if (file.is_discarded())
    return {"POLICY_FILE: the file is not valid JSON"};
  policy_reader read{"POLICY_FILE: "};
  readers known;
  for (auto& [name, policy] : services)
    known[name]
      = [&read, &into = policy](const json& value, const std::string& full) {
          auto by_url = !into.policy_only && !full.ends_with(".media")
                        && !full.ends_with(".store");
          read.read_service(value, full, by_url, into);
          return std::string{};
        };
  read.read_object(file, "",
                   {{"services",
                     [&](const json& value, const std::string& full) {
                       read.read_object(value, full, known);
                       return std::string{};
                     }},
                    {"max_degraded_ratio",
                     [&](const json& value, const std::string&) -> std::string {
                       if (!value.is_number() || value < 0.0 || value > 1.0)
                         return "must be a number from 0 to 1";
                       max_degraded_ratio = value.get<double>();
                       return {};
                     }}});
  return read.mistakes;
}

} // namespace dubber
