#include "journal/journal.hpp"

namespace dubber {

result<std::vector<append_outcome>>
journal::commit(std::span<const journal_append> batch) {
  std::vector<const journal_append*> all;
  all.reserve(batch.size());
  for (auto& x : batch)
    all.push_back(&x);
  return commit(all);
}

} // namespace dubber
