#pragma once

#include "clients/celery/redis_address.hpp"
#include "clients/celery/task_results.hpp"
#include "core/time.hpp"

#include <memory>

namespace dubber {

/// Celery's results in Redis (hiredis). Connects when it is asked, and anew
/// after each fault.
class redis_results : public task_results {
public:
  /// @param timeout Of connecting, and of each answer.
  explicit redis_results(redis_address where, ms timeout = ms{2'000});
  ~redis_results() override;

  result<states> look(const std::vector<std::string>& ids) override;

private:
  struct connection;

  result<done> connect();
  result<done> say(const std::vector<std::string>& words, const char* doing);
  result<done> read_some(const std::vector<std::string>& ids, std::size_t begin,
                         states& into);
  fault broken(const char* doing);

  redis_address where_;
  ms timeout_;
  std::unique_ptr<connection> to_;
};

} // namespace dubber
