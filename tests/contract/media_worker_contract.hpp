#pragma once

#include "clients/media_worker.hpp"
#include "clients/object_store.hpp"
#include "tests/support/scratch.hpp"

#include <memory>

/// What every media worker promises (clients/media_worker.hpp), asked through
/// nothing but its two tasks and the object store.
namespace dubber::test {

/// A worker at work, with the store that it shares with us.
class media_bench {
public:
  virtual ~media_bench() = default;
  virtual media_worker& worker() = 0;
  virtual object_store& store() = 0;
  /// Waits until no task runs any more and its files are gone; false when that
  /// takes too long.
  virtual bool falls_silent() = 0;
};

using make_bench = std::function<std::unique_ptr<media_bench>()>;

void promise_extract(const make_bench& make);
void promise_source_clock(const make_bench& make);
void promise_refusals(const make_bench& make);
void promise_merge(const make_bench& make);
void promise_layers(const make_bench& make);
void promise_background(const make_bench& make);
void promise_merge_refusals(const make_bench& make);
void promise_cancel(const make_bench& make);
void promise_deadline(const make_bench& make);

} // namespace dubber::test
