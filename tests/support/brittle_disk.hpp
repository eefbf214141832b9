#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace dubber::test {

/// A disk between SQLite and its files that does what disks do when the power
/// fails: what was not synced is gone, there in part, or there out of order.
/// While one lives, every database of this process is on it. Real syncs are
/// left out: the files live for a test only.
class brittle_disk {
public:
  brittle_disk();
  ~brittle_disk();
  brittle_disk(const brittle_disk&) = delete;
  brittle_disk& operator=(const brittle_disk&) = delete;

  /// Every write fails with "full" until it is set to false.
  void set_full(bool full);

  /// Every sync fails, and what it should have kept stays unsafe.
  void set_sync_fails(bool fails);

  /// The power fails at the `n`th write or sync from now (1: the next), which
  /// is done by half. From then on everything fails.
  void fail_power_at(std::uint64_t n);

  bool has_power() const;

  /// Writes and syncs so far.
  std::uint64_t operations() const;

  enum class fate {
    lose_all, ///< nothing that was not synced is there
    keep_all, ///< everything that was written is there
    mixed,    ///< each unsynced write whole, by half or not, by `seed`
  };

  /// The power is back. All files must be closed.
  void restore_power(fate unsynced, std::uint64_t seed = 0);

  struct state;

private:
  std::unique_ptr<state> state_;
};

} // namespace dubber::test
