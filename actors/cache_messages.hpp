#pragma once

#include "core/kept_result.hpp"
#include "core/result.hpp"
#include "journal/journal.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What the cache and those who seek results tell each other (actors.hpp).
namespace dubber {

/// The result is there.
struct cache_found {
  std::uint64_t id = 0; ///< the ask's
  std::shared_ptr<const work_result> outcome;
};

/// Nobody has the result: the asker makes the call.
struct cache_missed {
  std::uint64_t id = 0;
  std::string key; ///< to keep the result under; empty: for nobody else
};

/// Results of a job that are on disk now.
struct cache_filled {
  std::shared_ptr<journal_append> what;
};

struct found_result {
  std::string key;
  std::shared_ptr<result<std::optional<work_result>>> outcome;
};

struct known_source {
  std::uint64_t id = 0;
  std::shared_ptr<result<std::string>> name;
};

struct result_numbers {
  std::shared_ptr<result<std::vector<std::uint64_t>>> numbers;
};

struct used_results {
  std::vector<result_use> uses;
  bool trim = false; ///< there may be more than is allowed
};

} // namespace dubber

#define DUBBER_LOCAL(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dubber::name)
DUBBER_LOCAL(cache_found)
DUBBER_LOCAL(cache_missed)
DUBBER_LOCAL(cache_filled)
DUBBER_LOCAL(found_result)
DUBBER_LOCAL(known_source)
DUBBER_LOCAL(result_numbers)
DUBBER_LOCAL(used_results)
#undef DUBBER_LOCAL
