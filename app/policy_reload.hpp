#pragma once

#include "actors/system.hpp"
#include "app/config.hpp"
#include "metrics/probe.hpp"

namespace dubber {

/// What a policy file asks for while the program runs.
struct policy_step {
  service_policies services; ///< as they count from now on
  /// Fields that become other ones: `services.asr.retry.cap: 60s -> 30s`.
  std::vector<std::string> changes;
  /// Fields that keep their value until a restart, and why.
  std::vector<std::string> needs_restart;
};

/// @param running What counts now. @param wanted By the file.
/// @param threads Of the pool (`pool_threads`).
policy_step next_policies(const service_policies& running,
                          service_policies wanted, int threads);

/// Reads the policy file again (SIGHUP). With a mistake in it all stays as it
/// is; either way the log says what came of it.
class policy_reader_again {
public:
  /// @param cfg As the program was started with; outlives this.
  policy_reader_again(const config& cfg, coordinator_system& actors,
                      probe& says);

  void read(const environment& env);

private:
  service_policies before_; ///< without the policy file
  service_policies running_;
  double max_degraded_ratio_;
  int threads_;
  coordinator_system& actors_;
  probe& says_;
};

} // namespace dubber
