#pragma once

#include "actors/spawn.hpp"
#include "core/restart_window.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

/// Jobs and stages are started again by their parents. Gates, the journal's
/// actors, the manager, the reporter and the janitor are shared by all jobs and
/// hold no facts: when one of them dies, all are started again, as after a
/// crash of the process, from the journal.
///
///   standing --one dies--> falling --all are gone--> rising --spawned-->
///   standing
///      |                      |                        |  ^
///      |                      +-- not in time --+      +--+ the journal is
///      away
///      +-- too often ---------------------------+--> given up: the process
///      ends
///
/// Who dies says over which job's message. A job that does it again and again
/// is parked; one that cannot even be parked is left alone for a while.
namespace dubber {

/// Restarts of the tree within a minute; then the process ends.
inline constexpr std::size_t most_tree_restarts = 10;
/// Deaths over one job within a minute; then it is parked.
inline constexpr std::size_t most_deaths_of_a_job = 3;
inline constexpr ms suspicion{60'000};
/// How long a job is left alone that cannot be parked; doubles each time.
inline constexpr ms first_put_off{60'000};
inline constexpr ms longest_put_off{3'600'000};
/// For all actors of a tree to end.
inline constexpr ms longest_fall{30'000};

/// The tree as it is now. Thread-safe.
class tree_board {
public:
  struct standing {
    context_ptr ctx;
    actor_tree tree;
  };

  std::shared_ptr<const standing> now() const {
    std::lock_guard lock{mutex_};
    return now_;
  }

  /// Spawns a tree, unless the program stops. @returns Whether it did.
  bool raise(const std::function<standing()>& spawn);

  /// No tree is spawned any more. @returns The last one.
  std::shared_ptr<const standing> close();

  /// Forgets the last one; handles must not outlive their system.
  void clear() {
    std::lock_guard lock{mutex_};
    now_.reset();
  }

private:
  mutable std::mutex mutex_;
  std::mutex raising_;
  bool closed_ = false;
  std::shared_ptr<const standing> now_;
};

struct supervisor_setup {
  std::shared_ptr<tree_board> board;
  /// What the next tree is built from, with an epoch of its own; a fault while
  /// the journal is away. @param before The last one's.
  std::function<result<context_ptr>(const context& before)> make;
  /// Tells the manager of a new tree what its predecessor knew.
  std::function<void(const manager_actor&)> greet;
  /// It died too often, or does not end: the process has to.
  std::function<void(const std::string& why)> give_up;
  bool simulated = false; ///< nothing is detached
};

/// Takes the journal over: opens an epoch and reads what people have ordered.
/// @returns What is wrong with it.
std::optional<fault> open_journal(context& ctx);

/// What the next tree is built from: the settings as they are now and what was
/// learned, and nothing of what the actors did.
result<context_ptr> context_after(const context& before);

/// The state of the SUPERVISOR.
struct supervisor_state {
  supervisor_setup setup;
  restart_window restarts{most_tree_restarts, ms{60'000}};
  std::set<caf::actor_addr> alive; ///< of the tree
  bool falling = false;
  bool away = false; ///< the journal, when last tried
  time_point fell_at;
  struct suspect {
    restart_window deaths{most_deaths_of_a_job, suspicion};
    time_point last; ///< death
    bool condemned = false;
    std::string why;
    ms put_off{0};
    std::optional<time_point> until;
  };
  std::map<std::uint64_t, suspect> suspects; ///< by job number
  static inline const char* name = "supervisor";
};

/// Watches over the tree on the board.
supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           supervisor_setup setup);

} // namespace dubber
