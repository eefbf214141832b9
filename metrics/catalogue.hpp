#pragma once

#include "metrics/probe.hpp"

#include <memory>
#include <string>

namespace dubber {

/// The one catalogue of metrics (docs/metrics.md), behind the probe's verbs.
class catalogue : public probe {
public:
  static std::unique_ptr<catalogue> make();

  /// Prometheus' text format.
  virtual std::string expose() const = 0;
};

} // namespace dubber
