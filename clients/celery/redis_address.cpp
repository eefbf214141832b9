#include "clients/celery/redis_address.hpp"

#include "clients/authority.hpp"

namespace dubber {

std::variant<redis_address, std::string> parse_redis_url(std::string_view url) {
  if (auto wrong = unprintable_mistake(url); !wrong.empty())
    return wrong;
  if (url.starts_with("rediss://"))
    return "TLS (rediss://) is not available in this version; "
           "CELERY_REPLY_QUEUE does without Redis";
  if (!url.starts_with("redis://"))
    return "must start with redis://";
  auto rest = url.substr(8);
  if (rest.find_first_of("?#;") != std::string_view::npos)
    return "must be one URL without parameters";
  auto slash = rest.find('/');
  authority said;
  if (auto wrong = read_authority(rest.substr(0, slash), said); !wrong.empty())
    return wrong;
  redis_address out;
  if (!said.host.empty())
    out.host = said.host;
  out.port = said.port.value_or(out.port);
  out.user = said.user;
  out.password = said.password;
  if (!out.user.empty() && out.password.empty())
    return "a user needs a password";
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    auto number = whole_number<int>(rest.substr(slash + 1));
    if (!number || *number < 0 || *number > 10'000)
      return "the database must be a number";
    out.database = *number;
  }
  return out;
}

} // namespace dubber
