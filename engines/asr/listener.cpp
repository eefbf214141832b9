#include "engines/asr/listener.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr size_t block = 60 * asr_rate; // heard at a time
constexpr size_t margin = asr_rate * 6 / 10;

} // namespace

void listener::hear(const int16_t* samples, size_t count) {
  held_.insert(held_.end(), samples, samples + count);
  if (held_.size() >= block)
    cut(false);
}

std::vector<heard_word> listener::finish() {
  cut(true);
  while (!waiting_.empty())
    take();
  return std::move(words_);
}

void listener::take() {
  auto some = waiting_.front().get();
  waiting_.pop_front();
  words_.insert(words_.end(), some.begin(), some.end());
}

/// Sends off what surely ended; the last stretch waits for the next block.
void listener::cut(bool last) {
  size_t done = last ? held_.size() : held_.size() - margin;
  for (auto& span : find_speech(held_)) {
    if (!last && span.end + margin > held_.size()) {
      done = std::min(done, span.begin);
      break;
    }
    if (waiting_.size() >= pool_.ahead())
      take();
    auto first = held_.begin() + static_cast<long>(span.begin);
    auto end = held_.begin() + static_cast<long>(span.end);
    waiting_.push_back(
      pool_.decode({first, end}, double(start_ + span.begin) / asr_rate));
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<long>(done));
  start_ += done;
}

} // namespace dubber
