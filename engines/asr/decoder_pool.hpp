#pragma once

#include "engines/asr/speech.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace dubber {

/// Threads that own one recogniser each (about 110 MB) and share a queue. The
/// queue is bounded by its users: a request keeps at most `ahead()` utterances
/// in it.
class decoder_pool {
public:
  /// Throws std::runtime_error when the model is not installed.
  decoder_pool(unsigned decoders, bool fast);
  ~decoder_pool();
  decoder_pool(const decoder_pool&) = delete;
  decoder_pool& operator=(const decoder_pool&) = delete;

  /// The words of one utterance; times are moved by `offset` seconds. Throws
  /// engine_stops, now or from the future, when stop() was called.
  std::future<std::vector<heard_word>> decode(std::vector<int16_t> samples,
                                              double offset);

  /// Whatever waits is given up; an utterance in work is finished.
  void stop();

  size_t ahead() const {
    return 2 * threads_.size();
  }

private:
  struct task {
    std::vector<int16_t> samples;
    double offset = 0;
    std::promise<std::vector<heard_word>> answer;
  };

  void work(void* decoder);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<task> tasks_;
  bool stopping_ = false;
  std::vector<void*> decoders_;
  std::vector<std::thread> threads_;
};

} // namespace dubber
