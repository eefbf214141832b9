#pragma once

#include "clients/object_store.hpp"

#include <set>
#include <stdexcept>

namespace dubber::test {

/// A store that is only asked what it does not have.
class listing_store : public object_store {
public:
  std::set<std::string> gone;
  bool away = false;
  bool silent = false;
  std::vector<std::size_t> asked; ///< for how many keys, each time

  call_handle missing(std::vector<std::string> keys, ms,
                      callback<std::vector<std::string>> on_end) override {
    asked.push_back(keys.size());
    if (silent)
      return {};
    std::vector<std::string> out;
    for (auto& key : keys)
      if (gone.count(key) > 0)
        out.push_back(key);
    if (away)
      on_end(fault{fault_code::disk, "the store is not there", 0, {}});
    else
      on_end(std::move(out));
    return {};
  }
  call_handle get(const std::string&, const std::filesystem::path&, ms,
                  callback<local_file>) override {
    throw std::logic_error("not asked for");
  }
  call_handle put(const std::filesystem::path&, const std::string&, ms,
                  callback<artifact>) override {
    throw std::logic_error("not asked for");
  }
  call_handle put_artifact(const std::filesystem::path&, ms,
                           callback<artifact>) override {
    throw std::logic_error("not asked for");
  }
  call_handle copy(const std::string&, const std::string&, ms,
                   callback<artifact>) override {
    throw std::logic_error("not asked for");
  }
  call_handle identify(const std::string& key, ms,
                       callback<std::string> on_end) override {
    on_end(key);
    return {};
  }
  call_handle sweep(const std::string&, time_point,
                    std::function<bool(const std::string&)>, ms,
                    callback<sweep_result> on_end) override {
    on_end(sweep_result{});
    return {};
  }
  call_handle remove(const std::string&, ms, callback<done>) override {
    throw std::logic_error("not asked for");
  }
};

} // namespace dubber::test
