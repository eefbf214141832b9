#pragma once

#include "core/boxed.hpp"
#include "core/fault.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dubber {

/// What is told to the gateway while a job runs.
struct report_update {
  std::string status; ///< PROCESSING COMPLETED FAILED
  int progress = 0;   ///< 0-100
  std::string activity;
  std::string time_left; ///< "2m 10s"; empty: unknown
  std::string output_object_key;

  bool operator==(const report_update&) const = default;
};

/// Tells the gateway of one job: progress if it is easy, the final state until
/// it was seen there.
///
///   quiet --progress--> patching --answered--> resting --timer--> quiet
///     |                    (a newer progress waits; the latest wins)
///     +--owe (or after the call in flight)--> final_patch
///   final_patch --answered--> check_1 --timer 1 s, get: same--> check_2
///               --failed----> backing_off --timer--> final_patch
///               --500-------> asking_if_gone --get: 404--> over("gone")
///   check_2 --timer 10 s, get: same--> over("seen")
///   check_n --get: another state--> final_patch
class report_machine {
public:
  // -- events
  // ------------------------------------------------------------------
  struct progress {
    report_update update;
  };
  struct owe {
    report_update final;
  };
  struct patched {
    std::optional<fault> error;
  };
  struct got {
    std::optional<fault> error;
    std::string status;
    std::string output_object_key;
  };
  struct timer {};
  using event = std::variant<progress, owe, patched, got, timer>;

  // -- actions
  // -----------------------------------------------------------------
  struct patch {
    report_update update;
  };
  struct get {};
  struct wait {
    ms length;
    bool because_it_failed = false; ///< the last call
  };
  /// The final state was answered for the first time.
  struct told {};
  /// Over: "seen" or "gone".
  struct delivered {
    std::string outcome;
  };
  using action = std::variant<patch, get, wait, told, delivered>;

  std::vector<action> on(const event& what);

  bool is_over() const {
    return state_ == state::over;
  }

  /// Nothing to tell, nothing to remember.
  bool is_quiet() const {
    return state_ == state::quiet;
  }

private:
  enum class state {
    quiet,
    patching,
    resting,
    final_patch,
    backing_off,
    asking_if_gone,
    waiting_to_check,
    checking,
    over,
  };
  using actions = std::vector<action>;

  actions on_progress(const progress& x);
  actions on_owe(const owe& x);
  actions on_patched(const patched& x);
  actions on_got(const got& x);
  actions on_timer();
  actions send_final();
  actions back_off();

  state state_ = state::quiet;
  boxed<report_update> next_;  ///< progress that waits
  boxed<report_update> final_; ///< the debt
  bool told_ = false;
  int checks_ = 0;
  int failures_ = 0;
};

} // namespace dubber
