#pragma once

#include "tests/support/scripted_store.hpp"

#include <set>

namespace dubber::test {

/// A store that has everything but what is gone.
class listing_store : public scripted_store {
public:
  using scripted_store::scripted_store;

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

  std::set<std::string> gone;
  bool away = false;
  bool silent = false;            ///< it never answers
  std::vector<std::size_t> asked; ///< for how many keys, each time
};

} // namespace dubber::test
