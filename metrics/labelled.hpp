#pragma once

#include "metrics/families.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// A family's metrics by the values of their labels. The library makes a map
/// of strings, and a hash of it, to find one; this remembers those that were
/// asked for.
template <class Metric>
class labelled {
public:
  /// @param bounds Of histograms.
  labelled(prometheus::Family<Metric>& family, std::vector<std::string> labels,
           buckets bounds = {})
    : family_(family), labels_(std::move(labels)), bounds_(std::move(bounds)) {
    // nop
  }

  /// The one with these values, in the order of the labels.
  template <class... Values>
  Metric& operator()(const Values&... values) {
    static_assert(sizeof...(Values) <= most);
    return of({std::string_view{values}...});
  }

private:
  static constexpr std::size_t most = 3;
  using wanted = std::array<std::string_view, most>;
  using kept = std::array<std::string, most>;

  struct by_values {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return std::lexicographical_compare(a.begin(), a.end(), b.begin(),
                                          b.end(), std::less<>{});
    }
  };

  Metric& of(const wanted& values) {
    std::lock_guard lock{mutex_};
    if (auto i = known_.find(values); i != known_.end())
      return *i->second;
    std::map<std::string, std::string> set;
    kept key;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      key[i] = values[i];
      set[labels_[i]] = key[i];
    }
    auto& made = add(set);
    known_.emplace(std::move(key), &made);
    return made;
  }

  Metric& add(const std::map<std::string, std::string>& set) {
    if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
      return family_.Add(set, bounds_);
    else
      return family_.Add(set);
  }

  prometheus::Family<Metric>& family_;
  std::vector<std::string> labels_;
  buckets bounds_;
  std::mutex mutex_;
  std::map<kept, Metric*, by_values> known_;
};

} // namespace dubber
