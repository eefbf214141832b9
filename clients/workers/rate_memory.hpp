#pragma once

#include <atomic>

namespace dubber {

/// Whether a TTS service honours `rate`, learned from its answers: after a few
/// that ignored it, it is asked again only now and then (it may have been
/// replaced). From any thread.
class rate_memory {
public:
  bool worth_asking() {
    return ignored_ < patience || ++skipped_ % again_after == 0;
  }

  void honoured() {
    ignored_ = 0;
  }

  void ignored() {
    ++ignored_;
  }

  /// It does not take such requests at all.
  void refused() {
    ignored_ = patience;
  }

private:
  static constexpr int patience = 3;
  static constexpr int again_after = 50;

  std::atomic<int> ignored_ = 0;
  std::atomic<int> skipped_ = 0;
};

} // namespace dubber
