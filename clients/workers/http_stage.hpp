#pragma once

#include "clients/http_client.hpp"
#include "clients/object_store.hpp"
#include "clients/worker.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace dubber {

/// Makes the calls that definitions of pipelines describe (kind `http`), of all
/// services. 2xx is success; what the answer has to be is the definition's.
class http_stage_worker : public worker {
public:
  /// @param identities By service: part of the key that each call carries.
  http_stage_worker(http_client& http, object_store& store,
                    std::filesystem::path scratch,
                    std::map<std::string, std::string> identities);

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  http_client& http_;
  object_store& store_;
  std::filesystem::path scratch_;
  std::map<std::string, std::string> identities_;
};

} // namespace dubber
