#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace dubber {

/// A `std::map` for few entries, in one piece of memory: what is empty takes no
/// room besides this. Any change of the set of keys ends all references into
/// it.
template <class Key, class Value>
class small_map {
public:
  using value_type = std::pair<Key, Value>;
  using storage = std::vector<value_type>;
  using iterator = typename storage::iterator;
  using const_iterator = typename storage::const_iterator;

  iterator begin() {
    return all_.begin();
  }
  iterator end() {
    return all_.end();
  }
  const_iterator begin() const {
    return all_.begin();
  }
  const_iterator end() const {
    return all_.end();
  }
  bool empty() const {
    return all_.empty();
  }
  std::size_t size() const {
    return all_.size();
  }

  /// The first entry whose key is not less.
  iterator lower_bound(const Key& key) {
    return std::lower_bound(all_.begin(), all_.end(), key, is_before);
  }
  const_iterator lower_bound(const Key& key) const {
    return std::lower_bound(all_.begin(), all_.end(), key, is_before);
  }

  iterator find(const Key& key) {
    auto i = lower_bound(key);
    return i == end() || key < i->first ? end() : i;
  }
  const_iterator find(const Key& key) const {
    auto i = lower_bound(key);
    return i == end() || key < i->first ? end() : i;
  }
  std::size_t count(const Key& key) const {
    return find(key) == end() ? 0 : 1;
  }

  Value& operator[](const Key& key) {
    auto i = lower_bound(key);
    if (i == end() || key < i->first) {
      auto at = i - begin();
      make_room();
      i = all_.insert(begin() + at, value_type{key, Value{}});
    }
    return i->second;
  }
  /// Throws `std::out_of_range`, as `std::map` does.
  Value& at(const Key& key) {
    auto i = find(key);
    if (i == end())
      throw std::out_of_range{"small_map::at"};
    return i->second;
  }

  std::size_t erase(const Key& key) {
    auto i = find(key);
    if (i == end())
      return 0;
    all_.erase(i);
    return 1;
  }
  template <class Which>
  std::size_t erase_if(Which which) {
    return std::erase_if(all_, which);
  }
  void clear() {
    all_.clear();
  }

  bool operator==(const small_map&) const = default;

private:
  /// For one more, and not for twice as many.
  void make_room() {
    if (all_.size() == all_.capacity())
      all_.reserve(all_.size() + 1 + all_.size() / 4);
  }

  static bool is_before(const value_type& x, const Key& key) {
    return x.first < key;
  }

  storage all_;
};

} // namespace dubber
