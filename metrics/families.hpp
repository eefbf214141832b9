#pragma once

#include "core/time.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

/// What the catalogue's metrics are made with.
namespace dubber {

using buckets = prometheus::Histogram::BucketBoundaries;

inline double seconds(ms t) {
  return static_cast<double>(t.count()) / 1000;
}

inline const buckets quick{.001, .002, .005, .01, .025, .05,
                           .1,   .25,  .5,   1,   2.5,  10};
inline const buckets slow{.05, .1,  .5,  1,     5,     10,   30,
                          60,  300, 900, 1'800, 3'600, 7'200};

class families {
protected:
  prometheus::Family<prometheus::Counter>& counter(const char* name,
                                                   const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  }
  prometheus::Family<prometheus::Gauge>& gauge(const char* name,
                                               const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
  }
  prometheus::Family<prometheus::Histogram>& histogram(const char* name,
                                                       const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(
      registry_);
  }

  prometheus::Registry registry_;
};

} // namespace dubber
