#pragma once

#include "clients/object_store.hpp"
#include "tests/support/timeline.hpp"

namespace dubber::test {

/// An object store for actors: says what sources are called, has nothing.
class scripted_store : public object_store {
public:
  explicit scripted_store(timeline& time) : time_(time) {
    // nop
  }

  call_handle get(const std::string& key, const std::filesystem::path&, ms,
                  callback<local_file> on_end) override {
    return answer<local_file>(on_end, nothing(key));
  }
  call_handle put(const std::filesystem::path&, const std::string& key, ms,
                  callback<artifact> on_end) override {
    return answer<artifact>(on_end, nothing(key));
  }
  call_handle put_artifact(const std::filesystem::path&, ms,
                           callback<artifact> on_end) override {
    return answer<artifact>(on_end, nothing("artifacts/"));
  }
  call_handle copy(const std::string& from, const std::string&, ms,
                   callback<artifact> on_end) override {
    return answer<artifact>(on_end, nothing(from));
  }
  call_handle identify(const std::string& key, ms,
                       callback<std::string> on_end) override {
    if (content.empty())
      return answer<std::string>(on_end, nothing(key));
    return answer<std::string>(on_end, content);
  }
  call_handle sweep(const std::string&, time_point,
                    std::function<bool(const std::string&)>, ms,
                    callback<sweep_result> on_end) override {
    return answer<sweep_result>(on_end, sweep_result{});
  }
  call_handle remove(const std::string&, ms, callback<done> on_end) override {
    return answer<done>(on_end, done{});
  }

  std::string content = "sha256:one"; ///< of all sources; empty: none is there

private:
  static fault nothing(const std::string& key) {
    return {fault_code::not_found, "there is no " + key, 0, {}, key};
  }

  template <class T>
  call_handle answer(callback<T> on_end, result<T> what) {
    auto deed = time_.after(ms{0}, [on_end, what] { on_end(what); });
    return call_handle{[this, deed] {
      time_.cancel(deed);
    }};
  }

  timeline& time_;
};

} // namespace dubber::test
