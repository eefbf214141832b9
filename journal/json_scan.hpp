#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace dubber {

/// Reads JSON whose shape is known beforehand, from left to right. One step
/// that fails makes all after it fail; `done` tells.
class json_scan {
public:
  explicit json_scan(std::string_view text) : left_(text) {
    // nop
  }

  /// These very characters come next: they are passed over.
  bool try_skip(std::string_view what) {
    if (!sound_ || !left_.starts_with(what))
      return false;
    left_.remove_prefix(what.size());
    return true;
  }
  json_scan& skip(std::string_view what) {
    sound_ = try_skip(what);
    return *this;
  }

  /// A string. Fails at `\u` and at anything that is no UTF-8 of JSON.
  json_scan& read(std::string& to);
  json_scan& read(bool& to);
  json_scan& read(double& to);

  json_scan& read(std::integral auto& to) {
    auto end = left_.data() + left_.size();
    auto [at, error] = std::from_chars(left_.data(), end, to);
    if (error != std::errc{} || !sound_)
      return fail();
    std::string_view text{left_.data(),
                          static_cast<std::size_t>(at - left_.data())};
    auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (text == "-0" || (digits.size() > 1 && digits.starts_with('0')))
      return fail();
    left_.remove_prefix(text.size());
    // "1.5" and "1e3" are other numbers.
    if (!left_.empty() && left_.find_first_of(".eE") == 0)
      return fail();
    return *this;
  }

  bool is_sound() const {
    return sound_;
  }
  /// All was there, and nothing more.
  bool is_done() const {
    return sound_ && left_.empty();
  }

private:
  json_scan& fail() {
    sound_ = false;
    return *this;
  }

  std::string_view left_;
  bool sound_ = true;
};

} // namespace dubber
