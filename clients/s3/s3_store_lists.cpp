#include "clients/pool_task.hpp"
#include "clients/s3/s3_store.hpp"

#include <chrono>
#include <utility>

/// What looks at many objects.
namespace dubber {

namespace {

bool is_over(const task_clock& clock) {
  return *clock.cancelled || std::chrono::steady_clock::now() >= clock.deadline;
}

} // namespace

call_handle s3_store::identify(const std::string& key, ms deadline,
                               callback<std::string> on_end) {
  return run_on<std::string>(
    pool_, deadline, std::move(on_end),
    [this, key](const task_clock& clock) -> result<std::string> {
      auto there = client_.head(key, clock);
      if (!there)
        return there.error();
      if (!there->sha256.empty())
        return "sha256:" + there->sha256;
      // By another hand: of equal ones the content is equal, too.
      return "etag:" + there->etag + ":" + std::to_string(there->bytes);
    });
}

call_handle s3_store::missing(std::vector<std::string> keys, ms deadline,
                              callback<std::vector<std::string>> on_end) {
  using list = std::vector<std::string>;
  return run_on<list>(
    pool_, deadline, std::move(on_end),
    [this, keys = std::move(keys)](const task_clock& clock) -> result<list> {
      list out;
      for (auto& key : keys) {
        auto there = client_.head(key, clock);
        if (there)
          continue;
        if (there.error().code != fault_code::not_found)
          return there.error();
        out.push_back(key);
      }
      return out;
    });
}

result<sweep_result>
s3_store::sweep_objects(const std::string& prefix, time_point before,
                        const std::function<bool(const std::string&)>& unwanted,
                        const task_clock& clock) {
  sweep_result out;
  std::string token;
  do {
    auto page = client_.list(prefix, token, clock);
    if (!page)
      return page.error();
    for (auto& x : page->items) {
      if (is_over(clock))
        return out; // the rest next time
      if (x.modified >= before || !unwanted(x.key))
        continue;
      if (!client_.remove(x.key, clock))
        continue; // tried again with the next sweep
      ++out.removed;
      out.bytes += x.bytes;
    }
    token = page->next;
  } while (!token.empty());
  return out;
}

void s3_store::sweep_uploads(const std::string& prefix,
                             const task_clock& clock) {
  auto now = std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
  auto begun = client_.uploads(prefix, clock);
  if (!begun)
    return; // some stores do not list them; with the next sweep
  for (auto& x : *begun)
    if (x.begun < now - how_.upload_age && !is_over(clock))
      client_.abort_upload(x, clock);
}

call_handle s3_store::sweep(const std::string& prefix, time_point before,
                            std::function<bool(const std::string&)> unwanted,
                            ms deadline, callback<sweep_result> on_end) {
  return run_on<sweep_result>(
    pool_, deadline, std::move(on_end),
    [this, prefix, before,
     unwanted = std::move(unwanted)](const task_clock& clock) {
      auto out = sweep_objects(prefix, before, unwanted, clock);
      if (out)
        sweep_uploads(prefix, clock);
      return out;
    });
}

} // namespace dubber
