#include "http/handlers.hpp"

#include "http/json.hpp"

#include <charconv>

namespace dubber {

http_answer ok(const nlohmann::json& j, int status) {
  http_answer out;
  out.status = status;
  out.body = text_of(j);
  return out;
}

http_answer refused(const fault& why) {
  switch (why.code) {
  case fault_code::not_found:
    return problem(404, "not_found", why.message);
  case fault_code::busy:
    return unavailable("stopping", why.message, 10);
  case fault_code::disk:
    return unavailable("journal_away", why.message, 5);
  default:
    return unavailable(std::string{to_string(why.code)}, why.message, 5);
  }
}

http_answer not_possible(const std::string& why, const job_view& job) {
  auto out = problem(409, "not_possible_now", why);
  out.trouble->more = {{"state", std::string{to_string(job.row.status)}}};
  return out;
}

void read_text(const nlohmann::json& body, const char* field, std::size_t most,
               std::string& into, std::vector<field_mistake>& wrong) {
  auto i = body.find(field);
  if (i == body.end() || i->is_null())
    return;
  if (!i->is_string())
    wrong.push_back({{"body", field}, "is not a string"});
  else if (i->get_ref<const std::string&>().size() > most)
    wrong.push_back(
      {{"body", field}, "is longer than " + std::to_string(most) + " bytes"});
  else
    into = i->get<std::string>();
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T out{};
  auto end = text.data() + text.size();
  auto [p, ec] = std::from_chars(text.data(), end, out);
  if (ec != std::errc{} || p != end)
    return std::nullopt;
  return out;
}

template std::optional<std::uint32_t> whole_number(std::string_view text);
template std::optional<std::int64_t> whole_number(std::string_view text);
template std::optional<std::uint64_t> whole_number(std::string_view text);

std::optional<std::int64_t> job_id_of(const route_scope& scope) {
  auto id = whole_number<std::int64_t>(scope.values.at(0));
  if (!id)
    scope.to(invalid({{{"path", "id"}, "is not an integer of 64 bits"}}));
  return id;
}

} // namespace dubber
