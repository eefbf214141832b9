#include "http/handlers.hpp"
#include "http/openapi_parts.hpp"

#include <algorithm>

namespace dubber {

namespace {

using ordered = nlohmann::ordered_json;

/// What each route of a kind may answer besides its own: written down once.
std::vector<std::string> common_answers(const route_entry& route) {
  std::vector<std::string> out{"400", "403", "414", "431", "500"};
  if (route.how == pace::waits)
    out.insert(out.end(), {"503", "504"});
  if (route.wants != guard::open)
    out.emplace_back("401");
  if (route.method == "POST" || route.method == "PATCH")
    out.insert(out.end(), {"409", "413", "415", "422"});
  return out;
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

void complete(ordered& operation, const route_entry& route) {
  if (route.wants == guard::open)
    operation["security"] = ordered::array();
  auto& answers = operation["responses"];
  for (auto& status : common_answers(route))
    if (!answers.contains(status))
      answers[status] = {{"$ref", "#/components/responses/" + status}};
}

std::string compose() {
  ordered all = ordered::object();
  for (auto part : openapi_parts)
    all.merge_patch(ordered::parse(part));
  // Paths that are not in the table, or the other way round, fail a test.
  for (auto& route : all_routes())
    complete(all["paths"][std::string{route.path}][lower(route.method)], route);
  return all.dump();
}

} // namespace

const std::string& openapi_json() {
  static const auto text = compose();
  return text;
}

} // namespace dubber
