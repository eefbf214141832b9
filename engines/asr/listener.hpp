#pragma once

#include "engines/asr/decoder_pool.hpp"

#include <deque>

namespace dubber {

/// Turns a stream of samples into utterances, has them recognised and keeps the
/// words in order. Holds a minute of sound and a few utterances at most.
class listener {
public:
  explicit listener(decoder_pool& pool) : pool_(pool) {
    // nop
  }

  void hear(const int16_t* samples, size_t count);

  /// All words, after the last sample.
  std::vector<heard_word> finish();

private:
  void take();
  void cut(bool last);

  decoder_pool& pool_;
  std::vector<int16_t> held_;
  size_t start_ = 0; // samples before held_
  std::deque<std::future<std::vector<heard_word>>> waiting_;
  std::vector<heard_word> words_;
};

} // namespace dubber
