#pragma once

#include "actors/coordinator.hpp"
#include "core/pipeline.hpp"
#include "http/access.hpp"
#include "http/idempotency.hpp"
#include "http/reply.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dubber {

/// What the routes need of the rest of the program; outlives the server.
struct route_settings {
  coordinator& jobs;
  std::function<std::string()> metrics; ///< the exposition
  /// The folder of Swagger UI's files.
  std::string swagger_dir;
  access_rules access;
  /// Where an object of the store lies on this machine; `not_found` when it is
  /// not there. Empty: the store cannot hand out files.
  std::function<result<std::filesystem::path>(const std::string& key)> locate;
  /// Answers of keyed requests; null: keys are not looked at.
  std::shared_ptr<idempotency_store> answered;
  /// Null: the shipped one alone.
  std::shared_ptr<const pipeline_book> pipelines = {};
  /// Where else anybody can read an object of the store for a while, as a URL;
  /// instead of `locate`.
  std::function<std::string(const std::string& key,
                            const std::string& content_type,
                            const std::string& disposition)>
    presign = {};
  /// `intake` and `events` of the broker, and `tasks` and `results` of Celery's
  /// workers, each `ok` or what is wrong; empty: there is none.
  std::function<std::map<std::string, std::string>()> broker = {};
};

/// One request on its way through a route.
struct route_scope {
  const route_settings& with;
  const http_call_in& call;
  std::vector<std::string> values; ///< of the template's `{…}`, in their order
  std::string by;                  ///< who asks
  reply to;
};

/// Whether a route's answer is there when it returns: such a route is served
/// however much is in flight. A probe that is not would end a busy program.
enum class pace { at_once, waits };

/// A line of the one table that routing and the OpenAPI test read.
struct route_entry {
  std::string_view method; ///< GET stands for HEAD too
  std::string_view path;   ///< template: "/jobs/{id}"
  guard wants = guard::read;
  pace how = pace::waits;
  /// Answers now, or later from another thread; exactly once.
  void (*run)(const route_scope&) = nullptr;
};

std::span<const route_entry> all_routes();

/// Where a request goes.
struct routed {
  const route_entry* entry = nullptr; ///< null: see `refusal`
  std::vector<std::string> values;
  std::string_view name = "unknown"; ///< the template, for metrics
  std::optional<http_answer> refusal;
};

/// Finds the route; 400, 404, 405, 414 and 431 are refusals.
routed find_route(const http_call_in& call);

/// Checks the access and runs the route.
void run_route(const route_settings& with, const http_call_in& call,
               const routed& where, const reply& to);

} // namespace dubber
