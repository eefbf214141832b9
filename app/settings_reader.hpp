#pragma once

#include "app/config.hpp"
#include "app/values.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace dubber {

/// Takes settings out of the environment and collects what is wrong.
class settings_reader {
public:
  explicit settings_reader(const environment& env) : env_(env) {}

  /// Empty when not set.
  std::string text(const std::string& name) const {
    auto found = env_.find(name);
    return found == env_.end() ? "" : found->second;
  }

  /// Also when it is empty.
  bool is_there(const std::string& name) const {
    return env_.count(name) > 0;
  }

  void say(const std::string& name, const std::string& what) {
    mistakes.push_back(name + ": " + what);
  }

  void duration(const std::string& name, ms& into, ms least) {
    auto value = text(name);
    if (value.empty())
      return;
    if (auto length = parse_duration(value); length && *length >= least)
      into = *length;
    else
      say(name, "must be a duration such as 500ms, 30s, 5m or 24h, at least "
                  + print_duration(least) + ", not \"" + value + "\"");
  }

  void bytes(const std::string& name, std::uint64_t& into) {
    auto value = text(name);
    if (value.empty())
      return;
    if (auto n = parse_bytes(value))
      into = *n;
    else
      say(name, "must be a number of bytes such as 500MB, 20GB or 0, not \""
                  + value + "\"");
  }

  template <class Number>
  void whole(const std::string& name, Number& into, std::uint64_t least,
             std::uint64_t most) {
    auto value = text(name);
    if (value.empty())
      return;
    if (auto n = parse_whole(value, least, most))
      into = static_cast<Number>(*n);
    else
      say(name, "must be a whole number from " + std::to_string(least) + " to "
                  + std::to_string(most) + ", not \"" + value + "\"");
  }

  void choice(const std::string& name, std::string& into,
              std::initializer_list<std::string_view> known) {
    auto value = text(name);
    if (value.empty())
      return;
    if (std::find(known.begin(), known.end(), value) != known.end()) {
      into = value;
      return;
    }
    std::string list;
    for (auto each : known)
      list += (list.empty() ? "" : ", ") + std::string{each};
    say(name, "must be one of " + list + ", not \"" + value + "\"");
  }

  void service_url(const std::string& name, std::string& into) {
    auto value = text(name);
    if (value.empty())
      return;
    if (auto wrong = service_url_mistake(value); !wrong.empty())
      return say(name, wrong);
    while (value.ends_with('/'))
      value.pop_back();
    into = value;
  }

  std::vector<std::string> mistakes;

private:
  const environment& env_;
};

} // namespace dubber
