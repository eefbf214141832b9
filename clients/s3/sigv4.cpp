#include "clients/s3/sigv4.hpp"

#include "clients/digest.hpp"
#include "clients/http/url.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace dubber::sigv4 {

namespace {

constexpr const char* algorithm = "AWS4-HMAC-SHA256";

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Without blanks at its ends, runs of them as one.
std::string trimmed(std::string_view text) {
  std::string out;
  for (auto c : text)
    if (c != ' ' || (!out.empty() && out.back() != ' '))
      out += c;
  while (out.ends_with(' '))
    out.pop_back();
  return out;
}

fields canonical_headers(const fields& headers) {
  fields out;
  for (auto& [name, value] : headers)
    out.emplace_back(lower(name), trimmed(value));
  std::stable_sort(out.begin(), out.end(),
                   [](auto& a, auto& b) { return a.first < b.first; });
  return out;
}

std::string signed_names(const fields& canonical) {
  std::string out;
  for (auto& [name, value] : canonical)
    out += (out.empty() ? "" : ";") + name;
  return out;
}

std::string scope_of(const credentials& who, const std::string& date) {
  return date.substr(0, 8) + "/" + who.region + "/" + who.service
         + "/aws4_request";
}

std::string signature(const std::string& canonical, const credentials& who,
                      const std::string& date) {
  auto to_sign = std::string{algorithm} + "\n" + date + "\n"
                 + scope_of(who, date) + "\n" + sha256_hex(canonical);
  auto key = hmac_sha256("AWS4" + who.secret_key, date.substr(0, 8));
  for (auto part : {who.region, who.service, std::string{"aws4_request"}})
    key = hmac_sha256(key, part);
  return hex(hmac_sha256(key, to_sign));
}

} // namespace

std::string date_text(time_point at) {
  auto seconds = static_cast<std::time_t>(
    std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count());
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> out{};
  auto n = std::strftime(out.data(), out.size(), "%Y%m%dT%H%M%SZ", &utc);
  return {out.data(), n};
}

std::string query_string(const fields& query) {
  fields encoded;
  for (auto& [name, value] : query)
    encoded.emplace_back(percent_encode(name, false),
                         percent_encode(value, false));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (auto& [name, value] : encoded)
    out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

std::string canonical_request(const request& what) {
  auto headers = canonical_headers(what.headers);
  auto out
    = what.method + "\n" + what.path + "\n" + query_string(what.query) + "\n";
  for (auto& [name, value] : headers)
    out += name + ":" + value + "\n";
  return out + "\n" + signed_names(headers) + "\n" + what.payload;
}

std::string authorization(const request& what, const credentials& who,
                          time_point at) {
  auto date = date_text(at);
  return std::string{algorithm} + " Credential=" + who.access_key + "/"
         + scope_of(who, date)
         + ", SignedHeaders=" + signed_names(canonical_headers(what.headers))
         + ", Signature=" + signature(canonical_request(what), who, date);
}

std::string presigned_query(request what, const credentials& who, time_point at,
                            ms good_for) {
  auto date = date_text(at);
  auto more = [&](const char* name, std::string value) {
    what.query.emplace_back(name, std::move(value));
  };
  more("X-Amz-Algorithm", algorithm);
  more("X-Amz-Credential", who.access_key + "/" + scope_of(who, date));
  more("X-Amz-Date", date);
  more("X-Amz-Expires", std::to_string(good_for.count() / 1'000));
  more("X-Amz-SignedHeaders", "host");
  what.payload = "UNSIGNED-PAYLOAD";
  auto sign = signature(canonical_request(what), who, date);
  return query_string(what.query) + "&X-Amz-Signature=" + sign;
}

} // namespace dubber::sigv4
