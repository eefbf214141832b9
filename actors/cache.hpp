#pragma once

#include "actors/context.hpp"
#include "actors/place.hpp"
#include "core/shared_calls.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <unordered_map>
#include <unordered_set>

namespace dubber {

/// The state of the CACHE.
struct cache_state {
  context_ptr ctx;
  shared_calls calls;
  /// While its source is being identified: it is not known what it seeks.
  struct question {
    std::shared_ptr<const work_order> order;
    call_handle identifying;
  };
  struct asker {
    result_seeker_actor seeker;
    boxed<question> open;
    bool reading = false; ///< the journal, for all that wait with it
    bool leads = false;   ///< was told to make the call
  };
  std::unordered_map<std::uint64_t, asker> askers;
  /// `key_number` of what is kept; nothing: not known yet.
  std::optional<std::unordered_set<std::uint64_t>> kept;
  std::vector<std::uint64_t> filled; ///< since `kept` was last asked for
  std::vector<result_use> uses;      ///< not told yet
  std::uint64_t filled_bytes = 0;    ///< since the last trim
  bool failing = false;              ///< the journal's reads, in the log
  static inline const char* name = "cache";
};

/// Finds results that are there already.
cache_actor::behavior_type
cache(cache_actor::stateful_pointer<cache_state> self, context_ptr ctx);

/// An ask for a result.
class cache_place : public place<cache_actor, std::uint64_t, atom::withdraw_v> {
public:
  using place::place;

  std::uint64_t id() const {
    return is_held() ? who() : 0;
  }
};

} // namespace dubber
